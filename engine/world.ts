import { metaKey, objectKey, shapeKey } from '../storage/keys.ts';
import type { CapData } from '../wrappers/marshal.ts';
import { Membrane } from '../wrappers/membrane.ts';
import { decodeWrapper, encodeWrapper } from '../wrappers/wrapper.ts';
import { Alarm } from './alarm.ts';
import type { AnyCap } from './authoring.ts';
import { Bank } from './bank.ts';
import { Classes } from './classes.ts';
import { Commits } from './commits.ts';
import { Counters } from './counters.ts';
import { refuse } from './errors.ts';
import { makeRoots } from './genesis.ts';
import { WORLD_LIMITS, type WorldLimits } from './limits.ts';
import { ObjectTable } from './object-table.ts';
import { Post } from './post.ts';
import { Queue } from './queue.ts';
import { readWorld } from './read-world.ts';
import { Sessions, type Session, type SessionOut, type SessionTerms } from './sessions.ts';
import { Storage } from './storage-object.ts';
import type { Message } from './turn-effects.ts';
import { turnHost } from './turn-host.ts';
import { TurnRunner } from './turn-runner.ts';
import type { Roots, WorldOptions } from './world-options.ts';

/** About 1.1 KB each. */
const DEFAULT_RESIDENT = 50_000;

/**
 * A world: the front door of the engine. All that happens in it is a turn, run from one queue in the order of arrival:
 * a session's input, the delivery of a message, or something that the host does through `run`.
 */
export class World {
  readonly #options: WorldOptions;
  readonly #limits: WorldLimits;
  readonly #membrane: Membrane;
  readonly #classes: Classes;
  readonly #table: ObjectTable;
  readonly #commits: Commits;
  readonly #sessions: Sessions;
  readonly #post: Post;
  readonly #turns: TurnRunner;
  readonly #alarm: Alarm;
  readonly #queue: Queue;
  readonly #counters = new Counters();
  #closed = false;
  #roots: Roots | null = null;

  private constructor(options: WorldOptions) {
    const { powers, journal } = options;
    this.#options = options;
    this.#limits = { ...WORLD_LIMITS, ...options.limits };
    this.#classes = new Classes([Bank, Storage, ...options.classes]);
    this.#table = new ObjectTable(
      (id) => {
        const text = this.#commits.get(objectKey(id));
        if (text === undefined) return undefined;
        return decodeWrapper(id, text, this.#membrane.marshal, this.#classes.specNamed, (shape) =>
          this.#membrane.shapes.get(shape),
        );
      },
      (id, error) => {
        powers.report({ what: 'damaged', id, message: error.message });
      },
    );
    this.#membrane = new Membrane({
      isProxy: powers.isProxy,
      random: powers.random,
      find: (id) => this.#table.find(id),
      objectGrants: this.#limits.objectGrants,
      valueLimits: this.#limits.value,
      recordLimits: this.#limits.record,
    });
    this.#commits = new Commits({
      journal,
      encode: (wrapper) => encodeWrapper(wrapper, this.#membrane.marshal),
      prepare: () => {
        this.#prepare();
      },
      onFailed: (error) => {
        this.#halt(error);
      },
    });
    this.#sessions = new Sessions(this.#commits, this.#limits.unreadChunks);
    this.#post = new Post(this.#commits, this.#membrane.marshal, (message) => {
      this.#enqueue(() => {
        this.#deliver(message);
      });
    });
    this.#queue = new Queue({
      clock: powers.clock,
      soon: powers.soon,
      afterRun: () => {
        this.#afterRun();
      },
    });
    this.#alarm = new Alarm({
      clock: powers.clock,
      later: powers.later,
      nextDue: () => this.#post.nextDue(),
      ring: (now) => {
        this.#post.ring(now);
      },
    });
    this.#turns = new TurnRunner({
      host: turnHost({
        membrane: this.#membrane,
        limits: this.#limits,
        isProxy: powers.isProxy,
        classes: this.#classes,
        table: this.#table,
        counters: this.#counters,
      }),
      powers,
      commits: this.#commits,
      sessions: this.#sessions,
      post: this.#post,
      onHungUp: (session) => {
        this.#endQuietly(session.sid);
      },
      onCheckpoint: options.onCheckpoint,
      afterTurn: () => {
        this.#afterTurn();
      },
    });
  }

  /** Opens the world in a journal, or builds it there if the journal is empty. */
  static async open(options: WorldOptions): Promise<World> {
    const world = new World(options);
    const setAside = (key: string, error: Error): void => {
      options.powers.report({ what: 'damaged', id: key, message: error.message });
    };
    const stored = await readWorld(options.journal, setAside);
    for (const [id, shape] of stored.shapes) world.#membrane.shapes.restore(id, shape);
    if (stored.counters === null) {
      await world.#build();
      return world;
    }
    world.#counters.restore(stored.counters);
    world.#roots = world.#membrane.marshal.decode(JSON.parse(stored.roots) as CapData) as Roots;
    for (const [sid, text] of stored.sessions) {
      intact(sid, setAside, () => {
        world.#sessions.restore(sid, text, world.#membrane.marshal);
      });
    }
    for (const [key, text] of stored.messages) {
      intact(key, setAside, () => {
        world.#post.restore(text);
      });
    }
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
    return this.#sessions.all();
  }

  session(sid: string): Session | undefined {
    return this.#sessions.get(sid);
  }

  /** Figures for metrics and tests. */
  statistics(): { resident: number; faults: number; evictions: number; queue: number; timers: number } {
    const { size, faults, evictions } = this.#table;
    return { resident: size, faults, evictions, queue: this.#queue.size, timers: this.#post.timers };
  }

  /**
   * Runs a turn of the host's own. `extra` is written in the same commit when the turn succeeds. Resolves when durable;
   * rejects with what the turn failed with.
   */
  run<T>(
    body: (invoke: Membrane['invoke']) => T,
    extra?: (value: T) => readonly (readonly [string, string])[],
  ): Promise<T> {
    return this.#durably(
      () => body((capability, method, args) => this.#membrane.invoke(capability, method, args)),
      (value) => {
        for (const [key, text] of extra?.(value) ?? []) this.#commits.put(key, text);
      },
    );
  }

  /** What the store holds, or will hold, under a key of the host's own kinds. */
  stored(key: string): string | undefined {
    return this.#commits.get(key);
  }

  /** A capability as it is written down, and back. */
  slotText(capability: AnyCap): string {
    return JSON.stringify(this.#membrane.marshal.encode(capability));
  }

  capabilityFrom(slotText: string): AnyCap {
    return this.#membrane.marshal.decode(JSON.parse(slotText) as CapData) as AnyCap;
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
        if (this.#sessions.get(terms.sid) !== undefined) return null;
        const capability = enter((to, method, args) => this.#membrane.invoke(to, method, args));
        this.#membrane.invoke(capability, 'attached', []);
        return capability;
      },
      (capability) => {
        if (capability === null) return;
        for (const [key, text] of extra?.(capability) ?? []) this.#commits.put(key, text);
        this.#sessions.begin(terms, capability);
      },
    ).then(() => {
      const session = this.#sessions.get(terms.sid);
      return session ?? refuse('NoSession', 'The session ended as it began.');
    });
  }

  /** Takes a numbered input. One that has had its turn is only told again. */
  input(sid: string, n: number, line: string): void {
    if (this.#closed) refuse('WorldClosed', 'The world takes no input now.');
    const session = this.#sessions.get(sid);
    if (session === undefined) return refuse('NoSession', 'This session is not known here.');
    if (line.length > this.#limits.lineCharacters) {
      refuse('TooLarge', `A line may have at most ${this.#limits.lineCharacters} characters.`);
    }
    this.#enqueue(() => {
      this.#command(session, n, line);
    });
  }

  acknowledge(sid: string, n: number): void {
    const session = this.#sessions.get(sid);
    if (session === undefined) return;
    this.#sessions.acknowledge(session, n);
    // Hung up before a crash, and its last words are out.
    if (session.closing && session.acknowledged === session.out) this.#endQuietly(sid);
  }

  /** The durable chunks that a session has not acknowledged, after `have`. Later ones come by `onOut`. */
  unread(sid: string, have: number): readonly SessionOut[] {
    const session = this.#sessions.get(sid);
    return session === undefined ? [] : this.#sessions.unread(session, have);
  }

  /** Ends a session; its object is told by `detached`. */
  async end(sid: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#enqueue(() => {
        const session = this.#sessions.get(sid);
        if (session !== undefined) this.#end(session);
        this.#commits.whenDurable(resolve, reject);
      });
    });
  }

  /** Resolves when all that has happened so far is on disk. */
  settle(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#enqueue(() => {
        this.#commits.whenDurable(resolve, reject);
      });
    });
  }

  /** Lets the queue run empty, writes everything and closes the journal. */
  async close(): Promise<void> {
    if (this.#closed) {
      await this.#options.journal.close();
      return;
    }
    this.#queue.drain();
    this.#closed = true;
    this.#queue.stop();
    this.#alarm.stop();
    await this.#commits.settle();
    await this.#options.journal.close();
  }

  #command(session: Session, n: number, line: string): void {
    if (this.#sessions.get(session.sid) !== session || session.closing) return;
    if (n > session.in) {
      const result = this.#turns.run(
        () => this.#membrane.invoke(session.capability, 'command', [line]),
        () => {
          this.#sessions.advance(session, n);
        },
      );
      if (!result.ok) {
        this.#sessions.advance(session, n);
        this.#sessions.tell(session, `${result.error.message} [${result.error.code}]`);
      }
    } else {
      this.#sessions.advance(session, session.in);
    }
    this.#commits.urge();
  }

  /** For ends that nobody waits for: a commit that fails is told in its own way. */
  #endQuietly(sid: string): void {
    if (!this.#closed) this.end(sid).catch(() => {});
  }

  #deliver(message: Message): void {
    if (!this.#post.claim(message)) return;
    const { to, method, args, failed } = message;
    const result = this.#turns.run(
      () => this.#membrane.invoke(to, method, args),
      () => {
        this.#post.done(message);
      },
    );
    if (result.ok) return;
    this.#post.done(message);
    const { code, message: text } = result.error;
    if (failed === null) {
      this.#options.powers.report({ what: 'undelivered', method, error: result.error });
      return;
    }
    const report = Object.freeze([Object.freeze({ code, message: text })]);
    const number = this.#counters.takeMessage(null);
    this.#post.accept({
      to: failed[0],
      method: failed[1],
      args: report,
      failed: null,
      from: null,
      due: null,
      number,
    });
  }

  #end(session: Session): void {
    const result = this.#turns.run(
      () => this.#membrane.invoke(session.capability, 'detached', []),
      () => {
        this.#sessions.end(session);
      },
    );
    if (!result.ok) this.#sessions.end(session);
  }

  /** Runs a turn from the queue; the promise settles when its effects are durable, or at once when it failed. */
  #durably<T>(body: () => T, accept: (value: T) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#enqueue(() => {
        const result = this.#turns.run(body, accept);
        if (!result.ok) {
          reject(result.error);
          return;
        }
        this.#commits.whenDurable(() => {
          resolve(result.value);
        }, reject);
      });
    });
  }

  #afterTurn(): void {
    if (this.#options.evictAlways === true) {
      this.#commits.encodeChanged();
      this.#table.trim(0);
    }
  }

  #enqueue(job: () => void): void {
    if (this.#closed) refuse('WorldClosed', 'The world is closed.');
    this.#queue.add(job);
  }

  #afterRun(): void {
    this.#commits.flush();
    this.#table.trim(this.#options.resident ?? DEFAULT_RESIDENT);
    this.#alarm.set();
  }

  #prepare(): void {
    for (const shape of this.#membrane.shapes.takeUnsaved()) {
      const { className, methods } = shape;
      this.#commits.put(shapeKey(shape.id), JSON.stringify({ className, methods: [...methods] }));
    }
    const counters = this.#counters.takeChanged();
    if (counters !== undefined) this.#commits.put(metaKey('counters'), counters);
    const outs = this.#sessions.stage();
    for (const { sid } of outs) {
      // A session that takes nothing of what it is sent must not fill the disk.
      const session = this.#sessions.get(sid);
      if (session !== undefined && this.#sessions.isOverfull(session)) this.#endQuietly(sid);
    }
    if (outs.length > 0) {
      this.#commits.whenDurable(() => {
        this.#sessions.nowDurable(outs);
        this.#options.onOut(outs);
      });
    }
  }

  async #build(): Promise<void> {
    const made = this.#turns.run(
      () => makeRoots(this.#membrane, this.#options.genesis),
      (roots) => {
        this.#roots = roots;
        const { body, slots } = this.#membrane.marshal.encode(Object.freeze({ ...roots }));
        this.#commits.put(metaKey('roots'), JSON.stringify({ body, slots }));
      },
      true,
    );
    if (!made.ok) throw made.error;
    await this.#commits.settle();
  }

  #halt(error: Error): void {
    this.#closed = true;
    this.#queue.stop();
    this.#alarm.stop();
    this.#options.onHalt(error);
  }
}

/** Runs what reads one stored value; one that cannot be read is told, and the world starts without it. */
function intact(key: string, setAside: (key: string, error: Error) => void, read: () => void): void {
  try {
    read();
  } catch (error) {
    setAside(key, error instanceof Error ? error : new Error(String(error)));
  }
}
