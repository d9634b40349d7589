/**
 * A process of its own: what the log of turns and the counting cost a command, in an in-process starter world: `say` in a
 * room of some listeners. Prints it as JSON.
 * Arguments: the folder for the worlds, how many listen, and the milliseconds that one round may take.
 */
import '../../engine/lockdown.ts';
import { join } from 'node:path';
import { pino } from 'pino';
import type { World } from '../../engine/world.ts';
import type { EndedTurn, TurnWatch } from '../../engine/turn-log.ts';
import { TurnFigures } from '../../clients/turn-figures.ts';
import { logLine, turnText } from '../../clients/turn-log/line.ts';
import { WorldWatch } from '../../clients/world-watch.ts';
import { savedSources } from '../../clients/saved-sources.ts';
import { classes } from '../../world/classes.ts';
import { library } from '../../world/library.ts';
import { shared } from '../../world/shared.ts';
import { genesis } from '../../world/starter.ts';
import { median } from './figures.ts';
import { openWorld } from './in-process-world.ts';

const ROUNDS = 15;
const COMMANDS = 40;
/** Microseconds for a command: of processor time by world, and of each part by itself. */
type Way = 'neither' | 'counted' | 'logged';
const WAYS: readonly Way[] = ['neither', 'counted', 'logged'];

const [folder = '', listeners = '10', milliseconds = '300'] = process.argv.slice(2);

interface Measured {
  readonly world: World;
  readonly watch: WorldWatch | null;
  last: number;
}

function later(milliseconds: number, job: () => void): () => void {
  const timer = setTimeout(job, milliseconds);
  return () => {
    clearTimeout(timer);
  };
}

const kept: EndedTurn[] = [];
const MOST_KEPT = 100;

async function open(way: Way): Promise<Measured> {
  const data = join(folder, way);
  let watch: WorldWatch | null = null;
  // Looked up late, because the journal is opened with the world.
  const late: TurnWatch = {
    onTurn: (turn) => watch?.watch.onTurn?.(turn),
    textOf: (turn) => watch?.watch.textOf?.(turn) ?? null,
    onDurable: (durable) => watch?.watch.onDurable?.(durable),
  };
  let inner: TurnWatch = late;

  const world = await openWorld(data, {
    classes,
    shared,
    library,
    genesis,
    sources: savedSources(new URL('../../world/saved/', import.meta.url)),
    around: (journal) => {
      if (way !== 'neither')
        watch = new WorldWatch({
          data,
          journal,
          log: pino({ level: 'silent' }),
          logHours: way === 'logged' ? 24 : 0,
          logBytes: 256_000_000,
          slowTurn: 50,
          backups: false,
          clock: Date.now,
          later,
          process: () => ({ memory: process.memoryUsage(), busy: 0, since: 0 }),
        });
      if (watch !== null) inner = watch.watch;
      return journal;
    },
    ...(way === 'neither'
      ? {}
      : {
          watch: {
            onTurn: (turn) => {
              if (kept.length < MOST_KEPT && turn.cause.what === 'command') kept.push(turn);
              inner.onTurn?.(turn);
            },
            textOf: (turn) => inner.textOf?.(turn) ?? null,
            onDurable: (durable) => inner.onDurable?.(durable),
          },
        }),
    onOut: (outs) => {
      for (const { sid, n } of outs) world.acknowledge(sid, n);
    },
  });
  (watch as WorldWatch | null)?.opened(world);
  for (let n = 0; n < Number(listeners); n += 1) {
    const terms = { sid: `s${n}`.padEnd(22, '-'), keyHash: '-'.repeat(43), keep: false, name: `P${n}` };
    await world.begin(terms, (invoke) => invoke(world.roots.gate, 'newPlayer', [`Player${n}`]) as object);
  }
  return { world, watch, last: 0 };
}

async function round(measured: Measured): Promise<number> {
  const { world } = measured;
  const before = process.cpuUsage();
  for (let k = 0; k < COMMANDS; k += 1) {
    measured.last += 1;
    for (let n = 0; n < Number(listeners); n += 1)
      world.input(`s${n}`.padEnd(22, '-'), measured.last, 'say hello there, how are you today?');
  }
  await world.settle();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (COMMANDS * Number(listeners));
}

const all = new Map<Way, Measured>();
for (const way of WAYS) all.set(way, await open(way));
const found: Record<Way, number[]> = { neither: [], counted: [], logged: [] };
for (let n = -3; n < ROUNDS; n += 1) {
  // In changing order: what one leaves to collect is another's burden.
  for (let k = 0; k < WAYS.length; k += 1) {
    const way = WAYS[(k + n + 3) % WAYS.length] as Way;
    const measured = all.get(way) as Measured;
    const until = performance.now() + Number(milliseconds);
    const rounds: number[] = [];
    while (performance.now() < until) rounds.push(await round(measured));
    if (n >= 0) found[way].push(median(rounds));
  }
}
for (const { world, watch } of all.values()) {
  await world.close();
  await watch?.close();
}
/** The median of what one of `count` costs. */
function alone(count: number, body: () => void): number {
  const all: number[] = [];
  for (let n = 0; n < 300; n += 1) {
    const before = performance.now();
    body();
    all.push(((performance.now() - before) * 1000) / count);
  }
  return median(all);
}

const turns = kept;
const figures = new TurnFigures();
const heard = (): boolean => true;
let sum = 0;
function line(): string {
  const texts = turns.map((turn) => turnText(turn, heard) ?? '');
  return logLine({ seq: 1, turns: turns.length, texts, milliseconds: 1 }, 0);
}
const parts = {
  turns: turns.length,
  counting: alone(turns.length, () => {
    for (const turn of turns) figures.turn(turn);
  }),
  line: alone(turns.length, () => {
    sum += line().length;
  }),
  lineWritten: alone(turns.length, () => {
    sum += Buffer.from(line()).length;
  }),
  reading: alone(1000, () => {
    for (let n = 0; n < 1000; n += 1) sum += performance.now();
  }),
  characters: line().length / turns.length,
};
const costs = { ...Object.fromEntries(WAYS.map((way) => [way, median(found[way])])), ...parts, sum: sum > 0 };
process.stdout.write(`${JSON.stringify(costs)}\n`);
process.exit(0);
