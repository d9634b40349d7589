import type { Journal } from '../storage/journal.ts';
import { garbageKey, metaKey, parseKey, prefixRange } from '../storage/keys.ts';
import { genuineError, isGenuine } from '../wrappers/errors.ts';
import type { Marshal } from '../wrappers/marshal.ts';
import { objectId, type ObjectId } from '../wrappers/names.ts';
import { dropSomeEntries, entriesOf, type KeyBudget } from './collections.ts';
import type { Commits } from './commits.ts';
import { Marking, type Garbage } from './garbage.ts';
import { openTurn } from './open-turn.ts';
import type { Turn } from './turn.ts';
import { endDeadWatches } from './watches.ts';

/** What one collection came to. */
export interface Collected {
  /** Objects that can be reached. */
  readonly live: number;
  /** Objects that cannot, and still have time. */
  readonly waiting: number;
  readonly removed: number;
  readonly milliseconds: number;
}

export interface CollectorOptions {
  readonly journal: Journal;
  readonly commits: Commits;
  readonly marshal: Marshal;
  /** Runs a turn of the host's own. */
  readonly run: (body: () => void) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly stopwatch: () => number;
  /** Runs something after what else waits in the event loop. */
  readonly soon: (job: () => void) => void;
  /** Milliseconds that an object stays after it was found to be garbage for the first time. */
  readonly grace: number;
  readonly report: (collected: Collected) => void;
}

/**
 * What becomes of an object that is to be removed: `gone`; `begun`, when some of it has gone, and `again`, when there was no
 * room for any of it in this turn; `stuck`, when it cannot be removed; `stays`, when it is a bank and something is stuck.
 */
type End = 'gone' | 'begun' | 'again' | 'stuck' | 'stays';

/** What one turn has removed. `again`: those that it has not come to, and those that it has begun with. */
interface Removal {
  readonly gone: number;
  readonly begun: readonly Garbage[];
  readonly again: readonly Garbage[];
  readonly stuck: boolean;
}

const NOTHING_REMOVED: Removal = { gone: 0, begun: [], again: [], stuck: false };

/** Milliseconds of work between two pauses: turns wait for so long at most. */
const SLICE = 2;
/** Objects that one turn removes, and keys of their collections: far fewer than a turn may write. */
const AT_ONCE = 50;
const KEYS_AT_ONCE = 2_000;
/** When the last one began. */
const COLLECTED = metaKey('collected');
/** Marks that one commit changes. */
const MARKS_AT_ONCE = 1_000;

/**
 * Finds the objects that nothing reachable refers to, while the world goes on, and removes them when they have been such for
 * long enough. What is unreachable in a snapshot can come back only through an instance that kept a capability without
 * storing it: all that is written down while a collection is under way is noted, and so is all that turns touch, which may
 * pay, send or register by it, or have come in by it. It stays with all that it leads to.
 *
 * Watches that nobody has any more end too. Nothing of an object runs when it is removed. Its bank gets back what it paid; a bank
 * gives what is left to the one above.
 */
export class Collector {
  readonly #options: CollectorOptions;
  #underWay: Promise<Collected> | null = null;
  #closed = false;
  /** Rejects all that the one under way waits for. */
  #close: () => void = () => {};
  /** One for each collection: a promise keeps whatever was ever raced with it. */
  #closing: Promise<never> | null = null;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  /** Resolves when it is through. While one is under way, further calls wait for that one. */
  collect(): Promise<Collected> {
    if (this.#closed) return Promise.reject(closing());
    this.#underWay ??= this.#begin().finally(() => {
      this.#options.marshal.noting = null;
      this.#underWay = this.#closing = null;
    });
    return this.#underWay;
  }

  #begin(): Promise<Collected> {
    this.#closing = new Promise((_, reject) => {
      this.#close = () => {
        reject(closing());
      };
    });
    this.#closing.catch(() => {}); // whoever waits is told
    return this.#collect();
  }

  /** When the last one began, in milliseconds since the epoch, in this process or an earlier one; null if that is not known. */
  get last(): number | null {
    try {
      const { began } = JSON.parse(this.#options.journal.get(COLLECTED) ?? '{}') as { began?: unknown };
      return typeof began === 'number' ? began : null;
    } catch {
      return null; // damaged: it is written anew by the next one
    }
  }

  /** Ends the one that is under way; what it has not removed by now stays. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#close();
    await this.#underWay?.catch(() => {}); // whoever asked for it is told
  }

  async #collect(): Promise<Collected> {
    const { clock, commits, journal, marshal, stopwatch, report } = this.#options;
    const began = stopwatch();
    const noted = new Set<string>();
    marshal.noting = noted;
    // Now, and not when it is through: one that ends the process is not the first thing that the next one does.
    commits.put(COLLECTED, JSON.stringify({ began: clock() }));
    await this.#durable(); // what was encoded before is in the snapshot, and what is encoded from here on is noted
    const snapshot = await journal.snapshot();
    const due: Garbage[] = [];
    let waiting = 0;
    try {
      const marking = new Marking(snapshot, this.#breather());
      await marking.run();
      const since = new Map<string, number>();
      // One that is damaged is made anew.
      for await (const [text, value] of snapshot.range({ ...prefixRange('g'), onDamaged: () => {} })) {
        const key = parseKey(text);
        if (key?.kind === 'garbage') since.set(key.id, (JSON.parse(value) as { since: number }).since);
      }
      const { live } = marking;
      await this.#endWatches(marking.watchedByNobody, noted);
      waiting = await this.#compare(marking, since, due);
      const removed = await this.#remove(due, marking, noted);
      const collected = { live, waiting: waiting + due.length - removed, removed };
      const result = Object.freeze({ ...collected, milliseconds: stopwatch() - began });
      report(result);
      return result;
    } finally {
      await snapshot.close();
    }
  }

  /** Gives back what was paid for watches whose watchers have ended, where nothing is published by which they would end. */
  async #endWatches(watched: readonly string[], noted: Set<string>): Promise<void> {
    for (let at = 0; at < watched.length; at += AT_ONCE) {
      const some = watched.slice(at, at + AT_ONCE);
      const ending = this.#options.run(() => {
        const turn = openTurn();
        this.#unnoted(turn, noted);
        // What is damaged, or too much, keeps nobody else's.
        for (const id of some) turn.attempt(() => endDeadWatches(turn, id as ObjectId));
      });
      await this.#unlessClosed(ending).catch((error: unknown) => {
        if (this.#closed || !isGenuine(error)) throw error;
      });
    }
  }

  /** Marks what is garbage for the first time, and unmarks what is none any more. Adds to `due` what has had its time. */
  async #compare(marking: Marking, since: Map<string, number>, due: Garbage[]): Promise<number> {
    const { clock, grace, commits } = this.#options;
    const now = clock();
    const waiting: number[] = [];
    let written = 0;
    const write = async (id: string, value: string | null): Promise<void> => {
      if (value === null) commits.delete(garbageKey(id));
      else commits.put(garbageKey(id), value);
      written += 1;
      if (written % MARKS_AT_ONCE === 0) await this.#durable();
    };
    for await (const garbage of marking.unmarked()) {
      const id = objectId(garbage.number);
      const from = since.get(id);
      since.delete(id);
      // A clock that was set back must not make anything wait for longer than its time.
      const waits = from === undefined ? grace : grace - Math.max(0, now - from);
      if (from === undefined || from > now) await write(id, JSON.stringify({ since: now }));
      if (waits <= 0) due.push(garbage);
      else waiting.push(garbage.number);
    }
    for (const id of since.keys()) await write(id, null);
    if (written > 0) await this.#durable(); // where nobody does anything else it would wait for the next turn
    // It may come back as long as it has time, and with it all that it leads to, such as the bank that has paid for it.
    if (due.length > 0) await marking.markAlso(waiting.map(objectId));
    return waiting.length;
  }

  async #remove(due: readonly Garbage[], marking: Marking, noted: Set<string>): Promise<number> {
    // What a bank has paid for goes first, and a bank that was split off before the one that it came from. Whom a damaged
    // object belonged to nobody knows: then all banks stay.
    const banks = marking.metDamage ? [] : due.filter(({ isBank }) => isBank);
    const order = [...due.filter(({ isBank }) => !isBank), ...banks.sort((a, b) => b.number - a.number)];
    let removed = 0;
    /** Something stays that was to go: so does what has paid for it. */
    let stuck = false;
    for (let at = 0; at < order.length; at += AT_ONCE) {
      /** Of these a part has gone already: they go whole. */
      const begun = new Set<number>();
      let most = AT_ONCE;
      for (let left = order.slice(at, at + AT_ONCE); left.length > 0;) {
        if (this.#closed) throw closing();
        await marking.markAlso(takeAll(noted));
        const free = left.filter(({ number }) => begun.has(number) || !marking.isMarked(number));
        const all = stuck ? free.filter(({ isBank }) => !isBank) : free;
        if (all.length === 0) break;
        const todo = all.slice(0, most);
        left = all.slice(most);
        try {
          const done = await this.#removeSome(todo, marking, noted);
          removed += done.gone;
          stuck ||= done.stuck;
          for (const { number } of done.begun) begun.add(number);
          left.unshift(...done.again);
        } catch (error) {
          if (!isGenuine(error) || error.code === 'WorldClosed') throw error;
          // Too much for one turn, it may be: each has one of its own then. What fails alone stays.
          if (todo.length > 1) left.unshift(...todo);
          else stuck = true;
          most = 1;
        }
      }
    }
    return removed;
  }

  /** One turn. Rejects with what the turn fails with: then all of it is as it was. */
  async #removeSome(todo: readonly Garbage[], marking: Marking, noted: Set<string>): Promise<Removal> {
    let removal: Removal = NOTHING_REMOVED;
    await this.#unlessClosed(
      this.#options.run(() => {
        removal = { ...NOTHING_REMOVED, again: todo };
        // All that is in memory is written down by now: what came back since then is looked at first.
        this.#options.commits.encodeAll();
        if ([...noted].some((id) => marking.couldMark(id))) return;
        const turn = openTurn();
        this.#unnoted(turn, noted);
        const budget = { left: KEYS_AT_ONCE, whole: KEYS_AT_ONCE };
        let stuck = false;
        const ends = todo.map((each) => {
          const end = stuck && each.isBank ? 'stays' : this.#removeOne(turn, objectId(each.number), budget);
          stuck ||= end === 'stuck';
          return [each, end] as const;
        });
        const those = (...which: readonly End[]): readonly Garbage[] =>
          ends.flatMap(([each, end]) => (which.includes(end) ? [each] : []));
        const gone = those('gone').length;
        const begun = those('begun');
        removal = { gone, begun, again: those('begun', 'again'), stuck };
      }),
    );
    return removal;
  }

  /** What this turn touches it removes, or gives back to: that is no reason to keep it. */
  #unnoted(turn: Turn, noted: Set<string>): void {
    const { marshal } = this.#options;
    const goOn = (): void => {
      marshal.noting = noted;
    };
    turn.onUndo(goOn);
    turn.onCommit(goOn);
    marshal.noting = null;
  }

  /** Undone whole if it cannot be done, as when a part of it is damaged. */
  #removeOne(turn: Turn, id: ObjectId, budget: KeyBudget): End {
    const { host } = turn;
    const tried = turn.attempt((): End => {
      const wrapper = host.find(id);
      if (wrapper.kept > 0) {
        const before = entriesOf(turn, wrapper);
        const left = dropSomeEntries(turn, wrapper, budget);
        if (left > 0) return left < before ? 'begun' : 'again';
      }
      if (host.isBank(wrapper)) {
        const left = host.membrane.invokeInternally(wrapper, 'close', []) as number;
        const above = host.bankOf(wrapper);
        if (above !== null) host.membrane.invokeInternally(above, 'refund', [left]);
      }
      if (wrapper.aside) {
        turn.onCommit(() => {
          host.administration.mended(id);
        });
      }
      host.end(turn, wrapper);
      turn.write(garbageKey(id), null);
      return 'gone';
    });
    return tried.ok ? tried.value : 'stuck';
  }

  /** Resolves when all that has gathered so far is on disk, however much gathers meanwhile. */
  #durable(): Promise<void> {
    const { commits } = this.#options;
    return this.#unlessClosed(
      new Promise((resolve, reject) => {
        commits.whenDurable(resolve, reject);
        commits.flush();
      }),
    );
  }

  /** A world that closes drops what is queued: nothing may wait for that. */
  #unlessClosed<T>(what: Promise<T>): Promise<T> {
    return this.#closing === null ? what : Promise.race([what, this.#closing]);
  }

  #breather(): () => Promise<void> | void {
    const { stopwatch, soon } = this.#options;
    let began = stopwatch();
    return () => {
      if (stopwatch() - began < SLICE) return undefined;
      return new Promise((resolve, reject) => {
        soon(() => {
          began = stopwatch();
          if (this.#closed) reject(closing());
          else resolve();
        });
      });
    };
  }
}

function takeAll(ids: Set<string>): readonly string[] {
  const all = [...ids];
  ids.clear();
  return all;
}

function closing(): Error {
  return genuineError('WorldClosed', 'The world is closing, and collects nothing more.');
}
