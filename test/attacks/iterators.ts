import { attack, unsavable, type Family } from './attack.ts';

const SYMBOL =
  "const Sym = Reflect.ownKeys(Array.prototype).find((key) => typeof key === 'symbol').constructor;";

export const iterators: Family = {
  family: 'iterators',
  attacks: [
    attack(
      'names other methods the second time that it is gone through',
      `
      ${SYMBOL}
      const weak = only(given.mine, 'balance');
      let times = 0;
      const next = () => (times++ === 0 ? ['balance'] : ['pay', 'split'])[Sym.iterator]();
      const evils = [Object.defineProperty(['balance'], Sym.iterator, { value: next }), { [Sym.iterator]: next }, { length: 1, get 0() { times += 1; return times > 1 ? 'pay' : 'balance'; } }];
      for (const evil of evils) {
        times = 0;
        const tries = [() => attenuate(weak, { only: evil }).pay(1), () => only(weak, ...evil).pay(1), () => attenuate(weak, { only: evil }).split(1)];
        for (const [at, act] of tries.entries()) { const tried = attempt(act); if (tried.ok) loot.push('way ' + at); }
      }`,
    ),
    attack(
      'returns an iterator that ends never, to whoever spreads it',
      `
      ${SYMBOL}
      const endless = { [Sym.iterator]: () => ({ next: () => ({ done: false, value: 'x' }) }) };
      const tries = [() => facet(this, 'public').poke(endless), () => words.list(endless), () => words.goodName(endless), () => send(given.hall, 'say', endless), () => attenuate(given.hall, { only: endless }), () => emit(endless), () => Object.isFrozen(harden(endless)) && given.hall.say(endless)];
      for (const act of tries) { const tried = attempt(act); if (tried.ok) loot.push('accepted'); }`,
      { own: 'process', steps: [{ call: 'run', fails: 'OutOfTime', either: true }, { say: 'a word' }] },
    ),
    attack(
      'returns a live iterator of an array, a map or a text',
      'return [1, 2][Reflect.ownKeys(Array.prototype).find((key) => typeof key === "symbol")]?.call?.([1]) ?? new Map([[1, 2]]).entries();',
      {
        steps: [{ call: 'run', fails: 'NotPassable' }],
      },
    ),
    attack(
      'changes the iterators that all share',
      `
      ${SYMBOL}
      const shared = [[].values(), new Map().entries(), new Set().values(), ''[Sym.iterator](), 'x'.matchAll(/x/g), new Map().keys()];
      for (const each of shared) {
        for (let at = Reflect.getPrototypeOf(each); at !== null && at !== Object.prototype; at = Reflect.getPrototypeOf(at)) {
          if (Reflect.set(at, 'next', () => ({ done: true }))) loot.push('another next');
          if (Reflect.set(at, 'stash', given)) loot.push('a stash');
          if (Reflect.defineProperty(at, 'return', { value: () => ({}) })) loot.push('a return');
          if (at.constructor !== Object && typeof at.constructor === 'function' && Reflect.set(at.constructor, 'stash', 1)) loot.push('a stash on a constructor');
        }
      }`,
    ),
    attack(
      'looks for generators by what iterators inherit',
      `
      ${SYMBOL}
      for (const each of [[].values(), new Map().entries(), ''[Sym.iterator]()]) {
        for (let at = each; at !== null; at = Reflect.getPrototypeOf(at)) {
          const maker = at.constructor;
          if (typeof maker !== 'function' || maker === Object) continue;
          try { const made = maker('yield 1'); if (typeof made === 'function') loot.push('code from text'); } catch {}
          try { const made = new maker('yield 1'); if (typeof made === 'function') loot.push('code from text'); } catch {}
        }
      }`,
    ),
    attack(
      'changes a list while the host goes through it',
      `
      const list = ['name', 'say'];
      Object.defineProperty(list, 'toString', { value: () => { list.push('enter'); return 'x'; } });
      const weak = only(given.hall, 'name', 'say');
      const tried = attempt(() => attenuate(weak, { only: list }).enter);
      if (tried.ok && tried.value !== undefined) loot.push('more than there was');
      const mine = [facet(this, 'public')];
      send(given.hall, 'enter', mine);
      mine[0] = given.vault; mine.push(given.vault);`,
      { steps: [{ call: 'run', either: true }] },
    ),
    attack(
      'goes through a collection while it changes it',
      `
      const all = collection(this, 'things');
      for (let n = 0; n < 20; n += 1) all.set('k' + n, n);
      let seen = 0;
      for (const [key] of all.entries()) { seen += 1; all.delete(key); if (seen < 60) all.set('more' + seen, seen); if (seen > 200) break; }
      if (seen > 200) loot.push('without end');
      const list = all.keys();
      if (!Array.isArray(list) && typeof list.next === 'function') { all.set('z', 1); for (const _ of list) if (++seen > 1000) { loot.push('without end'); break; } }`,
    ),
    unsavable('is a generator', /generator|function\*|yield/, '', { members: '*walk() { yield this; }' }),
    unsavable(
      'hides a generator in an object',
      /generator|function\*|yield/,
      'const o = { *walk() { yield given; } }; loot.push(...o.walk());',
    ),
  ],
};
