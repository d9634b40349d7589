import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Keystead } from '../crash/keystead.ts';
import { parseTranscript, play } from '../world/transcript.ts';
import type { TestWorld } from '../world-fixture.ts';
import { transcriptOf } from './examples.ts';
import { ProductSession } from './product-session.ts';
import { keystead, temporaryFolder } from './product.ts';

/** How the page writes that the power goes. */
const KILL = /^\$ kill -9 .*$/gm;

test('the transcript of README.md is what two players of the real thing see, and one kill is in it', async () => {
  const folder = temporaryFolder();
  const complaints: string[] = [];
  const data = join(folder.path, 'world');
  const product = await Keystead.start(data, [], (text) => complaints.push(text));
  const sessions: ProductSession[] = [];
  let kills = 0;
  const world = {
    session: (name?: string) => {
      const session = new ProductSession(product.url, name);
      sessions.push(session);
      return session;
    },
    settle: async () => {
      for (const session of sessions) await session.settle();
    },
    makeAdmin: async (name: string) => {
      await keystead('admin', name, '--data', data);
    },
    advance: () => Promise.reject(new Error('Real time does not advance for a test.')),
    restart: () => {
      if (product.killWorld()) kills += 1;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  } as Omit<TestWorld, 'world'> as TestWorld;
  try {
    const source = transcriptOf('README.md').replaceAll(KILL, '! restart');
    const steps = parseTranscript(source);
    expect(steps.filter(({ expected }) => expected.length > 0).length).toBeGreaterThan(10);
    await play(steps, world);
    await world.settle();
    expect(sessions.map((session) => session.closed())).toEqual(sessions.map(() => false));
    expect(kills).toBe(1);
  } finally {
    for (const session of sessions) await session.end();
    await product.stop();
    folder.remove();
  }
}, 60_000);

const pages = ['README.md', 'test/README.md', ...readdirSync('docs').map((file) => `docs/${file}`)].filter(
  (file) => file.endsWith('.md'),
);

/** All that a page gives to be typed: code spans and blocks. */
function typedIn(page: string): string {
  return (readFileSync(page, 'utf8').match(/```[^`]*```|`[^`]+`/g) ?? []).join('\n');
}

test('every npm script that a page names is there', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const named = pages.flatMap((page) =>
    [...typedIn(page).matchAll(/\bnpm (?:run )?([a-z]+)/g)].map((match) => match[1] ?? ''),
  );
  expect(named.length).toBeGreaterThan(3);
  expect(named.filter((name) => name !== 'ci' && !Object.hasOwn(scripts, name))).toEqual([]);
});

test('every command that a page names is there', async () => {
  const { out } = await keystead('help');
  const commands = new Set([...out.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]));
  const named = pages.flatMap((page) =>
    [...typedIn(page).matchAll(/(?<=^|`)keystead ([a-z]+)/gm)].map((match) => match[1] ?? ''),
  );
  expect(named).toContain('checkpoint');
  expect(named.filter((name) => !commands.has(name))).toEqual([]);
});

test('every page and picture that a page leads to is there', () => {
  for (const page of pages) {
    const folder = page.includes('/') ? page.slice(0, page.lastIndexOf('/')) : '.';
    const targets = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
      (match) => match[1] ?? '',
    );
    for (const target of targets)
      expect([page, readFileSync(join(folder, target)).length > 0]).toEqual([page, true]);
  }
});
