import { setTimeout as pause } from 'node:timers/promises';
import { PLAYERS, type BenchRun } from './bench-run.ts';
import { runScript } from './children.ts';
import { median } from './figures.ts';
import { figure, type Figure } from './figure.ts';
import { WorldSide } from './measure-load.ts';

/** Milliseconds between one answer after a kill and the next kill. */
const BETWEEN = 1500;

/** From the killing of the world process to the next answer, with all players connected. */
export async function measureKill(run: BenchRun): Promise<readonly Figure[]> {
  const kills = run.effort.rounds === 1 ? 3 : 7;
  const side = await WorldSide.start(run, 1);
  const took: number[] = [];
  try {
    for (let n = 1; n <= kills; n += 1) {
      const [world] = side.server.children;
      if (world === undefined) throw new Error('The portal has no world process.');
      const began = performance.now();
      process.kill(world, 'SIGKILL');
      await side.players.order({
        t: 'prepare',
        steps: [[{ send: `say ${n} times`, await: `You say, "${n} times"` }]],
      });
      took.push(performance.now() - began);
      await pause(BETWEEN);
    }
  } finally {
    await side.end();
  }
  const began = performance.now();
  await runScript('./level-open.js', [await run.playground()]);
  return [
    figure('kill', {
      measured: median(took),
      raw: performance.now() - began,
      rawWhat: 'to start Node, open LevelDB on the same folder and read one object',
      notes: [`${PLAYERS} sockets stay open; each: ${took.map((each) => Math.round(each)).join(', ')} ms`],
    }),
  ];
}
