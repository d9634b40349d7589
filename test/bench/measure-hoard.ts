import { HOARD, hoarded, roomName, wayTo } from '../../world/generated/layout.ts';
import type { BenchRun } from './bench-run.ts';
import { Players } from './children.ts';
import { figure, type Figure } from './figure.ts';
import type { Load, Step } from './load-orders.ts';
import { wayIn } from './measure-load.ts';

/** Things that are taken out and put back, from all over the hoard. */
const TAKEN = 50;

/** Commands of one player, each when the one before is answered, to the great container of the big world and to a small one. */
export async function measureHoard(run: BenchRun): Promise<readonly Figure[]> {
  const things = run.big.hoard ?? 0;
  const server = await run.keystead(await run.bigWorld());
  const players = new Players();
  const { warmUpSeconds, seconds } = run.effort;
  const commands = (line: string | readonly string[], answer: string): Promise<Load> =>
    players.measure({ t: 'closed', line, answer, warmUpSeconds, seconds });
  const go = (...steps: Step[]) => players.order({ t: 'prepare', steps: [steps] });
  try {
    await players.order({ t: 'connect', port: server.port, players: 1 });
    await go(...wayIn(0));
    const taken = Array.from({ length: TAKEN }, (_, n) => hoarded(Math.floor(((n + 0.5) * things) / TAKEN)));
    const moved = taken.flatMap((name) => [`get ${name} from ${HOARD}`, `put ${name} in ${HOARD}`]);
    const great = await commands(moved, `the ${HOARD}.`);
    const looked = await commands(`look in ${HOARD}`, 'things in all');
    await go({ send: `go ${wayTo(1)}`, await: `${roomName(1)}\n` });
    const small = await commands(['get spoon3 from chest', 'put spoon3 in chest'], 'the chest.');
    const ms = (load: Load) => `median ${load.median.toFixed(2)} ms, p99 ${load.p99.toFixed(1)} ms`;
    return [
      figure('hoard', {
        measured: great.median,
        raw: small.median,
        rawWhat: 'the same with a chest that holds 10, in a room with other things',
        notes: [
          `${things} things in it: ${ms(great)}; to look into it ${ms(looked)}; the chest ${ms(small)}`,
        ],
      }),
    ];
  } finally {
    await players.end();
    await server.stop();
  }
}
