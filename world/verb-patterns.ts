/**
 * What people can type to things of a class: its `static verbs`, patterns with the methods that they call. The
 * grammar, once:
 *
 *   pattern := verb                          'ring'           ring bell
 *            | verb ' ' prep                 'knock on'       knock on door
 *            | verb ' *'                     'dial *'         dial phone 42
 *            | verb ' * ' prep               'buy * from'     buy tea from kiosk
 *            | verb ' ' prep ' *'            'set to *'       set clock to noon
 *   verb    := WORD { '|' WORD }             'pet|stroke'     either will do
 *   prep    := PREPOSITION { '|' PREPOSITION }
 *   WORD    := 1 to 30 lower-case letters, digits or '-'
 *
 * `*` is some text. The thing itself stands where the pattern ends; where it ends in `*`, it stands right behind the
 * verb. The method is called with `(by, text)`: the public capability of who typed it, and the text, or ''.
 * What it returns is what he is told.
 *
 * A line that was typed is one pattern without any '|', in which the text and the thing have been left out.
 */
import { fail } from '../engine/authoring.ts';

/** Method names by pattern. Several patterns may share a method. */
export type Verbs = Readonly<Record<string, string>>;

/** What a pattern may say between the thing and the text. The parser of command lines knows no others. */
export const PREPOSITIONS: readonly string[] = Object.freeze([
  'with',
  'into',
  'in',
  'onto',
  'on',
  'to',
  'at',
  'from',
  'about',
  'for',
  'of',
  'off',
  'out',
  'over',
  'under',
  'through',
  'against',
  'as',
  'by',
]);

interface Pattern {
  readonly verbs: readonly string[];
  /** How a typed line goes on behind the verb, the thing left out: '', ' on', ' *', ' * from' or ' to *'. */
  readonly tails: readonly string[];
}

/** The method that a table has for a line that was typed, or undefined. Throws `BadVerbs` for a table that is none. */
export function methodFor(table: Verbs, typed: string): string | undefined {
  const space = typed.indexOf(' ');
  const verb = space === -1 ? typed : typed.slice(0, space);
  const tail = typed.slice(verb.length);
  let found: string | undefined;
  for (const [pattern, method] of Object.entries(table)) {
    const { verbs, tails } = parsePattern(pattern);
    if (typeof method !== 'string') throw needsName(pattern);
    if (verbs.includes(verb) && tails.includes(tail)) found ??= method;
  }
  return found;
}

/** What a table has for people to read, one for each verb: "buy something from it". Throws `BadVerbs`. */
export function phrasesOf(table: Verbs): readonly string[] {
  return Object.keys(table).flatMap((pattern) => {
    const { verbs, tails } = parsePattern(pattern);
    return verbs.map((verb) => `${verb}${inWords(tails[0] ?? '')}`);
  });
}

/** A table without the entries that another one has. */
export function without(table: Verbs, other: Verbs): Verbs {
  return Object.fromEntries(Object.entries(table).filter(([pattern, method]) => other[pattern] !== method));
}

/**
 * A method of an instance's class, or of one that it is built on; nothing that every object has. Throws `BadVerbs`.
 */
export function methodOf(instance: object, name: string): (...args: unknown[]) => unknown {
  for (
    let at: unknown = Object.getPrototypeOf(instance);
    typeof at === 'object' && at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    const found: unknown = Object.getOwnPropertyDescriptor(at, name)?.value;
    if (name !== 'constructor' && typeof found === 'function') return found as () => unknown;
  }
  throw fail('BadVerbs', `There is no method "${shown(name)}", which one of the verbs asks for.`);
}

/** Throws `BadVerbs` unless a table is one, and an instance has all methods that it names. */
export function checkVerbs(instance: object, table: Verbs): void {
  for (const [pattern, method] of Object.entries(table)) {
    parsePattern(pattern);
    if (typeof method !== 'string') throw needsName(pattern);
    methodOf(instance, method);
  }
}

function needsName(pattern: string): Error {
  return fail('BadVerbs', `"${shown(pattern)}" needs the name of a method.`);
}

const WORD = /^[\p{Ll}\p{Lo}\d-]{1,30}$/u;

function parsePattern(pattern: string): Pattern {
  const [verb = '', ...rest] = pattern.split(' ');
  const verbs = verb.split('|');
  if (!verbs.every((each) => WORD.test(each))) throw bad(pattern);
  const [first, second] = rest;
  if (first === undefined) return { verbs, tails: [''] };
  if (first === '*' && second === undefined) return { verbs, tails: [' *'] };
  const text = first === '*' ? 'before' : second === '*' ? 'behind' : 'none';
  if (rest.length > (text === 'none' ? 1 : 2)) throw bad(pattern);
  const preps = (text === 'before' ? (second ?? '') : first).split('|');
  if (!preps.every((each) => PREPOSITIONS.includes(each))) throw bad(pattern);
  return { verbs, tails: preps.map((prep) => tailOf(prep, text)) };
}

/** How a typed line goes on behind the verb, when there is a text before the preposition, behind it, or none. */
export function tailOf(prep: string, text: 'none' | 'before' | 'behind'): string {
  if (text === 'none') return ` ${prep}`;
  return text === 'before' ? ` * ${prep}` : ` ${prep} *`;
}

function inWords(tail: string): string {
  if (tail === '') return ' it';
  return tail.endsWith('*') ? ` it${tail.replace('*', 'something')}` : `${tail.replace('*', 'something')} it`;
}

function bad(pattern: string): Error {
  return fail(
    'BadVerbs',
    `"${shown(pattern)}" is no pattern for a verb. Patterns are like "ring", "knock on", "dial *", "buy * from" and "set to *"; ` +
      `the words in the middle may be: ${PREPOSITIONS.join(', ')}.`,
  );
}

function shown(text: string): string {
  return text.slice(0, 60);
}
