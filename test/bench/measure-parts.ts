import { setTimeout as pause } from 'node:timers/promises';
import { LANTERN } from '../../world/generated/layout.ts';
import type { BenchRun } from './bench-run.ts';
import { mainThreadSeconds, processorSeconds } from './children.ts';
import { bundleModules } from './bundle-modules.ts';
import { freePort, Inspected } from './inspected.ts';
import type { Phase } from './load-orders.ts';
import { HELLO, WorldSide } from './measure-load.ts';
import { partsOf, type Share } from './turn-parts.ts';

/** What one kind of turn costs the world process. */
export interface TurnTable {
  readonly turn: string;
  readonly perSecond: number;
  /** Microseconds of processor time of the world for one command: of its main thread, and of all its other threads. */
  readonly main: number;
  readonly others: number;
  readonly parts: readonly Share[];
}

interface Kind extends Pick<Phase, 'line' | 'answer'> {
  readonly turn: string;
  readonly perRoom: number;
}

const GET = { line: [`get ${LANTERN}`, `drop ${LANTERN}`], answer: `the ${LANTERN}` };

const KINDS: readonly Kind[] = [
  { turn: '"say", alone', perRoom: 1, ...HELLO },
  { turn: '"say", 10 in each room', perRoom: 10, ...HELLO },
  { turn: '"get" and "drop" in turn, alone', perRoom: 1, ...GET },
];

/**
 * Where the time of a turn goes, in the world process as it runs, with 200 players who each wait for their answers. What a turn
 * takes is counted without the profiler; the profiler, which slows it down, says how that is shared out.
 */
export async function measureParts(run: BenchRun): Promise<readonly TurnTable[]> {
  const tables: TurnTable[] = [];
  for (const kind of KINDS) tables.push(await measure(run, kind));
  return tables;
}

async function measure(run: BenchRun, { turn, perRoom, line, answer }: Kind): Promise<TurnTable> {
  const port = await freePort();
  const side = await WorldSide.start(run, perRoom, { inspectPort: port });
  try {
    const { warmUpSeconds, seconds } = run.effort;
    const [world = 0] = side.server.children;
    const times = async () => {
      await pause(warmUpSeconds * 1000);
      const before = [processorSeconds(world), mainThreadSeconds(world)] as const;
      await pause(seconds * 1000);
      return { all: processorSeconds(world) - before[0], main: mainThreadSeconds(world) - before[1] };
    };
    const [load, used] = await Promise.all([
      side.measure({ t: 'closed', line, answer, warmUpSeconds, seconds }),
      times(),
    ]);
    const commands = load.perSecond * seconds;
    const main = (used.main * 1e6) / commands;
    const inspected = await Inspected.open(world, port);
    const [profile] = await Promise.all([
      pause(500).then(() => inspected.profile(seconds)),
      side.measure({ t: 'closed', line, answer, warmUpSeconds: 0.5, seconds: seconds + 0.5 }),
    ]);
    inspected.close();
    run.say(`${turn}: ${main.toFixed(1)} µs`);
    const others = ((used.all - used.main) * 1e6) / commands;
    return { turn, perSecond: load.perSecond, main, others, parts: partsOf(profile, main, bundleModules()) };
  } finally {
    await side.end();
  }
}
