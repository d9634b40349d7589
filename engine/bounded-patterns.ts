import { types } from 'node:util';
import {
  admitResult,
  admitText,
  apply,
  bounds,
  construct,
  defineProperty,
  exchange,
  getOwnPropertyDescriptor,
  isObject,
  NATIVE_LIMITS,
  refuse,
  textOf,
  type Made,
  type Native,
} from './bounds.ts';
import { stepsToCompile } from './pattern-steps.ts';
import { substitute } from './substitution.ts';

/*
 * V8 compiles a regular expression when it is first used, again when it is used more, and again for texts with other
 * characters; and where too little of the call stack is left for that, it ends the process. So before each use it is made sure
 * that enough is left: as many arguments as take that much are put on the stack, which is a RangeError where it is full.
 * Expressions of the host are no exception: code of the world calls the host wherever it likes.
 */

/** Arguments, of 8 bytes each, that stand for the stack that compiling takes. 512 are enough for what is not nested. */
const ROOM_LEAST = 640;
/**
 * The same, for each group and each `|`: measured are up to 83 for groups inside of each other. Ways that begin alike are put
 * inside of each other too.
 */
const ROOM_NESTED = 90;
const GROUP = 0x28;
const WAY = 0x7c;
/**
 * Groups are nested 100 deep at most (pattern-tree.ts), which takes 8,300; so many ways that begin alike as a pattern has room
 * for, 90, take another 4,000.
 */
const ROOM_MOST = 16_384;

const ROOMS: readonly (readonly number[])[] = [ROOM_LEAST, 1024, 2048, 4096, 8192, ROOM_MOST].map((length) =>
  Object.freeze(new Array<number>(length).fill(0)),
);

function nothing(): void {}

/** Raises a RangeError where too little of the call stack is left to compile an expression of this source. */
function checkRoom(source: string): void {
  let least = ROOM_LEAST;
  for (let at = 0; at < source.length && least < ROOM_MOST; at += 1) {
    const unit = source.charCodeAt(at);
    if (unit === GROUP || unit === WAY) least += ROOM_NESTED;
  }
  let which = 0;
  while (which < ROOMS.length - 1 && (ROOMS[which] as readonly number[]).length < least) which += 1;
  apply(nothing, undefined, ROOMS[which] as readonly number[]);
}

const NativeRegExp = RegExp;
const patternPrototype = RegExp.prototype;
const nativeExec = own('exec', 'value');
const sourceOf = own('source', 'get');
const isGlobal = own('global', 'get');
const isUnicode = own('unicode', 'get');
const isUnicodeSets = own('unicodeSets', 'get');
const KEPT_FLAGS: readonly (readonly [flag: string, has: Native])[] = [
  ['i', own('ignoreCase', 'get')],
  ['m', own('multiline', 'get')],
  ['s', own('dotAll', 'get')],
  ['u', isUnicode],
  ['v', isUnicodeSets],
];

function own(name: string, part: 'value' | 'get'): Native {
  return (getOwnPropertyDescriptor(patternPrototype, name) as Record<typeof part, Native>)[part];
}

/**
 * Whether it is a regular expression whose `exec` is the built-in one. What other properties of its own it may have (flags,
 * a constructor) is not looked at.
 */
function isPlain(pattern: unknown): pattern is RegExp {
  return isObject(pattern) && (pattern as RegExp).exec === executing.method;
}

/**
 * Exchanges what makes regular expressions and what uses them. To search for a match can be stopped, unless the
 * expression is nothing but a text. Replacing and splitting are done here also outside of turns: V8 is fast at them only
 * for as long as nobody has frozen `RegExp.prototype`.
 *
 * This has to be loaded before SES, which keeps the constructor that it finds.
 */
export function boundPatterns(): void {
  exchange(patternPrototype, 'exec', () => executing);
  exchange(patternPrototype, 'test', testing);
  exchange(patternPrototype, Symbol.match, matching);
  exchange(patternPrototype, Symbol.replace, replacing);
  exchange(patternPrototype, Symbol.split, splitting);
  exchange(globalThis, 'RegExp', () => ({ method: bounded }));
  const species = getOwnPropertyDescriptor(NativeRegExp, Symbol.species) as PropertyDescriptor;
  defineProperty(bounded, Symbol.species, species);
  defineProperty(bounded, 'prototype', { value: patternPrototype, writable: false });
  defineProperty(patternPrototype, 'constructor', { value: bounded });
}

function bounded(this: unknown, pattern?: unknown, flags?: unknown): unknown {
  const args = bounds.held ? admitted(parts(pattern, flags)) : [pattern, flags];
  if (new.target === undefined) return apply(NativeRegExp, undefined, args);
  return construct(NativeRegExp, args, new.target);
}

/** The same with flags that are a text, if what is to be compiled is not too much. */
function admitted([pattern, flags]: readonly unknown[]): unknown[] {
  if (flags === undefined && types.isRegExp(pattern)) return [pattern, flags];
  const written = flags === undefined ? '' : textOf(flags);
  if (written.includes('v')) throw new TypeError('In a turn no regular expression has the flag v: use u.');
  // One that goes on to mean the same was looked at when it was made.
  if (types.isRegExp(pattern) && apply(isUnicode, pattern, []) === written.includes('u'))
    return [pattern, written];
  const source = types.isRegExp(pattern) ? apply(sourceOf, pattern, []) : (pattern ?? '');
  const most = NATIVE_LIMITS.compiling;
  if (stepsToCompile(source as string, written, most) > most)
    refuse('This regular expression branches too much', 'compiling');
  return [pattern, written];
}

/** A short enough source, and flags. Looks at what is only like a regular expression once, as the built-in does. */
function parts(pattern: unknown, flags: unknown): unknown[] {
  if (types.isRegExp(pattern) || pattern === undefined) return [pattern, flags];
  if (!isObject(pattern)) return [admitText(pattern, 'pattern'), flags];
  const like = pattern as { [Symbol.match]?: unknown; source?: unknown; flags?: unknown };
  if (!like[Symbol.match]) return [admitText(pattern, 'pattern'), flags];
  const { source } = like;
  return [admitText(source, 'pattern'), flags === undefined ? like.flags : flags];
}

const executing: Made = {
  method(this: unknown, string?: unknown): unknown {
    if (!bounds.held) {
      checkRoom(apply(sourceOf, this, []) as string);
      return apply(nativeExec, this, [string]);
    }
    const text = admitText(string);
    admitPattern(this, text.length);
    return apply(nativeExec, this, [text]);
  },
};

/** Literals in a source are not made by the constructor; and one that is nothing but a text is looked for in one step. */
function admitPattern(pattern: unknown, length: number): void {
  const source = apply(sourceOf, pattern, []) as string;
  if (source.length > NATIVE_LIMITS.pattern) refuse('This regular expression is too long', 'pattern');
  if (source.length * length > NATIVE_LIMITS.comparisons) refuse('This is too much to search', 'comparisons');
  checkRoom(source);
}

function testing(native: Native): Made {
  return {
    method(this: unknown, string?: unknown): unknown {
      if (!isPlain(this)) return apply(native, this, [string]);
      return apply(executing.method, this, [string]) !== null;
    },
  };
}

/** The text to work on, not too long for the expression. */
function begin(pattern: RegExp, string: unknown): string {
  if (bounds.held) {
    const text = admitText(string);
    admitPattern(pattern, text.length);
    return text;
  }
  checkRoom(apply(sourceOf, pattern, []) as string);
  return textOf(string);
}

/** In a turn, what finds by methods of its own could answer with a match of any length. */
function unusual(native: Native, pattern: unknown, args: unknown[]): unknown {
  if (bounds.held)
    throw new TypeError('In a turn only a regular expression can do this, with no exec of its own.');
  return apply(native, pattern, args);
}

/** The next match, or null. */
function next(pattern: RegExp, text: string): RegExpExecArray | null {
  return apply(nativeExec, pattern, [text]) as RegExpExecArray | null;
}

/** Whether characters of two halves count as one. */
function countsWhole(pattern: RegExp): boolean {
  return apply(isUnicode, pattern, []) === true || apply(isUnicodeSets, pattern, []) === true;
}

/** The place behind the character at `at`. */
function beyond(pattern: RegExp, text: string, at: number): number {
  const isHalf = text.charCodeAt(at) >= 0xd800 && (text.codePointAt(at) ?? 0) > 0xffff;
  return at + (isHalf && countsWhole(pattern) ? 2 : 1);
}

/** The next match of one that finds all, or null; never the same twice. */
function nextOfAll(pattern: RegExp, text: string): RegExpExecArray | null {
  const match = next(pattern, text);
  if (match?.[0] === '') pattern.lastIndex = beyond(pattern, text, pattern.lastIndex);
  return match;
}

function matching(native: Native): Made {
  return {
    method(this: unknown, string?: unknown): unknown {
      if (!isPlain(this)) return unusual(native, this, [string]);
      const text = begin(this, string);
      if (apply(isGlobal, this, []) !== true) return next(this, text);
      const found: string[] = [];
      this.lastIndex = 0;
      for (let match = nextOfAll(this, text); match !== null; match = nextOfAll(this, text)) {
        found.push(match[0]);
      }
      return found.length === 0 ? null : found;
    },
  };
}

function replacing(native: Native): Made {
  return {
    method(this: unknown, string?: unknown, replacement?: unknown): unknown {
      if (!isPlain(this)) return unusual(native, this, [string, replacement]);
      const text = begin(this, string);
      if (typeof replacement === 'function') return replaceBy(this, text, replacement as Native);
      return replaceWith(this, text, textOf(replacement));
    },
  };
}

/** All matches that are to be replaced. They are found before the first is replaced: that runs code that may use `pattern`. */
function matches(pattern: RegExp, text: string): RegExpExecArray[] {
  if (apply(isGlobal, pattern, []) !== true) {
    const match = next(pattern, text);
    return match === null ? [] : [match];
  }
  const found: RegExpExecArray[] = [];
  pattern.lastIndex = 0;
  for (let match = nextOfAll(pattern, text); match !== null; match = nextOfAll(pattern, text)) {
    found.push(match);
  }
  return found;
}

function replaceBy(pattern: RegExp, text: string, replacer: Native): string {
  const found = matches(pattern, text);
  let done = '';
  let from = 0;
  for (let each = 0; each < found.length; each += 1) {
    const match = found[each] as RegExpExecArray;
    const { groups, index } = match;
    const args: unknown[] = groups === undefined ? [...match, index, text] : [...match, index, text, groups];
    done += text.slice(from, index) + textOf(apply(replacer, undefined, args));
    if (bounds.held) admitResult(done);
    from = index + match[0].length;
  }
  return done + text.slice(from);
}

function replaceWith(pattern: RegExp, text: string, template: string): string {
  const found = matches(pattern, text);
  const fixed = !template.includes('$');
  let done = '';
  let from = 0;
  for (let each = 0; each < found.length; each += 1) {
    const match = found[each] as RegExpExecArray;
    done += text.slice(from, match.index) + (fixed ? template : substitute(template, match, text));
    if (bounds.held) admitResult(done);
    from = match.index + match[0].length;
  }
  return done + text.slice(from);
}

function splitting(native: Native): Made {
  return {
    method(this: unknown, string?: unknown, limit?: unknown): unknown {
      if (!isPlain(this)) return unusual(native, this, [string, limit]);
      const text = begin(this, string);
      const most = limit === undefined ? 2 ** 32 - 1 : (limit as number) >>> 0;
      return most === 0 ? [] : split(this, text, most);
    },
  };
}

/**
 * The built-in makes an expression with the flag `y` and tries it at each place; one with `g` goes to the next by itself. The
 * flags are those that it was made with, and not what properties of its own say: with others it might take long to compile.
 */
function finderOf(pattern: RegExp): RegExp {
  let flags = 'g';
  for (const [flag, has] of KEPT_FLAGS) if (apply(has, pattern, []) === true) flags += flag;
  return new NativeRegExp(apply(sourceOf, pattern, []) as string, flags);
}

function split(pattern: RegExp, text: string, most: number): unknown[] {
  const finder = finderOf(pattern);
  if (text === '') return next(finder, text) === null ? [''] : [];
  const parts: unknown[] = [];
  let from = 0;
  let at = 0;
  while (at < text.length) {
    finder.lastIndex = at;
    const match = next(finder, text);
    if (match === null || match.index >= text.length) break;
    const end = match.index + match[0].length;
    if (end === from) {
      at = beyond(pattern, text, from);
      continue;
    }
    parts.push(text.slice(from, match.index));
    if (parts.length === most) return parts;
    for (let each = 1; each < match.length; each += 1) {
      parts.push(match[each]);
      if (parts.length === most) return parts;
    }
    from = end;
    at = end;
  }
  parts.push(text.slice(from));
  return parts;
}
