import fc from 'fast-check';
import { create } from '../../engine/authoring.ts';
import { Actor, arm, fault, FAULTS, script, type Script } from './actor.ts';
import { openFixture, type Fixture } from './fixture.ts';
import { codeOf } from './puppet.ts';
import { itemsOf } from '../items-of.ts';

/** Three actors that hold each other and the bank; the first is the gate and has a session. */
async function stage(evictAlways: boolean): Promise<Fixture> {
  arm();
  const f = await openFixture({
    classes: [Actor],
    evictAlways,
    genesis: ({ bank }) => {
      const [a, b, c] = [
        create(bank, Actor, { bank }),
        create(bank, Actor, { bank }),
        create(bank, Actor, { bank }),
      ];
      for (const each of [a, b, c]) {
        each.put('a', a);
        each.put('b', b);
        each.put('c', c);
        each.put('f1', null);
        each.play([
          { do: 'only', on: 'b', as: 'g1', uses: 1 },
          { do: 'attenuate', on: 'c', as: 'g2', uses: 2 },
          { do: 'facet', as: 'f1', named: true },
        ]);
      }
      return { gate: a };
    },
  });
  const terms = { sid: 'ann', keyHash: '', keep: true, name: 'Ann' };
  await f.world.begin(terms, (invoke) => invoke(f.world.roots.gate, 'session', []) as object);
  await f.settle();
  return f;
}

/** All that can be told from outside: the store, what was put out, and what is waiting. */
function seen(f: Fixture): unknown {
  return {
    contents: f.journal.contents(),
    outs: f.outs.map((out) => [out.sid, out.n, itemsOf(out)]),
    timers: f.world.statistics().timers,
  };
}

async function turn(f: Fixture, steps: Script, seed: string): Promise<string> {
  f.powers.reseed(seed);
  const code = await codeOf(f.call(f.world.roots.gate, 'whole', steps));
  f.powers.reseed(`${seed}+`);
  await f.settle();
  return code;
}

for (const evictAlways of [false, true]) {
  test(`a turn that fails at any point leaves the world as if it had not run${evictAlways ? ', evicting always' : ''}`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(script, { minLength: 1, maxLength: 4 }), (scripts) =>
        failEverywhere(scripts, evictAlways),
      ),
      { numRuns: 25 },
    );
  }, 60_000);
}

/** Runs scripts in two worlds; in one of them each also with every fault at every step, before it may succeed. */
async function failEverywhere(scripts: readonly Script[], evictAlways: boolean): Promise<void> {
  const tried = await stage(evictAlways);
  const twin = await stage(evictAlways);
  expect(seen(tried)).toEqual(seen(twin));
  for (const [at, steps] of scripts.entries()) {
    arm();
    const code = await turn(twin, steps, `turn${at}`);
    const count = fault.count;
    const before = seen(tried);
    for (let k = 1; k <= count; k += 1) {
      const ways = count < 12 ? FAULTS : [FAULTS[k % FAULTS.length] ?? 'throw'];
      for (const how of ways) {
        arm(k, how);
        const failed = await turn(tried, steps, `fault${at}`);
        expect([how, k, fault.fired, failed === 'none']).toEqual([how, k, true, false]);
        expect([how, k, seen(tried)]).toEqual([how, k, before]);
      }
    }
    arm();
    expect(await turn(tried, steps, `turn${at}`)).toBe(code);
    expect(seen(tried)).toEqual(seen(twin));
  }
  for (const f of [tried, twin]) await f.advance(10);
  expect(seen(tried)).toEqual(seen(twin));
  expect(tried.halts).toEqual([]);
  await Promise.all([tried.close(), twin.close()]);
}
