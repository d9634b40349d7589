import { attack, type Family } from './attack.ts';

export const prototypes: Family = {
  family: 'prototypes',
  attacks: [
    attack(
      'adds to and changes the prototypes of the language',
      `
      for (const target of [Object, (() => 0).constructor, Array, String, Number, Boolean, Map, Set, WeakMap, WeakSet, RegExp, Error, TypeError, RangeError].map((each) => each.prototype ?? Reflect.getPrototypeOf(() => 0))) {
        if (Reflect.set(target, 'loot', 1) && target.loot === 1) loot.push('a property by set');
        if (Reflect.defineProperty(target, 'loot', { value: 1, configurable: true })) loot.push('a property by definition');
        if (target !== Object.prototype && Reflect.setPrototypeOf(target, null)) loot.push('another prototype');
        if (Reflect.deleteProperty(target, 'constructor')) loot.push('a property less');
        try { target.toString = () => 'mine'; if (String(target) === 'mine') loot.push('an override'); } catch {}
      }`,
    ),
    attack(
      'swaps the prototype of a capability, or of what it inherits from',
      `
      for (const held of [given.hall, given.vault, given.mine]) {
        for (let at = held; at !== null; at = Reflect.getPrototypeOf(at)) {
          if (at === Object.prototype) break;
          if (Reflect.setPrototypeOf(at, { open: () => 'mine' })) loot.push('another prototype');
          if (Reflect.isExtensible(at)) loot.push('room for more');
          for (const key of Reflect.ownKeys(at)) {
            if (Reflect.set(at, key, () => 'mine', at)) loot.push('another ' + String(key));
            if (Reflect.deleteProperty(at, key)) loot.push('no ' + String(key));
          }
        }
      }`,
    ),
    attack(
      'pollutes by keys of parsed JSON',
      `
      const evil = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
      try { Object.assign({}, evil); } catch {}
      const { ...rest } = evil;
      const tries = [() => given.hall.enter(evil), () => given.vault.open(evil), () => { this.kept = JSON.parse('{"constructor": {"prototype": {"polluted": 1}}}'); }, () => emit(['x', evil])];
      for (const act of tries) { try { attempt(act); } catch {} }
      if ({}.polluted !== undefined || Object.polluted !== undefined) loot.push('polluted');
      this.kept = null;`,
    ),
    attack(
      'gives a record whose prototype has what the check does not see',
      `
      const carrier = Object.create({ secret: given.vault.open });
      carrier.plain = 1;
      const ways = [() => this.pass(carrier), () => given.vault.open(carrier), () => send(given.hall, 'say', [carrier]), () => emit(['x', carrier])];
      for (const act of ways) { const tried = attempt(act); if (tried.ok) loot.push('it passed'); }`,
      { members: 'pass(what) { return facet(this, "public").poke(what); }' },
    ),
    attack(
      'makes an array that is no plain array',
      `
      const odd = [1, 2];
      Reflect.setPrototypeOf(odd, { __proto__: Array.prototype, map: () => given.vault, includes: () => true });
      const bare = [1];
      Reflect.setPrototypeOf(bare, null);
      for (const each of [odd, bare]) {
        const tried = attempt(() => facet(this, 'public').poke(each));
        if (tried.ok) loot.push('it passed');
      }`,
    ),
    attack(
      'changes what its class inherits from after it was saved',
      `
      const mine = this.constructor;
      const tries = [() => Reflect.setPrototypeOf(mine, Map), () => Reflect.setPrototypeOf(mine.prototype, Map.prototype), () => Reflect.defineProperty(mine, 'facets', { value: {} }),
        () => Reflect.set(mine.facets.public, 'again', M.call()), () => Reflect.defineProperty(mine.prototype, 'run', { value: () => 1 }), () => Reflect.set(mine.prototype.run, 'x', 1)];
      for (const [at, act] of tries.entries()) if (act()) loot.push('change ' + at);`,
    ),
    attack(
      'changes its own prototype to that of something else, and acts on',
      `
      Reflect.setPrototypeOf(this, { toRecord() { return { given: null, kept: 'other' }; }, fromRecord() {} });
      const other = facet(this, 'public');
      if (typeof other !== 'object') loot.push('no facet');`,
      {
        steps: [
          { call: 'run', either: true },
          { call: 'run', either: true },
        ],
      },
    ),
    attack(
      'changes Thing, from which half of the world descends',
      `
      for (let at = Reflect.getPrototypeOf(this.constructor); typeof at === 'function'; at = Reflect.getPrototypeOf(at)) {
        if (at === Reflect.getPrototypeOf(() => 0)) break;
        for (const target of [at, at.prototype]) {
          if (Reflect.set(target, 'loot', 1)) loot.push('a property on ' + at.name);
          for (const key of Reflect.ownKeys(target)) {
            if (typeof target !== 'function' && key === 'constructor') continue;
            const held = Reflect.getOwnPropertyDescriptor(target, key);
            if (held.writable || held.configurable) loot.push(at.name + ' can be changed at ' + String(key));
            if (typeof held.value === 'function' && Reflect.isExtensible(held.value)) loot.push(at.name + '.' + String(key) + ' can be written on');
          }
        }
      }`,
      { extends: 'Thing' },
    ),
    attack(
      'uses the old accessors of Object to reach around',
      `
      const tries = [
        () => Object.prototype.__defineGetter__.call(given.vault, 'x', () => 1),
        () => Object.prototype.__lookupGetter__.call(given.vault, 'open'),
        () => { given.vault.__proto__ = { x: 1 }; return given.vault.x; },
        () => Reflect.getOwnPropertyDescriptor(Object.prototype, '__proto__').set.call(given.vault, { x: 1 }) ?? given.vault.x,
        () => Object.prototype.__defineSetter__.call(Object.prototype, 'kept', (value) => loot.push(String(value))) ?? ({}).kept,
      ];
      for (const [at, act] of tries.entries()) { try { const got = act(); if (got !== undefined) loot.push('way ' + at); } catch {} }`,
    ),
    attack(
      'lets a super call run on a capability instead of itself',
      `
      const base = { __proto__: { open(key) { return this === given.vault ? 'I am the vault' : 'no'; } } };
      const tries = [
        () => Reflect.get(given.vault, 'open', this).call(this, 1),
        () => Reflect.set({}, 'secret', 1, given.vault),
        () => Object.setPrototypeOf({ go() { return super.open(1); } }, given.vault).go(),
      ];
      for (const act of tries) { const tried = attempt(act); if (tried.ok && tried.value !== false) loot.push(String(tried.value)); }
      if (base === null) loot.push('never');`,
    ),
  ],
};
