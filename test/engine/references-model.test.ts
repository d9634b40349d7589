import fc from 'fast-check';
import { openStudio } from './studio.ts';
import { wrongReferences } from './reference-index.ts';
import type { AnyCap } from '../../engine/authoring.ts';

/** Does what it is told, and lets it fail. */
const source = (version: number): string => `class Prog extends Base {
  static facets = {
    ...Base.facets,
    owner: { ...Base.facets.owner, run: M.call(M.any(), M.any()).returns(M.any()), front: M.call().returns(M.remotable()), end: M.call().returns(), hear: M.call().rest(M.any()).returns() },
  };
  static upgrade(record) { return { ...record, version: ${version}, ['u' + ${version}]: record.held[0] ?? null }; }
  #held = []; #rest = {};
  toRecord() { return { ...super.toRecord(), ...this.#rest, held: this.#held }; }
  fromRecord(record) { super.fromRecord(record); const { held, label, ...rest } = record; this.#held = held; this.#rest = rest; }
  init(name) { super.init(name); }
  hear() {}
  front() { return facet(this, 'owner'); }
  end() { destroy(this); }
  run(steps, others) { for (const step of steps) this.one(step, others); return null; }
  one([what, a, b, c], others) {
    const other = others[a % others.length];
    const live = other !== undefined && isLive(other);
    if (!isLive(facet(this, 'owner'))) return;
    switch (what) {
      case 'hold': if (other !== undefined) this.#held = [...this.#held.slice(-2), other]; return;
      case 'digits': this.#rest = { ...this.#rest, [String(b % 3)]: other ?? null }; return;
      case 'drop': this.#held = []; this.#rest = {}; return;
      case 'value': if (other !== undefined) collection(this, 'c' + (c % 2)).set('k' + (b % 3), [other, other]); return;
      case 'key': if (other !== undefined) collection(this, 'c' + (c % 2)).set(other, b); return;
      case 'delete': collection(this, 'c' + (c % 2)).delete('k' + (b % 3)); return;
      case 'unkey': if (other !== undefined) collection(this, 'c' + (c % 2)).delete(other); return;
      case 'watch': if (live) attempt(() => { watch(other, 'name', facet(this, 'owner'), 'hear'); }); return;
      case 'restart': if (other !== undefined) attempt(() => onRestart('r' + (b % 2), other, 'name', { caps: { other } })); return;
      case 'off': offRestart('r' + (b % 2)); return;
      case 'publish': publish('name', other ?? null); return;
      case 'derive': if (live) attempt(() => { this.#held = [...this.#held.slice(-2), attenuate(other, { for: 'x' + b })]; }); return;
      case 'revoke': attempt(() => { revoke(other, this.#held[b % this.#held.length]); }); return;
      case 'send': if (live) send(other, 'hear', [other]); return;
      case 'every': if (live) every(100 + b, other, 'hear', [other]); return;
      case 'attempt': case 'vain':
        attempt(() => { for (const step of a) if (step[0] !== 'hold' && step[0] !== 'drop' && step[0] !== 'digits') this.one(step, others); if (what === 'vain') throw fail('Vain', 'in vain'); });
        return;
      case 'fail': throw fail('Failed', 'it failed');
      case 'call': if (live) attempt(() => other.run(b, others)); return;
      case 'kill': if (live) attempt(() => other.end()); return;
    }
  }
}`;

const n = fc.nat(9);
const plain = fc.tuple(
  fc.constantFrom(
    'hold',
    'hold',
    'digits',
    'drop',
    'value',
    'value',
    'key',
    'key',
    'delete',
    'unkey',
    'watch',
    'watch',
    'derive',
    'revoke',
    'restart',
    'off',
    'publish',
    'send',
    'every',
    'kill',
  ),
  n,
  n,
  n,
);
const nested = fc.tuple(fc.constantFrom('attempt', 'vain'), fc.array(plain, { maxLength: 5 }));
const calling = fc.tuple(fc.constant('call'), n, fc.array(plain, { maxLength: 4 }));
const step = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 2, arbitrary: nested },
  { weight: 2, arbitrary: calling },
  { weight: 1, arbitrary: fc.tuple(fc.constant('fail')) },
);
const turn = fc.record({
  who: n,
  steps: fc.array(step, { maxLength: 6 }),
  then: fc.constantFrom('', '', '', 'settle', 'save', 'advance', 'collect', 'crash'),
});

/** All units that there are: in banks, and paid for objects, grants and watches. */
function units(contents: readonly (readonly [string, string])[]): number {
  let sum = 0;
  for (const [key, text] of contents) {
    if (key.startsWith('w/')) sum += (text.match(/payer\\":\\"o/g) ?? []).length;
    if (!key.startsWith('o/')) continue;
    const {
      class: name,
      paid,
      bank,
      grants,
      body,
    } = JSON.parse(text) as {
      class: string;
      paid?: number;
      bank: string | null;
      grants: readonly unknown[][];
      body: string;
    };
    sum += paid ?? (bank === null ? 0 : 1);
    sum += grants.filter((row) => row[7] !== undefined).length;
    if (name === 'Bank') sum += (JSON.parse(body.slice(1)) as { left: number }).left;
  }
  return sum;
}

test.each([false, true])(
  'the index is exact and nothing is left of what is gone, evicting always: %s',
  async (evictAlways) => {
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 12 }), async (turns) => {
        const studio = await openStudio({ evictAlways, garbageGrace: 0 });
        let version = 1;
        await studio.save('Prog', source(version));
        const all: AnyCap[] = [];

        for (let at = 0; at < 5; at += 1) all.push(await studio.make('Prog', `p${at}`));
        await studio.keep(all);
        await studio.fixture.settle();
        const before = units(studio.fixture.journal.contents());
        for (const { who, steps, then } of turns) {
          await studio.code(all[who % all.length] as AnyCap, 'run', steps, all);
          const { fixture } = studio;
          if (then === 'settle') await fixture.settle();
          if (then === 'save') await studio.save('Prog', source((version += 1)));
          if (then === 'advance') await fixture.advance(200);
          if (then === 'collect') await fixture.world.collect();
          if (then === 'crash') {
            await fixture.settle();
            studio.fixture = await fixture.crash();
            const kept = (await studio.kept()) as unknown as readonly AnyCap[];
            all.splice(0, all.length, ...kept);
            await studio.fixture.settle();
            break; // the owners that the studio knows are of the world before
          }
        }
        const { fixture } = studio;
        await fixture.settle();
        await fixture.world.close();
        const contents = fixture.journal.contents();
        expect(units(contents)).toBe(before);
        expect(wrongReferences(contents)).toEqual([]);
        const there = new Set(contents.flatMap(([key]) => (key.startsWith('o/') ? [key.slice(2)] : [])));
        const stray = contents.filter(
          ([key]) => /^[wrdxe]\//.test(key) && !there.has(key.split('/')[1] as string),
        );
        expect(stray.map(([key]) => key)).toEqual([]);
        const members = contents.flatMap(([key]) =>
          key.startsWith('of/') && !there.has(key.split('/')[2] as string) ? [key] : [],
        );
        expect(members).toEqual([]);
      }),
      { numRuns: 100 },
    );
  },
  240_000,
);
