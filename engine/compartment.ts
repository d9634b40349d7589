import { types } from 'node:util';
import { CALL_FAILED, printable } from '../wrappers/errors.ts';
import { admitMembers, bounds } from './bounds.ts';
import { LANGUAGE } from './language.ts';
import { nameProblem, unknownNames, type CheckedSource } from './source-check.ts';
import { offsetOn, problemAt, SourceError, type Problem } from './source-problem.ts';
import { VALUE_WEIGHT } from './source-purity.ts';
import { ADMIT, PAUSE } from './source-rewrite.ts';
import { stackOf } from './stack.ts';
import { isStackShort } from './stack-left.ts';

/** A class as it came out of its Compartment. */
export type MadeClass = new () => object;

/** Members of a Compartment's global object that cannot be deleted and give nothing. */
const HARMLESS: ReadonlySet<string | symbol> = new Set([
  'undefined',
  'NaN',
  'Infinity',
  // A setter that throws.
  Symbol.unscopables,
]);

/** Values inside of each other, at most, in what stands outside of the objects. */
const VALUE_DEPTH = 100;

/** Frames of an error that are kept meanwhile: those of the library of guards stand above the source's own. */
const FRAMES = 100;
const USUAL_FRAMES = Error.stackTraceLimit;

const OVERFLOW = 'Maximum call stack size exceeded';

/**
 * Makes the class of a checked source in a Compartment of its own, with `endowments` as the only names besides the
 * language's; of those it binds the ones that the source uses. Class, constants and endowments are hardened. Nothing of
 * the source's runs meanwhile but initialisers, which call nothing of anybody's. `candidates` are names that an unknown
 * one may have meant. Throws SourceError for unknown names, a base that is no class, and for what an initialiser throws;
 * raises `Overflow` where little of the call stack is left; throws TypeError if the host endows what it may not.
 */
export function evaluateClass(
  checked: CheckedSource,
  endowments: Readonly<Record<string, unknown>>,
  candidates: Iterable<string> = Object.keys(endowments),
): MadeClass {
  const { className, source, compiled } = checked;
  const unknown = unknownNames(checked, (name) => Object.hasOwn(endowments, name), candidates);
  if (unknown.length > 0) throw new SourceError(className, unknown);
  const given = bindings(checked, endowments);
  if (checked.extends !== null && !isClass(given[checked.extends])) {
    const what = `${checked.extends} is not a class that can be extended.`;
    throw new SourceError(className, [nameProblem(checked, checked.extends, what)]);
  }
  // Names are bound once, as constants: each look-up in a Compartment's global object costs more than a call. All of
  // it is on the first line, so that the lines of the source keep their numbers.
  const before = `(function(){const{${Object.keys(given).join()}}=arguments[0];`;
  const after = `\nreturn[${[className, ...checked.constants].join()}]})\n//# sourceURL=${className}`;
  const compartment = bareCompartment();
  Object.freeze(compartment.globalThis);
  let made: readonly unknown[];
  Error.stackTraceLimit = FRAMES;
  try {
    const make = compartment.evaluate(before + compiled.text + after) as (
      given: object,
    ) => readonly unknown[];
    made = harden(make(given));
  } catch (thrown) {
    if (types.isNativeError(thrown) && ownMessage(thrown) === OVERFLOW) {
      if (isStackShort()) throw CALL_FAILED;
      const what = 'The constants of this class take too much of the call stack: work them out in a method.';
      throw new SourceError(className, [problemAt(source, checked.classAt, what)]);
    }
    throw new SourceError(className, [failure(checked, thrown, before.length)]);
  } finally {
    abandonEvaluation();
  }
  const [objectClass, ...constants] = made;
  for (const value of [...Object.values(objectClass as object), ...constants]) {
    if (weigh(value, 1) <= VALUE_WEIGHT) continue;
    const what = 'The constants of this class are too large or too deep: work them out in a method.';
    throw new SourceError(className, [problemAt(source, checked.classAt, what)]);
  }
  return objectClass as MadeClass;
}

/** For whoever stopped a turn, which may have been evaluating a class: no `finally` ran. */
export function abandonEvaluation(): void {
  Error.stackTraceLimit = USUAL_FRAMES;
}

/** A Compartment whose global object is empty: whoever has it made puts there what it is to have, and freezes it. */
export function bareCompartment(): Compartment {
  const compartment = new Compartment();
  const bare = compartment.globalThis as object;
  for (const key of Reflect.ownKeys(bare)) {
    if (!Reflect.deleteProperty(bare, key) && !HARMLESS.has(key)) {
      throw new TypeError(`A Compartment has a global that cannot be taken away: ${String(key)}`);
    }
  }
  return compartment;
}

let language: Readonly<Record<string, unknown>> | null = null;

/** What a new Compartment has under the names of the language: shared by all Compartments, and frozen. */
export function languageValues(): Readonly<Record<string, unknown>> {
  if (language !== null) return language;
  const all = new Compartment().globalThis as Record<string, unknown>;
  const values: Record<string, unknown> = {};
  for (const name of LANGUAGE) {
    if (!Object.hasOwn(all, name)) throw new TypeError(`A Compartment has no ${name}.`);
    values[name] = harden(all[name]);
  }
  language = Object.freeze(values);
  return language;
}

/** The values of the free names, in a record without a prototype. */
function bindings(
  checked: CheckedSource,
  endowments: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const values = languageValues();
  const given: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const name of checked.free) {
    // Constant in every Compartment, and no name for a constant of one's own.
    if (name === 'undefined' || name === 'NaN' || name === 'Infinity') continue;
    if (Object.hasOwn(values, name)) {
      if (Object.hasOwn(endowments, name)) throw new TypeError(`${name} is a name of the language.`);
      given[name] = values[name];
    } else {
      given[name] = harden(endowments[name]);
    }
  }
  if (checked.compiled.text !== checked.source) Object.assign(given, PUT_IN);
  return Object.freeze(given);
}

/** The functions that are called by what is put into a source. Frozen, and no source can name them. */
export const PUT_IN: Readonly<Record<string, unknown>> = harden({
  [PAUSE]: (value: unknown): unknown => value,
  /** Gives what may be taken apart. */
  [ADMIT]: (value: unknown): unknown => (bounds.held ? admitMembers(value) : value),
});

/** Whether a value was written as a class: another function could give back an object of its own choice. */
function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value));
}

/** What a value weighs, written out as a tree; more than any value may if it is nested too deeply. */
function weigh(value: unknown, depth: number): number {
  if (typeof value === 'string') return 1 + value.length;
  if (typeof value !== 'object' || value === null) return 1;
  if (depth > VALUE_DEPTH) return Infinity;
  let weight = 1;
  for (const member of Object.values(value)) {
    weight += weigh(member, depth + 1);
    if (weight > VALUE_WEIGHT) break;
  }
  return weight;
}

function ownMessage(error: Error): string {
  const found: unknown = Object.getOwnPropertyDescriptor(error, 'message')?.value;
  return typeof found === 'string' ? found : '';
}

/** Where in the source it was thrown, if its frames say so: they name the source by the name of its class. */
function failure(checked: CheckedSource, thrown: unknown, before: number): Problem {
  const { className, source, compiled, classAt } = checked;
  const message = types.isNativeError(thrown) ? ownMessage(thrown) : '';
  const what = `The class cannot be made: ${printable(message) || 'it failed'}.`;
  const all = stackOf(thrown);
  const frames = all.slice(message === '' ? 0 : all.indexOf(message) + message.length);
  const frame = new RegExp(`\\n\\s+at (?:.*\\()?${className}:(\\d+):(\\d+)\\)?(?:\\n|$)`).exec(frames);
  if (frame === null) return problemAt(source, classAt, what);
  const line = Number(frame[1]);
  const column = Number(frame[2]) - (line === 1 ? before : 0);
  const at = compiled.back(offsetOn(compiled.text, line, column));
  return problemAt(source, at, what);
}
