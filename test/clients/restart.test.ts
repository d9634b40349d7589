import { spawn } from 'node:child_process';
import { endAll, Player, startPortal, untilReceived } from './harness.ts';

afterEach(endAll);

describe('when the world process is killed', () => {
  test('sockets stay open, and every line is answered once and in order', async () => {
    const portal = await startPortal();
    const ann = await Player.enter(portal);
    const pid = portal.running.portal.link.pid ?? 0;
    ann.send('before');
    expect(await ann.next()).toBe('[1] before');
    process.kill(pid, 'SIGKILL');
    ann.send('one', 'two', 'three');
    expect([await ann.next(), await ann.next(), await ann.next()]).toEqual([
      '[2] one',
      '[3] two',
      '[4] three',
    ]);
    expect(portal.running.portal.link.pid).not.toBe(pid);
  });

  test('before the commit of a line: the line and all after it are given to the next one', async () => {
    const portal = await startPortal();
    const ann = await Player.enter(portal);
    ann.send('one', 'die x', 'two');
    expect([await ann.next(), await ann.next(), await ann.next()]).toEqual([
      '[1] one',
      '[2] die x',
      '[3] two',
    ]);
    expect(portal.received()).toEqual([
      'start',
      'hello',
      'login guest',
      'start',
      expect.stringMatching(/^hello \d$/),
    ]);
  });

  test('between commit and answer: the answer comes, and the line is not done twice', async () => {
    const portal = await startPortal();
    const ann = await Player.enter(portal);
    ann.send('gone x', 'two');
    expect([await ann.next(), await ann.next()]).toEqual(['[1] gone x', '[2] two']);
  });

  test('during a log-in: the log-in is made once', async () => {
    const portal = await startPortal();
    const ann = await Player.connect(portal);
    ann.send('create Dier secret77', 'one');
    expect((await ann.until('[1] one')).slice(1)).toEqual(['Hello, Dier.', '[1] one']);
    expect(portal.received().filter((line) => line.startsWith('login'))).toEqual([
      'login create',
      'login create',
    ]);
  });

  test('forty times in a row, before and after commits: no line twice, none missing, none out of order', async () => {
    const portal = await startPortal({ deaths: 1000, deathsAtWork: 1000, restartMostMs: 1 });
    const ann = await Player.enter(portal);
    const lines = Array.from({ length: 60 }, (_, i) =>
      i % 3 === 0 ? `die ${i}` : i % 3 === 1 ? `gone ${i}` : `line ${i}`,
    );
    ann.send(...lines);
    for (const [i, line] of lines.entries()) expect(await ann.next()).toBe(`[${i + 1}] ${line}`);
  }, 60_000);

  test('and stays away for long, everyone hears of it once, and of its return', async () => {
    const portal = await startPortal({ pauseShownMs: 5 });
    const ann = await Player.enter(portal);
    ann.send('die a', 'done');
    expect(
      (await ann.until('[2] done')).filter((line) => line.startsWith('[The') || line.startsWith('[...')),
    ).toEqual(['[The world holds its breath.]', '[... and goes on.]']);
  });

  test('a short outage is not worth a word', async () => {
    const portal = await startPortal();
    const ann = await Player.enter(portal);
    ann.send('die a', 'done');
    expect(await ann.until('done')).toEqual(['[1] die a', '[2] done']);
  });
});

test('a world that hangs is killed and started again, and the line that waited is answered', async () => {
  const portal = await startPortal({ pingEveryMs: 20, silentMs: 200 });
  const ann = await Player.enter(portal);
  ann.send('hang x', 'two');
  expect((await ann.until('[2] two')).slice(-2)).toEqual(['[1] hang x', '[2] two']);
});

test('a world that runs but does not answer is killed too', async () => {
  const portal = await startPortal({ pingEveryMs: 20, silentMs: 200 });
  const ann = await Player.enter(portal);
  ann.send('mute x');
  expect(await ann.until('mute')).toContain('[1] mute x');
});

test('a world that hangs in something that uses a processor is not waited for any longer', async () => {
  const portal = await startPortal({ pingEveryMs: 20, busyMs: 100, silentMs: 600_000 });
  const ann = await Player.enter(portal);
  ann.send('hang x', 'two');
  expect((await ann.until('[2] two')).slice(-2)).toEqual(['[1] hang x', '[2] two']);
});

test('a world that is silent and uses none is given its time', async () => {
  const portal = await startPortal({ pingEveryMs: 20, busyMs: 100, silentMs: 600_000 });
  const ann = await Player.enter(portal);
  const { pid } = portal.running.portal.link;
  ann.send('mute x');
  await untilReceived(portal, 'ignored 30');
  expect(portal.running.portal.link.pid).toBe(pid);
});

test('a world that is only slow is left alone', async () => {
  const portal = await startPortal({ pingEveryMs: 20, silentMs: 200 });
  const ann = await Player.enter(portal);
  const { pid } = portal.running.portal.link;
  ann.send('late');
  await untilReceived(portal, 'ping 25');
  ann.send('two');
  expect([await ann.next(), await ann.next()]).toEqual(['[1] late', '[2] two']);
  expect(portal.running.portal.link.pid).toBe(pid);
});

test('a world that says it cannot start is not started again', async () => {
  await expect(startPortal({}, { mode: 'fatal' })).rejects.toMatchObject({ code: 'FormatNewer' });
});

test('a world that dies again and again is given up', async () => {
  await expect(
    startPortal({ deaths: 4, deathsAtWork: 4, restartFirstMs: 1 }, { mode: 'dies' }),
  ).rejects.toMatchObject({
    code: 'WorldWillNotStart',
    message: expect.stringMatching(/died 4 times within 60 s, .*"keystead check" says whether/),
  });
});

test('a world that does not stop when asked is killed, and that is said', async () => {
  const portal = await startPortal({ stopMs: 50 }, { mode: 'stubborn' });
  expect(await portal.running.stop()).toBe(false);
});

test('a first world process that has died before it was taken over is replaced', async () => {
  for (const program of ['true', '/no/such/program']) {
    const dead = spawn(program);
    dead.on('error', () => {});
    await new Promise((resolve) => dead.once('close', resolve));
    const portal = await startPortal({}, { spawned: dead });
    expect(portal.running.portal.link.isReady).toBe(true);
  }
});
