import { types } from 'node:util';
import {
  admitList,
  admitResult,
  admitText,
  apply,
  bounds,
  exchange,
  integerOf,
  isNothing,
  isObject,
  NATIVE_LIMITS,
  refuse,
  textOf,
  type Made,
  type Native,
} from './bounds.ts';
import { substitute } from './substitution.ts';

const textPrototype: object = String.prototype;
type Finding = (this: string, sought: string, from?: number) => number;
const { indexOf, lastIndexOf } = String.prototype as unknown as Readonly<
  Record<'indexOf' | 'lastIndexOf', Finding>
>;

/** What a method does in a turn, with `this` as a text that is not too long. None cares how many arguments it was given. */
type Instead = (text: string, first: unknown, second: unknown, native: Native) => unknown;

/** Those that go through the text, or through their argument, once; all take one argument or none. */
const WALKING = [
  'anchor',
  'big',
  'blink',
  'bold',
  'fixed',
  'fontcolor',
  'fontsize',
  'isWellFormed',
  'italics',
  'link',
  'small',
  'strike',
  'sub',
  'sup',
  'toLowerCase',
  'toUpperCase',
  'toWellFormed',
];

const CODING = ['encodeURI', 'encodeURIComponent', 'decodeURI', 'decodeURIComponent', 'escape', 'unescape'];

/** Exchanges those methods of texts that could go on for long, or give a text that is too long. */
export function boundStrings(): void {
  for (const name of WALKING) inTurn(name, walk);
  inTurn('normalize', (text, form, _, native) => apply(native, admitText(text, 'normalized'), [form]));
  inTurn('repeat', repeat);
  inTurn('padEnd', pad);
  inTurn('padStart', pad);
  inTurn('includes', includes);
  inTurn('indexOf', (text, sought, from) => find(text, textOf(sought), start(text, from)));
  inTurn('lastIndexOf', (text, sought, from) => findLast(text, textOf(sought), from));
  inTurn('match', (text, pattern) => useAsPattern(Symbol.match, text, pattern, ''));
  inTurn('matchAll', (text, pattern) => useAsPattern(Symbol.matchAll, text, pattern, 'g'));
  inTurn('search', (text, pattern) => useAsPattern(Symbol.search, text, pattern, ''));
  inTurn('replace', replace);
  inTurn('replaceAll', replaceAll);
  inTurn('split', split);
  exchange(textPrototype, 'concat', joining);
  exchange(String, 'raw', (native) => taking(native, raw));
  exchange(String, 'fromCharCode', ofNumbers);
  exchange(String, 'fromCodePoint', ofNumbers);
  for (const name of CODING) {
    exchange(globalThis, name, (native) =>
      taking(native, (text) => apply(native, undefined, [admitText(text)])),
    );
  }
}

function inTurn(name: string, instead: Instead): void {
  exchange(textPrototype, name, (native) => ({
    method(this: unknown, first?: unknown, second?: unknown): unknown {
      if (!bounds.held || isNothing(this)) return apply(native, this, arguments);
      return instead(admitText(this), first, second, native);
    },
  }));
}

function joining(native: Native): Made {
  return {
    method(this: unknown, ...args: unknown[]): unknown {
      if (!bounds.held || isNothing(this)) return apply(native, this, args);
      return concat(admitText(this), args);
    },
  };
}

/** For a function that does not care for its `this`. */
function taking(native: Native, instead: (first: unknown, rest: unknown[]) => unknown): Made {
  return {
    method(this: unknown, first?: unknown, ...rest: unknown[]): unknown {
      if (bounds.held) return instead(first, rest);
      return apply(native, this, arguments);
    },
  };
}

/** Few enough numbers to be made of anything in one step. */
const FEW = 2;

/** Conversions that take long run in JavaScript, one by one. For a function that does not care for its `this`. */
export function ofNumbers(native: Native): Made {
  return {
    method(this: unknown): unknown {
      if (bounds.held && arguments.length > FEW && !areNumbers(arguments)) {
        return apply(native, this, numbers(arguments));
      }
      return apply(native, this, arguments);
    },
  };
}

function areNumbers(args: ArrayLike<unknown>): boolean {
  const { length } = args;
  for (let at = 0; at < length; at += 1) if (typeof args[at] !== 'number') return false;
  return true;
}

function numbers(args: ArrayLike<unknown>): number[] {
  const all: number[] = [];
  const { length } = args;
  for (let at = 0; at < length; at += 1) all.push(+(args[at] as string));
  return all;
}

/** They take a text or nothing. */
function walk(text: string, argument: unknown, _: unknown, native: Native): unknown {
  return apply(native, text, argument === undefined ? [] : [admitText(argument)]);
}

function repeat(text: string, count: unknown, _: unknown, native: Native): unknown {
  const times = integerOf(count);
  if (text.length * times > NATIVE_LIMITS.characters && times !== Infinity) tooLong();
  return apply(native, text, [times]);
}

function pad(text: string, length: unknown, filler: unknown, native: Native): unknown {
  const wanted = integerOf(length);
  const fill = filler === undefined ? ' ' : textOf(filler);
  if (wanted > NATIVE_LIMITS.characters) tooLong();
  return apply(native, text, [wanted, fill]);
}

function concat(text: string, args: unknown[]): string {
  let done = text;
  for (let at = 0; at < args.length; at += 1) {
    done = admitResult(done + textOf(args[at]));
  }
  return done;
}

function tooLong(): never {
  return refuse('This text grows too long', 'characters');
}

/** Where to begin to look. */
function start(text: string, from: unknown): number {
  return Math.min(Math.max(integerOf(from), 0), text.length);
}

/** As `indexOf`, in steps that are not too long. */
function find(text: string, sought: string, from: number): number {
  const { length } = sought;
  if (length * (text.length - from) <= NATIVE_LIMITS.comparisons) return apply(indexOf, text, [sought, from]);
  const places = Math.ceil(NATIVE_LIMITS.comparisons / length);
  for (let at = from; at + length <= text.length; at += places) {
    const found = apply(indexOf, text.slice(at, at + places + length - 1), [sought]);
    if (found !== -1) return at + found;
  }
  return -1;
}

/** As `lastIndexOf`, in steps that are not too long. */
function findLast(text: string, sought: string, from: unknown): number {
  const { length } = sought;
  const wanted = +(from as string);
  const last = Math.min(
    Number.isNaN(wanted) ? Infinity : Math.max(Math.trunc(wanted), 0),
    text.length - length,
  );
  if (length * (last + 1) <= NATIVE_LIMITS.comparisons) return apply(lastIndexOf, text, [sought, last]);
  const places = Math.ceil(NATIVE_LIMITS.comparisons / length);
  for (let to = last; to >= 0; to -= places) {
    const at = Math.max(0, to - places + 1);
    const found = apply(lastIndexOf, text.slice(at, to + length), [sought]);
    if (found !== -1) return at + found;
  }
  return -1;
}

function includes(text: string, sought: unknown, from: unknown): boolean {
  if (isLikePattern(sought))
    throw new TypeError('First argument to String.prototype.includes must not be a regular expression');
  return find(text, textOf(sought), start(text, from)) !== -1;
}

/** IsRegExp of the language. */
function isLikePattern(value: unknown): boolean {
  if (!isObject(value)) return false;
  const match = (value as { [Symbol.match]?: unknown })[Symbol.match];
  return match === undefined ? types.isRegExp(value) : Boolean(match);
}

/** What `value` does for the method of that symbol, if it does something. */
function handler(value: unknown, symbol: symbol): Native | null {
  return isObject(value) ? ((value as Record<symbol, Native | undefined>)[symbol] ?? null) : null;
}

function useAsPattern(symbol: symbol, text: string, value: unknown, flags: string): unknown {
  if (symbol === Symbol.matchAll) admitForAll(value);
  const own = handler(value, symbol);
  if (own !== null) return apply(own, value, [text]);
  const pattern = new RegExp(value as string, flags);
  return apply((pattern as unknown as Record<symbol, Native>)[symbol] as Native, pattern, [text]);
}

function admitForAll(value: unknown): void {
  if (isLikePattern(value) && !textOf((value as RegExp).flags).includes('g'))
    throw new TypeError('A regular expression for all matches must have the flag g');
}

/** What to put in the place of a text that was found. */
type Replacer = (text: string, position: number) => string;

function replacer(sought: string, replacement: unknown): Replacer {
  if (typeof replacement === 'function') {
    return (text, position) => textOf(apply(replacement, undefined, [sought, position, text]));
  }
  const template = textOf(replacement);
  if (!template.includes('$')) return () => template;
  return (text, index) => substitute(template, { 0: sought, length: 1, index }, text);
}

function replace(text: string, pattern: unknown, replacement: unknown): unknown {
  const own = handler(pattern, Symbol.replace);
  if (own !== null) return apply(own, pattern, [text, replacement]);
  const sought = textOf(pattern);
  const instead = replacer(sought, replacement);
  const at = find(text, sought, 0);
  if (at === -1) return text;
  return concat(text.slice(0, at), [instead(text, at), text.slice(at + sought.length)]);
}

function replaceAll(text: string, pattern: unknown, replacement: unknown): unknown {
  admitForAll(pattern);
  const own = handler(pattern, Symbol.replace);
  if (own !== null) return apply(own, pattern, [text, replacement]);
  const sought = textOf(pattern);
  const instead = replacer(sought, replacement);
  let done = '';
  let from = 0;
  for (let at = find(text, sought, 0); at !== -1; at = after(text, sought, at)) {
    done = concat(done, [text.slice(from, at), instead(text, at)]);
    from = at + sought.length;
  }
  return concat(done, [text.slice(from)]);
}

/** The next place, behind the one at `at`. */
function after(text: string, sought: string, at: number): number {
  const from = at + Math.max(sought.length, 1);
  return from > text.length ? -1 : find(text, sought, from);
}

function split(text: string, separator: unknown, limit: unknown, native: Native): unknown {
  const own = handler(separator, Symbol.split);
  if (own !== null) return apply(own, separator, [text, limit]);
  const most = limit === undefined ? 2 ** 32 - 1 : (limit as number) >>> 0;
  const between = textOf(separator);
  if (separator === undefined || between.length * text.length <= NATIVE_LIMITS.comparisons)
    return apply(native, text, [separator === undefined ? undefined : between, most]);
  const parts: string[] = [];
  let from = 0;
  for (let at = find(text, between, 0); at !== -1; at = after(text, between, at)) {
    if (parts.length === most) return parts;
    parts.push(text.slice(from, at));
    from = at + between.length;
  }
  if (parts.length < most) parts.push(text.slice(from));
  return parts;
}

function raw(template: unknown, values: unknown[]): string {
  const pieces: unknown = Object((template as { raw: unknown }).raw);
  const length = admitList(pieces);
  let done = '';
  for (let at = 0; at < length; at += 1) {
    done = concat(done, [(pieces as ArrayLike<unknown>)[at]]);
    if (at + 1 < length && at < values.length) done = concat(done, [values[at]]);
  }
  return done;
}
