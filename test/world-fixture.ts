import { openFixture, Powers, type Fixture, type FixtureOptions } from './engine/fixture.ts';
import type { SessionOut } from '../engine/sessions.ts';
import type { World } from '../engine/world.ts';
import { itemsOf } from './items-of.ts';

export interface TestWorldOptions extends Pick<
  FixtureOptions,
  'classes' | 'shared' | 'library' | 'sources' | 'genesis' | 'limits' | 'resident' | 'powers'
> {
  /** Every object is written down and dropped after every turn. Nothing may change by that. */
  readonly evictAlways?: boolean;
}

export interface TestSession {
  /** Sends a command line; gives the text lines that have come since the last time, its own answer being the last. */
  command(line: string): Promise<string[]>;
  /** The text lines that have come since the last time, without a command. */
  lines(): string[];
  /** The structured items, `[kind, data]`, since the last time. */
  items(): (readonly [kind: string, data: unknown])[];
  /** Whether it has been hung up. */
  closed(): boolean;
  /** Ends it from outside, as when a socket closes. */
  end(): Promise<void>;
}

export interface TestWorld {
  /** A session of a new player of that name, or of a guest when none is given. Its first lines come with `command`. */
  session(name?: string): TestSession;
  /** Gives a player who is there all of Storage, as `keystead admin NAME` does. */
  makeAdmin(name: string): Promise<void>;
  /** Waits until nothing moves: all inputs, sends and due timers have had their turns. */
  settle(): Promise<void>;
  /** Moves the world's clock, which otherwise stands still, and settles. */
  advance(milliseconds: number): Promise<void>;
  /** Stops the world and starts it again from its store. Sessions go on. */
  restart(): Promise<void>;
  close(): Promise<void>;
  readonly world: World;
}

interface Seen {
  lines: string[];
  items: (readonly [string, unknown])[];
  in: number;
  closed: boolean;
  /** Commands that wait for more to come. */
  waiting: (() => void)[];
}

/** What somebody says must not depend on how busy the machine is: nobody uses up a share of the processor. */
class Unhurried extends Powers {
  override readonly stopwatch = (): number => 0;
}

/** Opens a world in memory, to be tried the way players try it. */
export async function openTestWorld(options: TestWorldOptions): Promise<TestWorld> {
  const sessions = new Map<string, Seen>();
  const listen = (outs: readonly SessionOut[]): void => {
    for (const out of outs) {
      const seen = sessions.get(out.sid);
      if (seen === undefined) continue;
      for (const item of itemsOf(out)) {
        if (typeof item === 'string') seen.lines.push(...item.split('\n'));
        else seen.items.push(item);
      }
      seen.in = Math.max(seen.in, out.in);
      seen.closed ||= out.close;
      fixture.world.acknowledge(out.sid, out.n);
    }
    for (const { sid } of outs) for (const wake of sessions.get(sid)?.waiting.splice(0) ?? []) wake();
  };
  let fixture: Fixture = await openFixture({ powers: new Unhurried(), ...options }, listen);
  return {
    get world() {
      return fixture.world;
    },
    settle: () => fixture.settle(),
    advance: (milliseconds) => fixture.advance(milliseconds),
    restart: async () => {
      await fixture.settle();
      fixture = await fixture.restart();
    },
    close: () => fixture.close(),
    async makeAdmin(name) {
      await fixture.settle();
      const { roots, sessions } = fixture.world;
      const { capability } = sessions.find((session) => session.name === name) as {
        readonly capability: object;
      };
      await fixture.world.run((invoke) => {
        invoke(capability, 'entrust', [invoke(roots.storage, 'front', []), roots.storage, 'Storage']);
      });
    },
    session(name) {
      const sid = `session-${sessions.size + 1}`;
      const seen: Seen = { lines: [], items: [], in: 0, closed: false, waiting: [] };
      sessions.set(sid, seen);
      const begun = fixture.world.begin({ sid, keyHash: '', keep: true, name: name ?? 'Guest' }, (invoke) => {
        const made =
          name === undefined
            ? invoke(fixture.world.roots.gate, 'newGuest', [])
            : invoke(fixture.world.roots.gate, 'newPlayer', [name]);
        return made as object;
      });
      // Reported by the first command: a session that is never used does not end the test run by itself.
      begun.catch(() => {});
      let sent = 0;
      const take = <T>(list: T[]): T[] => list.splice(0);
      return {
        lines: () => take(seen.lines),
        items: () => take(seen.items),
        closed: () => seen.closed,
        end: () => fixture.world.end(sid),
        async command(line) {
          await begun;
          sent += 1;
          const n = sent;
          fixture.world.input(sid, n, line);
          while (seen.in < n && !seen.closed) {
            await new Promise<void>((resolve) => void seen.waiting.push(resolve));
          }
          return take(seen.lines);
        },
      };
    },
  };
}
