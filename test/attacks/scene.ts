import { createHash, randomBytes } from 'node:crypto';
import { types } from 'node:util';
import { create, only, type AnyCap, type BankCap } from '../../engine/authoring.ts';
import type { BankOwner } from '../../engine/bank.ts';
import type { ClassOwner } from '../../engine/class-registry.ts';
import type { SessionOut } from '../../engine/sessions.ts';
import { stackOf } from '../../engine/stack.ts';
import { World } from '../../engine/world.ts';
import type { WorldEvent, WorldOptions } from '../../engine/world-options.ts';
import { guarded } from '../../clients/watchdog.ts';
import { library } from '../../world/library.ts';
import { shared } from '../../world/shared.ts';
import { Ear, Hall, Mint, Purse, SECRET, Stage, Vault } from './victims.ts';
import { itemsOf } from '../items-of.ts';

/** What the attacker's bank pays for: 50 objects, and 400 blocks of sources. */
export const HIS_BLOCKS = 50;
export const HIS_SOURCES = 400;

const SECRET_CLASS = `
class Secret {
  static facets = { public: {}, owner: { secret: M.call().returns(M.string()) } };
  toRecord() { return {}; }
  fromRecord() {}
  #text = 'made lawfully';
  secret() { return this.#text; }
}`;

/** Honest work, of a length that many commands have. */
const MILL_CLASS = `
class Mill {
  static facets = { public: { grind: M.call().returns(M.number()) } };
  toRecord() { return {}; }
  fromRecord() {}
  grind() { let n = 0; while (n < 10_000_000) n += 1; return n; }
  // What reads this needs more of the stack than what leads there.
  deep() { return ${'['.repeat(40)}${']'.repeat(40)}; }
}`;

const genesis: WorldOptions['genesis'] = ({ bank, classes }) => {
  const pays = (owner: BankOwner): BankCap => owner.spending();
  const [theirs, his, sources] = [bank.split(1_000), bank.split(HIS_BLOCKS), bank.split(HIS_SOURCES)];
  const hall = create(pays(theirs), Hall).front();
  const ear = create(pays(theirs), Ear, hall);
  const other = create(pays(theirs), Ear, hall);
  const warden = other.front();
  const vault = create(pays(theirs), Vault, SECRET, warden, pays(theirs)).front();
  const mint = create(pays(theirs), Mint);
  const purse = (mint.purse(pays(theirs), 100) as { front(): AnyCap }).front();
  const coins = mint.purse(pays(theirs), 10);
  const secret = classes.define(pays(theirs), 'Victoria', 'Secret', SECRET_CLASS, {});
  const mill = classes.define(pays(theirs), 'Victoria', 'Mill', MILL_CLASS, {}).make(pays(theirs));
  const registry = only(classes, 'names', 'find', 'describe', 'source');
  const given = {
    hall,
    ear: ear.front(),
    vault,
    purse,
    coins,
    registry,
    mill,
    theirs: only(pays(theirs), 'balance'),
    mine: pays(his),
    bank: his,
    secret: { seen: secret.front(), creates: secret.creating(), extends: secret.extending() },
  };
  const victims = {
    session: ear.session(),
    other: other.session(),
    mill,
    sources: pays(sources),
    theirs: pays(theirs),
  };
  return { gate: create(bank.spending(), Stage, { mint, given, victims }) };
};

/** The time of a trial: it runs as it does outside, and can be moved on. */
class Clock {
  #ahead = 0;
  readonly #waiting = new Set<{ readonly at: number; readonly job: () => void; timer: NodeJS.Timeout }>();

  readonly now = (): number => Math.floor(Date.now() + this.#ahead);

  readonly later = (milliseconds: number, job: () => void): (() => void) => {
    const run = (): void => {
      this.#waiting.delete(entry);
      clearTimeout(entry.timer);
      job();
    };
    const entry = { at: this.now() + milliseconds, job: run, timer: setTimeout(run, milliseconds) };
    this.#waiting.add(entry);
    return () => {
      this.#waiting.delete(entry);
      clearTimeout(entry.timer);
    };
  };

  /** Moves on, and runs what has become due. */
  advance(milliseconds: number): void {
    this.#ahead += milliseconds;
    const due = [...this.#waiting].filter(({ at }) => at <= this.now());
    for (const { job } of due) job();
  }
}

export interface SceneOptions {
  readonly journal: () => Promise<WorldOptions['journal']>;
  readonly evictAlways?: boolean;
  readonly clock?: Clock;
  readonly turnMilliseconds?: number;
  readonly lastRunning?: string | null;
  readonly noteRunning?: (running: string | null) => void;
}

export interface Given {
  readonly [name: string]: unknown;
  readonly mine: BankCap;
}

interface Victims {
  readonly session: AnyCap;
  readonly other: AnyCap;
  readonly mill: AnyCap;
  readonly sources: BankCap;
  readonly theirs: BankCap;
}

/** What a session was told, and how far it is. */
interface Heard {
  sent: number;
  in: number;
  readonly items: unknown[];
  readonly waiting: (() => void)[];
  closed: boolean;
}

/** A world with victims in it, and an attacker who holds what everybody holds. */
export class Scene {
  readonly world: World;
  readonly events: WorldEvent[];
  readonly halts: Error[];
  readonly clock: Clock;
  readonly #heard: Map<string, Heard>;

  private constructor(
    world: World,
    events: WorldEvent[],
    halts: Error[],
    clock: Clock,
    heard: Map<string, Heard>,
  ) {
    this.world = world;
    this.events = events;
    this.halts = halts;
    this.clock = clock;
    this.#heard = heard;
  }

  static async open(options: SceneOptions): Promise<Scene> {
    const clock = options.clock ?? new Clock();
    const events: WorldEvent[] = [];
    const halts: Error[] = [];
    const heard = new Map<string, Heard>();
    const hear = (outs: readonly SessionOut[]): void => {
      for (const out of outs) {
        const session = heardBy(heard, out.sid);
        session.items.push(...itemsOf(out));
        session.in = Math.max(session.in, out.in);
        session.closed ||= out.close;
        world.acknowledge(out.sid, out.n);
        for (const wake of session.waiting.splice(0)) wake();
      }
    };
    let starved = false;
    const world: World = await World.open({
      journal: await options.journal(),
      classes: [...shared, Hall, Vault, Mint, Purse, Ear, Stage],
      shared,
      library,
      genesis,
      limits: { turnMilliseconds: options.turnMilliseconds ?? 200 },
      powers: {
        clock: clock.now,
        soon: setImmediate,
        later: clock.later,
        random: () => randomBytes(16).toString('base64url'),
        isProxy: types.isProxy,
        digest: (text) => createHash('sha256').update(text).digest('hex'),
        stopwatch: () => performance.now(),
        guard: (milliseconds, body) => {
          const before = { used: process.cpuUsage(), clock: performance.now() };
          if (guarded(milliseconds, body)) return true;
          const { user, system } = process.cpuUsage(before.used);
          starved = (user + system) / 1000 < (performance.now() - before.clock) / 2;
          return false;
        },
        starved: () => starved,
        noteRunning: options.noteRunning ?? (() => {}),
        report: (event) => {
          // As the product prints it: that must run nothing of the world's.
          if ('cause' in event && event.cause !== undefined) stackOf(event.cause);
          events.push(event);
        },
      },
      lastRunning: options.lastRunning ?? null,
      evictAlways: options.evictAlways ?? false,
      onOut: hear,
      onHalt: (error) => {
        halts.push(error);
      },
      onCheckpoint: () => {},
    });
    return new Scene(world, events, halts, clock, heard);
  }

  call(capability: AnyCap, method: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.world.run((invoke) => invoke(capability, method, args));
  }

  async given(): Promise<Given> {
    return (await this.call(this.world.roots.gate, 'given')) as Given;
  }

  async victims(): Promise<Victims> {
    return (await this.call(this.world.roots.gate, 'victims')) as Victims;
  }

  async total(): Promise<number> {
    return (await this.call(this.world.roots.gate, 'total')) as number;
  }

  /** Saves a class of somebody's for the first time. */
  async define(bank: BankCap, author: string, name: string, source: string): Promise<ClassOwner> {
    return (await this.call(
      this.world.roots.classes,
      'define',
      bank,
      author,
      name,
      source,
      {},
    )) as ClassOwner;
  }

  async begin(sid: string, capability: AnyCap): Promise<void> {
    heardBy(this.#heard, sid);
    if (this.world.session(sid) === undefined)
      await this.world.begin({ sid, keyHash: '', keep: true, name: sid }, () => capability);
  }

  /** Types a line, and gives what the session is told until it is answered. */
  async type(sid: string, line: string): Promise<readonly unknown[]> {
    const session = heardBy(this.#heard, sid);
    const from = session.items.length;
    session.sent = Math.max(session.sent, this.world.session(sid)?.in ?? 0) + 1;
    const n = session.sent;
    this.world.input(sid, n, line);
    while (session.in < n && !session.closed && this.halts.length === 0) {
      await new Promise<void>((resolve) => void session.waiting.push(resolve));
    }
    return session.items.slice(from);
  }

  heardBy(sid: string): readonly unknown[] {
    return heardBy(this.#heard, sid).items;
  }

  isOpen(sid: string): boolean {
    return this.world.session(sid) !== undefined;
  }

  /** Waits until nothing more happens by itself; but not for ever, because some things never end. */
  async quiet(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds;
    do {
      await this.world.settle();
    } while (this.world.statistics().queue > 0 && performance.now() < until && this.halts.length === 0);
  }
}

function heardBy(all: Map<string, Heard>, sid: string): Heard {
  let heard = all.get(sid);
  if (heard === undefined) {
    heard = { sent: 0, in: 0, items: [], waiting: [], closed: false };
    all.set(sid, heard);
  }
  return heard;
}
