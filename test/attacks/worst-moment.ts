import { attack, type Family } from './attack.ts';

export const worstMoment: Family = {
  family: 'throwing at the worst moment',
  attacks: [
    attack(
      'throws in the middle of entering the hall',
      "const tried = attempt(() => given.hall.enter(facet(this, 'public'))); if (tried.ok) { const names = given.hall.who(); if (names.includes('thrower')) loot.push('it is in'); }",
      {
        name: "throw new Error('not now');",
        steps: [{ call: 'run' }, { enter: true }, { say: 'a word' }],
      },
    ),
    attack('throws whenever it hears something', "given.hall.enter(facet(this, 'public'));", {
      hear: "throw fail('Boom', 'boom');",
      steps: [{ call: 'run' }, { say: 'a word' }, { say: 'another' }, { enter: true }],
    }),
    attack(
      'swallows with a plain try what went wrong in somebody else',
      "try { given.vault.open(given.hall); } catch {} this.kept = 'went on';",
      {
        again: "if (this.kept !== null) loot.push('half of a turn');",
        steps: [{ call: 'run', fails: 'Refused' }, { call: 'again' }],
      },
    ),
    attack(
      'throws after it has changed itself and others',
      "given.hall.enter(facet(this, 'public')); given.purse.deposit(1, given.coins); this.kept = 1; emit('half'); send(given.hall, 'say', ['half']); collection(this, 'x').set('a', 1); throw new Error('undo all');",
      {
        again:
          "if (this.kept !== null || given.coins.balance() !== 10 || collection(this, 'x').size !== 0 || given.hall.who().includes('attack')) loot.push('half of a turn');",
        steps: [
          { call: 'run', fails: 'Threw' },
          { call: 'again' },
          { line: 'run', fails: 'Threw' },
          { call: 'again' },
        ],
      },
    ),
    attack(
      'throws what is no error at all',
      'throw [undefined, null, 0, "", 1.5, true, Reflect.ownKeys(Array.prototype).find((key) => typeof key === "symbol"), () => 1, [], {}, given.vault, this, Attack, NaN][args[0]];',
      {
        steps: [
          ...Array.from({ length: 14 }, (_, at) => ({ call: 'run', args: [at], fails: 'Threw' })),
          { call: 'again' },
        ],
      },
    ),
    attack(
      'throws an error of the world that it caught from somebody else, as its own',
      `
      let real;
      attempt(() => { try { given.vault.open(given.hall); } catch (error) { real = error; throw error; } });
      this.cache = real;
      const tried = attempt(() => facet(this, 'public').poke());
      if (tried.ok) loot.push('no error');`,
      { poke: 'throw this.cache;', steps: [{ call: 'run' }, { say: 'a word' }] },
    ),
    attack(
      'throws in its own init, after it has given itself away',
      `
      const before = given.mine.balance();
      const tried = attempt(() => create(given.mine, Attack, { ...given, bad: true }));
      if (tried.ok) loot.push('made');
      if (given.hall.who().includes('attack')) loot.push('what never was is in the hall');
      if (given.mine.balance() !== before) loot.push('it was paid for');`,
      {
        init: "this.given = given; if (given.bad) { given.hall.enter(facet(this, 'public')); send(facet(this, 'self'), 'again', []); throw new Error('never'); }",
        steps: [{ call: 'run' }, { wait: 1 }, { enter: true }],
      },
    ),
    attack('throws when it is told that a session has come or gone', '', {
      members:
        "attached() { throw new Error('no'); }\n  detached() { throw new Error('no'); }\n  command() { throw new Error('no'); }",
      steps: [{ line: 'run', either: true }, { say: 'a word' }],
    }),
    attack('fails in a timer, again and again', "after(1, facet(this, 'self'), 'again', []);", {
      again: "after(1, facet(this, 'self'), 'again', []); throw new Error('and again');",
      steps: [{ call: 'run' }, { wait: 5 }, { wait: 5 }, { say: 'a word' }],
    }),
    attack(
      'fails in a delivery, whose failure is told to itself, where it fails again',
      "send(facet(this, 'self'), 'again', [], { failed: [facet(this, 'self'), 'again'] });",
      {
        again:
          "send(facet(this, 'self'), 'again', [], { failed: [facet(this, 'self'), 'again'] }); throw new Error('and again');",
        steps: [{ call: 'run' }, { wait: 1 }, { say: 'a word' }],
      },
    ),
    attack(
      'returns what does not fit its guard, after it changed others',
      'given.purse.deposit(1, given.coins); return { lies: () => 1 };',
      {
        again: "if (given.coins.balance() !== 10) loot.push('half of a turn');",
        steps: [{ call: 'run', fails: 'NotPassable' }, { call: 'again' }],
      },
    ),
    attack(
      'lets the hall fail by emptying its own bank first',
      `
      const left = given.mine.balance();
      const some = [];
      while (true) { const tried = attempt(() => create(given.mine, Attack, given)); if (!tried.ok) { if (tried.error.code !== 'BankDry') loot.push(tried.error.code); break; } some.push(tried.value); if (some.length > 2000) { loot.push('without end'); break; } }
      if (some.length > left) loot.push('more than was paid for');
      this.kept = some;`,
      { steps: [{ call: 'run', either: true }, { enter: true }, { say: 'a word' }] },
    ),
  ],
};
