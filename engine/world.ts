import { metaKey, shapeKey } from '../storage/keys.ts';
import type { KeysteadError } from '../wrappers/errors.ts';
import type { CapData } from '../wrappers/marshal.ts';
import type { Membrane } from '../wrappers/membrane.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Shape, StoredShape } from '../wrappers/shape.ts';
import { Alarm } from './alarm.ts';
import type { AnyCap } from './authoring.ts';
import { Collector, type Collected } from './collector.ts';
import { Errands } from './errands.ts';
import { refuse } from './errors.ts';
import { Jobs } from './jobs.ts';
import { openTurn } from './open-turn.ts';
import { Opening } from './opening.ts';
import { Queue, SLICE, type Job } from './queue.ts';
import type { TurnAccount } from './meter.ts';
import type { Session, SessionOut, SessionTerms } from './sessions.ts';
import { hostMessage } from './stored-message.ts';
import { TurnLog, type HostCause } from './turn-log.ts';
import { TurnRunner, type TurnResult } from './turn-runner.ts';
import { limitsOf, WorldParts } from './world-parts.ts';
import type { Roots, WorldOptions } from './world-options.ts';

/** Milliseconds: a day, in which somebody may miss a thing. */
const DEFAULT_GRACE = 86_400_000;

/** About 1.1 KB each. */
const DEFAULT_RESIDENT = 50_000;

/**
 * A world: the front door of the engine. All that happens in it is a turn, run from one queue: a session's input, the
 * delivery of a message, or something that the host does through `run`. What people ask for comes in the order of its
 * arrival, and so does what objects send.
 */
export class World {
  readonly #options: WorldOptions;
  readonly #parts: WorldParts;
  readonly #log: TurnLog;
  readonly #turns: TurnRunner;
  readonly #jobs: Jobs;
  readonly #alarm: Alarm;
  readonly #collector: Collector;
  readonly #queue: Queue;
  #closed = false;
  #halted = false;
  #classChanged = false;
  #roots: Roots | null = null;
  #registry: AnyCap | null = null;

  private constructor(options: WorldOptions) {
    const { powers, journal } = options;
    const limits = limitsOf(options.limits);
    this.#options = options;
    const errands = new Errands({
      journal,
      settled: () => this.settle(),
      stopwatch: powers.stopwatch,
      run: (body) =>
        this.run(() => {
          body();
        }),
      post: (to, method, report) => {
        this.#tell(to, method, report);
      },
      onFailed: (cause) => {
        // One that is given up because the world closes has not failed: nobody promised that it outlives that.
        if (!this.#closed) powers.report({ what: 'failed errand', cause });
      },
    });
    const parts = new WorldParts({
      ...options,
      limits,
      prepare: () => {
        this.#prepare();
      },
      onCommitFailed: (error) => {
        this.#halt(error);
      },
      onCommitTaken: () => {
        if (this.#queue.size > 0) this.#queue.wake();
      },
      deliver: (message) => {
        // The world may have stopped in the middle of the turn that sends it: what of that is stored is found by the next start.
        if (!this.#closed) this.#queue.add('sent', this.#jobs.delivery(message));
      },
      registry: () => this.#registry ?? refuse('NotAClass', 'There is no registry of classes.'),
      errands: {
        isUpgrading: (classObject) => errands.isUpgrading(classObject),
        upgradeAll: (classObject, to, method) => {
          errands.upgradeAll(classObject, to, method);
        },
        findHolders: (slot, to, method) => {
          errands.findHolders(slot, to, method);
        },
        reload: () => {
          this.#parts.commits.whenDurable(() => options.onReload?.());
        },
      },
      onClassChanged: () => {
        this.#classChanged = true;
      },
    });
    this.#parts = parts;
    this.#log = new TurnLog({
      ...options.watch,
      journal,
      commits: parts.commits,
      stopwatch: powers.stopwatch,
    });
    this.#turns = new TurnRunner({
      host: parts.host,
      powers,
      commits: parts.commits,
      sessions: parts.sessions,
      post: parts.post,
      log: this.#log,
      onHungUp: (session) => {
        this.#endQuietly(session.sid);
      },
      onCheckpoint: options.onCheckpoint,
      onBlamed: (blamed, error) => {
        if (blamed !== null) parts.blame.offence(blamed, error);
        else powers.report({ what: 'failed turn', error, cause: undefined });
      },
      afterTurn: () => {
        this.#afterTurn();
      },
    });
    this.#jobs = new Jobs(parts, this.#turns, powers, this.#log, (job) => {
      if (!this.#closed) this.#queue.add('sent', job);
    });
    this.#queue = new Queue({
      clock: powers.clock,
      soon: powers.soon,
      guard: (body) => powers.guard(limits.turnMilliseconds + SLICE, body),
      starved: powers.starved,
      // What was stored is all there before any of it is done: what comes of that would overtake the rest.
      isHeld: () => this.#roots === null || parts.commits.gathered >= limits.gatheredCharacters,
      onStopped: (starved, again) => this.#stopped(limits.turnMilliseconds, starved, again),
      afterRun: () => {
        this.#afterRun();
      },
    });
    this.#collector = new Collector({
      journal,
      commits: parts.commits,
      marshal: parts.membrane.marshal,
      run: (body) =>
        this.run(() => {
          body();
        }),
      clock: powers.clock,
      stopwatch: powers.stopwatch,
      soon: powers.soon,
      grace: options.garbageGrace ?? DEFAULT_GRACE,
      report: (collected) => {
        powers.report({ what: 'collected', ...collected });
      },
    });
    this.#alarm = new Alarm({
      clock: powers.clock,
      later: powers.later,
      nextDue: () => parts.post.nextDue(),
      ring: (now) => {
        parts.post.ring(now);
      },
    });
  }

  /** Opens the world in a journal, or builds it there if the journal is empty. */
  static async open(options: WorldOptions): Promise<World> {
    const world = new World(options);
    const parts = world.#parts;
    const opening = new Opening(parts, world.#turns, options, {
      registry: (classes) => {
        world.#registry = classes;
      },
      missed: (message) => {
        world.#jobs.missed(message);
      },
      restart: (number, after) => {
        world.#jobs.restarts.expect(number, after);
      },
    });
    world.#roots = await opening.run();
    world.#queue.wake();
    if (!opening.isNew) world.#alarm.set();
    return world;
  }

  get roots(): Roots {
    if (this.#roots === null) throw new Error('The world is not open.');
    return this.#roots;
  }

  /** Takes nothing more: it is closing, or a commit has failed. */
  get closed(): boolean {
    return this.#closed;
  }

  get sessions(): readonly Session[] {
    return this.#parts.sessions.all();
  }

  session(sid: string): Session | undefined {
    return this.#parts.sessions.get(sid);
  }

  /** Figures for metrics and tests. */
  statistics(): {
    resident: number;
    faults: number;
    evictions: number;
    queue: number;
    sends: number;
    timers: number;
    aside: number;
    classesAside: number;
    sessions: number;
  } {
    const { table, post, asides, saved, sessions } = this.#parts;
    const { size, faults, evictions } = table;
    const { sends, timers } = post;
    const aside = { aside: asides.size, classesAside: saved.broken };
    const counts = { queue: this.#queue.size, sends, timers, ...aside, sessions: sessions.size };
    return { resident: size, faults, evictions, ...counts };
  }

  /** Whether a session is attached to the object. */
  isHeard(id: string): boolean {
    return this.#parts.sessions.isHeard(id as ObjectId);
  }

  /** The name of the class of an object that is in memory. */
  classNameOf(id: string): string | undefined {
    return this.#parts.table.peek(id as ObjectId)?.spec.name;
  }

  /** What the code of which classes written in the world has used of the turn that is running, or has just ended. */
  turnAccounts(): readonly TurnAccount[] {
    return this.#parts.meter.turnAccounts();
  }

  /**
   * Runs a turn of the host's own. `extra` is written in the same commit when the turn succeeds; `typed` is what somebody
   * typed to have it run, for whoever watches turns. Resolves when durable; rejects with what the turn failed with.
   */
  run<T>(
    body: (invoke: Membrane['invoke']) => T,
    extra?: (value: T) => readonly (readonly [string, string])[],
    typed: string | null = null,
  ): Promise<T> {
    return this.#durably(
      () => body((capability, method, args) => this.#parts.membrane.invoke(capability, method, args)),
      (value) => {
        for (const [key, text] of extra?.(value) ?? []) this.#parts.commits.put(key, text);
      },
      { what: 'host', typed },
    );
  }

  /** What the store holds, or will hold, under a key of the host's own kinds. */
  stored(key: string): string | undefined {
    return this.#parts.commits.get(key);
  }

  /** A capability as it is written down, and back. */
  slotText(capability: AnyCap): string {
    return `{${this.#parts.membrane.marshal.write(capability)}}`;
  }

  capabilityFrom(slotText: string): AnyCap {
    return this.#parts.membrane.marshal.decode(JSON.parse(slotText) as CapData) as AnyCap;
  }

  /**
   * Begins a session on the capability that `enter` gives, in one turn with its `attached`. A session that is there
   * already stays as it is: a login that is delivered again has the same answer.
   */
  begin(
    terms: SessionTerms,
    enter: (invoke: Membrane['invoke']) => AnyCap,
    extra?: (capability: AnyCap) => readonly (readonly [string, string])[],
  ): Promise<Session> {
    return this.#durably(
      () => {
        // Asked in the turn: the same login may wait twice in the queue.
        if (this.#parts.sessions.get(terms.sid) !== undefined) return null;
        const capability = enter((to, method, args) => this.#parts.membrane.invoke(to, method, args));
        this.#parts.membrane.invoke(capability, 'attached', []);
        return capability;
      },
      (capability) => {
        if (capability === null) return;
        for (const [key, text] of extra?.(capability) ?? []) this.#parts.commits.put(key, text);
        this.#parts.sessions.begin(terms, capability);
      },
      { what: 'login', name: terms.name },
    ).then(() => {
      const session = this.#parts.sessions.get(terms.sid);
      return session ?? refuse('NoSession', 'The session ended as it began.');
    });
  }

  /** Takes a numbered input. One that has had its turn is only told again. */
  input(sid: string, n: number, line: string): void {
    if (this.#closed) refuse('WorldClosed', 'The world takes no input now.');
    const session = this.#parts.sessions.get(sid);
    if (session === undefined) return refuse('NoSession', 'This session is not known here.');
    if (line.length > this.#parts.limits.lineCharacters) {
      refuse('TooLarge', `A line may have at most ${this.#parts.limits.lineCharacters} characters.`);
    }
    this.#enqueue(this.#jobs.command(session, n, line));
  }

  /** A world that is closed takes none: its client says it again to the next one. */
  acknowledge(sid: string, n: number): void {
    if (this.#closed) return;
    const session = this.#parts.sessions.get(sid);
    if (session === undefined) return;
    const { sessions, commits, limits } = this.#parts;
    sessions.acknowledge(session, n);
    // It may wait for a commit that something else needs, but not with so much more that one could not take it all.
    if (commits.gathered >= limits.gatheredCharacters) {
      commits.urge();
      this.#queue.wake();
    }
    // Hung up before a crash, and its last words are out.
    if (session.closing && session.acknowledged === session.out) this.#endQuietly(sid);
  }

  /**
   * The durable chunks that a session has not acknowledged, after `have` and up to `last`. Later ones come by `onOut`. Throws where
   * the store does not give one now, and may do so later.
   */
  unread(sid: string, have: number, last?: number): readonly SessionOut[] {
    const session = this.#parts.sessions.get(sid);
    return session === undefined ? [] : this.#parts.sessions.unread(session, have, last);
  }

  /** Ends a session; its object is told by `detached`. */
  async end(sid: string): Promise<void> {
    const session = this.#parts.sessions.get(sid);
    if (session !== undefined) this.#enqueue(this.#jobs.ending(session));
    await this.settle();
  }

  /** Resolves when all that people have asked for so far has been done and is on disk. */
  settle(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#enqueue({
        run: () => {
          this.#parts.commits.whenDurable(resolve, reject);
        },
        stopped: reject,
      });
    });
  }

  /** Finds what nothing reachable refers to, and removes what has been such for long enough. The world goes on meanwhile. */
  collect(): Promise<Collected> {
    return this.#collector.collect();
  }

  /** When the last search for garbage began, in milliseconds since the epoch; null if that is not known. */
  get lastCollection(): number | null {
    return this.#collector.last;
  }

  /** Lets the queue run empty, writes everything and closes the journal. */
  async close(): Promise<void> {
    if (this.#closed) {
      await this.#options.journal.close();
      return;
    }
    const collected = this.#collector.close();
    this.#queue.drain();
    this.#closed = true;
    this.#queue.stop();
    this.#alarm.stop();
    await this.#parts.commits.settle();
    await collected;
    await this.#options.journal.close();
  }

  /** For ends that nobody waits for: a commit that fails is told in its own way. */
  #endQuietly(sid: string): void {
    if (!this.#closed) this.end(sid).catch(() => {});
  }

  /** Runs a turn from the queue; the promise settles when its effects are durable, or at once when it failed. */
  #durably<T>(body: () => T, accept: (value: T) => void, why: HostCause): Promise<T> {
    return new Promise((resolve, reject) => {
      const done = (result: TurnResult<T>): void => {
        if (result.ok) resolve(result.value);
        else reject(result.error);
      };
      const job = this.#jobs.host(body, accept, done, why);
      this.#enqueue(job);
    });
  }

  /** A message from the host, which is told nothing of what becomes of it. */
  #tell(to: AnyCap, method: string, report: object): void {
    this.run(() => {
      const turn = openTurn();
      turn.doings.send(hostMessage(turn.host.messageNumber(turn), to, method, [report]));
    }).catch((cause: unknown) => {
      this.#options.powers.report({ what: 'failed errand', cause });
    });
  }

  /** The watchdog has stopped what was running. */
  #stopped(budget: number, starved: boolean, again: boolean): KeysteadError | null {
    const stopped = this.#turns.stop(budget, starved, again);
    if (stopped === 'again') return null;
    if (stopped !== 'torn') return stopped;
    // Nothing more may be written: the journal has all that was acknowledged, and the world goes on from it.
    this.#closed = true;
    this.#queue.stop();
    this.#alarm.stop();
    this.#options.onTorn?.();
    return refuse('WorldClosed', 'The world is being started again.');
  }

  #afterTurn(): void {
    if (this.#classChanged) {
      this.#classChanged = false;
      this.#parts.readAnew();
    } else if (this.#options.evictAlways === true) {
      this.#parts.commits.encodeChanged();
      this.#parts.table.trim(0);
    }
  }

  #enqueue(job: Job): void {
    if (this.#closed) refuse('WorldClosed', 'The world is closed.');
    this.#queue.add('asked', job);
  }

  #afterRun(): void {
    if (this.#closed) return;
    this.#log.ran();
    this.#parts.commits.flush();
    this.#parts.table.trim(this.#options.resident ?? DEFAULT_RESIDENT);
    if (this.#options.powers.isHeapTight?.() === true) this.#parts.table.dropInstances();
    this.#alarm.set();
  }

  #prepare(): void {
    for (const shape of this.#parts.membrane.shapes.takeUnsaved()) {
      this.#parts.commits.put(shapeKey(shape.id), storedShape(shape));
    }
    const counters = this.#parts.counters.takeChanged();
    if (counters !== undefined) this.#parts.commits.put(metaKey('counters'), counters);
    const outs = this.#parts.sessions.stage();
    for (const { sid } of outs) {
      // A session that takes nothing of what it is sent must not fill the disk.
      const session = this.#parts.sessions.get(sid);
      if (session !== undefined && this.#parts.sessions.isOverfull(session)) this.#endQuietly(sid);
    }
    if (outs.length > 0) {
      this.#parts.commits.whenDurable(() => {
        this.#parts.sessions.nowDurable(outs);
        this.#options.onOut(outs);
      });
    }
    this.#log.committing();
  }

  /** Takes nothing more: the journal has said that it takes no more commits, though no turn waits for one. */
  fail(error: Error): void {
    this.#halt(error);
  }

  #halt(error: Error): void {
    if (this.#halted) return;
    this.#halted = true;
    this.#closed = true;
    this.#queue.stop();
    this.#alarm.stop();
    this.#options.onHalt(error);
  }
}

function storedShape({ className, methods, facet, next }: Shape): string {
  const stored: StoredShape = {
    className,
    methods: [...methods],
    ...(facet === null ? {} : { facet }),
    ...(next === null ? {} : { next }),
  };
  return JSON.stringify(stored);
}
