import { types } from 'node:util';
import {
  admitText,
  apply,
  bounds,
  construct,
  defineProperty,
  exchange,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  isObject,
  NATIVE_LIMITS,
  ownKeys,
  refuse,
  textOf,
  type Made,
  type Native,
} from './bounds.ts';
import { substitute } from './substitution.ts';

const NativeRegExp = RegExp;
const patternPrototype = RegExp.prototype;
const nativeExec = own('exec', 'value');
const sourceOf = own('source', 'get');
const flagsOf = own('flags', 'get');

function own(name: string, part: 'value' | 'get'): Native {
  return (getOwnPropertyDescriptor(patternPrototype, name) as Record<typeof part, Native>)[part];
}

/** What is known of a regular expression that is one, and has no properties of its own. */
interface Plain {
  readonly global: boolean;
  readonly unicode: boolean;
  /** The same expression, which finds its next match wherever that is; made when it is needed. */
  finder: RegExp | null;
}

/** Nothing can change the source or the flags of a regular expression: SES takes `compile` away. */
const known = new WeakMap<object, Plain>();

function plain(pattern: unknown): Plain | null {
  // The one property of its own is `lastIndex`, which none can be without.
  if (!types.isRegExp(pattern) || getPrototypeOf(pattern) !== patternPrototype) return null;
  if (ownKeys(pattern).length !== 1) return null;
  let about = known.get(pattern);
  if (about === undefined) {
    const flags = apply(flagsOf, pattern, []) as string;
    about = {
      global: flags.includes('g'),
      unicode: flags.includes('u') || flags.includes('v'),
      finder: null,
    };
    known.set(pattern, about);
  }
  return about;
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
  const args = bounds.held ? parts(pattern, flags) : [pattern, flags];
  if (new.target === undefined) return apply(NativeRegExp, undefined, args);
  return construct(NativeRegExp, args, new.target);
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
    if (!bounds.held) return apply(nativeExec, this, [string]);
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
}

function testing(native: Native): Made {
  return {
    method(this: unknown, string?: unknown): unknown {
      if (plain(this) === null) return apply(native, this, [string]);
      return apply(executing.method, this, [string]) !== null;
    },
  };
}

/** The text to work on, not too long for the expression. */
function begin(pattern: unknown, string: unknown): string {
  if (!bounds.held) return textOf(string);
  const text = admitText(string);
  admitPattern(pattern, text.length);
  return text;
}

/** In a turn, what is no plain regular expression could answer with a match of any length. */
function unusual(native: Native, pattern: unknown, args: unknown[]): unknown {
  if (bounds.held) throw new TypeError('In a turn a regular expression may have no properties of its own.');
  return apply(native, pattern, args);
}

/** The next match, or null. */
function next(pattern: RegExp, text: string): RegExpExecArray | null {
  return apply(nativeExec, pattern, [text]) as RegExpExecArray | null;
}

/** Where to go on after a match of no characters. */
function beyond(text: string, at: number, unicode: boolean): number {
  return at + (unicode && (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

/** The next match of one that finds all, or null; never the same twice. */
function nextOfAll(pattern: RegExp, text: string, unicode: boolean): RegExpExecArray | null {
  const match = next(pattern, text);
  if (match?.[0] === '') pattern.lastIndex = beyond(text, pattern.lastIndex, unicode);
  return match;
}

function matching(native: Native): Made {
  return {
    method(this: unknown, string?: unknown): unknown {
      const about = plain(this);
      if (about === null) return unusual(native, this, [string]);
      const pattern = this as RegExp;
      const text = begin(pattern, string);
      if (!about.global) return next(pattern, text);
      pattern.lastIndex = 0;
      const found: string[] = [];
      for (;;) {
        const match = nextOfAll(pattern, text, about.unicode);
        if (match === null) return found.length === 0 ? null : found;
        found[found.length] = match[0];
      }
    },
  };
}

function replacing(native: Native): Made {
  return {
    method(this: unknown, string?: unknown, replacement?: unknown): unknown {
      const about = plain(this);
      if (about === null) return unusual(native, this, [string, replacement]);
      const pattern = this as RegExp;
      const text = begin(pattern, string);
      if (typeof replacement === 'function') return replaceBy(pattern, about, text, replacement as Native);
      return replaceWith(pattern, about, text, textOf(replacement));
    },
  };
}

/** All matches that are to be replaced. They are found before the first is replaced: that runs code that may use `pattern`. */
function matches(pattern: RegExp, about: Plain, text: string): RegExpExecArray[] {
  const found: RegExpExecArray[] = [];
  if (!about.global) {
    const match = next(pattern, text);
    if (match !== null) found[0] = match;
    return found;
  }
  pattern.lastIndex = 0;
  for (;;) {
    const match = nextOfAll(pattern, text, about.unicode);
    if (match === null) return found;
    found[found.length] = match;
  }
}

function replaceBy(pattern: RegExp, about: Plain, text: string, replacer: Native): string {
  const found = matches(pattern, about, text);
  let done = '';
  let from = 0;
  for (let each = 0; each < found.length; each += 1) {
    const match = found[each] as RegExpExecArray;
    const { groups, index } = match;
    const args: unknown[] = groups === undefined ? [...match, index, text] : [...match, index, text, groups];
    done += text.slice(from, index) + textOf(apply(replacer, undefined, args));
    admitResult(done);
    from = index + match[0].length;
  }
  return done + text.slice(from);
}

function replaceWith(pattern: RegExp, about: Plain, text: string, template: string): string {
  const fixed = !template.includes('$');
  if (about.global) pattern.lastIndex = 0;
  let done = '';
  let from = 0;
  for (;;) {
    const match = about.global ? nextOfAll(pattern, text, about.unicode) : next(pattern, text);
    if (match === null) break;
    const { groups, index } = match;
    const [matched, ...captures] = match;
    const instead = fixed
      ? template
      : substitute(template, { matched, text, position: index, captures, groups });
    done += text.slice(from, index) + instead;
    admitResult(done);
    from = index + matched.length;
    if (!about.global) break;
  }
  return done + text.slice(from);
}

function admitResult(text: string): void {
  if (bounds.held && text.length > NATIVE_LIMITS.characters) refuse('This text grows too long', 'characters');
}

function splitting(native: Native): Made {
  return {
    method(this: unknown, string?: unknown, limit?: unknown): unknown {
      const about = plain(this);
      if (about === null) return unusual(native, this, [string, limit]);
      const text = begin(this, string);
      const most = limit === undefined ? 2 ** 32 - 1 : (limit as number) >>> 0;
      return most === 0 ? [] : split(finderOf(this as RegExp, about), text, most, about.unicode);
    },
  };
}

/** The built-in makes an expression with the flag `y` and tries it at each place; one with `g` goes to the next by itself. */
function finderOf(pattern: RegExp, about: Plain): RegExp {
  if (about.finder === null) {
    const flags = (apply(flagsOf, pattern, []) as string).replace(/[gy]/g, '');
    about.finder = new NativeRegExp(apply(sourceOf, pattern, []) as string, `${flags}g`);
  }
  return about.finder;
}

function split(finder: RegExp, text: string, most: number, unicode: boolean): unknown[] {
  const parts: unknown[] = [];
  if (text === '') {
    finder.lastIndex = 0;
    return next(finder, text) === null ? [''] : [];
  }
  let from = 0;
  let at = 0;
  while (at < text.length) {
    finder.lastIndex = at;
    const match = next(finder, text);
    if (match === null || match.index >= text.length) break;
    const end = match.index + match[0].length;
    if (end === from) {
      at = beyond(text, from, unicode);
      continue;
    }
    parts[parts.length] = text.slice(from, match.index);
    if (parts.length === most) return parts;
    for (let each = 1; each < match.length; each += 1) {
      parts[parts.length] = match[each];
      if (parts.length === most) return parts;
    }
    from = end;
    at = end;
  }
  parts[parts.length] = text.slice(from);
  return parts;
}
