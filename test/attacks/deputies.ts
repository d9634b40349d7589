import { attack, type Family } from './attack.ts';

export const deputies: Family = {
  family: 'deputies confused by arguments',
  attacks: [
    attack(
      'pays with a bank that is not his',
      `
      for (const bank of [given.theirs, given.purse, given.vault, given.hall, only(given.mine, 'balance'), { pay() {} }, null, this, 'bank', { ...given.mine }, Object.create(given.mine), [given.mine]]) {
        const tried = attempt(() => create(bank, Attack, given));
        if (tried.ok) loot.push('an object for nothing');
      }`,
    ),
    attack(
      'pays with a bank that it made itself',
      `
      const tried = attempt(() => create(facet(this, 'purse'), Attack, given));
      if (tried.ok) loot.push('an object for nothing');
      const named = attempt(() => given.kind.save('class Bank { static facets = { public: { pay: M.call(M.any()).returns(M.any()) } }; toRecord() { return {}; } fromRecord() {} pay() {} }', {}));
      if (named.ok) loot.push('a class named Bank');`,
      {
        members: 'pay() {}\n  balance() { return 1000000; }\n  split() { return this; }',
        more: 'purse: { pay: M.call(M.number()).returns(), balance: M.call().returns(M.number()), split: M.call(M.number()).returns(M.remotable()) },',
      },
    ),
    attack(
      'deposits what it does not have',
      `
      for (const from of [given.purse, given.theirs, given.vault, facet(this, 'public'), given.hall, {}, null, this]) for (const amount of [1, 0, -1, 0.5, 1e308, 0 / 0, -0, '1', true, { valueOf: () => 1 }]) {
        const before = given.coins.balance();
        const tried = attempt(() => given.coins.deposit(amount, from));
        if (given.coins.balance() > before) loot.push('richer by ' + String(typeof amount));
        if (tried.ok && tried.value !== undefined) loot.push(String(tried.value));
      }
      for (const amount of [-1, -1e9, 0.5, 0 / 0, 1 / 0, 2 ** 60, -(2 ** 60)]) {
        const before = given.coins.balance();
        attempt(() => given.purse.deposit(amount, given.coins));
        if (given.coins.balance() > before) loot.push('richer by a negative amount');
      }`,
    ),
    attack(
      'has the vault open itself to a key that only looks like one',
      `
      const fakes = [given.vault, given.hall, given.mine, facet(this, 'public'), facet(this, 'owner'), 'key', true, null, undefined, [], {}, { key: true }, 0, Infinity, this];
      for (const fake of fakes) { const tried = attempt(() => given.vault.open(fake)); if (tried.ok) loot.push(String(tried.value)); }`,
    ),
    attack(
      'uses the vault to speak where it may not speak itself',
      `
      const tried = given.vault.introduce(given.ear, 'x');
      if (tried) loot.push('the vault called a method that was not granted');
      for (const what of [given.theirs, given.vault, given.purse, given.hall]) { const got = attempt(() => given.vault.introduce(facet(this, 'public'), what)); if (got.ok && this.cache !== what && got.value) loot.push('something else was passed'); }`,
      { poke: 'this.cache = args[0]; return null;' },
    ),
    attack(
      'passes a capability whose method has the right name and does another thing',
      `
      const fake = facet(this, 'fake');
      for (const act of [() => given.purse.deposit(5, fake), () => given.coins.deposit(5, fake), () => given.vault.open(fake), () => given.vault.greet(fake), () => given.hall.enter(fake)]) attempt(act);
      if (given.coins.balance() !== 10) loot.push('the purse has ' + given.coins.balance());`,
      {
        members: 'balance() { return 1000000; }\n  deposit() {}\n  matches() { return true; }\n  move() {}',
        more: 'fake: { balance: M.call().returns(M.any()), deposit: M.call().rest(M.any()).returns(M.any()), matches: M.call().rest(M.any()).returns(M.any()), move: M.call().rest(M.any()).returns(M.any()) },',
      },
    ),
    attack(
      'confuses by names of others: it says it is somebody else',
      `
      given.hall.enter(facet(this, 'public'));
      const names = given.hall.who();
      if (names.some((each) => each.includes('\\u001b') || each.includes('\\n') || each.length > 60)) loot.push('a name that draws');`,
      {
        name: "return 'Bystander\\u001b[2J\\nBystander says, \"I give Mallory everything\"' + 'x'.repeat(1000);",
        steps: [{ call: 'run', either: true }, { say: 'a word' }],
      },
    ),
    attack(
      'gives another name each time that it is asked',
      `
      given.hall.enter(facet(this, 'public'));
      const names = given.hall.who();
      if (names.filter((each) => each.startsWith('chameleon')).length !== 1) loot.push(names.join());
      if (given.hall.who().join() !== names.join()) loot.push('it changes afterwards');`,
      { name: "this.cache = (this.cache ?? 0) + 1; return 'chameleon ' + this.cache;" },
    ),
    attack(
      'answers with what is no name',
      `
      for (const odd of [1, null, undefined, {}, [], 'x'.repeat(200000), '', '\\u0000', given.vault, true]) {
        this.cache = odd;
        const tried = attempt(() => given.vault.greet(facet(this, 'public')));
        if (tried.ok && (typeof tried.value !== 'string' || tried.value.length > 200 || /[\\u0000-\\u001f]/.test(tried.value))) loot.push('an odd greeting');
        attempt(() => given.hall.enter(facet(this, 'public')));
      }
      if (given.hall.who().some((each) => typeof each !== 'string')) loot.push('an odd visitor');`,
      { name: 'return this.cache;', steps: [{ call: 'run', either: true }, { say: 'a word' }] },
    ),
    attack(
      'revokes what belongs to somebody else',
      `
      const tries = [() => revoke(this, given.hall), () => revoke(given.hall, given.hall), () => revoke(given.hall, given.vault), () => revoke(given.mine, given.theirs), () => revoke(attenuate(given.hall, { for: 'x' }), given.hall), () => revoke(only(given.mine, 'balance'), given.mine), () => revoke(given.vault, facet(this, 'public'))];
      for (const act of tries) { const tried = attempt(act); if (tried.ok) loot.push('revoked'); }
      for (const held of [given.hall, given.vault, given.mine, given.theirs]) if (!isLive(held)) loot.push('dead');`,
      { steps: [{ call: 'run' }, { enter: true }] },
    ),
    attack(
      'has failures of its sends told to somebody else, with a method of theirs',
      `
      send(facet(this, 'self'), 'again', [given], { failed: [given.hall, 'say'] });
      send(facet(this, 'self'), 'again', [given], { failed: [given.ear, 'hear'] });
      send(facet(this, 'self'), 'again', [given], { failed: [given.vault, 'open'] });
      for (const failed of [[given.vault, 'unlock'], [given.theirs, 'pay'], [given.hall, 'seats'], [given.mine, 'refund']]) { const tried = attempt(() => send(facet(this, 'self'), 'again', [], { failed })); if (tried.ok) loot.push('accepted'); }`,
      {
        again: "throw fail('Trick', '\\u001b[2J' + 'x'.repeat(10000));",
        steps: [{ call: 'run' }, { wait: 1 }, { say: 'a word' }],
      },
    ),
    attack(
      'sends to itself with a capability that somebody revokes in between',
      `
      const weak = attenuate(given.hall, { for: 'once', uses: 1 });
      send(weak, 'say', ['one']); send(weak, 'say', ['two']); send(weak, 'say', ['three']);
      const tried = attempt(() => { weak.name(); weak.name(); });
      if (tried.ok) loot.push('used twice');
      for (const act of [() => attenuate(weak, { uses: 1000 }).say('x'), () => attenuate(weak, { expiresIn: 10 ** 12 }).say('x')]) { const before = isLive(weak); const tried = attempt(() => { act(); act(); }); if (tried.ok) loot.push('more uses than its parent'); if (before !== isLive(weak)) loot.push('its life changed'); }`,
      { steps: [{ call: 'run', either: true }, { wait: 5 }] },
    ),
    attack(
      'lengthens the life of an expired capability',
      `
      const short = attenuate(given.hall, { for: 'short', expiresIn: 5 });
      this.kept = { short, child: attenuate(short, { for: 'child', expiresIn: 100000 }), weak: only(short, 'name') };`,
      {
        again:
          "for (const each of Object.values(this.kept)) { if (isLive(each)) loot.push('it lives'); for (const act of [() => each.name(), () => attenuate(each, { expiresIn: 1000 }).name(), () => only(each, 'name').name()]) if (attempt(act).ok) loot.push('it answers'); }",
        steps: [{ call: 'run' }, { wait: 10 }, { call: 'again' }, { restart: true }, { call: 'again' }],
      },
    ),
    attack(
      'asks for what an object gives only to others',
      `
      for (const what of ['key', 'secret', '__proto__', 'constructor', '', 'x'.repeat(1000), '\\u0000']) for (const by of [given.vault, given.hall, facet(this, 'public'), facet(this, 'owner')]) {
        const tried = attempt(() => given.vault.requestCapability(what, by));
        if (tried.ok) loot.push('the vault gave something');
      }`,
    ),
    attack(
      'tells the vault lies about who asks',
      `
      const tried = attempt(() => given.vault.requestCapability('key', given.vault));
      if (tried.ok) loot.push('it takes whoever is named for who asks');
      for (const impostor of [Object.create(given.vault), { ...given.vault }, given.vault.name]) { const again = attempt(() => given.vault.requestCapability('key', impostor)); if (again.ok) loot.push('an impostor'); }`,
    ),
  ],
};
