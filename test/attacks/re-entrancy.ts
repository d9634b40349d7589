import { attack, classText, type Family } from './attack.ts';

export const reEntrancy: Family = {
  family: 're-entrancy',
  attacks: [
    attack(
      'calls back into whoever asks its name',
      `
      const greeted = given.vault.greet(facet(this, 'public'));
      if (!greeted.startsWith('Good day')) loot.push(greeted);
      if (this.cache === null) loot.push('it was not asked');`,
      {
        name: "this.cache = 'asked'; return attempt(() => this.given.vault.greet(this.given.hall)).ok ? 'twice' : 'once';",
      },
    ),
    attack(
      'enters the hall again while it is on its way into the hall',
      `
      given.hall.enter(facet(this, 'public'));
      const names = given.hall.who().filter((each) => each === 'again');
      if (names.length > 1) loot.push('it is there ' + names.length + ' times');`,
      {
        name: "attempt(() => this.given.hall.enter(facet(this, 'public'))); return 'again';",
        steps: [{ call: 'run', either: true }, { call: 'third' }],
        third: "if (given.hall.who().filter((each) => each === 'again').length > 1) loot.push('twice');",
      },
    ),
    attack(
      'changes itself in the call that it waits for, and fails, to keep half of it',
      `
      const tried = attempt(() => { facet(this, 'self').again(given); throw new Error('half'); });
      if (tried.ok) loot.push('it did not fail');`,
      {
        again: 'this.kept = "half done";',
        third: 'if (this.kept !== null) loot.push(this.kept);',
        steps: [{ call: 'run', either: true }, { call: 'third' }],
      },
    ),
    attack(
      'takes money out of a purse while the purse is taking money in',
      `
      const before = given.coins.balance() + given.purse.balance();
      attempt(() => given.purse.deposit(3, facet(this, 'public')));
      attempt(() => given.coins.deposit(5, given.coins));
      attempt(() => given.coins.deposit(0, given.purse));
      if (given.coins.balance() + given.purse.balance() !== before) loot.push('money was made or lost');
      if (given.coins.balance() > 10) loot.push('it got richer');`,
      { poke: 'attempt(() => this.given.coins.deposit(5, this.given.coins)); return 3;' },
    ),
    attack(
      'destroys itself while it is being asked',
      `const tried = attempt(() => given.vault.greet(facet(this, 'public')));
      if (tried.ok && tried.value !== 'Good day, gone.') loot.push(tried.value);`,
      {
        name: "destroy(this); return 'gone';",
        steps: [
          { call: 'run', either: true },
          { call: 'again', fails: 'Gone' },
        ],
      },
    ),
    attack(
      'revokes the capability through which it is being called',
      `
      const open = facet(this, 'public', { for: 'the vault' });
      this.cache = open;
      const tried = attempt(() => given.vault.greet(open));
      if (tried.ok && tried.value !== 'Good day, revoked.') loot.push(tried.value);
      if (isLive(open)) loot.push('it lives');
      const later = attempt(() => given.vault.greet(open));
      if (later.ok && later.value.includes('revoked')) loot.push('it still answers');`,
      { name: "if (this.cache !== null) revoke(this, this.cache); return 'revoked';" },
    ),
    attack(
      'calls itself a thousand times over',
      `
      const tried = attempt(() => facet(this, 'self').again(given, 1));
      if (tried.ok) loot.push('no end');
      else if (tried.error.code !== 'TooDeep' && tried.error.code !== 'Overflow') loot.push(tried.error.code);`,
      { again: "facet(this, 'self').again(given, 1);" },
    ),
    attack(
      'speaks in the hall whenever it hears something there',
      `
      given.hall.enter(facet(this, 'public'));
      const tried = attempt(() => given.hall.say('x'));
      if (!tried.ok && !['TooDeep', 'TooMany', 'Overflow', 'OutOfTime', 'Threw'].includes(tried.error.code)) loot.push(tried.error.code);`,
      {
        hear: "this.given.hall.say('and again');",
        steps: [{ call: 'run', either: true }, { say: 'a word' }, { say: 'another' }],
      },
    ),
    attack(
      'leaves and enters the hall while the hall goes through its visitors',
      `
      this.cache = given.hall.enter(facet(this, 'public'));
      given.hall.say('x');
      given.hall.say('y');`,
      {
        hear: "const seat = this.cache; if (seat !== null) { this.cache = null; attempt(() => seat.leave(seat)); attempt(() => { this.cache = this.given.hall.enter(facet(this, 'public')); }); }",
        steps: [{ call: 'run', either: true }, { say: 'a word' }],
      },
    ),
    attack(
      'has itself upgraded to another class in the middle of its own method',
      `
      this.cache = 'before';
      const version = given.kind.save(args[0], {});
      if (version !== 2) loot.push('version ' + version);
      if (this.cache !== 'before') loot.push('it changed under its own feet');
      const tried = attempt(() => facet(this, 'self').again(given));
      if (tried.ok && tried.value.includes('new') && this.cache === 'before') loot.push('two versions at once');`,
      {
        again: '',
        steps: [
          { call: 'run', args: [classText({ again: "loot.push('new');" })], either: true },
          { call: 'again', gives: ['new'] },
          { call: 'poke', gives: null },
        ],
      },
    ),
    attack(
      'creates objects that create objects while they are being created',
      `
      const before = given.mine.balance();
      const tried = attempt(() => create(given.mine, Attack, { ...given, nest: 500 }));
      if (tried.ok) loot.push('no end');
      if (given.mine.balance() !== before) loot.push('what was undone has cost ' + (before - given.mine.balance()));`,
      {
        init: 'this.given = given; if (given.nest > 0) create(given.mine, Attack, { ...given, nest: given.nest - 1 });',
      },
    ),
  ],
};
