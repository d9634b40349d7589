import { attack, unsavable, type Family } from './attack.ts';

export const constructors: Family = {
  family: 'constructors',
  attacks: [
    unsavable('has a constructor', /constructor/, '', { members: 'constructor() { this.early = true; }' }),
    unsavable('has a constructor under a name in quotes', /constructor/, '', {
      members: "'constructor'() { this.early = true; }",
    }),
    unsavable('has a constructor spelt with an escape', /constructor/, '', {
      members: 'c\\u006fnstructor() { this.early = true; }',
    }),
    unsavable('has a computed member named constructor', /computed|name/i, '', {
      members: "['constructor']() { return {}; }",
    }),
    attack(
      'makes code from text by the constructors of all kinds of functions',
      `
      const kinds = [function () {}, () => 0, { m() {} }.m, { get g() { return 1; } }, Object, emit, given.hall.name, M.string, words.line];
      for (const kind of kinds) {
        const maker = typeof kind === 'function' ? kind.constructor : Object.getOwnPropertyDescriptor(kind, 'g').get.constructor;
        try { const made = maker('return 7'); if (made() === 7) loot.push('code from text'); } catch {}
        try { const made = new maker('return 7'); if (made() === 7) loot.push('code from text by new'); } catch {}
      }`,
    ),
    attack(
      'climbs from a capability to the class of its object',
      `
      for (const held of [given.hall, given.vault, given.purse, given.ear, given.mine, given.theirs]) {
        let at = held;
        for (let up = 0; up < 6 && at !== null && at !== undefined; up += 1) {
          const maker = Reflect.getOwnPropertyDescriptor(at, 'constructor')?.value;
          if (typeof maker === 'function' && maker !== Object) loot.push('a constructor of ' + String(maker.name));
          at = Reflect.getPrototypeOf(at);
        }
        try { const made = new held.constructor(); if (Object.keys(made).length > 0 || Reflect.getPrototypeOf(made) !== Object.prototype) loot.push('an instance'); } catch {}
      }`,
    ),
    attack(
      'constructs with the method of a capability',
      `
      for (const method of [given.vault.open, given.hall.enter, given.mine.pay, given.purse.balance]) {
        try { loot.push(typeof new method()); } catch {}
        try { loot.push(typeof Reflect.construct(Object, [], method)); } catch {}
        try { loot.push(typeof Reflect.construct(method, [])); } catch {}
        if (method.prototype !== undefined) loot.push('a prototype');
      }`,
    ),
    attack(
      "constructs a verb with itself as the new object's parent",
      `
      for (const verb of [create, facet, emit, send, attempt, fail, collection, classOf]) {
        let made;
        try { made = Reflect.construct(verb, [this, 'owner'], this.constructor); } catch {}
        if (made !== undefined && made !== null && Reflect.getPrototypeOf(made) === this.constructor.prototype) {
          try { facet(made, 'owner'); loot.push('a forged instance acts'); } catch {}
        }
      }`,
      { steps: [{ call: 'run', either: true }] },
    ),
    attack(
      'makes an instance of its own class, and acts for it',
      `
      const other = new Attack();
      for (const act of [() => facet(other, 'owner'), () => destroy(other), () => collection(other, 'x'), () => revoke(other, given.hall)]) {
        const tried = attempt(act);
        if (tried.ok) loot.push('an instance without a wrapper acts');
      }
      this.kept = null;`,
    ),
    attack('keeps an instance of its own class in its record', 'this.kept = new Attack();', {
      steps: [{ call: 'run', fails: 'NotStorable' }],
    }),
    attack(
      'extends Thing and makes bare instances of the class above it',
      `
      const Above = Reflect.getPrototypeOf(this.constructor);
      const bare = new Above();
      const tries = [() => bare.front(), () => bare.requestCapability('key', given.hall), () => bare.dispose(), () => facet(bare, 'owner'), () => send(bare, 'rename', ['x'])];
      for (const act of tries) { const tried = attempt(act); if (tried.ok) loot.push('a bare thing acts'); }
      for (let at = Above; typeof at === 'function'; at = Reflect.getPrototypeOf(at)) {
        if (!Object.isFrozen(at)) loot.push('a class that can be changed');
        if (at.constructor !== undefined) { try { loot.push(String(at.constructor('return 1')())); } catch {} }
      }`,
      { extends: 'Thing' },
    ),
    attack(
      'takes new.target and the home object of super for a way up',
      `
      const home = { name() { return super.constructor; }, up() { return super.__proto__; } };
      const got = home.name();
      if (got !== Object) loot.push('another constructor');
      try { if (got.constructor('return 1')() === 1) loot.push('code from text'); } catch {}
      if (home.up() !== Object.prototype) loot.push('something above Object');`,
    ),
  ],
};
