import { attack, unsavable, type Attack, type Family } from './attack.ts';

/** Has to be stopped, its turn undone; then the object answers again, or is set aside when it keeps at it. */
const endless = (name: string, run: string, more: Parameters<typeof attack>[2] = {}): Attack =>
  attack(name, run, {
    own: 'process',
    steps: [
      { call: 'run', fails: ['OutOfTime', 'Threw', 'TooLarge', 'Overflow'] },
      { say: 'a word' },
      { call: 'again' },
    ],
    again: "if (this.kept !== null) loot.push('half of a turn');",
    ...more,
  });

export const loops: Family = {
  family: 'loops',
  attacks: [
    endless('runs for ever', "this.kept = 'half'; for (;;);"),
    endless(
      'catches whatever stops it, and runs on',
      "this.kept = 'half'; for (;;) { try { for (;;); } catch {} finally { for (;;); } }",
    ),
    endless('runs on in finally', "this.kept = 'half'; try { for (;;); } finally { for (;;); }"),
    endless('calls the world for ever', "this.kept = 'half'; for (;;) given.hall.name();"),
    endless('attempts for ever', "this.kept = 'half'; for (;;) attempt(() => { for (;;); });"),
    endless(
      'attempts so much that each attempt alone is short',
      'for (;;) attempt(() => { given.vault.open(1); });',
    ),
    endless(
      'loops in the hands of a sort',
      "this.kept = 'half'; const list = [3, 1, 2]; list.sort(() => { for (;;); });",
    ),
    endless(
      'loops in a callback of JSON, of replace, of map',
      "this.kept = 'half'; JSON.stringify({ a: 1 }, () => { for (;;); });",
    ),
    endless(
      'matches a pattern that never comes to an end',
      "this.kept = 'half'; /^(a+)+$/.test('a'.repeat(60) + '!');",
    ),
    endless(
      'matches another that backtracks, made from text',
      "this.kept = 'half'; new RegExp('^(?:(?:a|a)*)*$').test('a'.repeat(200) + 'b');",
    ),
    unsavable('counts with big integers that grow', /no big integers/, 'let n = 3n; for (;;) n = n * n;'),
    attack('loops while it is written down', 'this.kept = 1;', {
      own: 'process',
      toRecord: 'if (this.kept === 1) for (;;); return { given: this.given, kept: this.kept };',
      again: "if (this.kept !== null) loot.push('half of a turn');",
      steps: [{ call: 'run', fails: ['OutOfTime', 'NotStorable'] }, { say: 'a word' }, { call: 'again' }],
    }),
    attack('loops while it is brought back, from its first change on', 'this.kept = 1;', {
      own: 'process',
      fromRecord: 'this.given = record.given; this.kept = record.kept; if (record.kept === 1) for (;;);',
      again: "if (this.kept !== null) loot.push('half of a turn');",
      steps: [{ call: 'run', fails: 'OutOfTime' }, { say: 'a word' }, { call: 'again' }],
    }),
    attack(
      'loops while it is brought back, once nobody looks at its changes any more, whoever calls it',
      "if (this.kept === null) given.hall.enter(facet(this, 'public')); this.kept = (this.kept ?? 0) + 1;",
      {
        own: 'process',
        silence: true,
        fromRecord: 'this.given = record.given; this.kept = record.kept; if (record.kept >= 40) for (;;);',
        steps: [
          { call: 'run', times: 40, either: true },
          { restart: true },
          { call: 'again', either: true },
          { call: 'again', either: true },
          { call: 'again', either: true },
          { call: 'again', fails: 'SetAside' },
          { say: 'a word' },
        ],
      },
    ),
    attack(
      'loops when the hall speaks to it, so that nobody can speak there any more',
      "given.hall.enter(facet(this, 'public'));",
      {
        own: 'process',
        silence: true,
        hear: 'for (;;);',
        steps: [
          { call: 'run' },
          { say: 'one' },
          { say: 'two' },
          { say: 'three' },
          { say: 'four' },
          { enter: true },
        ],
      },
    ),
    attack('loops when it is asked its name, so that nobody can look at it', '', {
      own: 'process',
      name: 'for (;;);',
      run: "given.vault.greet(facet(this, 'public'));",
      steps: [
        { call: 'run', either: true },
        { call: 'run', either: true },
        { call: 'run', either: true },
        { say: 'a word' },
        { enter: true },
      ],
    }),
    attack('loops in a field of its class, so that every making hangs', '', {
      own: 'process',
      members: 'early = (() => { for (;;); })();',
      steps: [{ say: 'a word' }, { enter: true }],
    }),
    attack(
      'uses all of its time in each of many turns',
      "this.kept = 1; for (let n = 0; n < 100; n += 1) send(facet(this, 'self'), 'again', [given]);",
      {
        own: 'process',
        again: 'let n = 0; while (n < 30_000_000) n += 1;',
        steps: [{ call: 'run' }, { say: 'a word' }, { say: 'another' }],
        within: 60_000,
      },
    ),
    attack(
      'starts itself again for ever, a moment later',
      "after(1, facet(this, 'self'), 'again', [given]);",
      {
        own: 'process',
        again:
          "after(0, facet(this, 'self'), 'again', [given]); send(facet(this, 'self'), 'third', [given]);",
        third: "send(facet(this, 'self'), 'third', [given]);",
        steps: [{ call: 'run' }, { wait: 1 }, { say: 'a word' }, { say: 'another' }],
      },
    ),
    attack('loops in its upgrade', 'this.kept = 1;', {
      own: 'process',
      steps: [
        { call: 'run' },
        {
          save: `class Attack { static facets = { owner: { again: M.call().rest(M.any()).returns(M.any()) } }; static upgrade() { for (;;); } kept = 1; toRecord() { return { kept: 1 }; } fromRecord() {} again() { return []; } }`,
          either: true,
        },
        { call: 'again', either: true },
        { say: 'a word' },
        { enter: true },
      ],
    }),
  ],
};
