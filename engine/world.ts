import { FORMAT_VERSION } from '../storage/format.ts';
import { deadKey, metaKey, restartKey, shapeKey } from '../storage/keys.ts';
import type { KeysteadError } from '../wrappers/errors.ts';
import type { CapData } from '../wrappers/marshal.ts';
import type { Membrane } from '../wrappers/membrane.ts';
import { parseObjectId, type ObjectId } from '../wrappers/names.ts';
import type { Shape, StoredShape } from '../wrappers/shape.ts';
import { Alarm } from './alarm.ts';
import type { AnyCap } from './authoring.ts';
import type { ChangedClass } from './classes.ts';
import { Collector, type Collected } from './collector.ts';
import { Errands } from './errands.ts';
import { refuse } from './errors.ts';
import { makeRoots } from './genesis.ts';
import { Jobs } from './jobs.ts';
import { migrate } from './migrate.ts';
import { openTurn } from './open-turn.ts';
import { Queue, SLICE, type Job, type Lane } from './queue.ts';
import type { TurnAccount } from './meter.ts';
import { readWorld, type StoredWorld } from './read-world.ts';
import { HOST_JOB } from './running-job.ts';
import type { Session, SessionOut, SessionTerms } from './sessions.ts';
import { Penalties } from './penalties.ts';
import { planRestarts } from './restarts.ts';
import { hostMessage, keyOfMessage } from './stored-message.ts';
import { Suspects } from './suspects.ts';
import { type HostCause, TurnLog, type TurnCause } from './turn-log.ts';
import { TurnRunner, type TurnResult } from './turn-runner.ts';
import { limitsOf, WorldParts } from './world-parts.ts';
import { supersedeFacets } from './versions.ts';
import type { Roots, WorldOptions } from './world-options.ts';

/** Milliseconds: a day, in which somebody may miss a thing. */
const DEFAULT_GRACE = 86_400_000;

/** About 1.1 KB each. */
const DEFAULT_RESIDENT = 50_000;

const AT_START: TurnCause = { what: 'start', since: null };

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
      run: (body) =>
        this.run(() => {
          body();
        }),
      post: (to, method, report) => {
        this.#tell(to, method, report);
      },
      onFailed: (cause) => {
        powers.report({ what: 'failed errand', cause });
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
        this.#enqueue('sent', this.#jobs.delivery(message));
      },
      registry: () => this.#registry ?? refuse('NotAClass', 'There is no registry of classes.'),
      errands: {
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
      busy: powers.busy,
      isFull: () => parts.commits.gathered >= limits.gatheredCharacters,
      onStopped: (stalled, last) => this.#stopped(limits.turnMilliseconds, stalled, last),
      afterRun: () => {
        this.#afterRun();
      },
    });
    this.#collector = new Collector({
      journal,
      commits: parts.commits,
      sessions: parts.sessions,
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
    const setAside = (key: string, error: Error): void => {
      options.powers.report({ what: 'damaged', id: key, message: error.message });
    };
    const from = await migrate(options.journal);
    if (from !== null) options.powers.report({ what: 'migrated', from, to: FORMAT_VERSION });
    const stored = await readWorld(options.journal, setAside);
    for (const [id, shape] of stored.shapes) parts.membrane.shapes.restore(id, shape);
    const changed = parts.identifyClasses(options.powers.digest);
    if (stored.counters === null) {
      await world.#build();
      return world;
    }
    parts.counters.restore(stored.counters);
    // Before any capability is read: they look as their facets do now.
    if (changed.length > 0) world.#builtInsChanged(changed);
    world.#roots = parts.membrane.marshal.decode(JSON.parse(stored.roots) as CapData) as Roots;
    world.#registry = world.#roots.classes;
    for (const [id, text] of stored.asides) {
      const known = parseObjectId(id);
      if (known === undefined) continue;
      intact(id, setAside, () => {
        parts.asides.restore(known, text);
      });
    }
    if (changed.length > 0) world.#rebaseClasses();
    for (const [sid, text] of stored.sessions) {
      intact(sid, setAside, () => {
        parts.sessions.restore(sid, text, parts.membrane.marshal);
      });
    }
    for (const [number, text] of stored.letters) {
      intact(deadKey(number), setAside, () => {
        parts.letters.restore(number, text);
      });
    }
    const notTo = world.#examineLastRun(stored);
    const restarts = planRestarts(
      stored.restarts,
      parts.membrane.marshal,
      (capability) => parts.membrane.idOf(capability),
      (id, error) => {
        setAside(restartKey(id), error);
      },
    );
    for (const message of restarts) {
      // One that killed the process waits for an admin, like any other.
      const letter = parts.letters.has(message.number) ? parts.letters.read(message.number) : undefined;
      if (keyOfMessage(message) !== notTo && letter?.code !== 'SetAside') parts.post.acceptOwn(message);
    }
    // Those that the last start left undelivered are the same ones.
    const made = new Set(restarts.map(keyOfMessage));
    for (const [key, text] of stored.messages) {
      if (key === notTo || made.has(key)) continue;
      intact(key, setAside, () => {
        const missed = parts.post.restore(text, options.powers.clock());
        if (missed !== null) world.#jobs.missed(missed);
      });
      if (parts.commits.gathered >= parts.limits.gatheredCharacters) await parts.commits.settle();
    }
    await parts.commits.settle();
    world.#alarm.set();
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
    sessions: number;
  } {
    const { table, post, asides, sessions } = this.#parts;
    const { size, faults, evictions } = table;
    const { sends, timers } = post;
    const counts = { queue: this.#queue.size, sends, timers, aside: asides.size, sessions: sessions.size };
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
    return JSON.stringify(this.#parts.membrane.marshal.encode(capability));
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
    this.#enqueue('asked', this.#jobs.command(session, n, line));
  }

  acknowledge(sid: string, n: number): void {
    const session = this.#parts.sessions.get(sid);
    if (session === undefined) return;
    this.#parts.sessions.acknowledge(session, n);
    // Hung up before a crash, and its last words are out.
    if (session.closing && session.acknowledged === session.out) this.#endQuietly(sid);
  }

  /** The durable chunks that a session has not acknowledged, after `have`. Later ones come by `onOut`. */
  unread(sid: string, have: number): readonly SessionOut[] {
    const session = this.#parts.sessions.get(sid);
    return session === undefined ? [] : this.#parts.sessions.unread(session, have);
  }

  /** Ends a session; its object is told by `detached`. */
  async end(sid: string): Promise<void> {
    const session = this.#parts.sessions.get(sid);
    if (session !== undefined) this.#enqueue('asked', this.#jobs.ending(session));
    await this.settle();
  }

  /** Resolves when all that people have asked for so far has been done and is on disk. */
  settle(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#enqueue('asked', {
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
      this.#enqueue('asked', job);
    });
  }

  /** A message from the host, which is told nothing of what becomes of it. */
  #tell(to: AnyCap, method: string, report: object): void {
    this.run(() => {
      const turn = openTurn();
      turn.send(hostMessage(turn.host.messageNumber(turn), to, method, [report]));
    }).catch((cause: unknown) => {
      this.#options.powers.report({ what: 'failed errand', cause });
    });
  }

  /** The watchdog has stopped what was running. */
  #stopped(budget: number, stalled: boolean, last: boolean): KeysteadError | null {
    const stopped = this.#turns.stop(budget, stalled, last);
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

  #enqueue(lane: Lane, job: Job): void {
    if (this.#closed) refuse('WorldClosed', 'The world is closed.');
    this.#queue.add(lane, job);
  }

  #afterRun(): void {
    if (this.#closed) return;
    this.#parts.commits.flush();
    this.#parts.table.trim(this.#options.resident ?? DEFAULT_RESIDENT);
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

  async #build(): Promise<void> {
    const { membrane, commits } = this.#parts;
    const made = this.#turns.run({
      job: HOST_JOB,
      cause: AT_START,
      body: () =>
        makeRoots(membrane, this.#options, (classes) => {
          this.#registry = classes;
        }),
      accept: (roots) => {
        this.#roots = roots;
        const { body, slots } = membrane.marshal.encode(Object.freeze({ ...roots }));
        commits.put(metaKey('roots'), JSON.stringify({ body, slots }));
      },
      unlimited: true,
    });
    if (!made.ok) throw made.error;
    await commits.settle();
  }

  /** What was running when the process died: gives the key of a message that is not to be delivered again. */
  #examineLastRun({ messages }: StoredWorld): string | null {
    const { commits, sessions, table, blame, shares, letters } = this.#parts;
    const { powers, lastRunning = null, lastOwnDoing = false } = this.#options;
    const penalties = new Penalties({ commits, shares, clock: powers.clock, stopwatch: powers.stopwatch });
    penalties.restore();
    const report = (running: string, id: string | null): void => {
      powers.report({ what: 'killer', running, id });
    };
    const suspects = new Suspects({ commits, sessions, table, blame, penalties, letters, report });
    const last = lastRunning === null ? null : { running: lastRunning, ownDoing: lastOwnDoing };
    return suspects.examine(last, messages);
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
  #rebaseClasses(): void {
    const { membrane, saved, table } = this.#parts;
    this.#runAtStart(() => {
      const turn = openTurn();
      for (const id of turn.host.administration.classObjects()) {
        // One that is damaged or set aside must not keep the others, or the world, from going on.
        const tried = turn.attempt(() => {
          if (saved.state(id).versions.length > 0) membrane.invokeInternally(table.find(id), 'rebase', []);
        });
        if (tried.ok) continue;
        const { message } = tried.error;
        this.#options.powers.report({ what: 'broken class', className: id, version: 0, message });
      }
    });
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

/** Runs what reads one stored value; one that cannot be read is told, and the world starts without it. */
function intact(key: string, setAside: (key: string, error: Error) => void, read: () => void): void {
  try {
    read();
  } catch (error) {
    setAside(key, error instanceof Error ? error : new Error(String(error)));
  }
}
