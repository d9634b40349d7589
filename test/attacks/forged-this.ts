import { attack, type Family } from './attack.ts';

export const forgedThis: Family = {
  family: 'forged this',
  attacks: [
    attack(
      'gives the verbs something else than its own this',
      `
      const others = [given.hall, given.vault, {}, null, undefined, 1, 'this', Object.create(this), Object.setPrototypeOf({}, this), { ...this }, Attack, Attack.prototype, new Attack(), [this], () => this, given.mine, facet(this, 'public'), facet(this, 'owner')];
      for (const [at, it] of others.entries()) {
        const tries = [() => facet(it, 'owner'), () => facet(it, 'public', { for: 'x' }), () => destroy(it), () => collection(it, 'x'), () => revoke(it, facet(this, 'public', { for: 'y' })), () => facet.call(it, it, 'owner'), () => destroy.apply(it, [it])];
        for (const [way, act] of tries.entries()) { const tried = attempt(act); if (tried.ok && !(way === 4 && at === 17) && !(way === 4 && at === 16)) loot.push('it ' + at + ' way ' + way); }
      }`,
      { steps: [{ call: 'run', either: true }] },
    ),
    attack(
      'calls its own methods on a capability of somebody else',
      `
      for (const held of [given.hall, given.vault, given.mine]) {
        const tries = [() => Attack.prototype.again.call(held, given), () => this.again.apply(held, [given]), () => Reflect.apply(Attack.prototype.toRecord, held, []), () => Attack.prototype.fromRecord.call(held, { given, kept: 1 }), () => Attack.prototype.third.call(held, given)];
        for (const [at, act] of tries.entries()) {
          const tried = attempt(act);
          if (tried.ok && tried.value !== undefined && JSON.stringify(tried.value) !== '[]' && JSON.stringify(tried.value) !== '{}') loot.push('way ' + at + ': ' + JSON.stringify(tried.value));
        }
      }`,
      { third: 'facet(this, "owner"); loot.push("I am the other");', steps: [{ call: 'run', either: true }] },
    ),
    attack(
      'acts for its own wrapper out of a call of somebody else',
      `
      const cache = this;
      const tried = given.vault.introduce(facet(this, 'public'), facet(this, 'public'));
      if (tried !== true) return loot;
      if (this.cache !== cache) loot.push('another instance');`,
      { poke: 'this.cache = this; const tried = attempt(() => facet(this, "owner")); return tried.ok;' },
    ),
    attack('keeps its this, and acts for it from another instance', 'this.kept = facet(this, "self");', {
      again: `
      const other = args[0];
      const tried = attempt(() => other.poke());
      if (tried.ok && typeof tried.value === 'object' && tried.value !== null && 'given' in tried.value) loot.push('the other instance itself');
      for (const act of [() => destroy(tried.value), () => facet(tried.value, 'owner')]) { const acted = attempt(act); if (acted.ok) loot.push('it acts for the other'); }`,
      poke: 'return this;',
      steps: [{ call: 'run' }, { make: true }, { call: 'again', on: 1, args: ['@0'], either: true }],
    }),
    attack(
      'acts for itself after it was destroyed',
      `
      destroy(this);
      const tries = [() => create(given.mine, Attack, given), () => facet(this, 'owner'), () => facet(this, 'public', { for: 'x' }), () => collection(this, 'x').set('a', 1), () => send(given.hall, 'say', ['x']), () => after(1000, given.hall, 'name', []), () => destroy(this)];
      const left = given.mine.balance();
      for (const act of tries) attempt(act);
      if (given.mine.balance() > left) loot.push('it was paid back again');`,
      {
        steps: [
          { call: 'run', either: true },
          { call: 'again', fails: 'Gone' },
        ],
      },
    ),
    attack(
      'lets a method of an array, a map or JSON call its methods with another this',
      `
      const tries = [() => [given.vault].map(Attack.prototype.third, given.vault), () => new Map([[1, given.vault]]).forEach(Attack.prototype.third, given.vault), () => JSON.stringify({ a: 1 }, Attack.prototype.third), () => Array.from([given], Attack.prototype.third, given.vault), () => 'x'.replace('x', Attack.prototype.third)];
      for (const [at, act] of tries.entries()) { const tried = attempt(act); if (tried.ok && JSON.stringify(tried.value ?? null).includes('acts')) loot.push('way ' + at); }`,
      {
        third: 'if (attempt(() => facet(this, "owner")).ok) loot.push("acts");',
        steps: [{ call: 'run', either: true }],
      },
    ),
    attack(
      'binds a verb to act for somebody else later',
      `
      const bound = facet.bind(null, this, 'owner');
      this.cache = bound;
      const tried = given.vault.introduce(facet(this, 'public'), null);
      if (tried && this.cache !== bound) loot.push('another instance');`,
      {
        poke: 'const tried = attempt(() => this.cache?.()); return tried.ok;',
        steps: [{ call: 'run', either: true }],
      },
    ),
    attack(
      'speaks with the sessions of somebody else by being called from there',
      `
      given.hall.enter(facet(this, 'public'));
      given.ear.hear('hello');`,
      {
        hear: "emit('SPOOFED'); emit(['scene', { room: 'SPOOFED' }]); hangUp();",
        steps: [{ call: 'run' }, { say: 'a word' }, { say: 'another' }],
      },
    ),
    attack(
      'hangs up the sessions of somebody else',
      `
      for (const held of [given.ear, given.hall, given.vault]) { const tried = attempt(() => hangUp.call(held, held)); if (!tried.ok) loot.push(tried.error.code); }
      Reflect.apply(hangUp, given.ear, [given.ear]);`,
      { steps: [{ call: 'run' }, { say: 'still here' }] },
    ),
    attack(
      'is proved by a spot that it holds from another visit',
      `
      const seat = given.hall.enter(facet(this, 'public'));
      seat.leave(seat);
      for (const act of [() => seat.leave(seat), () => seat.speak(seat, 'x'), () => Reflect.apply(seat.leave, given.hall, [seat])]) { const tried = attempt(act); if (tried.ok) loot.push('a seat that was left'); }`,
    ),
  ],
};
