import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { archiveWriter } from '../../clients/archive/archive-file.ts';
import { WatchedFiles } from '../storage/watched-files.ts';

test('an export takes the place of no device and no pipe', async () => {
  await expect(archiveWriter('/dev/null', process.stdout, tmpdir())).rejects.toMatchObject({
    code: 'Unwritable',
  });
  const folder = mkdtempSync(join(tmpdir(), 'keystead-'));
  try {
    await expect(archiveWriter(folder, process.stdout, tmpdir())).rejects.toMatchObject({
      code: 'Unwritable',
    });
    writeFileSync(join(folder, 'older'), 'older');
    const watched = new WatchedFiles();
    const writer = await archiveWriter(join(folder, 'older'), process.stdout, tmpdir());
    await writer.write('newer');
    await writer.end();
    watched.end();
    expect(watched.unsynced).toEqual([]);
    expect(readFileSync(join(folder, 'older'), 'utf8')).toBe('newer');
    expect(readdirSync(folder)).toEqual(['older']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an export to a link replaces what it leads to, and the link stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keystead-'));
  const [link, astray] = [join(folder, 'link'), join(folder, 'astray')];
  try {
    mkdirSync(join(folder, 'other'));
    writeFileSync(join(folder, 'other', 'world'), 'older');
    symlinkSync(join('other', 'world'), link);
    symlinkSync('nowhere', astray);
    const writer = await archiveWriter(link, process.stdout, tmpdir());
    await writer.write('newer');
    await writer.end();
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(folder, 'other', 'world'), 'utf8')).toBe('newer');
    await expect(archiveWriter(astray, process.stdout, tmpdir())).rejects.toThrow(
      'a link to what is not there',
    );
    expect(readdirSync(folder).sort()).toEqual(['astray', 'link', 'other']);
    expect(readdirSync(join(folder, 'other'))).toEqual(['world']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an export touches no other file, and two to one place do not mix', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keystead-'));
  const file = join(folder, 'world');
  try {
    writeFileSync(`${file}.part`, 'mine');
    const first = await archiveWriter(file, process.stdout, tmpdir());
    await first.write('first');
    const second = await archiveWriter(file, process.stdout, tmpdir());
    await second.write('sec');
    await expect(first.end()).rejects.toMatchObject({ code: 'Unwritable' });
    await first.drop();
    await second.write('ond');
    await second.end();
    expect(readFileSync(file, 'utf8')).toBe('second');
    expect(readFileSync(`${file}.part`, 'utf8')).toBe('mine');
    expect(readdirSync(folder).sort()).toEqual(['world', 'world.part']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('an export that nobody reads is waited for until it is to end, and no longer', async () => {
  const unread = new Writable({ highWaterMark: 1, write: () => {} });
  const ending = new AbortController();
  const writer = await archiveWriter('-', unread, tmpdir(), ending.signal);
  const written = writer.write('more than there is room for');
  ending.abort();
  await written;
  // Who finds out only now that it is to end is not held up either.
  await writer.write('more');
});

test('an export that another one has overtaken says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'keystead-'));
  try {
    const file = join(folder, 'world');
    const first = await archiveWriter(file, process.stdout, tmpdir());
    const second = await archiveWriter(file, process.stdout, tmpdir());
    await second.write('second');
    await second.end();
    await expect(first.end()).rejects.toThrow('another export to it was begun meanwhile');
    await first.drop();
    expect(readFileSync(file, 'utf8')).toBe('second');
    expect(readdirSync(folder)).toEqual(['world']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
