// A process of overflow.test.ts, with a small stack so that its end is near. Prints what it finds, a line for each deed.
import '../../engine/lockdown.ts';
import { isDeepStrictEqual } from 'node:util';
import {
  attempt,
  attenuate,
  collection,
  create,
  destroy,
  emit,
  facet,
  only,
  revoke,
  send,
} from '../../engine/authoring.ts';
import type { Fixture } from './fixture.ts';
import { act, codeOf, openPuppets, play, Puppet, type Doll } from './puppet.ts';

/** How one deed went. */
export interface Report {
  readonly deed: string;
  /** Tries that ran out of stack, and that did not. */
  readonly ended: number;
  readonly through: number;
  /** What was not as it should be. */
  readonly wrong: readonly string[];
}

/** Calls `body` under `levels` frames. */
function dive(levels: number, body: () => unknown): unknown {
  return levels === 0 ? body() : dive(levels - 1, body);
}

/** The same with larger frames, so that the stack ends at other places. */
function diveWide(levels: number, body: () => unknown, a = 1, b = 2, c = 3): unknown {
  const [d, e] = [a + b, b + c];
  return levels === 0 ? body() : diveWide(levels - 1, body, b, d, e);
}

function fits(dive: (levels: number, body: () => unknown) => unknown, levels: number): boolean {
  try {
    dive(levels, () => 0);
    return true;
  } catch {
    return false;
  }
}

/** The most levels that the stack has room for here. */
function deepest(dive: (levels: number, body: () => unknown) => unknown): number {
  let [low, high] = [0, 1];
  while (fits(dive, high)) [low, high] = [high, high * 2];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(dive, middle)) low = middle;
    else high = middle;
  }
  return low;
}

const ignore = act(() => null, 'overflow ignore');
const setting = act((self) => void (self.state['set'] = 1), 'overflow set');
const throwing = act(() => {
  throw new Error('no');
}, 'overflow throw');
const dying = act((self) => destroy(self), 'overflow die');
/** Set when an object has gone on after an attempt of its own ran out of stack: then its change must not stay. */
let wentOn = false;
const swallowing = act((self) => {
  try {
    attempt(() => {
      self.state['inside'] = 1;
      // Calls nothing: what has less room than this is the attempt's own way back.
      throw 0;
    });
  } catch {
    wentOn = true;
  }
  return null;
}, 'overflow swallow');

/** What is tried with almost no stack left: each changes something, and says when it is through. */
const deeds: Record<string, (self: Puppet, dolls: readonly Doll[]) => unknown> = {
  attenuate: (_self, [doll]) => attenuate(doll as Doll, { for: 'x' }),
  'a new set of methods': (self, [doll]) =>
    only(
      doll as Doll,
      'look',
      (['get', 'set', 'take', 'self', 'open'] as const)[Number(self.cache) % 5] ?? 'get',
      'act',
    ),
  'a facet': (self) => facet<typeof Puppet, 'hidden'>(self, 'hidden', { for: 'x' }),
  revoke: (self, [doll]) => revoke(doll as Doll, self.state['weak'] as Doll),
  'a limited use': (self) => (self.state['limited'] as Doll).look(),
  create: (self) => create(self.bank, Puppet, { name: 'new' }),
  'create with more to do': (self) => self.make({}, setting),
  send: (_self, [doll]) => send(doll as Doll, 'act', [ignore]),
  emit: () => emit('words'),
  'a call that changes': (_self, [doll]) => (doll as Doll).take(),
  'a call that changes two': (_self, [doll, other]) => [(doll as Doll).take(), (other as Doll).take()],
  'a fault in': (_self, dolls) => dolls.map((doll) => doll.look()),
  'destroy another': (_self, [doll]) => (doll as Doll).act(dying),
  'an attempt that succeeds': (_self, [doll]) => attempt(() => (doll as Doll).take()),
  'an attempt that fails': (_self, [doll]) =>
    attempt(() => [(doll as Doll).take(), (doll as Doll).act(throwing)]),
  'an attempt by another that goes on': (_self, [doll]) => (doll as Doll).act(swallowing),
  'a new entry': (self) => collection(self, 'kept').set(`key ${Number(self.cache)}`, 'value'),
  'an entry changed': (self) => collection(self, 'kept').set('first', self.cache),
  'an entry deleted': (self) => collection(self, 'kept').delete('first'),
  'nested attempts': (_self, [doll, other]) =>
    attempt(() => {
      (doll as Doll).take();
      attempt(() => [(other as Doll).take(), (other as Doll).act(throwing)]);
      attempt(() => (other as Doll).take());
    }),
};

/** Sets made in an undone attempt are kept: they say nothing, and a capability may still name them. */
function withoutShapes(contents: Fixture['journal'] extends { contents(): infer C } ? C : never): unknown {
  return contents.filter(([key]) => !key.startsWith('shape/'));
}

/** Fresh dolls for the next try. */
async function stage(f: Fixture): Promise<void> {
  await play(f, (self) => {
    // Those of the tries before are of no use any more; one of them may be gone already.
    for (const doll of (self.state['dolls'] as Doll[] | undefined) ?? []) attempt(() => doll.act(dying));
    const dolls = [self.make(), self.make(), self.make()];
    const [doll] = dolls as [Doll];
    const kept = collection(self, 'kept');
    for (const key of kept.keys(null, 1_000)) kept.delete(key);
    for (const key of ['first', 'second']) kept.set(key, 'as it was');
    Object.assign(self.state, {
      dolls,
      weak: attenuate(doll, { for: 'weak' }),
      limited: attenuate(doll, { uses: 2 }),
    });
    return null;
  });
  await f.settle();
}

async function tryOut(
  deed: string,
  body: (self: Puppet, dolls: readonly Doll[]) => unknown,
): Promise<Report> {
  const wrong: string[] = [];
  const f = await openPuppets({ resident: 2 });
  await stage(f);
  let [ended, through] = [0, 0];
  for (const [way, diving] of [dive, diveWide].entries()) {
    const most = Number(await play(f, () => deepest(diving)));
    // At first with the whole stack: a function that is not compiled yet needs far more of it than a call.
    const spares = [most];
    for (let spare = 0; spare < 150; spare += 1 + (spare >> 5)) spares.push(spare);
    for (const spare of spares) {
      for (const kind of ['swallowed', 'in an attempt', 'in a turn that fails'] as const) {
        wentOn = false;
        const before = withoutShapes(f.journal.contents());
        let done = false;
        const code = await codeOf(
          play(f, (self) => {
            self.cache = spare + way;
            const dolls = self.state['dolls'] as Doll[];
            const run = (): void => {
              diving(Math.max(0, most - spare), () => {
                body(self, dolls);
                done = true;
              });
            };
            if (kind === 'in an attempt') {
              done = attempt(run).ok;
              return null;
            }
            try {
              run();
            } catch {
              done = false;
            }
            if (kind === 'in a turn that fails') throw new Error('It was to fail.');
            return null;
          }),
        );
        await f.settle();
        if (done) through += 1;
        else ended += 1;
        const changed = !isDeepStrictEqual(withoutShapes(f.journal.contents()), before);
        if ((code !== 'none' || !done || wentOn) && changed)
          wrong.push(`${kind}, ${spare} frames to spare: ${code}, but the store has changed`);
        if (done && code === 'none') await stage(f);
      }
    }
  }
  const { resident } = f.world.statistics();
  if (resident > 2) wrong.push(`${resident} objects stay in memory, which has room for 2`);
  const next = await f.restart();
  const code = await codeOf(play(next, (self) => (self.state['dolls'] as Doll[]).map((doll) => doll.look())));
  if (code !== 'none') wrong.push(`after a restart: ${code}`);
  await next.close();
  return { deed, ended, through, wrong };
}

for (const [deed, body] of Object.entries(deeds)) {
  let report: Report;
  try {
    report = await tryOut(deed, body);
  } catch (error) {
    report = { deed, ended: 0, through: 0, wrong: [String(error)] };
  }
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
