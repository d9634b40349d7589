import type { Journal } from '../storage/journal.ts';
import type { Op } from '../storage/store.ts';
import { objectKey } from '../storage/keys.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { referencesChanged } from './references.ts';

/** A value to write, a value to be made when it is written, or null for a key that goes. */
type Pending = string | (() => string) | FreshValue | null;

/** The value of a key that the store never had. */
interface FreshValue {
  readonly fresh: string;
}

interface Waiter {
  readonly durable: () => void;
  readonly failed: (error: Error) => void;
}

export interface CommitsOptions {
  readonly journal: Journal;
  readonly encode: (wrapper: Wrapper) => string;
  /** Adds what else belongs to the group, just before it is written. */
  readonly prepare: () => void;
  /** The store takes no more: nothing of this group or a later one will be acknowledged. */
  readonly onFailed: (error: Error) => void;
  /** What had gathered is on its way: there is room again. */
  readonly onTaken: () => void;
}

/**
 * Group commit. What finished turns changed gathers here; while one group is being synced the next one gathers, and
 * goes as soon as the sync is done. A changed object is encoded once per group, as it is after the group's last turn.
 * Nothing that `whenDurable` was given runs before its group is on disk.
 */
export class Commits {
  readonly #options: CommitsOptions;
  #pending = new Map<string, Pending>();
  /** Keys that were to be deleted and have been put again since: the store may have them. */
  #again = new Set<string>();
  /** Each with the characters of its grants that count as gathered: they are written once, however often it changes. */
  #dirty = new Map<Wrapper, number>();
  #waiting: Waiter[] = [];
  /** Characters of what has gathered, about. */
  #gathered = 0;
  #urgent = false;
  #inFlight = false;
  #failure: Error | null = null;
  #idle: (() => void)[] = [];

  constructor(options: CommitsOptions) {
    this.#options = options;
  }

  /** How much has gathered that no commit has taken yet, in characters, about. */
  get gathered(): number {
    return this.#gathered;
  }

  /** So much more has been handed over. */
  weigh(characters: number): void {
    this.#gathered += characters;
  }

  /** What the store will hold for a key once all that has gathered is written. */
  get(key: string): string | undefined {
    const pending = this.#pending.get(key);
    if (pending === undefined) return this.#options.journal.get(key);
    if (typeof pending === 'function') return pending();
    return pending === null || typeof pending === 'string' ? (pending ?? undefined) : pending.fresh;
  }

  put(key: string, value: string | (() => string)): void {
    if (this.#pending.get(key) === null) this.#again.add(key);
    this.#pending.set(key, value);
    this.#urgent = true;
  }

  /** As `put`, for a key that was never put before: deleted again soon enough, it costs next to nothing. */
  putFresh(key: string, value: string): void {
    this.#pending.set(key, { fresh: value });
    this.#urgent = true;
  }

  delete(key: string): void {
    this.#pending.set(key, null);
    this.#urgent = true;
  }

  /** For keys that are put again only after they were deleted: if that is still gathering here, neither is ever written. */
  forget(key: string): void {
    const isPut = (this.#pending.get(key) ?? null) !== null;
    if (isPut && !this.#again.has(key)) this.#pending.delete(key);
    else this.#pending.set(key, null);
    this.#urgent = true;
  }

  /** As `forget`, but may wait for the next commit that something else needs. */
  forgetLater(key: string): void {
    const urgent = this.#urgent;
    this.forget(key);
    this.#urgent = urgent;
  }

  /** What has gathered is worth a commit by itself. */
  urge(): void {
    this.#urgent = true;
  }

  changed(wrapper: Wrapper): void {
    wrapper.dirty = true;
    const { characters } = wrapper.grants;
    this.#gathered += Math.max(0, characters - (this.#dirty.get(wrapper) ?? 0));
    this.#dirty.set(wrapper, characters);
    this.#urgent = true;
  }

  removed(wrapper: Wrapper): void {
    wrapper.dirty = false;
    this.#dirty.delete(wrapper);
    const key = objectKey(wrapper.id);
    this.delete(key);
    referencesChanged(key, wrapper.targets, [], (reference) => {
      this.delete(reference);
    });
  }

  /** Runs `durable` once all that has gathered so far is on disk, or `failed` if it cannot be written. */
  whenDurable(durable: () => void, failed: (error: Error) => void = () => {}): void {
    if (this.#failure !== null) {
      failed(this.#failure);
      return;
    }
    this.#waiting.push({ durable, failed });
    this.#urgent = true;
  }

  /** Encodes the changed objects, after which they may be evicted. */
  encodeChanged(): void {
    for (const wrapper of this.#dirty.keys()) {
      this.#pending.set(objectKey(wrapper.id), this.#options.encode(wrapper));
      wrapper.dirty = false;
    }
    this.#dirty = new Map();
  }

  /** Encodes all that has gathered, messages too. */
  encodeAll(): void {
    this.encodeChanged();
    for (const [key, pending] of this.#pending)
      if (typeof pending === 'function') this.#pending.set(key, pending());
  }

  /** Begins to write what has gathered, unless a write is under way (its end calls this again) or nothing is urgent. */
  flush(): void {
    if (this.#inFlight || this.#failure !== null || !this.#urgent) return;
    let ops: Op[];
    try {
      this.#options.prepare();
      this.encodeChanged();
      ops = this.#takeOps();
    } catch (error) {
      this.#fail(error);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#urgent = false;
    this.#gathered = 0;
    this.#options.onTaken();
    if (ops.length === 0) {
      for (const { durable } of waiting) durable();
      return;
    }
    this.#inFlight = true;
    this.#options.journal.commit(ops).then(
      () => {
        this.#inFlight = false;
        for (const { durable } of waiting) durable();
        this.flush();
        if (!this.#inFlight) for (const then of this.#idle.splice(0)) then();
      },
      (error: unknown) => {
        this.#waiting.unshift(...waiting);
        this.#fail(error);
      },
    );
  }

  /** Writes everything, also what is not urgent. Resolves when no write is under way, at once after a failure. */
  async settle(): Promise<void> {
    if (this.#pending.size > 0) this.#urgent = true;
    this.flush();
    if (!this.#inFlight) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
    });
  }

  #takeOps(): Op[] {
    const ops: Op[] = [];
    for (const [key, pending] of this.#pending) {
      if (pending === null) ops.push({ del: key });
      else if (typeof pending === 'object') ops.push({ put: key, value: pending.fresh, fresh: true });
      else ops.push({ put: key, value: typeof pending === 'function' ? pending() : pending });
    }
    this.#pending = new Map();
    if (this.#again.size > 0) this.#again = new Set();
    return ops;
  }

  #fail(cause: unknown): void {
    this.#inFlight = false;
    this.#failure = cause instanceof Error ? cause : new Error(String(cause));
    this.#options.onFailed(this.#failure);
    for (const { failed } of this.#waiting.splice(0)) failed(this.#failure);
    for (const then of this.#idle.splice(0)) then();
  }
}
