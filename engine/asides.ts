import { asideKey } from '../storage/keys.ts';
import { genuineError, type KeysteadError } from '../wrappers/errors.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';

/** Why an object is set aside; as stored. */
export interface Aside {
  readonly className: string;
  /** The bank that pays for it: whoever owns that may destroy it, and mend it unless the code is `Stopped`. */
  readonly bank: ObjectId | null;
  readonly code: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly when: number;
}

export interface AsidesOptions {
  /** Writes a key of the store, or deletes it. */
  readonly write: (key: string, text: string | null) => void;
  /** Offences within `offenceWindow` milliseconds that set an object aside. */
  readonly offencesBeforeAside: number;
  readonly offenceWindow: number;
}

/** Objects whose offences are remembered: an attacker has as many as he can pay for. */
const MOST_REMEMBERED = 10_000;

/** What one list tells of them: the first ones, each with why in so many characters. Mending one makes room for the next. */
export const ASIDES_LISTED = 100;
export const WHY_LISTED = 500;

/**
 * The objects that are set aside: they take no calls, and none of their code runs, until somebody who owns their bank has
 * mended them, or an admin those that one has stopped. Invariant: the flag `aside` of a wrapper in memory says whether its
 * object is in the table.
 */
export class Asides {
  readonly #options: AsidesOptions;
  readonly #byId = new Map<ObjectId, Aside>();
  readonly #offences = new Map<ObjectId, number[]>();

  constructor(options: AsidesOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byId.size;
  }

  restore(id: ObjectId, text: string): void {
    this.#byId.set(id, JSON.parse(text) as Aside);
  }

  get(id: ObjectId): Aside | undefined {
    return this.#byId.get(id);
  }

  all(): readonly (readonly [id: ObjectId, aside: Aside])[] {
    return [...this.#byId];
  }

  /** What calls on an object that is set aside are answered. */
  refusal(id: ObjectId): KeysteadError {
    const aside = this.#byId.get(id);
    const why = aside === undefined ? 'its class does not load' : aside.message;
    return genuineError('SetAside', `${aside?.className ?? 'An object'} ${id} is set aside: ${why}`);
  }

  /** Counts an offence; sets the object aside if it keeps at it, and says whether it did. Only between turns. */
  offend(wrapper: Wrapper, error: KeysteadError, now: number): boolean {
    const { offencesBeforeAside, offenceWindow } = this.#options;
    const before = this.#offences.get(wrapper.id) ?? [];
    const recent = [...before.filter((at) => at > now - offenceWindow), now];
    this.#offences.delete(wrapper.id);
    if (recent.length >= offencesBeforeAside) {
      this.put(wrapper, error, now);
      return true;
    }
    this.#offences.set(wrapper.id, recent);
    const oldest = this.#offences.size > MOST_REMEMBERED ? this.#offences.keys().next() : undefined;
    if (oldest !== undefined && oldest.done !== true) this.#offences.delete(oldest.value);
    return false;
  }

  /** Sets an object aside. Only between turns. */
  put(wrapper: Wrapper, error: KeysteadError, now: number): void {
    const { id, spec, bank } = wrapper;
    const aside: Aside = { className: spec.name, bank, code: error.code, message: error.message, when: now };
    this.#byId.set(id, aside);
    this.#options.write(asideKey(id), JSON.stringify(aside));
    wrapper.aside = true;
    wrapper.attention = true;
    wrapper.instance = null;
  }

  /** The object takes calls again. Only between turns. */
  mended(id: ObjectId): void {
    this.#byId.delete(id);
    this.#options.write(asideKey(id), null);
    this.#offences.delete(id);
  }
}
