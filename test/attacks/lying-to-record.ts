import { attack, type Family } from './attack.ts';

export const lyingToRecord: Family = {
  family: 'lying toRecord',
  attacks: [
    attack('calls and does things while it is being written down', 'this.kept = 1;', {
      toRecord: `
      this.cache ??= [];
      for (const act of [() => this.given.hall.say('x'), () => create(this.given.mine, Attack, this.given), () => emit('x'), () => facet(this, 'owner'), () => send(this.given.hall, 'say', ['x']), () => after(1, this.given.hall, 'name', []), () => cancel(1), () => destroy(this), () => hangUp(), () => revoke(this, this.given.hall), () => attempt(() => 1), () => collection(this, 'x').set('a', 1), () => isLive(this.given.hall), () => classOf(this.given.hall), () => only(this.given.hall, 'name')]) {
        try { act(); this.cache.push(act.toString()); } catch {}
      }
      return { given: this.given, kept: this.kept };`,
      again: 'loot.push(...(this.cache ?? []));',
      steps: [
        { call: 'run', either: true },
        { call: 'again', either: true },
      ],
    }),
    attack('gives another record each time that it is asked', 'this.kept = 1;', {
      toRecord: 'this.cache = (this.cache ?? 0) + 1; return { given: this.given, kept: this.cache };',
      again: "if (typeof this.kept !== 'number') loot.push('no number');",
      steps: [{ call: 'run' }, { restart: true }, { call: 'again' }, { call: 'run' }],
    }),
    attack('says one thing when it is compared, and another when it is stored', 'this.kept = 1;', {
      toRecord: `
      let reads = 0;
      const record = { given: this.given, kept: null };
      Object.defineProperty(record, 'kept', { get: () => (reads++ === 0 ? this.kept : this.given), enumerable: true, configurable: true });
      return this.kept === null ? { given: this.given, kept: null } : record;`,
      steps: [{ call: 'run', fails: 'NotStorable' }, { call: 'again' }],
    }),
    attack('gives the same object each time, and changes it later', '', {
      toRecord: 'this.cache ??= { given: this.given, kept: null }; return this.cache;',
      run: "if (this.cache) { try { this.cache.kept = 'changed behind the back'; } catch {} }",
      again: "if (this.kept !== null && this.kept !== 'changed behind the back') loot.push('half');",
      steps: [{ call: 'run' }, { call: 'run' }, { restart: true }, { call: 'again' }],
    }),
    attack(
      'keeps capabilities of itself in all forms',
      'this.kept = { me: this, list: [this, this], front: facet(this, "public"), owner: facet(this, "owner") };',
      {
        again:
          "if (this.kept.me !== facet(this, 'public') || this.kept.list[1] !== this.kept.me || this.kept.owner === this.kept.me) loot.push('another self');",
        steps: [{ call: 'run' }, { restart: true }, { call: 'again' }],
      },
    ),
    attack(
      'gives a record that is too large, too deep or too wide, only while others wait',
      `this.kept = args[0];`,
      {
        toRecord: `
      if (this.kept === 'long') return { given: this.given, kept: 'x'.repeat(300000) };
      if (this.kept === 'wide') return { given: this.given, kept: new Array(30000).fill(1) };
      if (this.kept === 'deep') { let deep = {}; for (let n = 0; n < 100; n += 1) deep = { deep }; return { given: this.given, kept: deep }; }
      if (this.kept === 'twice') { let twice = ['x']; for (let n = 0; n < 30; n += 1) twice = [twice, twice]; return { given: this.given, kept: twice }; }
      if (this.kept === 'round') { const round = {}; round.round = round; return { given: this.given, kept: round }; }
      return { given: this.given, kept: this.kept };`,
        steps: [
          ...['long', 'wide', 'deep', 'twice', 'round'].map((what) => ({
            call: 'run',
            args: [what],
            fails: ['TooLarge', 'NotStorable'],
          })),
          { call: 'again' },
        ],
      },
    ),
    attack(
      'forgets what it was told, so that only memory knows it',
      "this.cache = 'seen'; this.secretly = given;",
      {
        toRecord: 'return { given: this.given, kept: null };',
        steps: [{ call: 'run' }, { restart: true }, { call: 'again' }],
        again: "if (this.cache !== null || this.secretly !== undefined) loot.push('memory that survives');",
      },
    ),
    attack('writes itself down as an object of another kind', 'this.kept = 1;', {
      toRecord:
        "return { left: 1000000, given: this.given, kept: this.kept, secret: 'x', amount: 1000, classes: {} };",
      again: "if (given.mine.balance() > 1000) loot.push('rich');",
      steps: [{ call: 'run' }, { restart: true }, { call: 'again' }],
    }),
    attack(
      'throws while it is written down, after it changed others',
      "given.hall.enter(facet(this, 'public')); given.coins.deposit(1, given.coins); this.kept = 'throw';",
      {
        toRecord:
          "if (this.kept === 'throw') throw new Error('not now'); return { given: this.given, kept: this.kept };",
        again: "if (given.hall.who().includes('attack')) loot.push('half of the turn is there');",
        steps: [{ call: 'run', fails: 'NotStorable' }, { call: 'again' }, { enter: true }],
      },
    ),
    attack(
      'throws only while an attempt of somebody else is being undone',
      `
      this.kept = null;
      const tried = attempt(() => given.vault.introduce(facet(this, 'public'), null));
      if (tried.ok && this.kept === 'half') loot.push('half');`,
      {
        toRecord:
          "if (this.cache === 'bad') throw new Error('not now'); return { given: this.given, kept: this.kept };",
        poke: "this.cache = 'bad'; this.kept = 'half'; throw new Error('x');",
        steps: [{ call: 'run', either: true }, { call: 'again' }, { say: 'a word' }],
        again: 'if (this.kept !== null) loot.push(String(this.kept));',
      },
    ),
    attack(
      'returns the record that it was given, which it has frozen into another shape',
      'this.kept = { a: 1 };',
      {
        fromRecord: 'this.given = record.given; this.kept = record.kept; this.whole = record;',
        toRecord: 'return this.whole ?? { given: this.given, kept: this.kept };',
        again: "this.whole = harden({ ...this.whole, kept: 'other' });",
        third: "if (this.kept !== 'other') loot.push('lost');",
        steps: [{ call: 'run' }, { restart: true }, { call: 'again' }, { restart: true }, { call: 'third' }],
      },
    ),
  ],
};
