/**
 * A picture of everything that all code shares: the intrinsics of the language and whatever is given to classes. Taken
 * before an attack and after it, it tells what was changed or could have been.
 */
export interface Picture {
  /** Each object, with where it was found and what it had. */
  readonly seen: ReadonlyMap<object, Portrait>;
}

interface Portrait {
  readonly path: string;
  readonly prototype: unknown;
  readonly extensible: boolean;
  readonly members: ReadonlyMap<PropertyKey, PropertyDescriptor>;
}

const NAMES = [
  'Function', 'JSON', 'Map', 'Math', 'Number', 'Object', 'Promise', 'Proxy', 'RangeError', 'ReferenceError', 'Reflect', 'RegExp', 'Set',
  'String', 'Symbol', 'SyntaxError', 'TypeError', 'URIError', 'Uint8Array', 'WeakMap', 'WeakSet', 'harden',
  'decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'isFinite', 'isNaN', 'parseFloat', 'parseInt',
] as const; // prettier-ignore

/** `more` is looked at besides the intrinsics, and all that either leads to. */
export function picture(more: Readonly<Record<string, unknown>>): Picture {
  const seen = new Map<object, Portrait>();
  const waiting: (readonly [unknown, string])[] = [
    ...NAMES.map((name) => [(globalThis as Record<string, unknown>)[name], name] as const),
    ...Object.entries(more).map(([name, value]) => [value, name] as const),
    ...[[].values(), new Map().entries(), new Set().values(), ''[Symbol.iterator](), ''.matchAll(/x/g)].map(
      (iterator) => [Reflect.getPrototypeOf(iterator), 'an iterator'] as const,
    ),
  ];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [value, path] = next;
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      continue;
    // Host objects behind them are not for classes; a Compartment's own intrinsics are these.
    const members = new Map<PropertyKey, PropertyDescriptor>();
    for (const key of Reflect.ownKeys(value)) {
      const found = Reflect.getOwnPropertyDescriptor(value, key);
      if (found === undefined) continue;
      members.set(key, found);
      for (const part of [found.value, found.get, found.set] as unknown[])
        waiting.push([part, `${path}.${String(key)}`]);
    }
    const prototype = Reflect.getPrototypeOf(value);
    seen.set(value, { path, prototype, extensible: Reflect.isExtensible(value), members });
    waiting.push([prototype, `${path}.__proto__`]);
  }
  return { seen };
}

/** What could be written on. */
export function unfrozen({ seen }: Picture): readonly string[] {
  return [...seen].flatMap(([value, { path }]) => (Object.isFrozen(value) ? [] : [path]));
}

/** What is other than it was. */
export function changed(before: Picture): readonly string[] {
  const wrong: string[] = [];
  for (const [value, portrait] of before.seen) {
    const { path, members } = portrait;
    if (Reflect.getPrototypeOf(value) !== portrait.prototype) wrong.push(`${path} has another prototype`);
    if (Reflect.isExtensible(value) !== portrait.extensible)
      wrong.push(`${path} was made ${portrait.extensible ? 'not ' : ''}extensible`);
    const keys = Reflect.ownKeys(value);
    if (keys.length !== members.size)
      wrong.push(`${path} has ${keys.length} properties instead of ${members.size}`);
    for (const key of keys) {
      const [now, then] = [Reflect.getOwnPropertyDescriptor(value, key), members.get(key)];
      if (then === undefined || now === undefined) wrong.push(`${path}.${String(key)} is new`);
      else if (!same(now, then)) wrong.push(`${path}.${String(key)} is another`);
    }
  }
  return wrong;
}

function same(a: PropertyDescriptor, b: PropertyDescriptor): boolean {
  return (
    Object.is(a.value, b.value) &&
    a.get === b.get &&
    a.set === b.set &&
    a.writable === b.writable &&
    a.enumerable === b.enumerable &&
    a.configurable === b.configurable
  );
}
