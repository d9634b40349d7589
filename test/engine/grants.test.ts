import fc from 'fast-check';
import { after, attempt, attenuate, destroy, facet, isLive, only, revoke } from '../../engine/authoring.ts';
import type { BankOwner } from '../../engine/bank.ts';
import type { Fixture } from './fixture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { act, codeOf, openPuppets, play, type Doll, type Puppet } from './puppet.ts';

const ALL = ['look', 'get', 'take', 'set', 'self', 'act', 'open'] as const;
type Method = (typeof ALL)[number];

/** What a grant is to be, without any of the engine. */
interface Model {
  readonly parent: Model | null;
  readonly methods: ReadonlySet<Method>;
  readonly expires: number | null;
  uses: number | null;
  revoked: boolean;
}

function expected(grant: Model, method: Method, now: number): string {
  if (!grant.methods.has(method)) return 'NoSuchMethod';
  for (let at: Model | null = grant; at !== null; at = at.parent) if (at.revoked) return 'Revoked';
  for (let at: Model | null = grant; at !== null; at = at.parent)
    if (at.expires !== null && at.expires <= now) return 'Expired';
  for (let at: Model | null = grant; at !== null; at = at.parent)
    if (at.uses !== null && at.uses <= 0) return 'UsedUp';
  return 'none';
}

function use(grant: Model): void {
  for (let at: Model | null = grant; at !== null; at = at.parent) if (at.uses !== null) at.uses -= 1;
}

type Step =
  | {
      readonly do: 'attenuate';
      readonly from: number;
      readonly methods: readonly Method[];
      readonly uses?: number;
      readonly expiresIn?: number;
    }
  | { readonly do: 'call'; readonly on: number; readonly method: 'look' | 'take' }
  | { readonly do: 'revoke'; readonly by: number; readonly what: number }
  | { readonly do: 'revoke by itself'; readonly what: number }
  | { readonly do: 'undone'; readonly from: number }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'restart' | 'crash' };

const index = fc.nat({ max: 30 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record(
      {
        do: fc.constant('attenuate' as const),
        from: index,
        methods: fc.subarray([...ALL]),
        uses: fc.integer({ min: 1, max: 3 }),
        expiresIn: fc.integer({ min: 0, max: 30 }),
      },
      { requiredKeys: ['do', 'from', 'methods'] },
    ),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('call' as const),
      on: index,
      method: fc.constantFrom('look' as const, 'take' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('revoke' as const), by: index, what: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke by itself' as const), what: index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('undone' as const), from: index }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), milliseconds: fc.integer({ min: 1, max: 15 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'crash' as const) }) },
);

/** Keeps every capability in the gate's record, so that they go to disk and come back with it. */
async function follow(steps: readonly Step[], evictAlways: boolean): Promise<void> {
  let f: Fixture = await openPuppets({ evictAlways });
  const grants: (Model & { key: string })[] = [];
  const grantAt = (at: number): Model & { key: string } =>
    grants[at % grants.length] as Model & { key: string };
  await play(f, (self) => void (self.state['g0'] = self.make()));
  grants.push({ key: 'g0', parent: null, methods: new Set(ALL), expires: null, uses: null, revoked: false });
  const held = (self: Puppet, grant: { key: string }): Doll => self.state[grant.key] as Doll;
  /** With the method borrowed from the strongest, so that one which is not admitted is asked for all the same. */
  const called = (self: Puppet, grant: { key: string }, method: 'look' | 'take'): unknown =>
    Reflect.apply((self.state['g0'] as Doll)[method], held(self, grant), []);
  for (const step of steps) {
    const now = f.powers.now;
    switch (step.do) {
      case 'attenuate': {
        const from = grantAt(step.from);
        const missing = step.methods.filter((method) => !from.methods.has(method));
        const dead = expected(
          { ...from, methods: new Set(ALL), uses: null, parent: from.parent },
          'look',
          now,
        );
        const alive = dead === 'none' || dead === 'UsedUp';
        const key = `g${grants.length}`;
        const { uses, expiresIn, methods } = step;
        const terms = {
          only: methods,
          for: key,
          ...(uses === undefined ? {} : { uses }),
          ...(expiresIn === undefined ? {} : { expiresIn }),
        };
        const code = await codeOf(
          play(f, (self) => void (self.state[key] = attenuate(held(self, from), terms))),
        );
        expect([step, code]).toEqual([step, !alive ? dead : missing.length > 0 ? 'NoSuchMethod' : 'none']);
        if (code === 'none') {
          grants.push({
            key,
            parent: from,
            methods: new Set(methods),
            expires: expiresIn === undefined ? null : now + expiresIn,
            uses: uses ?? null,
            revoked: false,
          });
        }
        break;
      }
      case 'call': {
        const grant = grantAt(step.on);
        const code = await codeOf(play(f, (self) => called(self, grant, step.method)));
        expect([step, grant.key, code]).toEqual([step, grant.key, expected(grant, step.method, now)]);
        if (code === 'none') use(grant);
        break;
      }
      case 'revoke': {
        const [by, what] = [grantAt(step.by), grantAt(step.what)];
        const code = await codeOf(play(f, (self) => revoke(held(self, by), held(self, what))));
        let above: Model | null = what.parent;
        while (above !== null && above !== by) above = above.parent;
        if (code === 'none') {
          const done = isRevoked(what);
          expect([step, done || above === by]).toEqual([step, true]);
          what.revoked = true;
        } else {
          expect([
            step,
            above === by &&
              !['Revoked', 'Expired'].includes(expected(by, 'look', now)) &&
              by.methods.has('look'),
          ]).toEqual([step, false]);
        }
        break;
      }
      case 'revoke by itself': {
        const what = grantAt(step.what);
        if (what.key === 'g0') break;
        await revokeFromWithin(f, what.key);
        if (!isRevoked(grants[0] as Model)) what.revoked = true;
        break;
      }
      case 'undone': {
        // Makes a grant, uses it, revokes others, and takes all that back: nothing may be left of it, or lost by it.
        const from = grantAt(step.from);
        await codeOf(
          play(f, (self) => {
            let kept: Doll | undefined;
            const tried = attempt(() => {
              kept = attenuate(held(self, from), { for: 'nobody' });
              attempt(() => kept?.look?.());
              attempt(() => kept?.take?.());
              for (const other of grants) attempt(() => revoke(held(self, from), held(self, other)));
              throw new Error('all in vain');
            });
            expect(tried.ok).toBe(false);
            if (kept !== undefined) {
              const ghost = kept;
              expect(attempt(() => Reflect.apply((self.state['g0'] as Doll).look, ghost, []))).toMatchObject({
                ok: false,
              });
              expect(attempt(() => attenuate(ghost, {}))).toMatchObject({ ok: false });
            }
          }),
        );
        break;
      }
      case 'wait':
        await f.advance(step.milliseconds);
        break;
      case 'restart':
        f = await f.restart();
        break;
      case 'crash':
        await f.settle();
        f = await f.crash();
        break;
    }
  }
  for (const grant of grants) {
    for (const method of ['look', 'take'] as const) {
      const code = await codeOf(play(f, (self) => called(self, grant, method)));
      expect([grant.key, method, code]).toEqual([grant.key, method, expected(grant, method, f.powers.now)]);
      if (code === 'none') use(grant);
    }
  }
  await f.close();
}

function isRevoked(grant: Model): boolean {
  for (let at: Model | null = grant; at !== null; at = at.parent) if (at.revoked) return true;
  return false;
}

/** The object behind a grant ends it. */
async function revokeFromWithin(f: Fixture, key: string): Promise<void> {
  const ending = act((self, capability: Doll) => revoke(self, capability));
  await codeOf(play(f, (self) => (self.state['g0'] as Doll).act(ending, self.state[key])));
}

for (const evictAlways of [false, true]) {
  test(`grants do what a simple model of them does, through restarts and crashes${evictAlways ? ', evicting always' : ''}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) =>
        follow(steps, evictAlways),
      ),
      { numRuns: 120 },
    );
  }, 30_000);
}

describe('the same grant is the same value', () => {
  for (const evictAlways of [false, true]) {
    test(`standing facets, this, what comes back from disk${evictAlways ? ', evicting always' : ''}`, async () => {
      const f = await openPuppets({ evictAlways });
      await play(f, (self) => {
        const doll = self.make();
        const pub = doll.self();
        expect(doll.self()).toBe(pub);
        expect(facet<typeof Puppet, 'hidden'>(self, 'hidden')).toBe(
          facet<typeof Puppet, 'hidden'>(self, 'hidden'),
        );
        expect(facet<typeof Puppet, 'public'>(self, 'public', { for: 'Ann' })).not.toBe(
          facet<typeof Puppet, 'public'>(self, 'public', { for: 'Ann' }),
        );
        Object.assign(self.state, { doll, pub, list: [pub, doll, pub] });
        return null;
      });
      await play(f, (self) => {
        const [a, b, c] = self.state['list'] as Doll[];
        expect([
          a === c,
          a === self.state['pub'],
          b === self.state['doll'],
          (self.state['doll'] as Doll).self() === a,
        ]).toEqual([true, true, true, true]);
        return null;
      });
      const next = await f.restart();
      await play(next, (self) => {
        const [a, b, c] = self.state['list'] as Doll[];
        expect([
          a === c,
          a === self.state['pub'],
          b === self.state['doll'],
          (self.state['doll'] as Doll).self() === a,
        ]).toEqual([true, true, true, true]);
        return null;
      });
      await next.close();
    });
  }
});

describe('nobody else ends a grant', () => {
  test('not a sibling, not a child, not its own holder, not another object', async () => {
    const f = await openPuppets();
    await play(f, (self) => {
      const doll = self.make();
      const [a, b] = [attenuate(doll, { for: 'a' }), attenuate(doll, { for: 'b' })];
      const child = only(a, 'look');
      for (const [by, what] of [
        [a, b],
        [child, a],
        [a, a],
        [child, child],
        [self.make(), a],
        [self, a],
        [a, doll],
      ] as const) {
        expect(attempt(() => revoke(by, what))).toMatchObject({ error: { code: 'NotYours' } });
      }
      expect([a.look(), b.look(), child.look()]).toEqual(['a puppet', 'a puppet', 'a puppet']);
      revoke(a, child);
      expect(attempt(() => child.look())).toMatchObject({ error: { code: 'Revoked' } });
      revoke(doll, a);
      expect(attempt(() => a.look())).toMatchObject({ error: { code: 'Revoked' } });
      expect(attempt(() => attenuate(a, {}))).toMatchObject({ error: { code: 'Revoked' } });
      revoke(doll, a);
      expect(b.look()).toBe('a puppet');
      return null;
    });
    await f.close();
  });

  test('a grant for as long as there are numbers expires at a time that can be written down', async () => {
    const f = await openPuppets();
    await play(f, (self) => {
      self.state['doll'] = attenuate(self.make(), { expiresIn: Number.MAX_SAFE_INTEGER });
      return null;
    });
    const [stored = ''] = f.journal.contents().flatMap(([, value]) => /\d{16}(?=,null)/.exec(value) ?? []);
    expect(stored).toBe(String(Number.MAX_SAFE_INTEGER));
    const next = await f.restart();
    expect(await codeOf(play(next, (self) => (self.state['doll'] as Doll).look()))).toBe('none');
    await next.close();
  });

  test('a grant made in an attempt that was undone is dead, and revoking its parent leaves it dead', async () => {
    const f = await openPuppets();
    await play(f, (self) => {
      const doll = self.make();
      const parent = attenuate(doll, { for: 'p' });
      let ghost: Doll | undefined;
      attempt(() => {
        ghost = attenuate(parent, { for: 'ghost' });
        ghost.look();
        throw new Error('undo');
      });
      expect(attempt(() => ghost?.look())).toMatchObject({ error: { code: 'Revoked' } });
      revoke(doll, parent);
      expect(attempt(() => ghost?.look())).toMatchObject({ error: { code: 'Revoked' } });
      return null;
    });
    await f.close();
  });

  test('a capability kept from an undone attempt can be stored and sent, and only it is dead', async () => {
    const f = await openPuppets();
    await play(f, (self) => {
      const doll = self.make();
      let ghost: object | undefined;
      attempt(() => {
        ghost = only(doll, 'open', 'get');
        throw new Error('undo');
      });
      self.state['ghost'] = ghost;
      self.state['doll'] = doll;
      const born: Doll[] = [];
      attempt(() => {
        born.push(self.make());
        throw new Error('undo');
      });
      self.state['born'] = born[0];
      after(1000, ghost as Doll, 'get', ['x']);
      after(1000, born[0] as Doll, 'get', ['x']);
      return null;
    });
    const next = await f.restart();
    expect(await codeOf(play(next, (self) => (self.state['ghost'] as Doll).get('x')))).toBe('Revoked');
    expect(['Revoked', 'Gone']).toContain(
      await codeOf(play(next, (self) => (self.state['born'] as Doll).get('x'))),
    );
    expect(await codeOf(play(next, (self) => (self.state['doll'] as Doll).look()))).toBe('none');
    await play(next, (self) => {
      const dolls = [self.make(), only(self.make(), 'open', 'act'), only(self.make(), 'set')];
      expect(attempt(() => (self.state['ghost'] as Doll).get('x')).ok).toBe(false);
      expect(attempt(() => (self.state['born'] as Doll).look()).ok).toBe(false);
      return dolls.length;
    });
    await next.advance(1000);
    await next.close();
  });
});

test('a stored capability that looks like more than its grant admits is none', async () => {
  const f = await openPuppets({});
  await play(f, (self) => {
    self.state['doll'] = self.make();
    self.state['shown'] = (self.state['doll'] as Doll).self();
    return null;
  });
  await f.settle();
  await f.world.close();
  const contents = new Map(f.journal.contents());
  const [key = '', text = ''] = [...contents].find(([, value]) => value.includes('\\"shown\\"')) ?? [];
  const slots = (JSON.parse(text) as { readonly slots: readonly string[] }).slots.map((slot) =>
    slot.split('.'),
  );
  // Two slots on one object: the grant that admits less, with the looks of the other one.
  const [wide, narrow] = slots.filter(([id]) => slots.filter(([other]) => other === id).length === 2);
  const [id, token, shape] = narrow ?? [];
  contents.set(key, text.replace(`"${id}.${token}.${shape}"`, `"${id}.${token}.${wide?.[2]}"`));
  expect(contents.get(key)).not.toBe(text);
  const next = await openPuppets({ journal: new MemoryJournal(contents) });
  expect(await codeOf(play(next, (self) => (self.state['doll'] as Doll).set('x', 1)))).toBe('none');
  expect(await codeOf(play(next, (self) => (self.state['shown'] as Doll).set('x', 2)))).toBe('Revoked');
  expect(await codeOf(play(next, (self) => (self.state['shown'] as Doll).look()))).toBe('Revoked');
  await next.world.close();
});

test('a grant that comes of one which is used up is dead, and is known to be', async () => {
  const f = await openPuppets({});
  await play(f, (self) => {
    const once = attenuate(self.make(), { uses: 1 });
    const less = attenuate(once, { only: ['look'], uses: 5 });
    expect([isLive(once), isLive(less), less.look()]).toEqual([true, true, 'a puppet']);
    expect([isLive(once), isLive(less)]).toEqual([false, false]);
  });
  await f.close();
});

test('a grant keeps the one that it comes of, also where those before them end', async () => {
  const f = await openPuppets({});
  await play(f, (self) => {
    const doll = self.make();
    const [first, second] = [attenuate(doll, { for: 'first' }), attenuate(doll, { for: 'second' })];
    Object.assign(self.state, { doll, first, second, less: only(second, 'look') });
  });
  await play(f, (self) => {
    revoke(self.state['doll'] as Doll, self.state['first'] as Doll);
  });
  const next = await f.restart();
  expect(await codeOf(play(next, (self) => (self.state['less'] as Doll).look()))).toBe('none');
  await play(next, (self) => {
    revoke(self.state['doll'] as Doll, self.state['second'] as Doll);
  });
  expect(await codeOf(play(next, (self) => (self.state['less'] as Doll).look()))).toBe('Revoked');
  await next.close();
});

test('a grant on a bank whose amount stays the same is there after a restart', async () => {
  const f = await openPuppets({});
  const bank = await f.call(f.world.roots.bank, 'split', 10);
  await play(
    f,
    (self, theirs: BankOwner) => {
      self.state['part'] = attenuate(theirs, { only: ['balance'], for: 'Ann' });
      return null;
    },
    bank,
  );
  const next = await f.restart();
  expect(await play(next, (self) => (self.state['part'] as BankOwner).balance())).toBe(10);
  await next.close();
});

test('an object that has ended answers nothing from there on, in the same turn too', async () => {
  const f = await openPuppets({});
  const ending = act((self) => {
    destroy(self);
    expect(attempt(() => facet<typeof Puppet, 'hidden'>(self, 'hidden', { for: 'Ann' }))).toMatchObject({
      error: { code: 'Gone' },
    });
  });
  await play(
    f,
    (self, body: string) => {
      const doll = self.make();
      self.state['doll'] = doll;
      doll.act(body);
      expect(isLive(doll)).toBe(false);
      for (const use of [() => doll.look(), () => only(doll, 'look'), () => doll.act(body)])
        expect(attempt(use)).toMatchObject({ error: { code: 'Gone' } });
    },
    ending,
  );
  expect(await codeOf(play(f, (self) => (self.state['doll'] as Doll).look()))).toBe('Gone');
  await f.close();
});
