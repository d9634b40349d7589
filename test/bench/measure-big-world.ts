import { open, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { askWorld } from '../../clients/control.ts';
import {
  looseIn,
  roomBefore,
  roomName,
  thingMark,
  thingName,
  wayTo,
  type Plan,
} from '../../world/generated/layout.ts';
import { planFor, SMALL, type BenchRun } from './bench-run.ts';
import { Players, residentMegabytes, runScript, Server } from './children.ts';
import { median } from './figures.ts';
import { figure, type Figure } from './figure.ts';
import type { Load, Step } from './load-orders.ts';
import { wayIn } from './measure-load.ts';

/** Restarts in each world. */
const RESTARTS = 5;

/** Commands per second of the player who looks out for pauses. */
const PING_RATE = 250;

/** Bytes that a command writes to the journal, about. */
const COMMIT = 500;

const GUEST = wayIn(0);
const LOOK: Step = { send: 'look', await: `${roomName(0)}\n` };
const PING = { line: 'say ping', answer: 'You say, "ping"' };

/** Restart, memory and pauses of a world of many objects. */
export async function measureBigWorld(run: BenchRun): Promise<readonly Figure[]> {
  const { objects, rounds } = run.effort;
  const big = await run.bigWorld();
  const small = await run.smallWorld();
  const times: Record<'big' | 'small' | 'raw', number[]> = { big: [], small: [], raw: [] };
  for (let n = 0; n < (rounds === 1 ? 3 : RESTARTS); n += 1) {
    times.big.push(await restart(run, big));
    times.small.push(await restart(run, small));
    times.raw.push(await rawOpen(big));
  }
  const [bigTime, smallTime, rawTime] = [median(times.big), median(times.small), median(times.raw)];
  const list = (figures: readonly number[]) => figures.map((each) => Math.round(each)).join(', ');
  const rawWhat = 'to start Node, open LevelDB on the same folder and read one object';
  const restarts = [
    figure('restart', {
      measured: bigTime,
      raw: rawTime,
      rawWhat,
      notes: [`${objects} objects; spawn, log in as a guest, look; each: ${list(times.big)} ms`],
    }),
    figure('restart-growth', {
      measured: bigTime,
      raw: smallTime,
      rawWhat: `the restart of a world of ${SMALL} objects (each: ${list(times.small)} ms)`,
    }),
  ];
  return [...restarts, ...(await inUse(run, big))];
}

/** Milliseconds from the start of the process to the first answer. */
async function restart(run: BenchRun, folder: string): Promise<number> {
  const players = new Players();
  await players.order({ t: 'disconnect' }); // it is up
  const began = performance.now();
  const server = await run.keystead(folder);
  await players.order({ t: 'connect', port: server.port, players: 1 });
  await players.order({ t: 'prepare', steps: [[...GUEST, LOOK]] });
  const took = performance.now() - began;
  await players.end();
  await server.stop();
  return took;
}

async function rawOpen(folder: string): Promise<number> {
  const began = performance.now();
  await runScript('./level-open.js', [folder]);
  return performance.now() - began;
}

/** Memory when so many objects have been in use, then pauses without and with a checkpoint. */
async function inUse(run: BenchRun, folder: string): Promise<readonly Figure[]> {
  const echo = await Server.start('./echo-server.js');
  const { bytes } = await runScript<{ bytes: number }>('./level-open.js', [folder]);
  const bare = residentMegabytes(echo.pid) + bytes / 1024 / 1024;
  await echo.stop();

  const server = await run.keystead(folder);
  const players = new Players();
  try {
    await players.order({ t: 'connect', port: server.port, players: 1 });
    await players.order({
      t: 'prepare',
      steps: [[...GUEST, ...touchThings(planFor(run.big), SMALL)]],
    });
    const [world = 0] = server.children;
    const portalMegabytes = residentMegabytes(server.pid);
    const worldMegabytes = residentMegabytes(world);
    const memory = figure('memory', {
      measured: portalMegabytes + worldMegabytes,
      raw: bare,
      rawWhat: 'a bare ws server and a process with nothing but LevelDB, together',
      notes: [`portal ${portalMegabytes.toFixed(0)} MB, world ${worldMegabytes.toFixed(0)} MB`],
    });
    return [memory, await pauses(run, folder, players)];
  } finally {
    await players.end();
    await server.stop();
  }
}

async function pauses(run: BenchRun, folder: string, players: Players): Promise<Figure> {
  const ping = (warmUpSeconds: number): Promise<Load> =>
    players.measure({ t: 'open', rate: PING_RATE, players: 1, ...PING, warmUpSeconds, seconds: 2 });
  await ping(run.effort.warmUpSeconds);
  const quiet: Load[] = [];
  for (let n = 0; n < 3; n += 1) quiet.push(await ping(0));

  const during: Load[] = [];
  const first = checkpointOf(folder);
  while (!first.over) during.push(await ping(0));
  const [said, seconds] = await first.done;
  const second = checkpointOf(folder);
  const bare = await longestBareWrite(`${folder}-bare-writes`, second);
  await second.done;
  const longest = (loads: readonly Load[]) => Math.max(...loads.map((load) => load.longest));
  const worstP99 = (loads: readonly Load[]) => Math.max(...loads.map((load) => load.p99));
  return figure('checkpoint', {
    measured: longest(during),
    raw: bare,
    rawWhat: 'the longest that a bare synced write takes beside another checkpoint, as often: the disk alone',
    notes: [
      `a command every ${1000 / PING_RATE} ms; "${said}" took ${seconds.toFixed(1)} s; ` +
        `p99 ${worstP99(during).toFixed(1)} ms with it, ${worstP99(quiet).toFixed(1)} ms without; ` +
        `longest without ${longest(quiet).toFixed(1)} ms`,
    ],
  });
}

/** A checkpoint that is being made, by the world in the folder. */
interface Underway {
  over: boolean;
  /** What was said of it, and the seconds that it took. */
  readonly done: Promise<readonly [said: string, seconds: number]>;
}

function checkpointOf(folder: string): Underway {
  const began = performance.now();
  const asked = askWorld(folder, process.cwd(), { t: 'checkpoint' });
  const underway: Underway = {
    over: false,
    done: asked
      .then((said) => [said, (performance.now() - began) / 1000] as const)
      .finally(() => {
        underway.over = true;
      }),
  };
  underway.done.catch(() => {}); // it is awaited later, perhaps than it fails
  return underway;
}

/** Appends as many bytes as a command's commit has, and syncs them, for as long as the checkpoint takes. */
async function longestBareWrite(file: string, checkpoint: Underway): Promise<number> {
  const bytes = Buffer.alloc(COMMIT, 'x');
  const handle = await open(file, 'w');
  let longest = 0;
  try {
    while (!checkpoint.over) {
      const began = performance.now();
      await handle.write(bytes);
      await handle.datasync();
      const took = performance.now() - began;
      longest = Math.max(longest, took);
      await pause(Math.max(0, 1000 / PING_RATE - took));
    }
    return longest;
  } finally {
    await handle.close();
    await rm(file);
  }
}

/** Goes from room to room, there and back, and examines everything. */
function touchThings(plan: Plan, many: number): readonly Step[] {
  const steps: Step[] = [];
  let touched = 0;
  for (let room = 1; touched < many; room += 1) {
    if (roomBefore(room) !== 0) throw new Error('So many things are not in reach of the first room.');
    steps.push({ send: `go ${wayTo(room)}`, await: `${roomName(room)}\n` });
    for (let n = 0; n < looseIn(plan, room) && touched < many; n += 1, touched += 1)
      steps.push({ send: `examine ${thingName(n)}`, await: thingMark(room, n) });
    steps.push({ send: 'home', await: `${roomName(0)}\n` });
  }
  return steps;
}
