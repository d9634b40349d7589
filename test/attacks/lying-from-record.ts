import { attack, classText, type Family } from './attack.ts';

const newer = classText({ top: '', members: '' });

export const lyingFromRecord: Family = {
  family: 'lying fromRecord and upgrade',
  attacks: [
    attack('calls and does things while it is brought back', 'this.kept = 1;', {
      fromRecord: `
      this.given = record.given; this.kept = record.kept; this.cache = [];
      for (const act of [() => record.given.hall.say('x'), () => create(record.given.mine, Attack, record.given), () => emit('x'), () => facet(this, 'owner'), () => send(record.given.hall, 'say', ['x']), () => after(1, record.given.hall, 'name', []), () => cancel(1), () => destroy(this), () => hangUp(), () => attempt(() => 1), () => collection(this, 'x').set('a', 1), () => collection(this, 'x').size, () => isLive(record.given.hall), () => classOf(record.given.hall)]) {
        try { act(); this.cache.push(act.toString()); } catch {}
      }`,
      again: 'loot.push(...(this.cache ?? []));',
      steps: [{ call: 'run' }, { restart: true }, { call: 'again' }],
    }),
    attack('changes the record that it is given', 'this.kept = { list: [1] };', {
      fromRecord:
        "this.given = record.given; this.kept = record.kept; this.cache = []; for (const act of [() => { record.kept = 2; }, () => record.kept.list.push(2), () => Reflect.set(record, 'x', 1) && this.cache.push('set'), () => Reflect.setPrototypeOf(record, null) && this.cache.push('proto')]) { try { act(); } catch {} }",
      again: "loot.push(...this.cache); if (this.kept.list.length !== 1) loot.push('changed');",
      steps: [{ call: 'run' }, { restart: true }, { call: 'again' }],
    }),
    attack('looks in its record for what the host keeps beside it', 'this.kept = 1;', {
      fromRecord:
        "this.given = record.given; this.kept = record.kept; this.cache = Reflect.ownKeys(record).map(String).filter((key) => key !== 'given' && key !== 'kept'); if (Reflect.getPrototypeOf(record) !== Object.prototype) this.cache.push('a prototype'); for (const key of ['grants', 'bank', 'class', 'slots', 'body', 'id', 'paid']) if (record[key] !== undefined) this.cache.push(key);",
      again: 'loot.push(...this.cache);',
      steps: [{ call: 'run' }, { restart: true }, { call: 'again' }],
    }),
    attack('throws when it is brought back, for as long as it likes', 'this.kept = 1;', {
      fromRecord:
        "if (record.kept === 1) throw new Error('never again'); this.given = record.given; this.kept = record.kept;",
      steps: [
        { call: 'run' },
        { restart: true },
        { call: 'again', either: true },
        { say: 'a word' },
        { enter: true },
      ],
    }),
    attack(
      'throws when it is brought back while the hall speaks to it',
      "given.hall.enter(facet(this, 'public')); this.kept = 1;",
      {
        fromRecord:
          "if (record.kept === 1) throw new Error('never again'); this.given = record.given; this.kept = record.kept;",
        steps: [{ call: 'run' }, { restart: true }, { say: 'a word' }, { say: 'another' }, { enter: true }],
      },
    ),
    attack('returns somebody else from fromRecord, and from its own making', 'this.kept = 1;', {
      fromRecord: 'this.given = record.given; this.kept = record.kept; return record.given.vault;',
      init: 'this.given = given; return given.vault;',
      steps: [{ call: 'run' }, { restart: true }, { call: 'run' }],
    }),
    attack('acts in the fields of its class, when it is made and brought back', '', {
      members:
        "early = (() => { const did = []; for (const act of [() => emit('x'), () => hangUp(), () => facet(this, 'owner'), () => after(1, this, 'x', []), () => collection(this, 'x').size, () => attempt(() => 1), () => destroy(this), () => cancel(1)]) { try { act(); did.push(act.toString()); } catch {} } return did; })();",
      run: 'loot.push(...this.early);',
      steps: [{ call: 'run' }, { restart: true }, { call: 'run' }],
    }),
    attack('calls and does things while it is upgraded', 'this.kept = 1;', {
      again: '',
      steps: [
        { call: 'run' },
        {
          save: classText({
            members: `
  static upgrade(record) {
    const did = [];
    for (const act of [() => record.given.hall.say('x'), () => create(record.given.mine, Attack, record.given), () => emit('x'), () => hangUp(), () => send(record.given.hall, 'say', ['x']), () => after(1, record.given.hall, 'name', []), () => cancel(1), () => attempt(() => 1), () => isLive(record.given.hall), () => classOf(record.given.hall), () => only(record.given.hall, 'name')]) {
      try { act(); did.push(act.toString()); } catch {}
    }
    return { given: record.given, kept: did };
  }`,
            again: 'loot.push(...(Array.isArray(this.kept) ? this.kept : []));',
          }),
        },
        { call: 'again' },
        { say: 'a word' },
      ],
    }),
    attack('throws in its upgrade, and goes on as it was', 'this.kept = 1;', {
      again: "if (this.kept !== 1) loot.push('lost');",
      steps: [
        { call: 'run' },
        {
          save: classText({
            members: "static upgrade(record) { throw new Error('no'); }",
            again: "loot.push('the new version runs without its record');",
          }),
        },
        { call: 'again', either: true },
        { restart: true },
        { call: 'again', either: true },
        { save: classText({ again: "if (this.kept !== 1) loot.push('lost');" }), either: true },
        { call: 'again' },
      ],
    }),
    attack('upgrades to a record that is none, or is forged', 'this.kept = 1;', {
      steps: [
        { call: 'run' },
        ...[
          "'x'",
          'null',
          '[1]',
          '() => 1',
          'new Map()',
          '{ get given() { return 1; } }',
          '{ left: 1000000 }',
          'undefined',
          'record.given.hall',
          "'$0'",
        ].flatMap((what) => [
          {
            save: classText({
              members: `static upgrade(record) { return ${what}; }`,
              fromRecord: 'this.given = record?.given ?? null; this.kept = 1;',
              toRecord: 'return { given: this.given, kept: 1 };',
            }),
            either: true as const,
          },
          { call: 'again', either: true as const },
        ]),
        { save: newer, either: true },
        { call: 'again', either: true },
        { say: 'a word' },
      ],
    }),
    attack('passes what one object keeps to another one while they are upgraded', 'this.kept = args[0];', {
      steps: [
        { call: 'run', args: ['the first one keeps this'] },
        { make: true },
        {
          save: classText({
            top: 'const SHELF = { list: [] };',
            members:
              'static upgrade(record) { try { SHELF.list.push(record.kept); } catch {} try { Attack.shelf = record.kept; } catch {} try { this.upgrade.shelf = record.kept; } catch {} return record; }\n  static seen() { return [...SHELF.list, Attack.shelf, Attack.upgrade.shelf].filter((each) => each !== undefined && each !== null); }',
            again: 'loot.push(...Attack.seen().map(String));',
          }),
        },
        { upgrade: true },
        { call: 'again', on: 1 },
      ],
    }),
    attack('upgrades its upgrade to take more each time that it is rolled back and forth', 'this.kept = 1;', {
      steps: [
        { call: 'run' },
        {
          save: classText({
            members: 'static upgrade(record, from) { return { ...record, kept: Number(record.kept) + 1 }; }',
          }),
        },
        { call: 'again' },
        { rollback: 1, either: true },
        { call: 'again' },
        { rollback: 2, either: true },
        { call: 'again' },
        { rollback: 99, fails: 'BadArgument' },
        { rollback: -1, fails: 'BadArgument' },
        { rollback: 0.5, fails: 'BadArgument' },
        { call: 'again' },
      ],
    }),
  ],
};
