import { answer, questionsIn } from '../../clients/dump/sections.ts';
import { stanzaJson, stanzaText, type Stanza } from '../../clients/dump/shown.ts';
import type { OpenedView } from '../../clients/view.ts';
import { after, attenuate, collection, fail, onRestart, send, watch } from '../../engine/authoring.ts';
import type { Fixture } from '../engine/fixture.ts';
import { act, openPuppets, play, type Doll } from '../engine/puppet.ts';

const failing = act(() => {
  throw fail('Ill', 'It is not well.');
}, 'dump failing');
const busy = act((self, friend: Doll) => {
  const me = self.state['me'] as Doll;
  watch(friend, 'look', me, 'open');
  onRestart('waking', me, 'open', { args: ['now'], after: ['others'] });
  after(60_000, me, 'open', ['later']);
  collection(self, 'letters').set('first', ['Dear', friend]);
}, 'dump busy');

/** What the store of a world in memory holds, as a view of it. */
function viewOf(f: Fixture): OpenedView {
  const contents = f.journal.contents();
  const values = new Map(contents);
  return {
    running: true,
    seq: 1,
    get: (key) => Promise.resolve(values.get(key)),
    async *range({ gte, lt }) {
      await Promise.resolve();
      yield* contents.filter(([key]) => key >= gte && key < lt);
    },
    close: () => Promise.resolve(),
  };
}

async function stanzas(view: OpenedView, ...words: string[]): Promise<Stanza[]> {
  const found: Stanza[] = [];
  const questions = questionsIn(words);
  for (const question of 'incomplete' in questions ? [] : questions)
    for await (const stanza of answer(view, question)) found.push(stanza);
  return found;
}

test('what the engine stores can be read: nothing of it is damaged, and its parts are where a dump looks', async () => {
  const f = await openPuppets();
  await play(
    f,
    (self, does: string, fails: string) => {
      const a = self.make({ name: 'a' });
      const b = self.make({ name: 'b' });
      a.set('me', a);
      self.state['a'] = a;
      self.state['b'] = attenuate(b, { for: 'the other', only: ['look'] });
      a.act(does, self.state['b']);
      send(b, 'act', [fails]);
      return null;
    },
    busy,
    failing,
  );
  await f.settle();
  const view = viewOf(f);
  const all = await stanzas(view, 'all');
  expect(all.filter((stanza) => 'damaged' in stanza.fields).map(stanzaText)).toEqual([]);
  const kinds = new Set(all.map(({ kind }) => kind));
  for (const kind of ['object', 'shape', 'watched', 'restart', 'timer', 'dead', 'entry', 'reference'])
    expect([kind, kinds.has(kind)]).toEqual([kind, true]);
  expect(all.map(stanzaJson).join('\n')).not.toMatch(/seed\d/); // a token

  const [summary] = await stanzas(view);
  expect(JSON.parse(stanzaJson(summary as Stanza))).toMatchObject({
    deadLetters: 1,
    watches: { count: 1, watched: 1 },
    restarts: { count: 1, objects: 1 },
    timers: { count: 1 },
  });
  const watched = all.find(({ kind }) => kind === 'watched')?.fields['id'] as string;
  const page = stanzaText((await stanzas(view, watched))[0] as Stanza);
  expect(page).toMatch(
    /\n +[0-9a-f]{10} for "the other" \{look\}[^\n]*\n(?: +held by [^\n]*\n)* +held by a watch on o\d+\n/,
  );
  expect(page).toMatch(/held by o\d+, in letters\n/);
  await f.close();
});
