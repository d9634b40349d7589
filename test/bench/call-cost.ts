/**
 * A process of its own: measures what a call through a wrapper costs, and prints it as JSON.
 * Arguments: the folder for the world, and the milliseconds that one round may take.
 */
import '../../engine/lockdown.ts';
import { create, type AnyCap, type ObjectClass } from '../../engine/authoring.ts';
import { Caller, Friend, Measurer, Repeater, Target, type TargetCap } from './call-classes.ts';
import { openWorld } from './in-process-world.ts';
import { median } from './figures.ts';

const ROUNDS = 7;
const CALLS = 20_000; // in one turn

/** Nanoseconds for one call, by the way it is made. */
export interface CallCosts {
  readonly wrapper: number;
  /** The same, called by the host and not by an object in the world. */
  readonly wrapperFromHost: number;
  readonly direct: number;
  readonly closure: number;
  readonly proxy: number;
}

const [folder = '', milliseconds = '200'] = process.argv.slice(2);

let caps: readonly AnyCap[] = [];
const world = await openWorld(folder, {
  classes: [Target, Caller, Measurer, Repeater, Friend],
  genesis: ({ bank }) => {
    const made = [Target, Caller, Measurer, Repeater, Friend].map(
      (each) => create(bank, each as ObjectClass) as AnyCap,
    );
    caps = made;
    return { gate: made[0] as AnyCap };
  },
});

const [target, caller, measurer, repeater, friend] = caps as unknown as [
  TargetCap,
  AnyCap,
  AnyCap,
  AnyCap,
  AnyCap,
];

/** What goes on beside the calls that are measured. */
async function others(): Promise<void> {
  await world.run((invoke) => {
    for (let n = 0; n < 500; n += 1) {
      invoke(measurer, 'length', ['a text']);
      invoke(repeater, 'twice', ['a', 'b']);
      invoke(friend, 'meet', [friend]);
      invoke(friend, 'take', ['hello']);
      invoke(repeater, 'take', ['hello']);
    }
  });
}

function timed(calls: number, body: () => void): number {
  const start = process.hrtime.bigint();
  body();
  return Number(process.hrtime.bigint() - start) / calls;
}

/** Repeats a measurement for the time of a round. */
async function round(measure: () => Promise<number> | number): Promise<number> {
  const until = performance.now() + Number(milliseconds);
  const found: number[] = [];
  do found.push(await measure());
  while (performance.now() < until);
  return median(found);
}

// A loop of its own for each way: in a shared one, the compiler would be as slow for all as for the slowest.
function hostCalls(to: TargetCap): void {
  for (let done = 0; done < CALLS; done += 1) to.take('hello');
}
function directCalls(to: Target): void {
  for (let done = 0; done < CALLS; done += 1) to.take('hello');
}
function closureCalls(to: { take(text: string): void }): void {
  for (let done = 0; done < CALLS; done += 1) to.take('hello');
}
function proxyCalls(to: Target): void {
  for (let done = 0; done < CALLS; done += 1) to.take('hello');
}

const raw = new Target();
const closure = Object.freeze({
  take(text: string): void {
    raw.take(text);
  },
});
const proxy = new Proxy(raw, {
  get: (inside, name) => (name === 'take' ? (text: string) => inside.take(text) : undefined),
});

const ways: Readonly<Record<keyof CallCosts, () => Promise<number> | number>> = {
  wrapper: async () => {
    await others();
    return world.run((invoke) => timed(CALLS, () => invoke(caller, 'many', [target, CALLS])));
  },
  wrapperFromHost: async () => {
    await others();
    return world.run(() => timed(CALLS, () => hostCalls(target)));
  },
  direct: () => timed(CALLS, () => directCalls(raw)),
  closure: () => timed(CALLS, () => closureCalls(closure)),
  proxy: () => timed(CALLS, () => proxyCalls(proxy)),
};

const costs: Record<string, number[]> = {};
for (let n = 0; n < ROUNDS; n += 1) {
  for (const [way, measure] of Object.entries(ways)) (costs[way] ??= []).push(await round(measure));
}
await world.close();
const result = Object.fromEntries(Object.entries(costs).map(([way, found]) => [way, median(found)]));
process.stdout.write(`${JSON.stringify(result)}\n`);
