import { destroy, every, fail, send } from '../../engine/authoring.ts';
import type { LetterReport } from '../../engine/storage-object.ts';
import type { FixtureOptions, Fixture } from './fixture.ts';
import { act, openPuppets, play, type Doll } from './puppet.ts';

const failing = act((self) => {
  if (self.state['well'] !== true) throw fail('Ill', 'It is not well.');
  self.state['taken'] = Number(self.state['taken'] ?? 0) + 1;
}, 'letters failing');
const dying = act((self) => destroy(self), 'letters dying');

async function stage(options: Partial<FixtureOptions> = {}): Promise<Fixture> {
  const f = await openPuppets(options);
  await play(f, (self) => {
    self.state['a'] = self.make();
    return null;
  });
  return f;
}

const storage = (f: Fixture, method: string, ...args: unknown[]): Promise<unknown> =>
  f.call(f.world.roots.storage, method, ...args);
const letters = (f: Fixture, ...args: unknown[]): Promise<readonly LetterReport[]> =>
  storage(f, 'letters', ...args) as Promise<readonly LetterReport[]>;
const taken = (f: Fixture): Promise<unknown> =>
  play(f, (self) => (self.state['a'] as Doll).get('taken') ?? 0);

/** Sends that fail, as many as there are words, one after the other. */
async function sendFailing(f: Fixture, ...words: readonly string[]): Promise<void> {
  await play(
    f,
    (self, ...all: string[]) => {
      for (const word of all) send(self.state['a'] as Doll, 'act', [failing, word]);
      return null;
    },
    ...words,
  );
  await f.settle();
}

describe.each([false, true])('dead letters, evicting always: %s;', (evictAlways) => {
  test('what nobody is told of is kept, with what was wrong, also across a crash', async () => {
    const f = await stage({ evictAlways });
    await sendFailing(f, 'one', 'two');
    const next = await f.crash();
    const all = await letters(next);
    expect(all).toMatchObject([
      { method: 'act', code: 'Ill', text: 'It is not well.', tries: 1, args: expect.stringContaining('one') },
      { method: 'act', code: 'Ill', tries: 1, args: expect.stringContaining('two') },
    ]);
    expect(all[0]?.when).toBe(next.powers.now);
    expect(await letters(next, all[0]?.number)).toHaveLength(1);
    expect(await letters(next, 0, 1)).toHaveLength(1);
    expect(await letters(next, 0, -1)).toEqual([]);
    expect(JSON.stringify(all)).not.toMatch(/seed\d/); // a token
    await next.close();
  });

  test('one that is tried again is delivered once, or is a dead letter again that says how often', async () => {
    const f = await stage({ evictAlways });
    await sendFailing(f, 'one');
    const [first] = await letters(f);
    await storage(f, 'retryLetter', first?.number);
    await f.settle();
    const [second] = await letters(f);
    expect(second).toMatchObject({ code: 'Ill', tries: 2 });
    await play(f, (self) => {
      (self.state['a'] as Doll).set('well', true);
      return null;
    });
    await storage(f, 'retryLetter', second?.number);
    const next = await f.crash();
    await next.settle();
    expect([await taken(next), await letters(next)]).toEqual([1, []]);
    expect(next.journal.contents().filter(([key]) => /^(m|dead)\//.test(key))).toEqual([]);
    await next.close();
  });

  test('one that is dropped is gone', async () => {
    const f = await stage({ evictAlways });
    await sendFailing(f, 'one', 'two');
    const [first, second] = await letters(f);
    await storage(f, 'dropLetter', first?.number);
    expect(await letters(f)).toEqual([second]);
    await expect(storage(f, 'dropLetter', first?.number)).rejects.toMatchObject({ code: 'BadArgument' });
    await expect(storage(f, 'retryLetter', first?.number)).rejects.toMatchObject({ code: 'BadArgument' });
    await f.close();
  });

  test('one to an object that is gone can be listed and dropped, and tried in vain', async () => {
    const f = await stage({ evictAlways });
    await play(f, (self) => {
      send(self.state['a'] as Doll, 'look', []);
      (self.state['a'] as Doll).act(dying);
      return null;
    });
    await f.settle();
    const [letter] = await letters(f);
    expect(letter).toMatchObject({ method: 'look', code: 'Gone' });
    await storage(f, 'retryLetter', letter?.number);
    await f.settle();
    expect(await letters(f)).toMatchObject([{ code: 'Gone', tries: 2 }]);
    await f.close();
  });
});

test('one whose receiver could not be brought back can be tried again when it can', async () => {
  let ill = true;
  const hook = act(() => {
    if (ill) throw new Error('no');
  });
  const f = await openPuppets({ evictAlways: true });
  await play(f, (self, fromRecord: string) => void (self.state['a'] = self.make({ fromRecord })), hook);
  await play(f, (self) => {
    send(self.state['a'] as Doll, 'take', []);
  });
  await f.settle();
  const [letter] = await letters(f);
  expect(letter).toMatchObject({ method: 'take', code: 'Damaged' });
  ill = false;
  await storage(f, 'retryLetter', letter?.number);
  await f.settle();
  expect([await taken(f), await letters(f)]).toEqual([1, []]);
  await f.close();
});

test('the oldest makes room when there are too many of them', async () => {
  const f = await stage({ limits: { accountDeadLetters: 3 } });
  await sendFailing(f, 'one', 'two', 'three');
  expect(await letters(f)).toHaveLength(3);
  await sendFailing(f, 'four');
  const texts = (await letters(f)).map(({ args }) => /(one|two|three|four)/.exec(args)?.[0]);
  expect(texts).toEqual(['two', 'three', 'four']);
  expect(f.powers.events.filter(({ what }) => what === 'dropped letter')).toHaveLength(1);
  await f.close();
});

test('the oldest makes room when they are too large, but the newest is kept whatever its size', async () => {
  const f = await stage({ limits: { accountDeadLetterCharacters: 2_000 } });
  await sendFailing(f, 'a'.repeat(700), 'b'.repeat(700));
  expect(await letters(f)).toHaveLength(2);
  await sendFailing(f, 'c'.repeat(700));
  expect(await letters(f)).toHaveLength(2);
  await sendFailing(f, 'd'.repeat(5_000));
  expect(await letters(f)).toMatchObject([{ args: expect.stringContaining('ddd') }]);
  await f.close();
});

test('the oldest of all makes room when the world has as many as it may', async () => {
  const f = await stage({ limits: { deadLetters: 2 } });
  await sendFailing(f, 'one', 'two');
  expect(await letters(f)).toHaveLength(2);
  await sendFailing(f, 'three');
  expect(await letters(f)).toHaveLength(2);
  await f.close();
});

test('which one is the oldest does not change with a restart', async () => {
  const f = await stage({ limits: { accountDeadLetters: 2 } });
  await play(f, (self) => {
    every(1_000, self.state['a'] as Doll, 'act', [failing, 'again and again']);
    return null;
  });
  f.powers.advance(1_000);
  await f.settle();
  f.powers.advance(500);
  await sendFailing(f, 'two');
  // The timer rings again: its letter, which has the lower number, is the newer one now.
  f.powers.advance(500);
  await f.settle();
  expect(await letters(f)).toHaveLength(2);
  const next = await f.crash();
  next.powers.advance(100);
  await sendFailing(next, 'three');
  const texts = (await letters(next)).map(({ args }) => /(again|two|three)/.exec(args)?.[0]);
  expect(texts).toEqual(['again', 'three']);
  await next.close();
});
