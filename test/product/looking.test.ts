import { join } from 'node:path';
import { blocksOf } from './examples.ts';
import { keystead, PlainClient, startWorld, temporaryFolder } from './product.ts';

/** Object ids, times and the marks of grants are other ones in another version of the starter world, and sizes too. */
const vague = (line: string): string =>
  line
    .replace(/\bo\d+\b/g, 'oN')
    .replace(/\b[0-9a-f]{10}\b/g, 'MARK')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/(size|objects|and): ?\d+|and \d+ more/g, 'some');

/** Whether text fits, where a line "..." stands for any lines. */
function expectFit(text: string, expected: string): void {
  const lines = text.split('\n').map(vague);
  let at = 0;
  let anyLines = false;
  for (const line of expected.split('\n').map(vague)) {
    if (line === '...') anyLines = true;
    else if (anyLines) {
      const found = lines.indexOf(line, at);
      expect([line, found >= at]).toEqual([line, true]);
      at = found + 1;
      anyLines = false;
    } else {
      expect(lines[at]).toBe(line);
      at += 1;
    }
  }
  if (!anyLines) expect(lines.slice(at)).toEqual([]);
}

test('the examples of docs/looking.md are what a running world shows, and a stopped one too', async () => {
  const folder = temporaryFolder();
  const data = join(folder.path, 'world');
  const world = await startWorld(data, '--checkpoint-every', '0');
  const show = async (...words: string[]): Promise<string> => {
    const { code, out, err } = await keystead('dump', '--data', data, ...words);
    expect([code, err]).toEqual([0, '']);
    return out.trimEnd();
  };
  try {
    const lamps = (await show('--json', '#Lamp')).split('\n');
    const lantern = lamps
      .map((line) => JSON.parse(line) as { id: string; record: { name: string } })
      .find(({ record }) => record.name === 'storm lantern');
    const examples = blocksOf('docs/looking.md', 'console').filter(({ text }) =>
      text.startsWith('$ keystead dump'),
    );
    expect(examples.length).toBeGreaterThan(3);
    for (const { text } of examples) {
      const [command = '', ...expected] = text.split('\n');
      const words = command
        .split(' ')
        .slice(3)
        .map((word) => (/^o\d+$/.test(word) ? (lantern?.id ?? word) : word));
      expectFit(await show(...words), expected.join('\n'));
    }

    const ann = await PlainClient.connect(world.url);
    await ann.expect(/connect guest/);
    await ann.ask('create Ann open-sesame-7', /You are|Hello|Welcome|stone slip/);
    expect(await show('Ann')).toMatch(/^o\d+ Player\n[^]*\n {2}player: "Ann"\n/);
    expect(await show('sessions')).toMatch(/^session [\w-]+\n {2}of: o\d+ Player session /);
    const running = (await show('all', '--json')).split('\n');
    expect(running.filter((line) => line.includes('"damaged"'))).toEqual([]);
    expect((await show('all')).match(/\.[A-Za-z0-9_-]{22}\.\d/)).toBeNull();
    ann.close();
    expect(await world.stop()).toBe(0);
    expect(await show()).toMatch(/^a stopped world\n/);
    expect(await show('Ann')).toMatch(/\n {2}player: "Ann"\n/);
  } finally {
    await world.stop();
    folder.remove();
  }
}, 60_000);
