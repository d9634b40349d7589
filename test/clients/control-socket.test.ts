import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { linesOf } from '../../clients/control-lines.ts';
import { converse, askWorld } from '../../clients/control.ts';
import { serveControl, type ControlHandlers } from '../../clients/control-socket.ts';
import { PortalError } from '../../clients/errors.ts';
import { StoreError } from '../../storage/errors.ts';
import { endAll, freshFolder, onEnd } from './harness.ts';

afterEach(endAll);

async function serving(handlers: Partial<ControlHandlers>): Promise<string> {
  const data = freshFolder();
  const control = await serveControl(`${data}/control.sock`, {
    requests: {},
    conversations: {},
    ...handlers,
  });
  onEnd(() => control.close());
  return data;
}

const ask = (data: string, t: string) => askWorld(data, process.cwd(), { t });

test('a request is answered, and one that the world does not know is refused', async () => {
  const data = await serving({ requests: { hello: () => Promise.resolve('good day') } });
  expect(await ask(data, 'hello')).toBe('good day');
  await expect(ask(data, 'toString')).rejects.toMatchObject({ code: 'RequestFailed' });
  await expect(ask(data, 'howl')).rejects.toThrow('does not know that request');
});

test('what the world refuses with has its own code, where that is one that a command may end with', async () => {
  const data = await serving({
    requests: {
      admin: () => Promise.reject(new PortalError('NoPlayer', 'no such player')),
      checkpoint: () => Promise.reject(new StoreError('Unwritable', 'the disk is full')),
      reload: () => Promise.reject(Object.assign(new Error('a fault'), { code: 'toString' })),
    },
  });
  await expect(ask(data, 'admin')).rejects.toMatchObject({ code: 'NoPlayer', message: 'no such player' });
  await expect(ask(data, 'checkpoint')).rejects.toMatchObject({ code: 'Unwritable' });
  await expect(ask(data, 'reload')).rejects.toMatchObject({ code: 'RequestFailed' });
});

test('nobody else may open the socket from its first moment on, whatever the process allows others', async () => {
  const folder = freshFolder();
  const at = join(folder, 'control.sock');
  const masks: [mask: string, isThere: boolean][] = [];
  const umask = (mask: number): number => {
    masks.push([mask.toString(8), readdirSync(folder).length > 0]);
    return 0o2;
  };
  const control = await serveControl(at, { requests: {}, conversations: {} }, umask);
  onEnd(() => control.close());
  expect(masks).toEqual([
    ['177', false],
    ['2', true],
  ]);
  expect((statSync(at).mode & 0o777).toString(8)).toBe('600');
});

test('a world that goes away over a request leaves open whether it has been done, and has begun no conversation', async () => {
  const data = freshFolder();
  const server = createServer((socket) => {
    socket.once('data', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(join(data, 'control.sock'), resolve));
  onEnd(() => server.close());
  await expect(ask(data, 'collect')).rejects.toMatchObject({ code: 'NoAnswer' });
  await expect(converse(data, process.cwd(), { t: 'view' })).rejects.toMatchObject({ code: 'NoWorld' });
});

test('a world that is being started again is waited for', async () => {
  const data = freshFolder();
  const socket = join(data, 'control.sock');
  const first = await serveControl(socket, { requests: {}, conversations: {} });
  await first.close(true);
  const asking = ask(data, 'hello');
  const requests = { hello: () => Promise.resolve('here again') };
  const second = await serveControl(socket, { requests, conversations: {} });
  onEnd(() => second.close());
  expect(await asking).toBe('here again');
});

test('a world that ends leaves alone what another one has in its place', async () => {
  const data = freshFolder();
  const socket = join(data, 'control.sock');
  const first = await serveControl(socket, { requests: {}, conversations: {} });
  renameSync(socket, join(data, 'moved'));
  const requests = { hello: () => Promise.resolve('the other one') };
  const other = await serveControl(socket, { requests, conversations: {} });
  onEnd(() => other.close());
  await first.close(true);
  expect(await ask(data, 'hello')).toBe('the other one');
  await other.close();
  expect(readdirSync(data)).toEqual(['moved']);
});

test('a path that is too long for a socket is told as that', async () => {
  await expect(ask(join(freshFolder(), 'x'.repeat(110)), 'collect')).rejects.toMatchObject({
    code: 'CannotListen',
  });
});

test('a place where no socket can be made is refused with what to do', async () => {
  const none = { requests: {}, conversations: {} };
  const file = join(freshFolder(), 'file');
  writeFileSync(file, '');
  for (const folder of [file, join(file, '..', 'gone')])
    await expect(serveControl(join(folder, 'control.sock'), none)).rejects.toMatchObject({
      code: 'CannotListen',
      message: expect.stringMatching(
        /control\.sock.*; whoever runs the world has to be able to write that file, .*change the owner of both/,
      ),
    });
  const at = join(freshFolder(), 'control.sock');
  mkdirSync(`${at}.new`);
  await expect(serveControl(at, none)).rejects.toMatchObject({
    code: 'CannotListen',
    message: expect.stringMatching(/control\.sock\.new\. Take that away\.$/),
  });
});

test('a conversation carries lines of any length both ways, in order', async () => {
  const data = await serving({
    conversations: {
      echo: async (_, lines) => {
        for (let line = await lines.next(); line !== undefined; line = await lines.next())
          await lines.write(`<${line}>`);
      },
    },
  });
  const lines = await converse(data, process.cwd(), { t: 'echo' });
  const long = 'x'.repeat(3_000_000);
  const said = ['a', '', long, 'b'];
  for (const line of said) void lines.write(line);
  for (const line of said) expect(await lines.next()).toBe(`<${line}>`);
  lines.end();
  expect(await lines.next()).toBeUndefined();
});

test('a long line that comes in many pieces takes no longer than its length', async () => {
  const socket = new PassThrough();
  const lines = linesOf(socket as unknown as Socket);
  const pieces = 250_000;
  for (let n = 0; n < pieces; n += 1)
    socket.emit('data', 'sixty-four characters, as if they had come over a slow line....\u00e9');
  socket.emit('data', 'end\nnext');
  socket.emit('data', '\n');
  const line = await lines.next();
  expect([line?.length, line?.slice(-4)]).toEqual([pieces * 64 + 3, 'éend']);
  expect(await lines.next()).toBe('next');
  expect(socket.destroyed).toBe(false);
});

test('a line that is longer than any may be ends the conversation', async () => {
  const socket = new PassThrough();
  const lines = linesOf(socket as unknown as Socket);
  const next = lines.next();
  for (let n = 0; n < 33; n += 1) socket.emit('data', 'x'.repeat(1024 * 1024));
  await expect(next).rejects.toThrow('too long');
});

test('a conversation that fails says why in its last line', async () => {
  const data = await serving({
    conversations: {
      sulk: () => Promise.reject(new Error('not today')),
    },
  });
  const lines = await converse(data, process.cwd(), { t: 'sulk' });
  expect(JSON.parse((await lines.next()) ?? '')).toMatchObject({ ok: false, text: 'not today' });
});

test('who goes away in the middle of a conversation ends it for the world too', async () => {
  let told: (error: unknown) => void = () => {};
  const broke = new Promise((resolve) => {
    told = resolve;
  });
  const data = await serving({
    conversations: {
      talk: async (_, lines) => {
        for (;;)
          await lines.write('and another thing').catch((error: unknown) => Promise.reject(told(error)));
      },
    },
  });
  const socket = connect(`${data}/control.sock`, () => socket.write('{"t":"talk"}\n'));
  await once(socket, 'data');
  socket.destroy();
  expect(await broke).toBeInstanceOf(Error);
});

test('closing tells conversations that it is over, and waits for their last words', async () => {
  const data = freshFolder();
  const control = await serveControl(`${data}/control.sock`, {
    requests: {},
    conversations: {
      watch: async (_, lines, over) => {
        await once(over, 'abort');
        await lines.write('the world is closing');
      },
    },
  });
  const lines = await converse(data, process.cwd(), { t: 'watch' });
  const closed = control.close();
  expect(await lines.next()).toBe('the world is closing');
  lines.end();
  await closed;
});

test('somebody who connected and said nothing does not hold up the close', async () => {
  const data = freshFolder();
  const control = await serveControl(`${data}/control.sock`, { requests: {}, conversations: {} });
  const socket = connect(`${data}/control.sock`);
  await once(socket, 'connect');
  await control.close();
  if (!socket.destroyed) await once(socket.resume(), 'close');
  expect(socket.destroyed).toBe(true);
});

test('somebody who asks and never reads does not hold up the close', async () => {
  const data = freshFolder();
  let begun = (): void => {};
  const flooding = new Promise<void>((resolve) => (begun = resolve));
  const control = await serveControl(`${data}/control.sock`, {
    requests: {},
    conversations: {
      flood: async (_, lines) => {
        const written = lines.write('x'.repeat(4_000_000));
        begun();
        await written;
      },
    },
  });
  const socket = connect(`${data}/control.sock`, () => socket.write('{"t":"flood"}\n'));
  await flooding;
  await control.close();
  socket.on('error', () => {}).resume();
  if (!socket.destroyed) await once(socket, 'close');
});

test('many at once are no reason for the process to warn', async () => {
  const warnings: Error[] = [];
  const warned = (warning: Error): void => void warnings.push(warning);
  process.on('warning', warned);
  onEnd(() => process.off('warning', warned));
  const data = await serving({
    conversations: {
      wait: async (_, lines) => {
        await lines.next();
      },
    },
  });
  const all = await Promise.all(
    Array.from({ length: 20 }, () => converse(data, process.cwd(), { t: 'wait' })),
  );
  for (const lines of all) lines.end();
  const idle = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = connect(`${data}/control.sock`);
      await once(socket, 'connect');
      return socket;
    }),
  );
  expect(await converse(data, process.cwd(), { t: 'wait' })).toBeDefined();
  for (const socket of idle) socket.destroy();
  expect(warnings).toEqual([]);
});
