// A process of hostile.test.ts: runs what is hostile, each in a turn of its own, and prints a line before and one after each.
import '../../engine/lockdown.ts';
import { guarded } from '../../clients/watchdog.ts';
import { bounds } from '../../engine/bounds.ts';
import { LANGUAGE } from '../../engine/language.ts';
import { HOSTILE, PRELUDE } from './hostile.ts';

/** Milliseconds that each may run. */
const BUDGET = 50;

const names = LANGUAGE.filter((name) => !['undefined', 'NaN', 'Infinity'].includes(name));

/** A function in a Compartment that has the names of the language and nothing else. */
function compiled(source: string): () => unknown {
  const compartment = new Compartment();
  const all = compartment.globalThis as Record<string, unknown>;
  const values = names.map((name) => all[name]);
  for (const key of Reflect.ownKeys(all)) Reflect.deleteProperty(all, key);
  const make = compartment.evaluate(
    `(function (${names.join()}) { 'use strict'; ${PRELUDE} return function () { ${source} }; })`,
  ) as (...values: unknown[]) => () => unknown;
  return make(...values);
}

for (const source of HOSTILE) {
  process.stdout.write(`${JSON.stringify(source)}\n`);
  const run = compiled(source);
  let how = 'ended';
  try {
    bounds.held = true;
    if (!guarded(BUDGET, run)) how = 'stopped';
  } catch (error) {
    bounds.held = false;
    how = `threw ${String(error)}`.slice(0, 200);
  } finally {
    bounds.held = false;
  }
  process.stdout.write(`${JSON.stringify(how)}\n`);
}
