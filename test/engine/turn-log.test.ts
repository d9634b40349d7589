import { objectKey } from '../../storage/keys.ts';
import { after, attempt, emit, facet, fail, send } from '../../engine/authoring.ts';
import type { DurableTurns, EndedTurn } from '../../engine/turn-log.ts';
import type { Fixture } from './fixture.ts';
import { act, codeOf, openPuppets, play, type Doll } from './puppet.ts';

const nothing = act(() => null, 'turn-log nothing');
const failing = act(() => {
  throw fail('Nope', 'It will not.');
}, 'turn-log fail');

interface Watched {
  readonly f: Fixture;
  /** The id of a puppet that the gate holds as `a`. */
  readonly a: string;
  readonly ended: EndedTurn[];
  readonly durable: DurableTurns[];
}

async function watched(): Promise<Watched> {
  const ended: EndedTurn[] = [];
  const durable: DurableTurns[] = [];
  const f = await openPuppets({
    watch: {
      onTurn: (turn) => {
        ended.push(turn);
      },
      textOf: (turn) => (ended.indexOf(turn) % 2 === 1 ? null : turn.cause.what),
      onDurable: (group) => {
        durable.push(group);
      },
    },
  });
  await play(f, (self) => {
    self.state['a'] = self.make({ gate: self });
    return null;
  });
  await f.settle();
  const a = ended.find(({ cause }) => cause.what === 'host')?.effects?.created[0]?.id ?? '';
  ended.length = 0;
  durable.length = 0;
  return { f, a, ended, durable };
}

const what = (turns: readonly EndedTurn[]): readonly string[] => turns.map(({ cause }) => cause.what);

test('a turn is told with what it did, and again when that is on disk', async () => {
  const { f, ended, durable } = await watched();
  f.journal.hold();
  const played = play(f, (self) => {
    const a = self.state['a'] as Doll;
    send(a, 'act', [nothing]);
    after(10, a, 'act', [nothing]);
    emit('Boo.');
    self.state['b'] = self.make({ gate: self });
    return null;
  });
  while (ended.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(durable).toEqual([]);
  f.journal.release();
  await played;
  expect(durable[0]).toMatchObject({ turns: 2, texts: ['host'] });
  expect(durable[0]?.seq).toBeGreaterThan(0);
  const [turn] = ended;
  expect(turn).toMatchObject({ cause: { what: 'host' }, error: null, blamed: null });
  expect(turn?.effects?.created).toHaveLength(1);
  expect(turn?.effects?.messages).toMatchObject([
    { method: 'act', due: null },
    { method: 'act', due: f.powers.now + 10 },
  ]);
  expect(turn?.effects?.outputs).toMatchObject([{ item: 'Boo.' }]);
  expect(turn?.waited).toBeGreaterThanOrEqual(0);
  expect(turn?.milliseconds).toBeGreaterThanOrEqual(0);
  await f.advance(20);
  expect(what(ended)).toEqual(['host', 'message', 'message']);
  expect(durable.map(({ turns, texts }) => [turns, texts])).toEqual([
    [2, ['host']],
    [1, ['message']],
  ]);
  await f.close();
});

test('every commit is told, in order and with its number', async () => {
  const { f, durable } = await watched();
  const first = f.journal.lastSeq + 1;
  for (let n = 0; n < 3; n += 1) await play(f, (self) => void (self.state['n'] = n));
  await f.settle();
  const numbers = durable.flatMap(({ seq }) => (seq === null ? [] : [seq]));
  expect(numbers).toEqual(Array.from({ length: f.journal.lastSeq - first + 1 }, (_, n) => first + n));
  await f.close();
});

test('a turn that failed is told with its code and the object in whose code that was', async () => {
  const { f, ended, a } = await watched();
  const code = await codeOf(play(f, (self) => (self.state['a'] as Doll).act(failing)));
  expect(code).toBe('Nope');
  expect(ended[0]).toMatchObject({ error: { code: 'Nope' }, effects: null, blamed: a });
  // An attempt that failed before says nothing about what the turn fails with.
  await codeOf(
    play(f, (self) => {
      attempt(() => (self.state['a'] as Doll).act(failing));
      throw fail('Other', 'Mine.');
    }),
  );
  expect(ended[1]?.error).toMatchObject({ code: 'Other' });
  expect(ended[1]?.blamed).not.toBe(a);
  await f.close();
});

test('an object is told as changed by its grants too, but not by those that a failed attempt took back', async () => {
  const { f, ended, a } = await watched();
  const changed = (): readonly string[] =>
    ended.at(-1)?.effects?.changed.map(({ wrapper }) => wrapper.id) ?? [];
  const granting = act((self) => void facet(self, 'owner', { for: 'Bob' }), 'turn-log grant');
  const failed = act((self) => {
    facet(self, 'owner', { for: 'Cy' });
    throw fail('Nope', 'It will not.');
  }, 'turn-log grant and fail');
  await play(f, (self) => void attempt(() => (self.state['a'] as Doll).act(failed)));
  expect(changed()).not.toContain(a);
  await play(f, (self) => {
    const doll = self.state['a'] as Doll;
    doll.act(granting);
    attempt(() => doll.act(failed));
  });
  expect(changed()).toContain(a);
  await f.settle();
  const { grants } = JSON.parse(f.journal.get(objectKey(a)) ?? '') as { grants: readonly unknown[][] };
  expect(grants.map((grant) => grant[3]).filter((label) => label === 'Bob' || label === 'Cy')).toEqual([
    'Bob',
  ]);
  await f.close();
});

test('what could not be written is never told as durable', async () => {
  const { f, ended, durable } = await watched();
  f.journal.failFrom(f.journal.lastSeq + 1);
  await expect(play(f, (self) => void (self.state['n'] = 1))).rejects.toThrow('full');
  expect(ended).toHaveLength(1);
  expect(durable).toEqual([]);
  await f.close();
});
