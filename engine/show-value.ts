import { types } from 'node:util';
import { stateOf } from '../wrappers/capability.ts';

/** What is shown of one value. `SHOW_LIMIT_NOTES` has the unit of each and why. */
export interface ShowLimits {
  readonly depth: number;
  readonly members: number;
  readonly methods: number;
  readonly text: number;
  readonly total: number;
}

export const SHOW_LIMITS: ShowLimits = {
  depth: 6,
  members: 100,
  methods: 40,
  text: 4_000,
  total: 65_536,
};

export const SHOW_LIMIT_NOTES: Readonly<
  Record<keyof ShowLimits, { readonly unit: string; readonly why: string }>
> = {
  depth: { unit: 'arrays and records inside one another', why: 'what is deeper is read by asking for it' },
  members: { unit: 'members of one array or record', why: 'a terminal shows some fifty lines' },
  methods: { unit: 'methods of one capability', why: 'as members' },
  text: { unit: 'characters of one text', why: 'one long text must not hide what stands beside it' },
  total: { unit: 'characters, about', why: 'an answer is held in memory and sent in one line' },
};

/** Characters in which a list or record has to fit to stand in one line. */
const WIDTH = 76;
const INDENT = '  ';
const MORE = '…';

const { getOwnPropertyDescriptor, getPrototypeOf } = Object;

/**
 * A value as text for whoever looks after the world: what data looks like in a source, and capabilities as
 * `Lamp o17 {off, on}`, without their tokens. Nothing of the value is called or asked: accessors, proxies, and
 * whatever it has to say about how it is shown stay unused. No character of it can draw on a terminal.
 */
export function showValue(value: unknown, limits: ShowLimits = SHOW_LIMITS): string {
  return new Show(limits).value(value, 0, '');
}

/** A text in quotation marks, with everything escaped that cannot be seen or moves a cursor. */
export function quoted(text: string): string {
  return visible(JSON.stringify(text));
}

function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
    (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

class Show {
  readonly #limits: ShowLimits;
  readonly #within = new Set<object>();
  #left: number;

  constructor(limits: ShowLimits) {
    this.#limits = limits;
    this.#left = limits.total;
  }

  value(value: unknown, depth: number, indent: string): string {
    if ((typeof value === 'object' && value !== null) || typeof value === 'function')
      return this.#object(value, depth, indent);
    return this.#spent(this.#plain(value));
  }

  #plain(value: unknown): string {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'symbol') return `Symbol(${this.#text(value.description ?? '')})`;
    return Object.is(value, -0) ? '-0' : String(value);
  }

  #text(text: string): string {
    const { text: most } = this.#limits;
    return text.length <= most ? quoted(text) : `${quoted(text.slice(0, most))}${MORE}`;
  }

  #object(value: object, depth: number, indent: string): string {
    if (types.isProxy(value)) return this.#spent('(proxy)');
    const capability = this.#capability(value);
    if (capability !== undefined) return this.#spent(capability);
    if (typeof value === 'function')
      return this.#spent(`(function ${visible(ownText(value, 'name')) || 'without a name'})`);
    if (types.isRegExp(value)) return this.#spent(patternText(value));
    if (types.isNativeError(value)) return this.#spent(this.#error(value));
    if (this.#within.has(value)) return this.#spent('(itself again)');
    if (depth >= this.#limits.depth) return this.#spent(Array.isArray(value) ? `[${MORE}]` : `{${MORE}}`);
    this.#within.add(value);
    const shown = this.#members(value, depth, indent);
    this.#within.delete(value);
    return shown;
  }

  #members(value: object, depth: number, indent: string): string {
    const inner = indent + INDENT;
    const next = (member: unknown): string => this.value(member, depth + 1, inner);
    if (types.isMap(value)) {
      const entries = Map.prototype.entries.call(value) as Iterable<readonly [unknown, unknown]>;
      return laidOut(
        'Map {',
        this.#all(entries, ([key, held]) => `${next(key)} => ${next(held)}`),
        '}',
        indent,
      );
    }
    if (types.isSet(value))
      return laidOut(
        'Set {',
        this.#all(Set.prototype.values.call(value) as Iterable<unknown>, next),
        '}',
        indent,
      );
    if (Array.isArray(value)) {
      const places = Array.from({ length: Math.min(value.length, this.#limits.members + 1) }, (_, at) =>
        String(at),
      );
      return laidOut(
        '[',
        this.#all(places, (at) => this.#own(value, at, next)),
        ']',
        indent,
      );
    }
    const named = (key: string | symbol): string => {
      const name =
        typeof key === 'symbol'
          ? `[${this.#plain(key)}]`
          : /^[A-Za-z_$][\w$]*$/.test(key)
            ? key
            : this.#text(key);
      return `${this.#spent(name)}: ${this.#own(value, key, next)}`;
    };
    return laidOut('{', this.#all(Reflect.ownKeys(value), named), '}', indent);
  }

  #own(value: object, key: string | symbol, next: (member: unknown) => string): string {
    const found = getOwnPropertyDescriptor(value, key);
    if (found === undefined) return this.#spent('(nothing)');
    return 'value' in found ? next(found.value) : this.#spent('(accessor)');
  }

  #all<T>(members: Iterable<T>, show: (member: T) => string): readonly string[] {
    const shown: string[] = [];
    for (const member of members) {
      if (shown.length >= this.#limits.members || this.#left <= 0) return [...shown, MORE];
      shown.push(show(member));
    }
    return shown;
  }

  #error(value: Error): string {
    const message = ownText(value, 'message');
    const prototype: unknown = getPrototypeOf(value);
    const inherited =
      typeof prototype === 'object' && prototype !== null && !types.isProxy(prototype)
        ? ownText(prototype, 'name')
        : '';
    const name = ownText(value, 'code') || ownText(value, 'name') || inherited || 'Error';
    return `(error ${quoted(name).slice(1, -1)}: ${this.#text(message)})`;
  }

  #capability(value: object): string | undefined {
    const state = stateOf(value);
    if (state === undefined) return undefined;
    const { className, methods } = state.shape;
    const names = [...methods];
    const most = this.#limits.methods;
    const listed = names.length > most ? [...names.slice(0, most), MORE] : names;
    return `${className} ${state.id} {${listed.join(', ')}}`;
  }

  #spent(text: string): string {
    this.#left -= text.length;
    return text;
  }
}

/** The accessors of a pattern that tell its flags, in their order. `flags` itself asks the pattern for each by its name. */
const FLAGS = [
  ['hasIndices', 'd'],
  ['global', 'g'],
  ['ignoreCase', 'i'],
  ['multiline', 'm'],
  ['dotAll', 's'],
  ['unicode', 'u'],
  ['unicodeSets', 'v'],
  ['sticky', 'y'],
] as const;

/** By the language's own accessors: an expression may have others in their place. */
function patternText(value: RegExp): string {
  const part = (name: string): unknown => Reflect.get(RegExp.prototype, name, value);
  const flags = FLAGS.map(([name, flag]) => (part(name) === true ? flag : '')).join('');
  return `/${visible(String(part('source')))}/${flags}`;
}

/** In one line if it fits, else a line for each. */
function laidOut(open: string, members: readonly string[], close: string, indent: string): string {
  const space = close === '}' && members.length > 0 ? ' ' : '';
  const line = `${open}${space}${members.join(', ')}${space}${close}`;
  if (line.length + indent.length <= WIDTH && !line.includes('\n')) return line;
  const inner = indent + INDENT;
  return `${open}\n${members.map((member) => `${inner}${member},\n`).join('')}${indent}${close}`;
}

function ownText(value: object, key: string): string {
  const found: unknown = getOwnPropertyDescriptor(value, key)?.value;
  return typeof found === 'string' ? found.slice(0, 200) : '';
}
