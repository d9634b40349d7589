/**
 * A process of its own: measures what it costs to save a class, or to use it for the first time after a restart, and
 * prints it as JSON. Arguments: the folder for the world, and what to measure: `save` makes that world, `use` is for a
 * process that has done nothing else.
 */
import '../../engine/lockdown.ts';
import { create, type AnyCap } from '../../engine/authoring.ts';
import type { ClassOwner } from '../../engine/class-registry.ts';
import { classes, shared } from '../../world/classes.ts';
import { library } from '../../world/library.ts';
import { Thing } from '../../world/thing.ts';
import { Mechanism } from '../../world/things/mechanism.ts';
import { median } from './figures.ts';
import { openWorld } from './in-process-world.ts';
import { Shelf, textOf } from './turn-classes.ts';

/** Classes, all of the same text; and objects of each, and as many of the built-in one. */
const CLASSES = 40;

/** Milliseconds. */
export interface SaveCosts {
  /** While nothing else runs. */
  readonly save: number;
  /** Until it is durable, and everything in memory has been read anew. */
  readonly durable: number;
  /** What a Compartment takes for the same text. */
  readonly evaluate: number;
  readonly lines: number;
}

/** Milliseconds: the first of all, and then the middle one of the others. */
export interface UseCosts {
  readonly built: FirstAndOthers;
  /** The first object of a class. */
  readonly saved: FirstAndOthers;
  /** Another one of the same class. */
  readonly savedAgain: FirstAndOthers;
}

interface FirstAndOthers {
  readonly first: number;
  readonly others: number;
}

const [folder = '', what = 'save'] = process.argv.slice(2);

function timed<T>(body: () => T): { readonly value: T; readonly took: number } {
  const start = performance.now();
  const value = body();
  return { value, took: performance.now() - start };
}

const owners: ClassOwner[] = [];
const world = await openWorld(folder, {
  classes: [...classes, Shelf],
  shared,
  library,
  genesis: ({ bank, classes: registry }) => {
    const things: AnyCap[] = [];
    for (let n = 0; n < CLASSES; n += 1) {
      const name = `Gadget${n}`;
      const owner = registry.define(bank, 'The bench', name, textOf(Mechanism, name), {});
      owners.push(owner);
      const spec = { name: 'gadget', verbs: ['turn'], answers: ['It turns.'] };
      things.push(create(bank, Mechanism, spec), owner.make(bank, spec), owner.make(bank, spec));
    }
    return { gate: create(bank, Shelf, things) as AnyCap };
  },
});

async function saving(): Promise<SaveCosts> {
  const save: number[] = [];
  const durable: number[] = [];
  const evaluate: number[] = [];
  for (const [n, owner] of owners.entries()) {
    const text = textOf(Mechanism, `Gadget${n}`);
    const start = performance.now();
    const { took } = await world.run((invoke) =>
      timed(() => invoke(owner, 'save', [`${text}\n// again`, {}])),
    );
    durable.push(performance.now() - start);
    save.push(took);
    evaluate.push(timed(() => evaluated(text, `Gadget${n}`)).took);
  }
  const lines = textOf(Mechanism, 'Gadget').split('\n').length;
  return { save: median(save), durable: median(durable), evaluate: median(evaluate), lines };
}

/** The least that has to be done: the text made into a class in a Compartment of its own. */
function evaluated(text: string, name: string): unknown {
  const make = new Compartment().evaluate(`(function(Thing){${text};return ${name}})`) as (
    base: unknown,
  ) => unknown;
  return make(Thing);
}

async function using(): Promise<UseCosts> {
  const found: Record<keyof UseCosts, number[]> = { built: [], saved: [], savedAgain: [] };
  const things = await world.run((invoke) => invoke(world.roots.gate, 'all', []) as readonly AnyCap[]);
  for (let at = 0; at < things.length; at += 3) {
    for (const [step, way] of (['built', 'saved', 'savedAgain'] as const).entries()) {
      const thing = things[at + step] as AnyCap;
      const { took } = await world.run((invoke) => timed(() => invoke(thing, 'rename', ['gizmo'])));
      found[way].push(took);
    }
  }
  const split = ([first = Number.NaN, ...others]: readonly number[]) => ({ first, others: median(others) });
  return { built: split(found.built), saved: split(found.saved), savedAgain: split(found.savedAgain) };
}

const result = await (what === 'save' ? saving() : using());
await world.close();
process.stdout.write(`${JSON.stringify(result)}\n`);
