import fc from 'fast-check';
import { attempt, facet, revoke } from '../../engine/authoring.ts';
import { act, openPuppets, play, type Doll, type Puppet } from './puppet.ts';

/** What a turn does with the dolls, each of which has a value, perhaps itself, and perhaps a friend. */
type Op =
  | { readonly does: 'set'; readonly doll: number; readonly value: number }
  | { readonly does: 'give'; readonly doll: number; readonly to: number }
  | { readonly does: 'keepItself' | 'forgetItself' | 'look' | 'revokeItself'; readonly doll: number }
  /** A call that waits while the others are made. */
  | { readonly does: 'within'; readonly doll: number; readonly ops: readonly Op[] }
  | { readonly does: 'attempt'; readonly fails: boolean; readonly ops: readonly Op[] };

const DOLLS = 3;

const { ops } = fc.letrec<{ ops: readonly Op[]; op: Op }>((tie) => {
  const doll = fc.nat(DOLLS - 1);
  const deeper = tie('ops');
  return {
    ops: fc.array(tie('op'), { minLength: 1, maxLength: 4, depthIdentifier: 'ops' }),
    op: fc.oneof(
      { maxDepth: 5, depthIdentifier: 'ops' },
      fc.record({ does: fc.constant('set' as const), doll, value: fc.nat(4) }),
      fc.record({ does: fc.constant('give' as const), doll, to: doll }),
      fc.record({
        does: fc.constantFrom('keepItself', 'forgetItself', 'look', 'revokeItself'),
        doll,
      }),
      fc.record({ does: fc.constant('within' as const), doll, ops: deeper }),
      fc.record({ does: fc.constant('attempt' as const), fails: fc.boolean(), ops: deeper }),
      fc.record({ does: fc.constant('attempt' as const), fails: fc.boolean(), ops: deeper }),
    ),
  };
});

const within = act((_self, list: readonly Op[], dolls: readonly Doll[]) => {
  perform(list, dolls);
});
const set = act((self, value: number) => void (self.state['value'] = value));
const give = act((self, to: Doll) => {
  to.set('friend', self);
});
const simple = {
  keepItself: act((self) => void (self.state['me'] = self)),
  forgetItself: act((self) => void delete self.state['me']),
  look: act((self) => self.state['value']),
  revokeItself: act((self) => {
    delete self.state['me'];
    revoke(self, facet<typeof Puppet, 'public'>(self, 'public'));
  }),
};

function perform(list: readonly Op[], dolls: readonly Doll[]): void {
  const doll = (at: number): Doll => dolls[at] as Doll;
  for (const each of list) {
    if (each.does === 'attempt') {
      attempt(() => {
        perform(each.ops, dolls);
        if (each.fails) throw new Error('It fails.');
      });
    } else if (each.does === 'within') doll(each.doll).act(within, each.ops, dolls);
    else if (each.does === 'set') doll(each.doll).act(set, each.value);
    else if (each.does === 'give') doll(each.doll).act(give, doll(each.to));
    else doll(each.doll).act(simple[each.does]);
  }
}

/** `me` and the friend are known by the public grant that they were given by: each doll has one after the other. */
interface Model {
  readonly value: number | null;
  readonly grant: number;
  readonly me: number | null;
  readonly friend: readonly [doll: number, grant: number] | null;
}

class Failed extends Error {}

/** Where a turn stands: who waits with a call on the stack, and who did so when the innermost attempt began. */
interface Place {
  readonly waiting: readonly number[];
  readonly below: readonly number[];
  /** Who cannot be changed while an attempt is waited for, and who was and could not be taken back. */
  readonly careful: ReadonlySet<number>;
  readonly spoiled: Set<number>;
}

function performed(state: Model[], list: readonly Op[], place: Place): void {
  const { waiting, below, careful } = place;
  const change = (at: number, what: Partial<Model>): void => {
    state[at] = { ...(state[at] as Model), ...what };
  };
  const call = (at: number): void => {
    if (careful.has(at) && below.includes(at)) throw new Failed();
  };
  const grantOf = (at: number): number => (state[at] as Model).grant;
  for (const each of list) {
    if (each.does === 'attempt') {
      attempted(state, each, place);
      continue;
    }
    call(each.doll);
    if (each.does === 'within') performed(state, each.ops, { ...place, waiting: [...waiting, each.doll] });
    else if (each.does === 'set') change(each.doll, { value: each.value });
    else if (each.does === 'give') {
      call(each.to);
      change(each.to, { friend: [each.doll, grantOf(each.doll)] });
    } else if (each.does === 'keepItself') change(each.doll, { me: grantOf(each.doll) });
    else if (each.does === 'forgetItself') change(each.doll, { me: null });
    else if (each.does === 'revokeItself') change(each.doll, { me: null, grant: grantOf(each.doll) + 1 });
  }
}

function attempted(state: Model[], { ops: list, fails }: Op & { does: 'attempt' }, place: Place) {
  const { waiting, spoiled } = place;
  const before = [...state];
  try {
    performed(state, list, { ...place, below: waiting });
    if (fails) throw new Failed();
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    // What waits cannot be exchanged: nobody may have changed it.
    const changed = waiting.filter((at) => !isSame(state[at] as Model, before[at] as Model));
    for (const at of changed) spoiled.add(at);
    if (changed.length > 0) throw error;
    state.splice(0, DOLLS, ...before);
  }
}

/** What a turn comes to; null if it fails. One that an attempt has spoiled runs again, as long as that may be of use. */
function ended(before: readonly Model[], list: readonly Op[]): readonly Model[] | null {
  for (let careful: ReadonlySet<number> = new Set(); ;) {
    const state = [...before];
    const spoiled = new Set(careful);
    try {
      performed(state, list, { waiting: [], below: [], careful, spoiled });
      return state;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      if (spoiled.size === careful.size) return null;
      careful = spoiled;
    }
  }
}

function isSame(after: Model, before: Model): boolean {
  // It keeps itself by what stands for it when it is asked, which is the grant that there was before.
  const me = after.me !== null && before.me === before.grant ? before.me : after.me;
  return JSON.stringify({ ...after, me, grant: 0 }) === JSON.stringify({ ...before, grant: 0 });
}

/** What can be seen of the model: whether capabilities are alive, not which they are. */
function seenOf(state: readonly Model[]): unknown {
  return state.map(({ value, me, grant, friend }) => ({
    value,
    me: me === null ? null : me === grant,
    friend: friend === null ? null : state[friend[0]]?.grant === friend[1],
  }));
}

const seen = (self: Puppet): unknown =>
  (self.state['dolls'] as Doll[]).map((doll) => {
    const isAlive = (name: string): boolean | null =>
      doll.get(name) === undefined ? null : attempt(() => (doll.get(name) as Doll).look()).ok;
    return { value: doll.get('value') ?? null, me: isAlive('me'), friend: isAlive('friend') };
  });

test('attempts undo what they did and nothing else, however they stand in one another, also in what is stored', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(ops, { minLength: 1, maxLength: 3 }), async (turns) => {
      let fixture = await openPuppets();
      await play(fixture, (self) => {
        self.state['dolls'] = Array.from({ length: DOLLS }, () => self.make());
      });
      let state: readonly Model[] = Array.from({ length: DOLLS }, (): Model => ({
        value: null,
        grant: 0,
        me: null,
        friend: null,
      }));
      for (const list of turns) {
        const next = ended(state, list);
        const turn = play(fixture, (self) => {
          perform(list, self.state['dolls'] as Doll[]);
        });
        expect(
          await turn.then(
            () => false,
            () => true,
          ),
        ).toBe(next === null);
        state = next ?? state;
        expect(await play(fixture, seen)).toEqual(seenOf(state));
        fixture = await fixture.crash();
        expect(await play(fixture, seen)).toEqual(seenOf(state));
      }
      await fixture.close();
    }),
    { numRuns: 200 },
  );
});
