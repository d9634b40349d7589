import { SHOW_LIMITS, SHOW_LIMIT_NOTES, showValue, type ShowLimits } from '../../engine/show-value.ts';

/** Everything that a value could have called when somebody prints it. */
function trap(): { readonly called: string[]; readonly values: readonly unknown[] } {
  const called: string[] = [];
  const told = (what: string) => () => void called.push(what);
  const hooks = {
    toJSON: told('toJSON'),
    toString: told('toString'),
    valueOf: told('valueOf'),
    then: told('then'),
    inspect: told('inspect'),
    [Symbol.for('nodejs.util.inspect.custom')]: told('custom'),
    [Symbol.toPrimitive]: told('toPrimitive'),
    [Symbol.iterator]: told('iterator'),
    get [Symbol.toStringTag]() {
      called.push('tag');
      return 'x';
    },
    get open() {
      called.push('getter');
      return 1;
    },
  };
  const over = <T extends object>(value: T): T =>
    Object.defineProperties(value, Object.getOwnPropertyDescriptors(hooks));
  const everything = new Proxy(
    {},
    {
      get: (_, trapName) => () => {
        called.push(String(trapName));
        return undefined;
      },
    },
  );
  const values = [
    hooks,
    over([1, 2]),
    over(new Map([[1, 2]])),
    over(new Set([1])),
    over(/x/),
    over(new Error('x')),
    over(() => 1),
    new Proxy({}, everything),
    new Proxy([], everything),
    new Proxy(() => 1, everything),
    [new Proxy({}, everything)],
    Object.create(new Proxy({}, everything)),
    Object.setPrototypeOf(new Error('y'), new Proxy({}, everything)),
    Object.assign(Object.create({ constructor: new Proxy({}, everything) }), { a: 1 }),
  ];
  return { called, values };
}

test('nothing of a value is called or asked', () => {
  const { called, values } = trap();
  const get = (): number => called.push('part of a pattern');
  const pattern = Object.defineProperties(/x/gisy, { global: { get }, flags: { get }, source: { get } });
  expect(showValue(pattern)).toBe('/x/gisy');
  for (const value of values) expect(showValue(value).length).toBeGreaterThan(1);
  expect(called).toEqual([]);
  expect(showValue(values[7])).toBe('(proxy)');
  expect(showValue({ get a() { return 1; } })).toBe('{ a: (accessor) }'); // prettier-ignore
});

test.each([
  ['an escape', '\u001b]0;x\u0007', '"\\u001b]0;x\\u0007"'],
  ['what C1 has for it', '\u009b31m', '"\\u{9b}31m"'],
  ['what turns a line around', 'a\u202eb\u2066', '"a\\u{202e}b\\u{2066}"'],
  ['line ends of all kinds', '\r\n\u2028\u2029\u0085', '"\\r\\n\\u{2028}\\u{2029}\\u{85}"'],
  ['what has no width', 'a\u200b\ufeffb\u00ad', '"a\\u{200b}\\u{feff}b\\u{ad}"'],
  ['halves of characters', '\ud800x', '"\\ud800x"'],
  ['quotation marks', '"\\', '"\\"\\\\"'],
  ['letters of all kinds', 'Zoë 界 🙂', '"Zoë 界 🙂"'],
])('a text with %s is shown as it would be written', (_, text, shown) => {
  expect(showValue(text)).toBe(shown);
  expect(showValue({ [text]: 1 })).toBe(`{ ${shown}: 1 }`);
});

test('no way in which a text comes into a value lets it draw', () => {
  const text = 'x\u001b[2J\u202e\n\r';
  const named = { [text]: () => 1 }[text];
  const error = Object.assign(new Error(text), { code: text, name: text });
  const values = [
    [text],
    { [text]: text },
    new Map([[text, text]]),
    new Set([text]),
    Symbol(text),
    { [Symbol(text)]: 1 },
    error,
    named,
    new RegExp(text.replace('[', '\\[')),
  ];
  for (const value of values) expect(showValue(value)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
});

test('data looks as in a source, in one line where it fits', () => {
  expect(showValue({ a: [1, -0, 'x', null, undefined, true], 'b c': {}, d: [], e: 3n })).toBe(
    '{ a: [1, -0, "x", null, undefined, true], "b c": {}, d: [], e: 3n }',
  );
  expect(showValue(['a'.repeat(40), 'b'.repeat(40)])).toBe(
    `[\n  "${'a'.repeat(40)}",\n  "${'b'.repeat(40)}",\n]`,
  );
  const held: Record<string, unknown> = {};
  held['self'] = [held];
  expect(showValue(held)).toBe('{ self: [(itself again)] }');
  const twice = {};
  expect(showValue([twice, twice])).toBe('[{}, {}]');
});

describe('each limit', () => {
  const nested = (depth: number): unknown => (depth === 0 ? [] : [nested(depth - 1)]);
  const cases: Readonly<Record<keyof ShowLimits, readonly [at: string, over: string]>> = {
    depth: [showValue(nested(SHOW_LIMITS.depth - 1)), showValue(nested(SHOW_LIMITS.depth))],
    members: [
      showValue(Array(SHOW_LIMITS.members).fill(0)),
      showValue(Array(SHOW_LIMITS.members + 1).fill(0)),
    ],
    methods: ['', '…'], // console.test.ts has capabilities
    text: [showValue('x'.repeat(SHOW_LIMITS.text)), showValue('x'.repeat(SHOW_LIMITS.text + 1))],
    total: [showValue(Array(16).fill('x'.repeat(3_000))), showValue(Array(40).fill('x'.repeat(3_000)))],
  };
  test.each(Object.keys(cases) as (keyof ShowLimits)[])(
    '%s: shows up to it, and says where it stops',
    (name) => {
      const [at, over] = cases[name];
      expect(at).not.toContain('…');
      expect(over).toContain('…');
      expect(over.length).toBeLessThan(SHOW_LIMITS.total + 10_000);
      expect(SHOW_LIMIT_NOTES[name].why).not.toBe('');
    },
  );

  test('members of records, maps and sets too', () => {
    const many = Array.from({ length: SHOW_LIMITS.members + 1 }, (_, at) => [`k${at}`, at] as const);
    for (const value of [Object.fromEntries(many), new Map(many), new Set(many)])
      expect(showValue(value)).toContain('…');
  });
});
