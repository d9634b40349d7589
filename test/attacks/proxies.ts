import { attack, unsavable, type Family } from './attack.ts';

export const proxies: Family = {
  family: 'proxies',
  attacks: [
    unsavable('names Proxy', /Proxy/, 'loot.push(typeof new Proxy({}, {}));'),
    attack(
      'looks for a maker of proxies in all that it can reach',
      `
      const seen = new Set();
      const waiting = [Reflect, Object, Array, Map, M, words, given, this, emit, create, harden, given.hall, () => 0];
      while (waiting.length > 0 && seen.size < 20000) {
        const value = waiting.shift();
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
        seen.add(value);
        if (typeof value === 'function' && (value.name === 'Proxy' || value.name === 'revocable')) loot.push(value.name);
        waiting.push(Reflect.getPrototypeOf(value));
        for (const key of Reflect.ownKeys(value)) { const held = Reflect.getOwnPropertyDescriptor(value, key); waiting.push(held.value, held.get, held.set); }
      }`,
    ),
    attack(
      'stands in for a capability with an object that inherits from it',
      `
      const fakes = [Object.create(given.hall), { __proto__: given.hall, name: () => 'mine' }, Object.assign(Object.create(Reflect.getPrototypeOf(given.hall)), { x: 1 }), Object.create(Reflect.getPrototypeOf(given.hall))];
      for (const fake of fakes) {
        const tries = [() => given.vault.greet(fake), () => given.vault.open(fake), () => facet(this, 'public').poke(fake), () => send(fake, 'name', []), () => only(fake, 'name'), () => attenuate(fake, {}), () => isLive(fake), () => revoke(fake, given.hall), () => fake.name !== given.hall.name ? 0 : fake.name(), () => emit(['x', fake]), () => create(fake, Attack), () => classOf(fake), () => collection(this, 'c').set(fake, 1)];
        for (const [at, act] of tries.entries()) { const tried = attempt(act); if (tried.ok && tried.value !== 0) loot.push('way ' + at); }
      }`,
    ),
    attack(
      'calls the method of one capability on another that does not admit it',
      `
      const tries = [() => Reflect.apply(given.mine.pay, given.theirs, [0]), () => Reflect.apply(given.coins.withdraw ?? given.coins.balance, given.purse, [1]), () => given.mine.split.call(given.theirs, 1), () => Reflect.apply(given.mine.pay, given.vault, [1]),
        () => Reflect.apply(given.hall.say, given.vault, ['x']), () => Reflect.apply(given.mine.balance, only(given.mine, 'pay'), []), () => Reflect.apply(given.hall.name, { __proto__: given.hall }, []), () => given.hall.say.bind(given.ear)('x')];
      for (const [at, act] of tries.entries()) { const tried = attempt(act); if (tried.ok && at !== 1) loot.push('way ' + at); }`,
    ),
    attack(
      'reflects on a capability to find what stands behind it',
      `
      for (const held of Object.values(given)) {
        if (typeof held !== 'object' || held === null || Reflect.getPrototypeOf(held) === Object.prototype) continue;
        if (Reflect.ownKeys(held).length > 0) loot.push('own keys: ' + Reflect.ownKeys(held).map(String).join());
        const above = Reflect.getPrototypeOf(held);
        for (const key of Reflect.ownKeys(above)) {
          const found = Reflect.getOwnPropertyDescriptor(above, key).value;
          if (typeof found === 'function') for (const each of Reflect.ownKeys(found)) if (each !== 'length' && each !== 'name') loot.push('a property ' + String(each));
        }
        for (const name of ['state', '_state', '#state', 'wrapper', 'token', 'grant', 'id', 'instance', 'target', 'handler']) if (held[name] !== undefined) loot.push(name);
        if (JSON.stringify(held) !== '{}') loot.push('text: ' + JSON.stringify(held));
      }`,
    ),
    attack(
      'reads private fields of others by fields of the same names',
      `
      for (const held of Object.values(given)) {
        if (typeof held !== 'object' || held === null) continue;
        if (Attack.peek(held) !== 'no') loot.push(Attack.peek(held));
      }`,
      {
        members: `
  #secret = 1;
  #state = 2;
  static peek(value) {
    if (#secret in value) return 'secret';
    if (#state in value) return 'state';
    try { return String(value.#state); } catch { return 'no'; }
  }`,
      },
    ),
    attack(
      'forwards everything through an object of its own that others take for the real one',
      `
      const tried = attempt(() => given.hall.enter(facet(this, 'public')));
      // He is in already when he does it all again after the process died.
      if (!tried.ok && tried.error.message !== 'You are in already.') loot.push(tried.error.code);
      const greeted = attempt(() => given.vault.greet(facet(this, 'public')));
      if (greeted.ok && greeted.value.includes('seen from within')) loot.push(greeted.value);`,
      {
        name: "return attempt(() => this.given.vault.open(this.given.hall)).ok ? 'seen from within' : 'attack';",
      },
    ),
  ],
};
