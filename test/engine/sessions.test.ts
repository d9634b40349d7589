import { destroy, emit, facet, fail, hangUp, takesKinds } from '../../engine/authoring.ts';
import type { Op } from '../../storage/store.ts';
import type { Fixture } from './fixture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { act, codeOf, openPuppets, play, type Doll, type Puppet } from './puppet.ts';
import { itemsOf } from '../items-of.ts';

const commanding = act((self, line: string) => {
  self.state['heard'] = [...((self.state['heard'] as string[] | undefined) ?? []), line];
  if (line === 'fail') throw fail('Nope', 'It will not.');
  if (line === 'silence') return;
  emit(`heard ${line}`);
  if (line.startsWith('quit')) hangUp();
  if (line.endsWith('die')) destroy(self);
}, 'sessions command');
const sessionOf = act((self) => facet<typeof Puppet, 'session'>(self, 'session'), 'sessions facet');
const hello = act(() => emit('hello'), 'sessions attached');

async function stage(options: Parameters<typeof openPuppets>[0] = {}): Promise<Fixture> {
  const f = await openPuppets(options);
  await play(f, (self) => void (self.state['player'] = self.make({ command: commanding, attached: hello })));
  await begin(f, 's');
  return f;
}

const begin = (f: Fixture, sid: string, keep = true): Promise<unknown> =>
  f.world.begin(
    { sid, keyHash: 'hash', keep, name: 'Ann' },
    (invoke) => invoke(invoke(f.world.roots.gate, 'get', ['player']) as Doll, 'act', [sessionOf]) as object,
  );
const heardBy = (f: Fixture): Promise<unknown> =>
  play(f, (self) => (self.state['player'] as Doll).get('heard') ?? []);
const said = (f: Fixture): unknown[] => f.outs.flatMap(itemsOf);

describe('inputs', () => {
  test('take effect once each, whatever is sent again', async () => {
    const f = await stage();
    for (const [n, line] of [
      [1, 'one'],
      [1, 'one'],
      [2, 'two'],
      [1, 'one'],
      [2, 'other'],
      [3, 'three'],
    ] as const)
      f.world.input('s', n, line);
    await f.settle();
    expect(await heardBy(f)).toEqual(['one', 'two', 'three']);
    expect(f.world.session('s')?.in).toBe(3);
    const next = await f.crash();
    for (const n of [1, 2, 3]) next.world.input('s', n, 'again');
    next.world.input('s', 4, 'four');
    await next.settle();
    expect(await heardBy(next)).toEqual(['one', 'two', 'three', 'four']);
    await Promise.all([f.close(), next.close()]);
  });

  test('may leave gaps, because a line that the portal refused has a number too; one that comes late is old', async () => {
    const f = await stage();
    f.world.input('s', 1, 'one');
    f.world.input('s', 3, 'three');
    await f.settle();
    f.world.input('s', 2, 'two');
    await f.settle();
    expect(await heardBy(f)).toEqual(['one', 'three']);
    expect(f.world.session('s')?.in).toBe(3);
    await f.close();
  });

  test('that fail are answered and counted too, and change nothing', async () => {
    const f = await stage();
    f.world.input('s', 1, 'fail');
    f.world.input('s', 2, 'fine');
    await f.settle();
    expect(said(f)).toEqual(['hello', 'It will not. [Nope]', 'heard fine']);
    expect(await heardBy(f)).toEqual(['fine']);
    expect(f.world.session('s')?.in).toBe(2);
    await f.close();
  });

  test('to a session that is not known, and after closing, are refused', async () => {
    const f = await stage();
    expect(() => f.world.input('x', 1, 'one')).toThrow(
      expect.objectContaining({ code: 'NoSession' }) as Error,
    );
    await f.close();
    expect(() => f.world.input('s', 1, 'one')).toThrow(
      expect.objectContaining({ code: 'WorldClosed' }) as Error,
    );
  });
});

describe('output', () => {
  test('is numbered without gaps, survives unread, and is dropped when acknowledged', async () => {
    const f = await stage();
    for (let n = 1; n <= 5; n += 1) {
      f.world.input('s', n, n === 3 ? 'silence' : `${n}`);
      await f.settle();
    }
    const numbers = f.outs.map(({ n }) => n).filter((n) => n > 0);
    expect(numbers).toEqual([1, 2, 3, 4, 5]);
    f.world.acknowledge('s', 2);
    f.world.input('s', 6, 'six');
    await f.settle();
    const next = await f.crash();
    expect(next.world.unread('s', 0).map((out) => [out.n, itemsOf(out)])).toEqual([
      [3, ['heard 2']],
      [4, ['heard 4']],
      [5, ['heard 5']],
      [6, ['heard six']],
    ]);
    expect(next.world.unread('s', 5).map(({ n }) => n)).toEqual([6]);
    expect(next.world.unread('s', 99)).toEqual([]);
    next.world.input('s', 7, 'seven');
    await next.settle();
    expect(next.outs.map(({ n }) => n)).toEqual([7]);
    next.world.acknowledge('s', 7);
    next.world.acknowledge('s', 3);
    next.world.acknowledge('s', 1000);
    next.world.input('s', 8, 'eight');
    await next.settle();
    expect(next.world.unread('s', 0).map(({ n }) => n)).toEqual([8]);
    expect(next.journal.contents().filter(([key]) => key.startsWith('u/'))).toHaveLength(1);
    await Promise.all([f.close(), next.close()]);
  });

  test('is told only when it is on disk, with the input that it answers', async () => {
    const f = await stage();
    f.journal.hold();
    const count = f.outs.length;
    f.world.input('s', 1, 'one');
    for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(f.outs.length).toBe(count);
    expect(f.world.unread('s', 1)).toEqual([]);
    expect(f.world.unread('s', 1, 99)).toEqual([]);
    const lost = await f.crash();
    expect(lost.world.session('s')?.in).toBe(0);
    expect(await heardBy(lost)).toEqual([]);
    f.journal.release();
    await f.settle();
    expect(f.outs.slice(count)).toMatchObject([{ in: 1, n: 2, text: '["heard one"]' }]);
    await Promise.all([f.close(), lost.close()]);
  });

  test('whoever asks anew is told only of inputs that are on disk', async () => {
    const f = await stage();
    f.world.input('s', 1, 'one');
    await f.settle();
    f.journal.hold();
    f.world.input('s', 2, 'two');
    for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(f.world.unread('s', 0).map((out) => out.in)).toEqual([1, 1]);
    expect(f.world.session('s')?.durableIn).toBe(1);
    f.journal.release();
    await f.settle();
    expect(f.world.unread('s', 0).map((out) => out.in)).toEqual([2, 2, 2]);
    const next = await f.restart();
    expect(next.world.session('s')?.durableIn).toBe(2);
    await next.close();
  });

  test('a crash at each commit: every input that was told as done is done, none is done twice, no chunk changes', async () => {
    const f = await stage();
    for (let n = 1; n <= 8; n += 1) {
      f.world.input('s', n, `${n}`);
      if (n % 3 === 0) await f.settle();
    }
    await f.settle();
    const told = new Map(f.outs.map((out) => [out.n, itemsOf(out)]));
    for (let state = 0; state < f.journal.states; state += 1) {
      const contents = f.journal.crash(state);
      if (contents.get('s/s') === undefined) continue;
      const again = await f.crash(state);
      const { in: last = 0, out = 0 } = again.world.session('s') ?? {};
      expect(await heardBy(again)).toEqual(Array.from({ length: last }, (_, at) => `${at + 1}`));
      const unread = again.world.unread('s', 0);
      expect(unread.map(({ n }) => n)).toEqual(Array.from({ length: out }, (_, at) => at + 1));
      for (const out of unread) expect(itemsOf(out)).toEqual(told.get(out.n));
      for (let n = last + 1; n <= 8; n += 1) again.world.input('s', n, `${n}`);
      await again.settle();
      expect(await heardBy(again)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
      await again.close();
    }
    await f.close();
  });
});

describe('the life of a session', () => {
  test('a login that is delivered twice begins once', async () => {
    const f = await openPuppets();
    await play(
      f,
      (self) => void (self.state['player'] = self.make({ command: commanding, attached: hello })),
    );
    await Promise.all([begin(f, 's'), begin(f, 's')]);
    await begin(f, 's');
    expect(said(f)).toEqual(['hello']);
    expect(f.world.sessions).toHaveLength(1);
    f.world.input('s', 1, 'one');
    await f.settle();
    expect(said(f)).toEqual(['hello', 'heard one']);
    await f.close();
  });

  test('one that cannot begin leaves nothing', async () => {
    const f = await openPuppets();
    await f.settle();
    const before = f.journal.contents();
    expect(
      await codeOf(f.world.begin({ sid: 's', keyHash: '', keep: true, name: 'x' }, () => f.world.roots.gate)),
    ).toBe('NoSuchMethod');
    expect(await codeOf(f.world.begin({ sid: 's', keyHash: '', keep: true, name: 'x' }, () => ({})))).toBe(
      'NotACapability',
    );
    await f.settle();
    expect(f.world.sessions).toEqual([]);
    expect(f.journal.contents()).toEqual(before);
    await f.close();
  });

  test('hanging up: the last output comes with the word to close, then the session is gone', async () => {
    const f = await stage();
    f.world.input('s', 1, 'quit');
    f.world.input('s', 2, 'too late');
    await f.settle();
    await f.settle();
    expect(f.outs.at(-1)).toMatchObject({ text: '["heard quit"]', close: true });
    expect(f.world.sessions).toEqual([]);
    expect(await heardBy(f)).toEqual(['quit']);
    expect(f.journal.contents().filter(([key]) => /^[su]\//.test(key))).toEqual([]);
    await f.close();
  });

  test('hanging up, and a crash before it was through: the session does not stay for ever', async () => {
    const f = await stage();
    f.world.input('s', 1, 'quit');
    await f.settle();
    await f.settle();
    for (let state = 0; state < f.journal.states; state += 1) {
      const stored = f.journal.crash(state).get('s/s');
      if (stored === undefined || !stored.includes('"closing":true')) continue;
      const again = await f.crash(state);
      await again.settle();
      await again.settle();
      // Either it has been ended, or its last words are still there, with the word to close.
      const unread = again.world.unread('s', 0);
      expect(again.world.sessions.length === 0 || unread.at(-1)?.close === true).toBe(true);
      if (again.world.sessions.length > 0) {
        again.world.acknowledge('s', 1000);
        await again.settle();
        await again.settle();
        expect(again.world.sessions).toEqual([]);
      }
      await again.close();
    }
    await f.close();
  });

  test('a player that is destroyed: his sessions are told why they end, and the world goes on', async () => {
    const f = await stage();
    await begin(f, 't');
    f.world.input('s', 1, 'die');
    f.world.input('s', 2, 'hello?');
    await f.settle();
    await f.settle();
    const why = 'What you were in this world has been destroyed: your session is over.';
    for (const sid of ['s', 't']) {
      const last = f.outs.filter((out) => out.sid === sid).at(-1);
      expect([last?.close, last === undefined ? [] : itemsOf(last).at(-1)]).toEqual([true, why]);
    }
    expect(f.world.sessions).toEqual([]);
    expect(f.journal.contents().filter(([key]) => /^[su]\//.test(key))).toEqual([]);
    expect(await codeOf(play(f, () => null))).toBe('none');
    await f.close();
  });

  test('whoever goes and ends with it has said what there was to say', async () => {
    const f = await stage();
    f.world.input('s', 1, 'quit and die');
    await f.settle();
    await f.settle();
    expect(f.outs.at(-1)).toMatchObject({ text: '["heard quit and die"]', close: true });
    expect(f.world.sessions).toEqual([]);
    await f.close();
  });

  test('two sessions of one player both hear it', async () => {
    const f = await stage();
    await begin(f, 't');
    f.world.input('t', 1, 'one');
    await f.settle();
    const heard = (sid: string): unknown[] => f.outs.filter((out) => out.sid === sid).flatMap(itemsOf);
    expect([heard('s'), heard('t')]).toEqual([
      ['hello', 'hello', 'heard one'],
      ['hello', 'heard one'],
    ]);
    await f.world.end('s');
    f.world.input('t', 2, 'two');
    await f.settle();
    expect(heard('t').at(-1)).toBe('heard two');
    expect(heard('s').at(-1)).toBe('heard one');
    await f.close();
  });

  test('much that is acknowledged is taken out by itself, also where nobody does anything', async () => {
    const f = await stage({ limits: { gatheredCharacters: 2_000 } });
    for (let n = 1; n <= 30; n += 1) {
      f.world.input('s', n, 'hm');
      await f.settle();
    }
    const kept = (): number => f.journal.contents().filter(([key]) => key.startsWith('u/')).length;
    const before = kept();
    f.world.acknowledge('s', 30);
    for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect([before, kept()]).toEqual([31, 1]);
    f.world.input('s', 31, 'and on');
    await f.settle();
    expect(said(f).at(-1)).toBe('heard and on');
    await f.close();
  });

  test('sessions that end together, with much unread, do not go in one commit', async () => {
    const sizes: number[] = [];
    class Counted extends MemoryJournal {
      override commit(ops: readonly Op[]): Promise<void> {
        sizes.push(ops.length);
        return super.commit(ops);
      }
    }
    const f = await stage({ journal: new Counted(), limits: { gatheredCharacters: 2_000 } });
    const others = Array.from({ length: 20 }, (_, at) => `s${at}`);
    for (const sid of others) await begin(f, sid);
    for (let n = 1; n <= 20; n += 1) {
      f.world.input('s', n, 'hm');
      await f.settle();
    }
    sizes.length = 0;
    await Promise.all(others.map((sid) => f.world.end(sid)));
    expect(f.world.sessions.map(({ sid }) => sid)).toEqual(['s']);
    expect(Math.max(...sizes)).toBeLessThan(100);
    expect(f.journal.contents().filter(([key]) => /^[su]\/s\d/.test(key))).toEqual([]);
    await f.close();
  });

  test('what a turn may put out counts for each session that hears it: all of them are written in one commit', async () => {
    const f = await stage({ limits: { turnOutputCharacters: 250 } });
    f.world.input('s', 1, 'x'.repeat(100));
    await f.settle();
    expect(said(f).at(-1)).toMatch(/^heard x+$/);
    await begin(f, 't');
    await begin(f, 'u');
    f.world.input('s', 2, 'x'.repeat(100));
    await f.settle();
    expect(said(f).at(-1)).toContain('[TooMany]');
    f.world.input('s', 3, 'short');
    await f.settle();
    expect(said(f).at(-1)).toBe('heard short');
    await f.close();
  });
});

describe('when the store fails', () => {
  test('the world halts, says so once, acknowledges nothing more, and closes its journal', async () => {
    const f = await stage();
    await f.settle();
    const count = f.outs.length;
    f.journal.failFrom(f.journal.lastSeq + 1);
    f.world.input('s', 1, 'one');
    for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(f.halts).toHaveLength(1);
    expect(f.outs.length).toBe(count);
    expect(() => f.world.input('s', 2, 'two')).toThrow(
      expect.objectContaining({ code: 'WorldClosed' }) as Error,
    );
    await f.world.close();
    expect(f.journal.closed).toBe(true);
    const next = await f.crash();
    expect(next.world.session('s')?.in).toBe(0);
    expect(await heardBy(next)).toEqual([]);
    await next.close();
  });
});

test('a client that takes text alone is kept nothing else, and its object can tell', async () => {
  const f = await openPuppets({});
  const tell = act(() => {
    emit(`kinds: ${takesKinds()}`);
    emit(['picture', { of: 'a lamp' }]);
  }, 'sessions kinds');
  await play(
    f,
    (self) =>
      void (self.state['player'] = self.make({ command: tell, attached: act(() => {}, 'sessions silent') })),
  );
  const start = (sid: string, textOnly: boolean): Promise<unknown> =>
    f.world.begin(
      { sid, keyHash: 'hash', keep: true, name: 'Ann', textOnly },
      (invoke) => invoke(invoke(f.world.roots.gate, 'get', ['player']) as Doll, 'act', [sessionOf]) as object,
    );
  await start('plain', true);
  f.world.input('plain', 1, 'look');
  await f.settle();
  expect(said(f)).toEqual(['kinds: false']);
  f.outs.length = 0;
  // What is stored says so too.
  const next = await f.crash();
  next.world.input('plain', 2, 'look');
  await next.settle();
  expect(next.outs.flatMap(itemsOf)).toEqual(['kinds: false']);
  next.outs.length = 0;
  await next.world.begin(
    { sid: 'rich', keyHash: 'hash', keep: true, name: 'Ann' },
    (invoke) =>
      invoke(invoke(next.world.roots.gate, 'get', ['player']) as Doll, 'act', [sessionOf]) as object,
  );
  next.world.input('plain', 3, 'look');
  await next.settle();
  const heard = (of: string): unknown[] => next.outs.filter(({ sid }) => sid === of).flatMap(itemsOf);
  expect(heard('plain')).toEqual(['kinds: true']);
  expect(heard('rich')).toEqual(['kinds: true', ['picture', { of: 'a lamp' }]]);
  await Promise.all([f.close(), next.close()]);
});

test('what a session is told at once is never more than a line of the pipe to the portal takes, and nothing is missing', async () => {
  // A control character takes six characters as JSON.
  const loud = act((_, line: string) => {
    if (line === 'quiet') return;
    for (let n = 0; n < 4; n += 1) emit('\u0001'.repeat(262_000));
  }, 'sessions loud');
  const f = await stage();
  await play(
    f,
    (self) =>
      void (self.state['player'] = self.make({ command: loud, attached: act(() => {}, 'sessions mute') })),
  );
  await begin(f, 'near');
  await f.settle();
  f.outs.length = 0;
  // While one commit is being written the output of several turns gathers.
  f.journal.hold();
  for (let n = 1; n <= 4; n += 1) f.world.input('near', n, n === 1 ? 'quiet' : 'loud');
  for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
  f.journal.release();
  await f.settle();
  const lengths = f.outs.map(({ text }) => text.length);
  expect(Math.max(...lengths)).toBeLessThan(8 * 1024 * 1024);
  expect(f.outs.flatMap(itemsOf).length).toBe(12);
  await f.close();
});
