import { reasonOf, StoreError } from '../storage/errors.ts';
import { FORMAT_VERSION } from '../storage/format.ts';
import type { Journal } from '../storage/journal.ts';
import { metaKey, OLDER_KEY, parseKey, prefixRange, restartKey, type Prefix } from '../storage/keys.ts';
import type { CapData } from '../wrappers/marshal.ts';
import { parseObjectId } from '../wrappers/names.ts';
import type { AnyCap } from './authoring.ts';
import type { ChangedClass } from './classes.ts';
import { makeRoots } from './genesis.ts';
import { LEFT_TO_OPENING, migrate } from './migrate.ts';
import { openTurn } from './open-turn.ts';
import { Penalties } from './penalties.ts';
import { readWorld, type StoredWorld } from './read-world.ts';
import { planRestarts } from './restarts.ts';
import { HOST_JOB, parseRunning } from './running-job.ts';
import { keyOfMessage } from './stored-message.ts';
import { Suspects } from './suspects.ts';
import type { Message } from './turn-effects.ts';
import type { TurnCause } from './turn-log.ts';
import type { TurnRunner } from './turn-runner.ts';
import { supersedeFacets } from './versions.ts';
import type { Roots, WorldOptions } from './world-options.ts';
import type { WorldParts } from './world-parts.ts';

const ROOTS = ['gate', 'bank', 'storage', 'classes'] as const satisfies readonly (keyof Roots)[];

/** Sends, in the order of sending, then timers. */
const MESSAGES = ['m', 't'] as const satisfies readonly Prefix[];

/** Reads what there is no world without. Throws `Damaged`, with what to do, when it cannot be read. */
async function needed<T>(what: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StoreError && error.code !== 'Damaged') throw error;
    throw new StoreError(
      'Damaged',
      `${what} cannot be read (${reasonOf(error)}): "keystead check" says what is wrong, and mends it with --repair if it ` +
        'can; else restore the last checkpoint into a new folder',
      error,
    );
  }
}

/** Throws where there is an object, damaged or not. */
async function refuseObjects(journal: Journal): Promise<void> {
  const onDamaged = (): never => {
    throw gone();
  };
  for await (const _ of journal.range({ ...prefixRange('o'), onDamaged })) onDamaged();
}

function gone(): Error {
  return new Error('it is gone');
}

/** What the opening tells the world on its way. */
interface OpeningEvents {
  /** The registry of classes is there: all that follows may ask for it. */
  readonly registry: (classes: AnyCap) => void;
  /** A timer came due while the world was down, and whoever set it wants no such thing. */
  readonly missed: (message: Message) => void;
  /** The message of that number, of a restart, is to be delivered after those of these numbers. */
  readonly restart: (number: number, after: readonly number[]) => void;
}

const AT_START: TurnCause = { what: 'start', since: null };

/**
 * All that is done before a world takes anything: it is built in an empty journal, or found there. What cannot be read is
 * reported and set aside, and the rest goes on.
 */
export class Opening {
  readonly #parts: WorldParts;
  readonly #turns: TurnRunner;
  readonly #options: WorldOptions;
  readonly #events: OpeningEvents;
  #isNew = false;

  constructor(parts: WorldParts, turns: TurnRunner, options: WorldOptions, events: OpeningEvents) {
    this.#parts = parts;
    this.#turns = turns;
    this.#options = options;
    this.#events = events;
  }

  /** The journal held no world. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** Rejects if the journal holds what is no world of ours, or if a new one cannot be built or stored. */
  async run(): Promise<Roots> {
    const { journal, powers } = this.#options;
    const from = await migrate(journal, {
      onRead: (keys) => {
        powers.report({ what: 'migrating', done: 'read', keys });
      },
      onWritten: (keys) => {
        powers.report({ what: 'migrating', done: 'written', keys });
      },
    });
    if (from !== null) powers.report({ what: 'migrated', from, to: FORMAT_VERSION });
    const stored = await needed('the world', () =>
      readWorld(journal, (key, error) => {
        this.#setAside(key, error);
      }),
    );
    await needed('one of the method sets, shape/', () => {
      for (const [id, shape] of stored.shapes) this.#parts.membrane.shapes.restore(id, shape);
    });
    this.#isNew = stored.counters === null;
    // A new world in its place would take what is left of it.
    if (this.#isNew) await needed('meta/counters', () => refuseObjects(journal));
    const { changed, remember } = await needed('meta/classes', () => {
      // The first worlds had none.
      if (!this.#isNew && from !== LEFT_TO_OPENING && journal.get(metaKey('classes')) === undefined)
        throw gone();
      return this.#parts.identifyClasses(powers.digest);
    });
    const done = (): void => {
      remember();
      if (from === LEFT_TO_OPENING) this.#parts.commits.delete(OLDER_KEY);
    };
    if (stored.counters !== null) return this.#restore(stored, stored.counters, changed, done);
    done();
    return this.#build();
  }

  async #restore(
    stored: StoredWorld,
    counters: string,
    changed: readonly ChangedClass[],
    remember: () => void,
  ): Promise<Roots> {
    const parts = this.#parts;
    await needed('meta/counters', () => {
      parts.counters.restore(counters);
    });
    // Before any capability is read: they look as their facets do now.
    if (changed.length > 0) this.#builtInsChanged(changed);
    const roots = await needed('meta/roots', () => {
      if (stored.roots === '') throw gone();
      const all = parts.membrane.marshal.decode(JSON.parse(stored.roots) as CapData) as Roots;
      const missing = ROOTS.find((name) => typeof all[name] !== 'object');
      if (missing !== undefined) throw new Error(`it has no ${missing}`);
      return all;
    });
    this.#events.registry(roots.classes);
    for (const [id, text] of stored.asides) {
      const known = parseObjectId(id);
      if (known === undefined) continue;
      this.#intact(id, () => {
        parts.asides.restore(known, text);
      });
    }
    if (changed.length > 0) await this.#rebaseClasses();
    remember();
    for (const [sid, text] of stored.sessions) {
      this.#intact(sid, () => {
        parts.sessions.restore(sid, text, parts.membrane.marshal);
      });
    }
    for await (const [text, letter] of this.#all('dead')) {
      const key = parseKey(text);
      if (key?.kind !== 'dead') continue;
      this.#intact(text, () => {
        parts.letters.restore(key.seq, letter);
      });
    }
    parts.letters.sortRestored();
    await this.#restoreMessages(stored, (JSON.parse(counters) as { message: number }).message);
    await parts.commits.settle();
    return roots;
  }

  /**
   * What objects have registered for restarts, then what was sent before and not delivered. Messages from the number `first` on are
   * of this start, which may have stored some by then.
   */
  async #restoreMessages(stored: StoredWorld, first: number): Promise<void> {
    const { membrane, letters, post, commits, limits } = this.#parts;
    const notTo = this.#examineLastRun(await this.#lastMessages());
    const restarts = planRestarts(
      stored.restarts,
      membrane.marshal,
      (capability) => membrane.idOf(capability),
      (id, error) => {
        this.#setAside(restartKey(id), error);
      },
    );
    const told = new Set<number>();
    for (const { message, after } of restarts) {
      // One that killed the process waits for an admin, like any other.
      if (letters.isSetAside(message.number)) continue;
      told.add(message.number);
      this.#events.restart(
        message.number,
        after.filter((number) => told.has(number)),
      );
      post.acceptOwn(message);
      if (commits.gathered >= limits.gatheredCharacters) await commits.settle();
    }
    // Those that the last start left undelivered are the same ones.
    const made = new Set(restarts.map(({ message }) => keyOfMessage(message)));
    for (const prefix of MESSAGES)
      for await (const [key, text] of this.#all(prefix)) {
        const parsed = parseKey(key);
        const isNew = parsed?.kind === 'send' && parsed.seq >= first;
        if (key === notTo || made.has(key) || isNew) continue;
        this.#intact(key, () => {
          const missed = post.restore(text, this.#options.powers.clock());
          if (missed !== null) this.#events.missed(missed);
        });
        if (commits.gathered >= limits.gatheredCharacters) await commits.settle();
      }
  }

  /** What is stored under keys of a kind, one after the other. What is damaged is told, and left out. */
  #all(prefix: Prefix): AsyncIterable<readonly [key: string, text: string]> {
    const onDamaged = (key: string, error: Error): void => {
      this.#setAside(key, error);
    };
    return this.#options.journal.range({ ...prefixRange(prefix), onDamaged });
  }

  /** The message that was running when the process died, if it still waits to be delivered. */
  async #lastMessages(): Promise<readonly (readonly [key: string, text: string])[]> {
    const running = parseRunning(this.#options.lastRunning ?? '');
    if (running?.job.kind !== 'message') return [];
    for (const prefix of MESSAGES) {
      const range = { ...prefixRange(prefix), onDamaged: () => {} }; // told when they are all read
      for await (const [text, message] of this.#options.journal.range(range)) {
        const key = parseKey(text);
        if ((key?.kind === 'send' || key?.kind === 'timer') && key.seq === running.job.number)
          return [[text, message]];
      }
    }
    return [];
  }

  async #build(): Promise<Roots> {
    const { membrane, commits } = this.#parts;
    const made = this.#turns.run({
      job: HOST_JOB,
      cause: AT_START,
      body: () =>
        makeRoots(membrane, this.#options, (classes) => {
          this.#events.registry(classes);
        }),
      accept: (roots) => {
        commits.put(metaKey('roots'), `{${membrane.marshal.write(Object.freeze({ ...roots }))}}`);
      },
      unlimited: true,
    });
    if (!made.ok) throw made.error;
    await commits.settle();
    return made.value;
  }

  /** What was running when the process died: gives the key of a message that is not to be delivered again. */
  #examineLastRun(messages: readonly (readonly [key: string, text: string])[]): string | null {
    const { commits, sessions, table, blame, shares, letters } = this.#parts;
    const { powers, lastRunning = null, lastOwnDoing = false } = this.#options;
    this.#forgetDamaged('suspect', () => {
      const { running } = JSON.parse(commits.get(metaKey('suspect')) ?? '{"running":""}') as {
        running: unknown;
      };
      if (typeof running !== 'string') throw new Error('It names nothing.');
    });
    const penalties = new Penalties({ commits, shares, clock: powers.clock, stopwatch: powers.stopwatch });
    this.#forgetDamaged('penalties', () => {
      penalties.restore();
    });
    const report = (running: string, id: string | null): void => {
      powers.report({ what: 'killer', running, id });
    };
    const suspects = new Suspects({ commits, sessions, table, blame, penalties, shares, letters, report });
    const last = lastRunning === null ? null : { running: lastRunning, ownDoing: lastOwnDoing };
    return suspects.examine(last, messages);
  }

  /** What is known of earlier deaths is of use, and no reason not to start when it is damaged. */
  #forgetDamaged(name: string, read: () => void): void {
    const key = metaKey(name);
    try {
      read();
    } catch (error) {
      if (error instanceof StoreError && error.code !== 'Damaged') throw error;
      this.#setAside(key, error instanceof Error ? error : new Error(String(error)));
      this.#parts.commits.delete(key);
    }
  }

  /** Whoever holds a facet of a built-in class that has changed holds what it is now. */
  #builtInsChanged(changed: readonly ChangedClass[]): void {
    this.#options.powers.report({ what: 'changed classes', changed });
    this.#runAtStart(() => {
      const turn = openTurn();
      for (const spec of turn.host.classes.all()) supersedeFacets(turn, spec);
    });
  }

  /** Classes that were written in the world and stand on built-in ones that have changed get a version of their own. */
  async #rebaseClasses(): Promise<void> {
    const { membrane, saved, table, host, commits, limits } = this.#parts;
    for (const id of host.administration.classObjects()) {
      this.#runAtStart(() => {
        // One that is damaged or set aside must not keep the others, or the world, from going on.
        const tried = openTurn().attempt(() => {
          if (saved.state(id).versions.length > 0) membrane.invokeInternally(table.find(id), 'rebase', []);
        });
        if (tried.ok) return;
        const { message } = tried.error;
        this.#options.powers.report({ what: 'broken class', className: id, version: 0, message });
      });
      // The histories of all of them could be more than one commit may have.
      if (commits.gathered >= limits.gatheredCharacters) await commits.settle();
    }
  }

  #runAtStart(body: () => void): void {
    const result = this.#turns.run({
      job: HOST_JOB,
      cause: AT_START,
      body,
      accept: () => {},
      unlimited: true,
    });
    if (!result.ok) throw result.error;
    this.#parts.commits.urge();
  }

  /** Runs what reads one stored value; one that cannot be read is told, and the world starts without it. */
  #intact(key: string, read: () => void): void {
    try {
      read();
    } catch (error) {
      this.#setAside(key, error instanceof Error ? error : new Error(String(error)));
    }
  }

  #setAside(key: string, { message }: Error): void {
    this.#options.powers.report({ what: 'damaged', id: key, message });
  }
}
