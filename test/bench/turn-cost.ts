/**
 * A process of its own: measures what a turn costs when the class of its object is written in the world, and what of that
 * is the watchdog's, the note's and the meter's. Prints it as JSON.
 * Arguments: the folder for the world, and the milliseconds that one round may take.
 */
import '../../engine/lockdown.ts';
import { join } from 'node:path';
import { create, type AnyCap } from '../../engine/authoring.ts';
import type { SessionOut } from '../../engine/sessions.ts';
import { RunningNote } from '../../clients/running-note.ts';
import { median } from './figures.ts';
import { openWorld, watchdog } from './in-process-world.ts';
import { Counter, textOf } from './turn-classes.ts';

const ROUNDS = 9;
/** Objects of each class, each with a session. */
const OBJECTS = 200;
/** Commands to each of them that wait in the queue at the same time: enough for the longest runs of turns. */
const COMMANDS = 20;
/** Calls of one object to another in one turn. */
const CALLS = 2_000;
/** Commands that are waited for, one after the other, to measure one that comes alone. */
const ALONE = 50;

/** Microseconds. */
export interface TurnCosts {
  /** Of processor time, for one turn of many. */
  readonly builtIn: number;
  readonly saved: number;
  /** As `saved`, without one or all of what watches code that is written in the world. */
  readonly unguarded: number;
  readonly unnoted: number;
  readonly untimed: number;
  readonly unwatched: number;
  /** The same for one call of an object to another of its class, in the same turn. */
  readonly callBuiltIn: number;
  readonly callSaved: number;
  /** Of anybody's time, for a turn that comes alone, until it is durable. */
  readonly alone: number;
  readonly aloneUnguarded: number;
  /** Of processor time, for one use of each of these by itself. */
  readonly oneGuard: number;
  readonly oneNote: number;
  readonly oneReading: number;
  /** How many of them there are for a turn among many. */
  readonly guards: number;
  readonly notes: number;
  readonly readings: number;
}

const [folder = '', milliseconds = '200'] = process.argv.slice(2);

// What the measured ways have and what they lack is changed between them: the world is the same, and so is its code.
const on = { guard: true, note: true, timer: true };
const used = { guards: 0, notes: 0, readings: 0 };
let heard: (outs: readonly SessionOut[]) => void = () => {};

let note: RunningNote | null = null;
const made: Record<'builtIn' | 'saved', readonly AnyCap[]> = { builtIn: [], saved: [] };
const world = await openWorld(folder, {
  classes: [Counter],
  powers: {
    guard: (budget, body) => {
      used.guards += 1;
      if (on.guard) return watchdog.guard(budget, body);
      body();
      return true;
    },
    noteRunning: (running) => {
      used.notes += 1;
      if (on.note) note?.write(running);
    },
    stopwatch: () => {
      used.readings += 1;
      return on.timer ? performance.now() : 0;
    },
  },
  genesis: ({ bank, classes }) => {
    const builtIn = Array.from({ length: OBJECTS }, () => create(bank, Counter) as AnyCap);
    const saved = classes.define(bank, 'The bench', 'Tally', textOf(Counter, 'Tally'), {});
    made.builtIn = builtIn;
    made.saved = Array.from({ length: OBJECTS }, () => saved.make(bank));
    return { gate: builtIn[0] as AnyCap };
  },
  onOut: (outs) => heard(outs),
});
note = new RunningNote(join(folder, 'running'), (error) => {
  throw error;
});

/** Sessions of the objects of one class, and the number of the last command of each. */
type Players = readonly { readonly sid: string; last: number }[];

async function attach(kind: string, objects: readonly AnyCap[]): Promise<Players> {
  const players = objects.map((_, n) => ({ sid: `${kind}-${n}`.padEnd(22, '-'), last: 0 }));
  for (const [n, { sid }] of players.entries()) {
    const terms = { sid, keyHash: '-'.repeat(43), keep: false, name: sid };
    await world.begin(terms, () => objects[n] as AnyCap);
  }
  return players;
}

const builtIn = await attach('built-in', made.builtIn);
const saved = await attach('saved', made.saved);

/** Microseconds of processor time since `before`: what else the machine does counts for little in them. */
function spent(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** For each of very many commands. */
async function many(players: Players): Promise<number> {
  const before = process.cpuUsage();
  for (let n = 0; n < COMMANDS; n += 1) {
    for (const player of players) world.input(player.sid, (player.last += 1), 'count one more');
  }
  await world.settle();
  return spent(before) / (COMMANDS * players.length);
}

/** For each of many calls of the first object of a class to the second. */
function calls([from, to]: readonly AnyCap[]): Promise<number> {
  return world.run((invoke) => {
    const before = process.cpuUsage();
    invoke(from as AnyCap, 'pass', [to, CALLS]);
    return spent(before) / CALLS;
  });
}

/** From a command to the news that it is durable, when nothing else goes on. */
async function alone([player]: Players): Promise<number> {
  if (player === undefined) return Number.NaN;
  const found: number[] = [];
  for (let n = 0; n < ALONE; n += 1) {
    const durable = new Promise<void>((resolve) => {
      heard = (outs) => {
        if (outs.some((out) => out.sid === player.sid && out.in === player.last)) resolve();
      };
    });
    const start = performance.now();
    world.input(player.sid, (player.last += 1), 'count one more');
    await durable;
    found.push((performance.now() - start) * 1000);
  }
  heard = () => {};
  return median(found);
}

function byItself(times: number, body: () => void): number {
  const before = process.cpuUsage();
  for (let n = 0; n < times; n += 1) body();
  return spent(before) / times;
}

function without(parts: Partial<typeof on>, measure: () => Promise<number>): () => Promise<number> {
  return async () => {
    Object.assign(on, parts);
    const found = await measure();
    Object.assign(on, { guard: true, note: true, timer: true });
    return found;
  };
}

let running = '';
const ways: Readonly<Record<Exclude<keyof TurnCosts, keyof typeof used>, () => Promise<number> | number>> = {
  builtIn: () => many(builtIn),
  saved: () => many(saved),
  unguarded: without({ guard: false }, () => many(saved)),
  unnoted: without({ note: false }, () => many(saved)),
  untimed: without({ timer: false }, () => many(saved)),
  unwatched: without({ guard: false, note: false, timer: false }, () => many(saved)),
  callBuiltIn: () => calls(made.builtIn),
  callSaved: () => calls(made.saved),
  alone: () => alone(saved),
  aloneUnguarded: without({ guard: false }, () => alone(saved)),
  oneGuard: () => byItself(5_000, () => void watchdog.guard(1000, () => {})),
  oneNote: () => byItself(5_000, () => note?.write((running = running === '' ? 'in here 1 o1' : ''))),
  oneReading: () => byItself(50_000, () => void performance.now()),
};

for (let warm = 0; warm < 5; warm += 1) for (const players of [builtIn, saved]) await many(players);
const costs: Record<string, number[]> = {};
const counted: Record<keyof typeof used, number> = { guards: 0, notes: 0, readings: 0 };
for (let n = 0; n < ROUNDS; n += 1) {
  const until = performance.now() + Number(milliseconds);
  do {
    for (const [way, measure] of Object.entries(ways)) {
      const before = { ...used };
      (costs[way] ??= []).push(await measure());
      if (way !== 'saved') continue;
      for (const each of ['guards', 'notes', 'readings'] as const) counted[each] = used[each] - before[each];
    }
  } while (performance.now() < until);
}
await world.close();
note.close();
const turns = COMMANDS * OBJECTS;
const result = {
  ...Object.fromEntries(Object.entries(costs).map(([way, found]) => [way, median(found)])),
  ...Object.fromEntries(Object.entries(counted).map(([each, times]) => [each, times / turns])),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
