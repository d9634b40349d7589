import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { blocksOf } from '../product/examples.ts';

const PAGE = 'docs/programming.md';
const page = readFileSync(PAGE, 'utf8');

test('the class in docs/programming.md is the one that is typed and played, word for word', () => {
  const source = readFileSync('docs/examples/oil-lamp.js', 'utf8').trimEnd();
  expect(blocksOf(PAGE, 'js').map(({ text }) => text)).toContain(source);
});

test('every verb of the authoring interface is on the page', () => {
  const exported = [
    ...readFileSync('engine/authoring.ts', 'utf8').matchAll(/^export function ([a-zA-Z]+)/gm),
  ];
  const verbs = new Set(exported.map((match) => match[1] ?? ''));
  expect(verbs.size).toBeGreaterThan(10);
  expect([...verbs].filter((verb) => !page.includes(`\`${verb}(`))).toEqual([]);
});

test('every example is on the page, and every link of it leads to one', () => {
  const linked = [...page.matchAll(/\]\(examples\/([a-z-]+\.js)\)/g)].map((match) => match[1] ?? '');
  expect([...new Set(linked)].sort()).toEqual(
    readdirSync('docs/examples')
      .filter((file) => file.endsWith('.js'))
      .sort(),
  );
  expect(linked.every((file) => existsSync(`docs/examples/${file}`))).toBe(true);
});
