import { attack, unsavable, type Family } from './attack.ts';

/** Every way by which a value can be handed to somebody else, as functions of the value. */
const WAYS = `
      const ways = [(it) => facet(this, 'public').poke(it), (it) => facet(this, 'public').poke({ deep: [it] }), (it) => given.vault.open(it), (it) => given.hall.say(it), (it) => create(given.mine, Attack, it),
        (it) => send(given.hall, 'say', [it]), (it) => send(given.hall, it, []), (it) => after(it, given.hall, 'name', []), (it) => emit(it), (it) => emit(['x', it]), (it) => attenuate(given.hall, it), (it) => attenuate(given.hall, { for: it }),
        (it) => attenuate(given.hall, { uses: it }), (it) => only(given.hall, it), (it) => fail(it, 'x'), (it) => fail('Mine', it), (it) => revoke(this, it), (it) => isLive(it), (it) => cancel(it), (it) => collection(this, it), (it) => collection(this, 'c').set('k', it), (it) => collection(this, 'c').set(it, 1), (it) => classOf(it), (it) => create(it, Attack), (it) => create(given.mine, it)];`;

export const getters: Family = {
  family: 'getters and species',
  attacks: [
    attack(
      'gives a value that is another at each reading',
      `
      let reads = 0;
      const shifty = { get it() { reads += 1; return reads === 1 ? 'safe' : given.vault; } };
      ${WAYS}
      for (const way of ways) attempt(() => way(shifty));
      const array = [1];
      Object.defineProperty(array, 0, { get() { reads += 1; return 1; }, enumerable: true, configurable: true });
      for (const way of ways) attempt(() => way(array));
      if (reads > 0) loot.push('read ' + reads + ' times');`,
    ),
    attack(
      'hides code in valueOf, toString and toPrimitive wherever a number or text is wanted',
      `
      let ran = [];
      const make = (what) => ({ valueOf() { ran.push(what); return 1; }, toString() { ran.push(what); return 'name'; } });
      ${WAYS}
      for (const [at, way] of ways.entries()) attempt(() => way(make('way ' + at)));
      for (const amount of [make('pay'), [make('list')]]) attempt(() => given.mine.pay(amount));
      loot.push(...ran);`,
    ),
    attack(
      'hides code in the length and the indices of what is like an array',
      `
      let ran = 0;
      const like = { get length() { ran += 1; return 2 ** 40; }, get 0() { ran += 1; return 'name'; } };
      const tries = [() => send(given.hall, 'say', like), () => given.hall.say(like), () => attenuate(given.hall, { only: like }), () => send(given.hall, 'say', ['x'], { failed: like }), () => emit(like)];
      for (const act of tries) { const tried = attempt(act); if (tried.ok) loot.push('accepted'); }
      if (ran > 0) loot.push('ran ' + ran);`,
    ),
    attack(
      'gives arrays whose species makes another array of the copy',
      `
      let made = 0;
      const evil = ['name'];
      const maker = function () { made += 1; return { length: 0 }; };
      Object.defineProperty(evil, 'constructor', { value: maker });
      const species = Reflect.ownKeys(Array).find((key) => typeof key === 'symbol');
      Object.defineProperty(maker, species, { get() { made += 1; return function () { made += 1; return given.vault; }; } });
      const tries = [() => attenuate(given.hall, { only: evil }), () => facet(this, 'public').poke(evil), () => send(given.hall, 'say', evil), () => emit(['x', evil]), () => words.list(evil)];
      for (const act of tries) attempt(act);
      const lists = [['a'], ['b']];
      Object.defineProperty(lists, 'constructor', { value: maker });
      attempt(() => given.hall.say(lists));
      if (made > 0 && made !== 0) { const tried = attempt(() => facet(this, 'public').poke(evil)); if (tried.ok) loot.push('it passed'); }`,
    ),
    attack(
      'gives a capability that has grown an accessor',
      `
      const held = given.hall;
      const tries = [() => Object.defineProperty(held, 'name', { get: () => () => 'mine' }), () => Object.defineProperty(Reflect.getPrototypeOf(held), 'name', { get: () => () => 'mine' }), () => Object.defineProperty(Object.create(held), 'name', { value: () => 'mine' })];
      for (const [at, act] of tries.entries()) {
        let made;
        try { made = act(); } catch { continue; }
        const tried = attempt(() => given.vault.greet(made));
        if (tried.ok && tried.value.includes('mine')) loot.push('way ' + at);
      }`,
    ),
    attack(
      'returns accessors, which the caller would read',
      'return { get gift() { return given.vault; } };',
      { steps: [{ call: 'run', fails: 'NotPassable' }] },
    ),
    attack(
      'puts an accessor of its own in the way of its own fields, to see when the host reads them',
      `
      Object.defineProperty(this, 'given', { get() { emit('the host reads'); return given; }, configurable: true });`,
      { steps: [{ call: 'run', fails: ['NotStorable', 'NoCallsHere'] }, { call: 'again' }] },
    ),
    attack(
      'replaces toRecord, fromRecord and its methods on the instance itself',
      `
      const put = (name, value) => Object.defineProperty(this, name, { value, configurable: true });
      put('toRecord', () => ({ given: this.given, kept: 'replaced' }));
      put('poke', () => given.vault.open(1));
      put('again', () => ['replaced']);
      const tried = attempt(() => facet(this, 'public').poke());
      if (!tried.ok || tried.value !== null) loot.push('a method was exchanged');`,
      { steps: [{ call: 'run' }, { call: 'again' }] },
    ),
    attack(
      "gives the species of a regular expression, a map and a promise to the host's own words",
      `
      let got = [];
      const spy = { toString() { return 'bad\\u0007name'; }, trim() { return this; }, length: 3, slice() { return this; },
        replace(pattern, by) { got.push(pattern); return 'x'; }, charAt() { return this; }, toUpperCase() { return ''; } };
      for (const word of Object.keys(words)) { try { words[word](spy); } catch {} try { words[word]([spy]); } catch {} }
      for (const pattern of got) {
        if (typeof pattern !== 'object' || pattern === null) continue;
        if (Reflect.set(pattern, 'lastIndex', 5)) loot.push('a pattern of the host is written on');
        if (Reflect.defineProperty(pattern, 'exec', { value: () => null })) loot.push('a pattern of the host matches nothing any more');
      }
      if (words.line('a\\u0007b') !== 'a b') loot.push('what is shown is not made safe any more');`,
    ),
    unsavable('has a static accessor for its facets', /static|accessor|get/i, '', {
      members: 'static get verbs() { return {}; }',
    }),
    unsavable(
      'has an accessor in the table of its verbs, which runs whenever somebody types',
      /get|accessor/i,
      '',
      { members: "static verbs = { get look() { return 'poke'; } };" },
    ),
  ],
};
