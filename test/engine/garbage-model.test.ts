import fc from 'fast-check';
import { parseKey } from '../../storage/keys.ts';
import {
  after,
  attempt,
  attenuate,
  collection,
  isLive,
  send,
  watch,
  type AnyCap,
} from '../../engine/authoring.ts';
import { slotsIn } from '../../engine/stored-slots.ts';
import { Powers, type Fixture } from './fixture.ts';
import { act, openPuppets, type Doll, type Puppet } from './puppet.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Whoever looks for garbage lets others go on at every step. */
class Slow extends Powers {
  #at = 0;
  override readonly stopwatch = (): number => (this.#at += 3);
}

type Body = (self: Puppet, ...args: never[]) => unknown;
const named = (name: string, body: Body): string => act(body, `garbage model ${name}`);
const own = (self: Puppet, key: string): Doll | undefined => {
  const held = self.state[key] as Doll | undefined;
  return held !== undefined && isLive(held) ? held : undefined;
};
const remembered = (self: Puppet): Doll | undefined => {
  const held = self.cache as Doll | undefined;
  return held !== undefined && isLive(held) ? held : undefined;
};

/** What a doll can be told to do, with another one. Whatever is not there is passed over. */
const DEEDS = {
  link: named('link', (self, key: string, it: Doll) => void (self.state[key] = it)),
  unlink: named('unlink', (self, key: string) => void delete self.state[key]),
  file: named('file', (self, key: string, it: Doll) => collection(self, 'files').set(key, it)),
  unfile: named('unfile', (self, key: string) => void collection(self, 'files').delete(key)),
  fileUnder: named('file under', (self, _key: string, it: Doll) => collection(self, 'files').set(it, 1)),
  remember: named('remember', (self, _key: string, it: Doll) => void (self.cache = it)),
  recall: named('recall', (self, key: string) => {
    const it = remembered(self);
    if (it !== undefined) self.state[key] = it;
  }),
  recallFiled: named('recall filed', (self, key: string) => {
    const it = remembered(self);
    if (it !== undefined) collection(self, 'files').set(key, it);
  }),
  recallSent: named('recall sent', (self, key: string, it: Doll) => {
    const held = remembered(self);
    if (held !== undefined) send(it, 'set', [key, held]);
  }),
  recallLater: named('recall later', (self, key: string, it: Doll) => {
    const held = remembered(self);
    if (held !== undefined) after(HOUR, it, 'set', [key, held]);
  }),
  recallWatching: named('recall watching', (self, _key: string, it: Doll) => {
    const held = remembered(self);
    if (held !== undefined) watch(it, 'look', held, 'get');
  }),
  recallLess: named('recall less', (self, key: string) => {
    const held = remembered(self);
    if (held !== undefined) self.state[key] = attenuate(held, { only: ['look', 'act'], for: 'less' });
  }),
  recallInner: named('recall inner', (self, key: string) => {
    const inner = remembered(self)?.get(key) as Doll | undefined;
    if (inner !== undefined && isLive(inner)) self.state[key] = inner;
  }),
  useRemembered: named('use', (self, key: string) => {
    const held = remembered(self);
    if (held !== undefined) send(held, 'set', [key, 1]);
  }),
  makeByRemembered: named('make by remembered', (self, key: string) => {
    const held = remembered(self);
    if (held !== undefined) self.state[key] = held.act(DEEDS_MAKE);
  }),
  make: named('make', (self, key: string) => void (self.state[key] = self.make())),
  pass: named('pass', (self, key: string, it: Doll) => {
    const held = own(self, key);
    if (held !== undefined) it.set(key, held);
    delete self.state[key];
  }),
  split: named('split', (self) => {
    self.state['bank'] = (self.bank as unknown as { split(amount: number): AnyCap }).split(40);
  }),
  grow: named('grow', (self) => void (self.state['much'] = 'x'.repeat(3_000))),
  shrink: named('shrink', (self) => void delete self.state['much']),
} as const;
const DEEDS_MAKE = named('make one', (self) => self.make());

type Step =
  | {
      readonly do: 'deed';
      readonly deed: keyof typeof DEEDS;
      readonly who: number;
      readonly key: string;
      readonly it: number;
    }
  | { readonly do: 'make' | 'drop'; readonly who: number }
  | { readonly do: 'collect' | 'settle' | 'restart' | 'breathe' }
  | { readonly do: 'wait'; readonly hours: number }
  /** One remembers another one, which nothing holds any more; and it has had its time when a collection is so far. */
  | { readonly do: 'lose'; readonly who: number; readonly it: number; readonly breaths: number };

const making = named('gate makes', (self, key: string) => void (self.state[key] ??= self.make()));
const dropping = named('gate drops', (self, key: string) => void delete self.state[key]);
const telling = named('gate tells', (self, who: string, deed: string, key: string, it: string) => {
  const [one, other] = [own(self, who), own(self, it)];
  if (one !== undefined && other !== undefined) attempt(() => one.act(deed, key, other));
});

const DOLLS = 5;
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant('deed' as const),
        deed: fc.constantFrom(...(Object.keys(DEEDS) as (keyof typeof DEEDS)[])),
        who: fc.nat(DOLLS - 1),
        key: fc.constantFrom('a', 'b', '1'),
        it: fc.nat(DOLLS - 1),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('make' as const, 'drop' as const), who: fc.nat(DOLLS - 1) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.constantFrom(1, 24, 48, -30) }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom('collect' as const, 'settle' as const, 'breathe' as const),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('lose' as const),
        who: fc.nat(DOLLS - 1),
        it: fc.nat(DOLLS - 1),
        breaths: fc.nat(60),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  ),
  { minLength: 20, maxLength: 70 },
);

interface Envelope {
  readonly class: string;
  readonly of?: string;
  readonly bank: string | null;
  readonly paid?: number;
  readonly body: string;
  readonly grants: readonly (readonly unknown[])[];
}

/** All of a store by brute force: what is there, what can be reached, and what banks have and have paid. */
function judged(contents: readonly (readonly [string, string])[]): {
  readonly there: ReadonlySet<string>;
  readonly reachable: ReadonlySet<string>;
  readonly blocks: number;
} {
  const there = new Set<string>();
  const leads = new Map<string, string[]>();
  const open: string[] = [];
  let blocks = 0;
  const from = (id: string): string[] => {
    const known = leads.get(id) ?? [];
    leads.set(id, known);
    return known;
  };
  for (const [text, value] of contents) {
    const key = parseKey(text);
    if (key === undefined) continue;
    const targets = slotsIn(key, value).map((slot) => /^(o\d+)\./.exec(slot)?.[1] ?? '');
    if (key.kind === 'object') {
      there.add(key.id);
      const { class: name, of, bank, paid, body, grants } = JSON.parse(value) as Envelope;
      from(key.id).push(...targets, ...[of, bank].filter((each) => typeof each === 'string'));
      for (const { 7: payer } of grants)
        if (typeof payer === 'string') {
          from(key.id).push(payer);
          blocks += 1;
        }
      if (bank !== null) blocks += paid ?? 1;
      if (name === 'Bank') blocks += (JSON.parse(body.slice(1)) as { left: number }).left;
    } else if (key.kind === 'entry') from(key.id).push(...targets);
    else if (key.kind === 'watched') {
      from(key.id).push(
        ...targets,
        ...[...value.matchAll(/\\"by\\":\\"(o\d+)\\"/g)].map(([, id = '']) => id),
      );
      blocks += [...value.matchAll(/\\"by\\":/g)].length;
    } else {
      open.push(
        ...targets,
        ...[...value.matchAll(/\\"(?:payer|from)\\":\\"(o\d+)\\"/g)].map(([, id = '']) => id),
      );
      if (key.kind === 'restart') open.push(key.id);
    }
  }
  const reachable = new Set<string>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reachable.has(next)) continue;
    reachable.add(next);
    open.push(...(leads.get(next) ?? []));
  }
  return { there, reachable, blocks };
}

const breath = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

async function run(script: readonly Step[]): Promise<void> {
  let f: Fixture = await openPuppets({ garbageGrace: DAY, powers: new Slow() });
  await f.settle();
  const { blocks } = judged(f.journal.contents());
  let collecting: Promise<unknown> = Promise.resolve();
  const gate = (...args: unknown[]): Promise<unknown> => f.call(f.world.roots.gate, 'act', ...args);
  const check = (): void => {
    const now = judged(f.journal.contents());
    expect([...now.reachable].filter((id) => !now.there.has(id))).toEqual([]);
    expect(now.blocks).toBe(blocks);
  };
  const through = async (): Promise<void> => {
    await collecting;
    await f.settle();
    check();
  };
  for (let at = 0; at < DOLLS; at += 1) await gate(making, `d${at}`);
  for (const step of script) {
    switch (step.do) {
      case 'deed':
        await gate(telling, `d${step.who}`, DEEDS[step.deed], step.key, `d${step.it}`);
        break;
      case 'make':
        await gate(making, `d${step.who}`);
        break;
      case 'drop':
        await gate(dropping, `d${step.who}`);
        break;
      case 'collect':
        collecting = f.world.collect();
        collecting.catch(() => {});
        break;
      case 'settle':
        await through();
        break;
      case 'lose':
        await gate(telling, `d${step.who}`, DEEDS.remember, '', `d${step.it}`);
        await gate(dropping, `d${step.it}`);
        await collecting;
        await f.world.collect();
        await f.advance(2 * DAY);
        collecting = f.world.collect();
        collecting.catch(() => {});
        for (let at = 0; at < step.breaths; at += 1) await breath();
        break;
      case 'breathe':
        await breath();
        break;
      case 'wait':
        if (step.hours > 0) await f.advance(step.hours * HOUR);
        else f.powers.setClock(step.hours * HOUR);
        break;
      case 'restart':
        collecting.catch(() => {});
        collecting = Promise.resolve();
        f = await f.crash();
        check();
    }
  }
  await through();
  await f.advance(3 * DAY);
  for (let at = 0; at < 3; at += 1) {
    await f.world.collect();
    await f.advance(2 * DAY);
  }
  await f.world.collect();
  await through();
  const { there, reachable } = judged(f.journal.contents());
  expect([...there].sort()).toEqual([...reachable].sort());
  await f.close();
}

test('nothing that can be reached is ever removed, all else in the end, and banks lose nothing, whatever goes on meanwhile', async () => {
  await fc.assert(fc.asyncProperty(steps, run), { numRuns: Number(process.env['GARBAGE_RUNS'] ?? 40) });
}, 240_000);
