import { createContext, runInContext } from 'node:vm';
import { parse, type Program } from 'acorn';
import fc from 'fast-check';
import { namesOf } from '../../engine/source-scope.ts';

/**
 * Small programs over few names, in which all code runs: each function is called where it stands. Wherever a name is
 * used it is handed to `see` as well, so that the language itself tells whether anything declares it there.
 */
const name = fc.constantFrom('a', 'b', 'c', 'd');

/** A use of a name: what it gives does not matter. */
const use = name.map((each) => `see('${each}', () => ${each})`);

/** Becomes a call that notes that all of this block ran: a function that another one replaces never does. */
const DONE = 'DONE;';

const { statement, block } = fc.letrec<{
  pattern: string;
  expression: string;
  statement: string;
  block: string;
}>((tie) => {
  const some = (key: 'pattern' | 'expression' | 'statement', most: number): fc.Arbitrary<string[]> =>
    fc.array(tie(key), { maxLength: most });
  const body = some('statement', 4).map((all) => `{ ${all.join(' ')} ${DONE} }`);
  const params = some('pattern', 2).map((all) => all.join(', '));
  return {
    // What each takes apart is ANY, which has everything; a default is worked out where it asks for `none`.
    pattern: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      name,
      fc
        .tuple(tie('pattern'), tie('expression'))
        .map(([left, right]) => `{ none: ${left} = (${right}, ANY) }`),
      tie('pattern').map((each) => `{ x: ${each} }`),
      fc.tuple(tie('expression'), tie('pattern')).map(([key, each]) => `{ [(${key}, 'x')]: ${each} }`),
      tie('pattern').map((each) => `[${each}]`),
      name.map((each) => `[...${each}]`),
      name.map((each) => `{ ${each} = ANY }`),
    ),
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      use,
      fc.tuple(params, tie('expression')).map(([all, inner]) => `((${all}) => (${inner}))(ANY, ANY)`),
      fc.tuple(params, body).map(([all, inner]) => `((${all}) => ${inner})(ANY, ANY)`),
      fc.tuple(name, params, body).map(([own, all, inner]) => `(function ${own}(${all}) ${inner})(ANY, ANY)`),
      fc.tuple(params, body).map(([all, inner]) => `({ a(${all}) ${inner} }).a(ANY, ANY)`),
      fc.tuple(name, tie('expression')).map(([key, inner]) => `({ ${key}: ${inner} }).${key}`),
      fc.tuple(tie('expression'), tie('expression')).map((both) => `[${both.join()}]`),
      tie('expression').map((inner) => `\`\${String(typeof (${inner}))}\``),
    ),
    statement: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tie('expression').map((inner) => `${inner};`),
      fc
        .tuple(fc.constantFrom('let', 'const', 'var'), tie('pattern'), tie('expression'))
        .map(([kind, left, right]) => `${kind} ${left} = (${right}, ANY);`),
      fc
        .tuple(name, params, body)
        .map(([own, all, inner]) => `function ${own}(${all}) ${inner} try { ${own}(ANY, ANY); } catch {}`),
      tie('block'),
      fc
        .tuple(fc.constantFrom('let', 'const', 'var'), tie('pattern'), tie('expression'), tie('block'))
        .map(([kind, left, right, inner]) => `for (${kind} ${left} of (${right}, [ANY])) ${inner}`),
      fc
        .tuple(name, tie('expression'), tie('block'))
        .map(([own, right, inner]) => `for (let ${own} = (${right}, 0); ${own} < 1; ${own} += 1) ${inner}`),
      fc.tuple(name, tie('block')).map(([own, inner]) => `for (const ${own} in { x: 1 }) ${inner}`),
      fc
        .tuple(tie('pattern'), tie('block'))
        .map(([param, inner]) => `try { throw ANY; } catch (${param}) ${inner}`),
      fc
        .tuple(tie('expression'), some('statement', 3))
        .map(([on, all]) => `switch (${on}, 1) { case 1: ${all.join(' ')} }`),
      fc.tuple(name, tie('block')).map(([label, inner]) => `${label}: ${inner}`),
      fc.tuple(tie('expression'), tie('block')).map(([test, inner]) => `if ((${test}, true)) ${inner}`),
    ),
    block: body,
  };
});

function parsed(source: string): Program | null {
  try {
    return parse(source, { ecmaVersion: 2024, sourceType: 'module' });
  } catch {
    return null; // a name was declared twice
  }
}

/** A realm that is not locked down: errors say there what the language says. */
const realm = createContext({});

const AROUND = new Set(['see', 'DONE', 'ANY', 'String', 'undefined']);

/** The names that are free by the language's own account, as far as the program came. */
function freeWhenRun(source: string): { readonly free: string[]; readonly whole: boolean } {
  // Whatever is asked of ANY, it gives itself; as a list it has one member. A counting loop sees a number.
  const prelude = `'use strict';
    const free = new Set(), done = new Set();
    const ANY = new Proxy(function () {}, {
      get: (_, key) => key === Symbol.iterator ? function* () { yield ANY; } : key === Symbol.toPrimitive ? () => 1 : key === 'none' ? undefined : ANY,
      apply: () => ANY,
      ownKeys: () => [],
    });
    const see = (name, look) => {
      try { look(); } catch (error) { if (error.message === name + ' is not defined') free.add(name); }
      return ANY;
    };`;
  let blocks = 0;
  const numbered = source.replaceAll(DONE, () => `done.add(${(blocks += 1)});`);
  const text = `(() => { ${prelude}
    try { (() => { ${numbered}\n})(); done.add(0); } catch {}
    return { free: [...free], whole: done.size === ${blocks} + 1 };
  })()`;
  const { free, whole } = runInContext(text, realm) as { free: string[]; whole: boolean };
  return { free: [...free].sort(), whole };
}

describe('the names of a program', () => {
  test('that are free are the ones that the language does not find when it runs', () => {
    let runs = 0;
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 5 }), (statements) => {
        const source = statements.join('\n');
        const program = parsed(source);
        fc.pre(program !== null);
        const said = [...namesOf(program).free.keys()].filter((each) => !AROUND.has(each)).sort();
        const { free, whole } = freeWhenRun(source);
        if (whole) expect(said).toEqual(free);
        else for (const each of free) expect(said).toContain(each);
        runs += whole ? 1 : 0;
      }),
      { numRuns: 200 },
    );
    expect(runs).toBeGreaterThan(50);
  });

  test('that are written to are told where nothing nearer declares them', () => {
    fc.assert(
      fc.property(name, block, (own, inner) => {
        const source = `function f(${own}) { ${own} = 1; } ${own} = 2; function g() { [${own}] = [3]; for (${own} of []) (() => ${inner})(); }`;
        const program = parsed(source);
        fc.pre(program !== null);
        const places = namesOf(program).writes.map(({ at }) => at);
        expect(places).toEqual([
          source.indexOf(`${own} = 2`),
          source.indexOf(`[${own}]`) + 1,
          source.indexOf(`for (${own}`) + 5,
        ]);
      }),
    );
  });
});
