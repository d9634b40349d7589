import { open, readdir, readFile, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { createHash } from 'node:crypto';
import { checkpointFile, listCheckpoints } from '../../storage/checkpoint-folder.ts';
import { verifyCheckpoint, verifyReader, writeCheckpoint } from '../../storage/checkpoint-file.ts';
import { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { PackedSource } from '../../storage/checkpoint/packed.ts';
import { Packer } from '../../storage/checkpoint/packer.ts';
import { objectKey } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import type { Snapshot } from '../../storage/store.ts';
import { codeOf } from './acceptance.ts';
import { about, put, restore, storeWith } from './checkpoint-fixture.ts';
import { newFolder, removeFolder } from './level-folder.ts';
import type { MemoryStore } from './memory-store.ts';

let folder: string;
let checkpoints: string;
beforeEach(async () => {
  folder = await newFolder();
  checkpoints = join(folder, 'checkpoints');
});
afterEach(() => removeFolder(folder));

/** What the frames of a packed file hold. */
function unpacked(file: Buffer): Buffer {
  const head = 'keystead packed\n';
  expect(file.toString('latin1', 0, head.length)).toBe(head);
  const frames: Buffer[] = [];
  for (let at = head.length; at < file.length;) {
    const length = file.readUInt32BE(at);
    frames.push(brotliDecompressSync(file.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return Buffer.concat(frames);
}

describe('a checkpoint is what those on disk already are:', () => {
  const summaryOf = (version: number) => ({
    header: {
      format: 'keystead',
      version,
      vat: '',
      checkpoint: 3,
      when: '2025-01-01T00:00:00.000Z',
      seq: 7,
    },
    entries: 2,
    bytes: 218,
  });
  const textOf = (
    version: number,
    hash: string,
  ) => `{"format":"keystead","version":${version},"vat":"","checkpoint":3,"when":"2025-01-01T00:00:00.000Z","seq":7}
o/o1 8
1i0hux2:
o/o2 21
oem8vs:two\nlines \u{1f3ee}
 end 2 ${hash}
`;

  test('packed,', async () => {
    const store = await storeWith(put('o/o2', 'two\nlines \u{1f3ee}'), put('o/o1', ''));
    const file = checkpointFile(checkpoints, 3);
    expect(await writeCheckpoint(store.snapshot(), file, about(3))).toEqual(summaryOf(4));
    const text = textOf(4, '912fcafb27bd92688f569e3e149a0a4e8a49a9bf9da5cf9fa033b17d2f9af422');
    expect(unpacked(await readFile(file)).toString()).toBe(text);
    expect(await verifyCheckpoint(file)).toEqual(summaryOf(4));
    expect(await readdir(checkpoints)).toEqual(['000003.checkpoint']);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });

  test('and older ones, which are not', async () => {
    const file = join(folder, 'older');
    await writeFile(file, textOf(2, '121112835e70675014056f89205961e8eb92f11a8748ab6ba2079fea43ee964b'));
    expect(await verifyCheckpoint(file)).toEqual(summaryOf(2));
  });
});

test.each([-1, 0, 1])(
  'values at the end of a frame come back, and those larger than one: %d',
  async (more) => {
    const head =
      '{"format":"keystead","version":4,"vat":"","checkpoint":1,"when":"2025-01-01T00:00:00.000Z","seq":7}\n';
    const frame = 512 * 1024;
    const long = (length: number): string => Array.from({ length }, (_, n) => (n * n) % 10).join('');
    const filling = long(frame - head.length - 'o/o1 524123\nxxxxxxx:\n'.length + more);
    const ops = [
      put('o/o1', filling),
      put('o/o2', '\u00e9'.repeat(frame)),
      put('o/o3', long(frame)),
      put('o/o4', ''),
    ];
    const file = checkpointFile(checkpoints, 1);
    const summary = await writeCheckpoint(await storeWith(...ops), file, about(1));
    expect(await verifyCheckpoint(file)).toEqual(summary);
    await restore(file, join(folder, 'to'));
    const store = await openLevelStore(join(folder, 'to'));
    for (const { put: key, value } of ops) expect(store.get(key) === value).toBe(true);
    await store.close();
  },
);

test('a value is gathered in one piece of memory, however little of it there is to read at a time', async () => {
  const file = checkpointFile(checkpoints, 1);
  await writeCheckpoint(
    await storeWith(put('o/o1', 'x'.repeat(1_000_000)), put('o/o2', 'y')),
    file,
    about(1),
  );
  const bytes = unpacked(await readFile(file));
  const pieces = new Set<Buffer>();
  let at = 0;
  const source = {
    part: 0,
    read: async (into: Buffer, offset: number, length: number) => {
      pieces.add(into);
      const read = bytes.copy(into, offset, at, at + Math.min(length, 10_000));
      at += read;
      return read;
    },
    close: async () => {},
  };
  const reader = await CheckpointReader.from(source, file);
  let entries = 0;
  for await (const { value } of reader.entries()) entries += value.length > 0 ? 1 : 0;
  expect(entries).toBe(2);
  expect(pieces.size).toBeLessThan(6);
});

test('a file is read whole from a file system that gives less than it was asked for', async () => {
  const file = checkpointFile(checkpoints, 1);
  const summary = await writeCheckpoint(await storeWith(put('o/o1', 'one')), file, about(1));
  const handle = await open(file, 'r');
  const read = (into: Buffer, at: number, length: number, from: number) =>
    handle.read(into, at, Math.min(length, 3), from);
  const slow = { read, close: () => handle.close() } as unknown as FileHandle;
  const source = new PackedSource(file, slow, (await stat(file)).size);
  expect(await verifyReader(await CheckpointReader.from(source, file))).toEqual(summary);
});

describe('a file that is not what was written', () => {
  let file: string;
  let bytes: Buffer;
  let store: MemoryStore;
  beforeEach(async () => {
    store = await storeWith(put('o/o1', 'one'), put('o/o2', 'two'), put('s/x', '{"a":"\u00e9"}'));
    file = checkpointFile(checkpoints, 1);
    await writeCheckpoint(store, file, about(1));
    bytes = await readFile(file);
  });
  const damage = ['CheckpointDamaged', 'FormatForeign', 'FormatNewer'];

  test('is found out wherever it is cut', async () => {
    for (let n = 0; n < bytes.length; n += 1) {
      await writeFile(file, bytes.subarray(0, n));
      expect(damage).toContain(await codeOf(() => verifyCheckpoint(file)));
    }
  });

  test('is found out whichever byte is changed, if that changes anything', async () => {
    const good = unpacked(bytes);
    let harmless = 0;
    for (let n = 0; n < bytes.length; n += 1) {
      const changed = Buffer.from(bytes);
      changed[n] = (changed[n] as number) ^ (1 << (n % 8));
      await writeFile(file, changed);
      const code = await codeOf(() => verifyCheckpoint(file));
      if (code === '') expect(unpacked(changed)).toEqual(good);
      else expect(damage).toContain(code);
      harmless += code === '' ? 1 : 0;
    }
    // Bits of codes that Brotli writes down and has no use for.
    expect(harmless).toBeLessThan(bytes.length / 16);
  });

  test('is found out whichever byte of an older one, which is not packed, is changed', async () => {
    const good = unpacked(bytes);
    for (let n = 0; n < good.length; n += 1) {
      const changed = Buffer.from(good);
      changed[n] = (changed[n] as number) ^ 1;
      await writeFile(file, changed);
      expect(damage).toContain(await codeOf(() => verifyCheckpoint(file)));
    }
  });

  test('is found out when it says that it holds more than it may, in few bytes', async () => {
    const length = Buffer.alloc(4);
    for (const size of [512 * 1024, 512 * 1024 + 1, 2 ** 28]) {
      // At its best it takes ten seconds for the last one.
      const params = { [constants.BROTLI_PARAM_QUALITY]: 1 };
      const packed = brotliCompressSync(Buffer.alloc(size, ' '), { params });
      length.writeUInt32BE(packed.length);
      await writeFile(file, Buffer.concat([bytes.subarray(0, 16), length, packed]));
      await expect(verifyCheckpoint(file)).rejects.toMatchObject({
        code: 'CheckpointDamaged',
        message: expect.stringContaining(size === 512 * 1024 ? 'no line ends' : 'cannot be unpacked'),
      });
    }
    for (const size of [0, 512 * 1024 + 1025, 2 ** 32 - 1]) {
      length.writeUInt32BE(size);
      await writeFile(file, Buffer.concat([bytes.subarray(0, 16), length, Buffer.alloc(600_000)]));
      await expect(verifyCheckpoint(file)).rejects.toMatchObject({ code: 'CheckpointDamaged' });
    }
  });

  test('is found out when something is added, or an entry is twice there', async () => {
    for (const more of [Buffer.from('\n'), bytes.subarray(16)]) {
      await writeFile(file, Buffer.concat([bytes, more]));
      expect(await codeOf(() => verifyCheckpoint(file))).toBe('CheckpointDamaged');
    }
    const text = unpacked(bytes).toString('latin1');
    const entry = /o\/o1 .*\n.*\n/.exec(text)?.[0] as string;
    await writeFile(file, text.replace(entry, entry + entry), 'latin1');
    await expect(verifyCheckpoint(file)).rejects.toMatchObject({
      message: expect.stringContaining('out of order'),
    });
  });

  test('is found out by the checksum of a value, also where the hash of all fits', async () => {
    const text = unpacked(bytes).toString('latin1');
    const body = text.slice(0, text.lastIndexOf(' end ')).replace(':one\n', ':0ne\n');
    const count = / end (\d+) /.exec(text)?.[1];
    const hash = createHash('sha256').update(body, 'latin1').digest('hex');
    await writeFile(file, `${body} end ${count} ${hash}\n`, 'latin1');
    await expect(verifyCheckpoint(file)).rejects.toMatchObject({
      code: 'CheckpointDamaged',
      message: expect.stringContaining('the value of key "o/o1"'),
    });
  });

  test('is not restored, not even in part', async () => {
    await writeFile(file, bytes.subarray(0, bytes.length - 5));
    const to = join(folder, 'to');
    expect(await codeOf(() => restore(file, to))).toBe('CheckpointDamaged');
    expect(await codeOf(() => openLevelStore(to))).toBe('Missing');
  });

  test('is still listed, without what its first line would say', async () => {
    await writeFile(file, 'x');
    expect(await listCheckpoints(checkpoints)).toMatchObject([
      { number: 1, file, bytes: 1, header: undefined },
    ]);
  });

  test.each([
    ['FormatForeign', 'hello\n'],
    ['FormatForeign', '{"format":"keystead","version":1,"vat":""}\n'],
    ['FormatNewer', '{"format":"keystead","version":5,"vat":""}\n'],
    ['CheckpointDamaged', ''],
  ])('%s: %j', async (code, text) => {
    await writeFile(file, text);
    expect(await codeOf(() => verifyCheckpoint(file))).toBe(code);
  });

  test('may have a line of 1024 characters, and not one more', async () => {
    const padded = (length: number) => `${' '.repeat(length - 41)}{"format":"other","version":1,"vat":"y"}\n`;
    expect(padded(1024).indexOf('\n')).toBe(1023);
    await writeFile(file, ` ${padded(1024)}`);
    expect(await codeOf(() => verifyCheckpoint(file))).toBe('FormatForeign');
    await writeFile(file, `  ${padded(1024)}`);
    expect(await codeOf(() => verifyCheckpoint(file))).toBe('CheckpointDamaged');
  });

  test('or that is not there, is said so', async () => {
    expect(await codeOf(() => verifyCheckpoint(join(folder, 'none')))).toBe('Missing');
    expect(await codeOf(() => verifyCheckpoint(folder))).toBe('Unreadable');
  });
});

describe('writing', () => {
  test('never replaces a checkpoint', async () => {
    const store = await storeWith(put('o/o1', 'one'));
    const file = checkpointFile(checkpoints, 1);
    await writeCheckpoint(store, file, about(1));
    expect(await codeOf(() => writeCheckpoint(store, file, about(1)))).toBe('NotEmpty');
  });

  test('that fails leaves no file', async () => {
    const store = await storeWith(put('o/o1', 'one'), put('o/o2', 'two'));
    store.damage('o/o2');
    const file = checkpointFile(checkpoints, 1);
    expect(await codeOf(() => writeCheckpoint(store, file, about(1)))).toBe('Damaged');
    expect(await readdir(checkpoints)).toEqual([]);
    await writeFile(join(folder, 'file'), '');
    expect(
      await codeOf(() => writeCheckpoint(store, join(folder, 'file', '000001.checkpoint'), about(1))),
    ).toBe('Unreadable');
  });

  test('fails when the thread that packs has ended before it is asked', async () => {
    const packer = new Packer();
    await packer.begin();
    await packer.close();
    await expect(packer.pack(1)).rejects.toThrow('has ended');
  });

  test('leaves out what is damaged, if it may report it', async () => {
    const store = await storeWith(put('o/o1', 'one'), put('o/o2', 'two'));
    store.damage('o/o1');
    const damaged: string[] = [];
    const file = checkpointFile(checkpoints, 1);
    const onDamaged = (key: string) => damaged.push(key);
    expect((await writeCheckpoint(store, file, { ...about(1), onDamaged })).entries).toBe(1);
    expect(damaged).toEqual(['o/o1']);
  });

  test('lets the event loop run between chunks', async () => {
    const store = await storeWith(...Array.from({ length: 1000 }, (_, n) => put(objectKey(`o${n}`), 'v')));
    let turns = 0;
    let going = true;
    const count = (): void => {
      turns += 1;
      if (going) setImmediate(count);
    };
    setImmediate(count);
    const seen: number[] = [];
    const counting: Snapshot = {
      get: (key) => store.get(key),
      range: (range) => store.range(range),
      async *sealed(range) {
        for await (const chunk of store.sealed(range)) {
          seen.push(turns);
          yield chunk;
        }
      },
      close: () => store.close(),
    };
    await writeCheckpoint(counting, checkpointFile(checkpoints, 1), about(1));
    going = false;
    expect(seen).toHaveLength(Math.ceil(1000 / 256));
    for (const at of [1, 2, 3]) expect(seen[at]).toBeGreaterThan(seen[at - 1] as number);
  });
});
