import { guarded } from '../../clients/watchdog.ts';
import { bounds } from '../../engine/bounds.ts';
import { evaluateClass } from '../../engine/compartment.ts';
import { checkSource } from '../../engine/source-check.ts';

type Anything = Record<string, (...args: unknown[]) => unknown>;

function dog(members: string, before = ''): Anything {
  return new (evaluateClass(checkSource('Dog', `${before}\nclass Dog { ${members} }`), {}))() as Anything;
}

function inTurn<T>(body: () => T): T {
  bounds.held = true;
  try {
    return body();
  } finally {
    bounds.held = false;
  }
}

test('the lines stay, and each place is found again', () => {
  const source = 'class Dog {\n  bark(a, b) {\n    for (;;) [...a, { ...(b, a) }];\n  }\n}';
  const { compiled } = checkSource('Dog', source);
  expect(compiled.text.split('\n')).toHaveLength(source.split('\n').length);
  for (const sought of ['bark', '[...', 'b, a', '];']) {
    expect(compiled.back(compiled.text.indexOf(sought))).toBe(source.indexOf(sought));
  }
  expect(checkSource('Dog', 'class Dog {}').compiled.text).toBe('class Dog {}');
});

test('what is spread, taken apart or gone through is as it ever was', () => {
  const one = dog(
    `
    own = { ...BASE, c: 3 };
    spread(a, b) { return [{ ...a, ...(b, a), ...null, ...{ z: [...b] } }, Math.max(...b, ...(a, b)), new Array(...b, 'x')]; }
    rest(object) {
      let x, more;
      const { a, ...others } = object, { ...all } = (object, { ...object });
      ({ a: x, ...more } = object);
      return [a, others, all, x, more];
    }
    loops(list) {
      const seen = [];
      outer: for (const each of list) for (let n = 0; n < each; n += 1) if (n > 1) continue outer; else seen.push([each, n]);
      let n = 2;
      while (n > 0) seen.push(n--);
      do n += 1
      while (n < 3)
      for (; n < 5; n += 1);
      return [...seen, n];
    }`,
    'const BASE = { a: 1, ...{ b: 2 } };',
  );
  expect(one['own']).toEqual({ a: 1, b: 2, c: 3 });
  expect(one['spread']?.({ q: 1 }, [2, 4])).toEqual([{ q: 1, z: [2, 4] }, 4, [2, 4, 'x']]);
  const rest = { b: 2, c: 3 };
  const all = { a: 1, ...rest };
  expect(one['rest']?.(all)).toEqual([1, rest, all, 1, rest]);
  expect(one['loops']?.([1, 3])).toEqual([[1, 0], [3, 0], [3, 1], 2, 1, 5]);
});

test('what is too wide is not taken apart in a turn', () => {
  const one = dog(`
    spread(value) { return Object.keys({ ...value }).length; }
    rest(value) { const { length, ...others } = value; return Object.keys(others).length; }
    assigned(value) { let others; ({ ...others } = value); return Object.keys(others).length; }`);
  const wide = ['x'.repeat(2 ** 16 + 1), Object('x'.repeat(2 ** 16 + 1)), new Array(2 ** 18 + 1).fill(0)];
  for (const method of ['spread', 'rest', 'assigned']) {
    for (const each of wide) {
      expect(() => inTurn(() => one[method]?.(each))).toThrow(RangeError);
      expect(one[method]?.(each)).toBeGreaterThan(2 ** 16);
    }
    expect(inTurn(() => one[method]?.('abc'))).toBe(3);
  }
});

test('a loop is stopped also where each of its steps is long', () => {
  const one = dog(`
    spread(list) { for (;;) [...list]; }
    straight(list) { ${'[...list]; Math.max(1, ...list.slice(0, 2)); '.repeat(500)} }
    compare(one, other) { do if (one + 'x' < other + 'x') return; while (true); }`);
  const list = new Array<unknown>(2 ** 20).fill(0);
  const text = 'x'.repeat(2 ** 24);
  const tries: readonly (readonly [string, unknown[]])[] = [
    ['spread', [list]],
    ['straight', [list]],
    ['compare', [text, text]],
  ];
  for (const [method, args] of tries) {
    expect(inTurn(() => guarded(50, () => void one[method]?.(...args)))).toBe(false);
  }
});
