// The real product on a disk that is full. Skipped, with a word, where nothing may be mounted.

import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { askWorld } from '../../clients/control.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { Keystead } from '../crash/keystead.ts';
import { keystead as runKeystead } from '../product/product.ts';
import { httpAnswer } from '../http-answer.ts';
import { largeObjects, leaveRoom, mount, unmount } from './small-disk.ts';

const LIMIT = 90_000;

/** Somebody who types one line after the other. */
class Typist {
  readonly lines: string[] = [];
  readonly #socket: WebSocket;
  #wake: () => void = () => {};

  constructor(url: string) {
    this.#socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
    this.#socket.on('message', (data) => {
      this.lines.push(...(data as Buffer).toString().split('\n'));
      this.#wake();
    });
    this.#socket.on('close', () => this.#wake());
  }

  async opened(): Promise<void> {
    await new Promise((resolve) => this.#socket.once('open', resolve));
  }

  /** Types a line and waits until a line is shown that fits; gives that line. */
  async type(line: string, until: RegExp): Promise<string> {
    const from = this.lines.length;
    this.#socket.send(line);
    for (;;) {
      const found = this.lines.slice(from).find((each) => until.test(each));
      if (found !== undefined) return found;
      if (this.#socket.readyState !== WebSocket.OPEN) return 'closed';
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  leave(): void {
    this.#socket.terminate();
  }
}

/**
 * Bytes for the commands that are still answered before the disk is full. A short one takes some 3 000, in the journal and
 * when that settles. With room for more, LevelDB's log grows to 4 MiB and is to become a table, which cannot be packed
 * here and does not fit: two logs are left.
 */
const ROOMS = [
  { full: 'for a log', room: 300_000, text: () => 'x'.repeat(500), logs: 1 },
  { full: 'for a table', room: 6_000_000, text: () => randomBytes(900).toString('hex'), logs: 2 },
] as const;

const HALTED = /cannot write to its disk/;

test.each(ROOMS)(
  'a world whose disk has no more room $full says so, takes no more, and has everything when there is room again',
  async ({ room, text, logs }) => {
    const data = await mkdtemp(join(tmpdir(), 'keystead-full-'));
    if (!(await mount(data, 20))) return;
    const complaints: string[] = [];
    let keystead: Keystead | undefined;
    let ada: Typist | undefined;
    const start = async (): Promise<void> => {
      keystead = await Keystead.start(data, ['--checkpoint-every', '0'], (text) => complaints.push(text));
      ada = new Typist(keystead.url);
      await ada.opened();
    };
    try {
      await start();
      await ada?.type('create Ada abcdefgh', /^Ways out/);
      await ada?.type('get lantern', /You take the storm lantern/);

      // One with room: with it the journal settles, which takes room in the database, sooner or later, where it is not asked to.
      await askWorld(data, process.cwd(), { t: 'checkpoint' });
      const checkpoints = join(data, 'checkpoints');
      const [first = '', ...others] = await readdir(checkpoints);
      expect(others).toEqual([]);
      await leaveRoom(data, (await stat(join(checkpoints, first))).size / 2);

      // A checkpoint finds no room: that is told to whoever asked for it, and the world goes on.
      await expect(askWorld(data, process.cwd(), { t: 'checkpoint' })).rejects.toThrow(
        /cannot write the checkpoint/,
      );
      expect(await ada?.type('say still here', /still here|disk/)).toMatch(/You say, "still here"/);

      expect(await readdir(checkpoints)).toEqual([first]);

      await leaveRoom(data, room);
      let told = 0;
      for (; told < 2000; told += 1) {
        const line = `@describe me as Number ${told + 1}. ${text()}`;
        const answer = await ada?.type(line, /That is what people will read|cannot write to its disk/);
        if (answer === 'closed' || HALTED.test(answer ?? '')) break;
      }
      expect(told).toBeGreaterThan(10);
      expect(told).toBeLessThan(2000);
      expect(ada?.lines.some((line) => HALTED.test(line))).toBe(true);
      const left = (await readdir(join(data, 'db'))).filter((file) => file.endsWith('.log'));
      expect(left.length).toBe(logs);
      expect((await httpAnswer(`${keystead?.url}/healthz`)).status).toBe(503);

      // It can be looked at, and copied to another disk.
      for (const look of [
        ['dump', 'Ada'],
        ['export', '-'],
      ]) {
        const { code, out } = await runKeystead(...look, '--data', data);
        expect(code).toBe(0);
        expect([told, told + 1]).toContain(Number(/Number (\d+)/.exec(out)?.[1]));
      }
      ada?.leave();
      await keystead?.stop();

      // Without room it does not start; with room all that was answered is there.
      await leaveRoom(data, 0);
      const refused = await runKeystead('start', '--data', data, '--port', '0');
      expect(refused.code).toBe(1);
      expect(refused.err).toMatch(/No space left on device; make room on its disk/);
      await rm(join(data, 'ballast'));
      await start();
      await ada?.type('connect Ada abcdefgh', /^Ways out/);
      expect(await ada?.type('i', /carry/)).toMatch(/storm lantern/);
      const last = Number(/Number (\d+)/.exec((await ada?.type('x me', /Number \d+/)) ?? '')?.[1]);
      expect([told, told + 1]).toContain(last); // one may be there that was not answered
      expect((await httpAnswer(`${keystead?.url}/healthz`)).status).toBe(200);
    } finally {
      ada?.leave();
      await keystead?.stop();
      await unmount(data);
    }
  },
  LIMIT,
);

test(
  'a repair on a full disk says that it is full, and goes on when it has room',
  async () => {
    const disk = await mkdtemp(join(tmpdir(), 'keystead-room-'));
    if (!(await mount(disk, 30))) return;
    try {
      const data = join(disk, 'world');
      for (let at = 0; at < 2; at += 1) {
        const store = await openLevelStore(data, { create: true });
        await store.batch(largeObjects(at * 500 + 1, 500), { sync: true });
        await store.close();
      }
      const table = (await readdir(join(data, 'db'))).find((name) => name.endsWith('.ldb')) ?? 'none';
      const bytes = await readFile(join(data, 'db', table));
      await writeFile(join(data, 'db', table), bytes.fill(0, 1_000_000, 1_000_100));
      for (const room of [0, 100_000]) {
        await leaveRoom(disk, room);
        const refused = await runKeystead('check', '--repair', '--data', data);
        expect(refused.err).toMatch(/No space left on device/);
        expect(refused.err).not.toMatch(/restore/);
      }
      await rm(join(disk, 'ballast'));
      const repaired = await runKeystead('check', '--repair', '--data', data);
      expect(repaired.out).toMatch(/wrote the database anew: \d+ entries could be read/);
    } finally {
      await unmount(disk);
    }
  },
  LIMIT,
);
