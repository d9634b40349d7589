import { createHash } from 'node:crypto';
import type { CheckpointEntry } from '../../storage/checkpoint-reader.ts';
import { CUT_SIZES, cut } from '../../storage/backup/cut.ts';

type Entries = readonly (readonly [key: string, value: string])[];

async function* entriesOf(entries: Entries): AsyncGenerator<CheckpointEntry> {
  for (const [key, text] of entries) {
    const value = Buffer.from(text);
    yield { key, value, line: `${key} ${value.length}`, sealed: value };
  }
}

async function partsOf(entries: Entries, sizes = CUT_SIZES): Promise<string[]> {
  const parts: string[] = [];
  for await (const part of cut(entriesOf(entries), sizes)) parts.push(part.toString());
  return parts;
}

const whole = (entries: Entries) =>
  entries.map(([key, value]) => `${key} ${Buffer.byteLength(value)}\n${value}\n`).join('');
const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const world = Array.from(
  { length: 20_000 },
  (_, n) => [`o/o${100_000 + n}`, `v${n}`.padEnd(n % 400, 'x')] as const,
);

test('the parts one after the other are all there is, and about as large as they are meant to be', async () => {
  const parts = await partsOf(world);
  expect(parts.join('') === whole(world)).toBe(true);
  const mean = whole(world).length / parts.length;
  expect(mean).toBeGreaterThan(CUT_SIZES.aim / 2);
  expect(mean).toBeLessThan(CUT_SIZES.aim * 2);
  expect(await partsOf([])).toEqual([]);
});

test.each([
  ['changed', (entries: (readonly [string, string])[]) => entries.splice(9000, 1, ['o/o109000', 'another'])],
  ['removed', (entries: (readonly [string, string])[]) => entries.splice(9000, 1)],
  ['added', (entries: (readonly [string, string])[]) => entries.splice(9000, 0, ['o/o108999x', 'new'])],
])('an entry that is %s makes at most two parts new', async (_, change) => {
  const before = new Set((await partsOf(world)).map(hash));
  const entries = [...world];
  change(entries);
  const fresh = (await partsOf(entries)).filter((part) => !before.has(hash(part)));
  expect(fresh.length).toBeGreaterThan(0);
  expect(fresh.length).toBeLessThan(3);
});

test.each([-1, 0, 1, 1000])(
  'a part is at most as large as it may be, with an entry of %d over that too',
  async (over) => {
    const sizes = { aim: 1 << 30, most: 4096 };
    // The line, its end, the value and its end are 4096 bytes with nothing over.
    const large = [['o/o1', 'x'.repeat(4096 + over - 11)]] as const;
    const parts = await partsOf(large, sizes);
    expect(parts.join('')).toBe(whole(large));
    expect(parts.map(({ length }) => length)).toEqual(over > 0 ? [4096, over] : [4096 + over]);
    const many = Array.from({ length: 50 }, (_, n) => [`o/o${n + 10}`, 'y'.repeat(300 + n * 40)] as const);
    const cutUp = await partsOf(many, sizes);
    expect(cutUp.join('')).toBe(whole(many));
    expect(Math.max(...cutUp.map(({ length }) => length))).toBe(4096);
  },
);
