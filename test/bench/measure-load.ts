import { setTimeout as pause } from 'node:timers/promises';
import { roomName, route, wayTo } from '../../world/generated/layout.ts';
import { FIRST_ROOM, PLAYERS, type BenchRun } from './bench-run.ts';
import { Players, processorSeconds, Server } from './children.ts';
import { median } from './figures.ts';
import { figure, type Figure } from './figure.ts';
import type { Load, Order, Phase, Step } from './load-orders.ts';

const LINE = 'say hello';
/** What the players say, and what tells that it was said. */
export const HELLO = { line: LINE, answer: 'You say, "hello"' } as const;

/** Commands per second of players who are alone, or share rooms, and the answer's time at half that load. */
export async function measureLoad(run: BenchRun, perRoom: number): Promise<readonly Figure[]> {
  const alone = perRoom === 1;
  const raw = await RawSide.start(perRoom);
  const world = await WorldSide.start(run, perRoom);
  try {
    const { warmUpSeconds, seconds, rounds } = run.effort;
    const time = { warmUpSeconds, seconds };
    const rawLoads: Load[] = [];
    const loads: Load[] = [];
    const busy: Busy[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      rawLoads.push(await raw.measure({ t: 'closed', ...raw.words, ...time }));
      const watching = world.watchProcessors(time);
      loads.push(await world.measure({ t: 'closed', ...world.words, ...time }));
      busy.push(await watching);
      run.say(
        `round ${round} of ${rounds}: ${Math.round(loads.at(-1)?.perSecond ?? 0)} of ${Math.round(rawLoads.at(-1)?.perSecond ?? 0)} commands/s`,
      );
    }
    const full = middle(loads, 'perSecond');
    const open = { t: 'open', rate: full / 2, players: PLAYERS, ...time } as const;
    const rawHalf = await raw.measure({ ...open, ...raw.words });
    const half = await world.measure({ ...open, ...world.words });
    return [
      figure(alone ? 'commands' : 'rooms', {
        measured: full,
        raw: middle(rawLoads, 'perSecond'),
        rawWhat: alone
          ? 'a bare ws echo server'
          : 'a bare ws server that fans out, one frame per listener and tick',
        notes: [
          ...(alone
            ? []
            : [
                `${Math.round(middle(loads, 'linesPerSecond'))} lines/s; bare ws ${Math.round(middle(rawLoads, 'linesPerSecond'))} lines/s`,
              ]),
          `"${LINE}", median answer ${ms(middle(loads, 'median'))}, p99 ${ms(middle(loads, 'p99'))}; ` +
            `the players took ${share(loads)} of a processor (${share(rawLoads)} for the raw limit)`,
          costs(busy, loads),
        ],
      }),
      figure(alone ? 'p99' : 'p99-rooms', {
        measured: half.p99,
        raw: rawHalf.p99,
        rawWhat: 'the same bare ws server at the same rate',
        notes: [
          `at ${Math.round(open.rate)} commands/s; median ${ms(half.median)}, longest ${ms(half.longest)}, unanswered ${half.unanswered}`,
        ],
      }),
    ];
  } finally {
    await world.end();
    await raw.end();
  }
}

interface Busy {
  readonly portal: number;
  readonly world: number;
}

/** What one command costs each process, which depends little on what else the machine does. */
function costs(busy: readonly Busy[], loads: readonly Load[]): string {
  const rate = middle(loads, 'perSecond');
  const each = (share: number) => `${((share * 1e6) / rate).toFixed(1)} µs`;
  const portal = median(busy.map((one) => one.portal));
  const world = median(busy.map((one) => one.world));
  return (
    `processor time for a command: portal ${each(portal)}, world ${each(world)}, ` +
    `players ${each(middle(loads, 'ownShare'))}`
  );
}

/** Players on Keystead, each logged in as a guest and gone to the room where it belongs. */
export class WorldSide {
  readonly words: Pick<Phase, 'line' | 'answer'> = HELLO;
  readonly server: Server;
  readonly players: Players;

  private constructor(server: Server, players: Players) {
    this.server = server;
    this.players = players;
  }

  /** `where`: the folder of a world; the playground if none is named. `inspectPort`: for an inspector of the world. */
  static async start(
    run: BenchRun,
    perRoom: number,
    { where, inspectPort }: { readonly where?: string; readonly inspectPort?: number } = {},
  ): Promise<WorldSide> {
    const folder = where ?? (await run.playground());
    const side = new WorldSide(await run.keystead(folder, inspectPort), new Players());
    await side.players.order({ t: 'connect', port: side.server.port, players: PLAYERS });
    const steps = Array.from({ length: PLAYERS }, (_, n) => wayIn(FIRST_ROOM + Math.floor(n / perRoom)));
    await side.players.order({ t: 'prepare', steps });
    return side;
  }

  measure(order: Order): Promise<Load> {
    return this.players.measure(order);
  }

  /** How busy portal and world are while a phase measures, as shares of one processor. */
  async watchProcessors({ warmUpSeconds, seconds }: Pick<Phase, 'warmUpSeconds' | 'seconds'>): Promise<Busy> {
    const pids = [this.server.pid, ...this.server.children.slice(0, 1)];
    await pause(warmUpSeconds * 1000);
    const began = performance.now();
    const before = pids.map(processorSeconds);
    await pause(seconds * 1000);
    const passed = (performance.now() - began) / 1000;
    const [portal = 0, world = 0] = pids.map(
      (pid, at) => (processorSeconds(pid) - (before[at] ?? 0)) / passed,
    );
    return { portal, world };
  }

  async end(): Promise<void> {
    await this.players.end();
    await this.server.stop();
  }
}

/** Log in as a guest and walk to a room. */
export function wayIn(room: number): readonly Step[] {
  const walk = route(room).map((next) => ({ send: `go ${wayTo(next)}`, await: `${roomName(next)}\n` }));
  return [{ send: 'connect guest', await: 'Welcome to Keystead, Guest' }, ...walk];
}

class RawSide {
  readonly words: Pick<Phase, 'line' | 'answer'>;
  readonly #server: Server;
  readonly #players = new Players();

  private constructor(server: Server, perRoom: number) {
    this.#server = server;
    this.words = { line: LINE, answer: perRoom === 1 ? LINE : `You ${LINE}` };
  }

  static async start(perRoom: number): Promise<RawSide> {
    const server = await Server.start('./echo-server.js', [perRoom]);
    const side = new RawSide(server, perRoom);
    await side.#players.order({ t: 'connect', port: server.port, players: PLAYERS });
    return side;
  }

  measure(order: Order): Promise<Load> {
    return this.#players.measure(order);
  }

  async end(): Promise<void> {
    await this.#players.end();
    await this.#server.stop();
  }
}

function middle(
  loads: readonly Load[],
  of: 'perSecond' | 'linesPerSecond' | 'median' | 'p99' | 'ownShare',
): number {
  return median(loads.map((load) => load[of]));
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(1)} ms`;
}

function share(loads: readonly Load[]): string {
  return middle(loads, 'ownShare').toFixed(2);
}
