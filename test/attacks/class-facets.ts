import { attack, classText, type Family } from './attack.ts';

export const classFacets: Family = {
  family: 'class facets and versions',
  attacks: [
    attack(
      'creates from a class of which it holds only the public facet',
      `
      for (const held of [given.secret.seen, given.secret.extends, given.hall, given.registry.find('Secret')]) { const tried = attempt(() => create(given.mine, held)); if (tried.ok) loot.push('made'); }
      for (const act of [() => given.secret.seen.make(given.mine), () => given.secret.extends.make(given.mine), () => Reflect.apply(given.secret.creates.make, given.secret.seen, [given.mine])]) { const tried = attempt(act); if (tried.ok) loot.push('made'); }`,
    ),
    attack(
      "saves, rolls back and gives away a class that is somebody else's",
      `
      for (const held of [given.secret.seen, given.secret.creates, given.secret.extends]) {
        for (const act of [() => held.save('class Secret {}', {}), () => held.rollback(1), () => held.upgrade(given.ear, 'hear'), () => held.open(true), () => held.creating(), () => held.extending(), () => held.rebase(), () => only(held, 'save'), () => send(held, 'save', ['', {}]), () => given.kind.save.call(held, '', {})]) { const tried = attempt(act); if (tried.ok) loot.push(String(act)); }
      }`,
    ),
    attack(
      'is built on a class that it may only create from',
      `
      const text = given.kind.source().replace('class Attack', 'class Attack extends Secret');
      for (const held of [given.secret.creates, given.secret.seen, given.hall, facet(this, 'public')]) { const tried = attempt(() => given.kind.save(text, { Secret: held })); if (tried.ok) loot.push('built on it'); }`,
    ),
    attack(
      'names a class that it may only build on',
      `
      const text = given.kind.source().replace('const loot = [];', 'const loot = []; if (given.nothing) create(given.mine, Secret);');
      for (const held of [given.secret.extends, given.secret.seen, given.mine]) { const tried = attempt(() => given.kind.save(text, { Secret: held })); if (tried.ok) loot.push('named it'); }`,
    ),
    attack(
      'makes objects of a class that it may only build on, which it can name because it does so',
      `
      const text = given.kind.source().replace('class Attack', 'class Attack extends Secret').replace('const loot = [];', "const loot = []; const minted = attempt(() => create(given.mine, Secret)); if (minted.ok) loot.push('minted');");
      attempt(() => given.kind.save(text, { Secret: given.secret.extends }));`,
      {
        steps: [
          { call: 'run', either: true },
          { call: 'run', either: true },
        ],
      },
    ),
    attack(
      'gives imports that are no capabilities on a class of that name',
      `
      const text = given.kind.source().replace('const loot = [];', 'const loot = []; if (given.nothing) create(given.mine, Bank, Secret);');
      for (const imports of [{ Secret: given.kind }, { Bank: given.kind, Secret: given.secret.creates }, { Secret: { make() {} } }, { Secret: 'Secret' }, null, [], 'x', { __proto__: { Secret: given.secret.creates } }, { Secret: facet(this, 'maker') }]) { const tried = attempt(() => given.kind.save(text, imports)); if (tried.ok) loot.push('accepted'); }`,
      {
        members: 'make() { return null; }\n  base() { return "Secret"; }',
        more: 'maker: { make: M.call().rest(M.any()).returns(M.any()), base: M.call().returns(M.any()) },',
      },
    ),
    attack(
      'imports the verbs and the language, replaced by its own',
      `
      const tries = [{ M: given.kind }, { emit: given.kind }, { Object: given.kind }, { words: given.kind }, { Thing: given.kind }, { Attack: given.kind }, { harden: given.kind }, { constructor: given.kind }];
      for (const imports of tries) { attempt(() => given.kind.save(given.kind.source() + '\\n', imports)); }
      const now = facet(this, 'self').again(given);
      if (now.length > 0) loot.push(...now);`,
      {
        again:
          "if (typeof emit !== 'function' || typeof M.call !== 'function' || typeof Object.keys !== 'function') loot.push('a name means something else');",
        steps: [{ call: 'run', either: true }, { call: 'again' }],
      },
    ),
    attack(
      'is given a class, and makes bare instances of it',
      `
      const version = given.kind.save(args[0], { Secret: given.secret.creates });
      if (version < 2) loot.push('not saved');`,
      {
        steps: [
          {
            call: 'run',
            args: [
              classText({
                run: `
      const made = [];
      for (const act of [() => new Secret(), () => Reflect.construct(Secret, []), () => Secret.prototype, () => Object.create(Secret.prototype).secret(), () => Secret.prototype.secret.call(this), () => Reflect.getPrototypeOf(Secret), () => new Secret.prototype.constructor()]) { try { const got = act(); if (got !== undefined && got !== null) made.push(String(act)); } catch {} }
      for (const each of made) if (!each.includes('getPrototypeOf')) loot.push(each);
      const lawful = create(given.mine, Secret);
      if (lawful === null) loot.push('nothing');`,
              }),
            ],
            either: true,
          },
          { call: 'run', either: true },
        ],
      },
    ),
    attack(
      'reads what the class that it is built on keeps to itself',
      `
      given.kind.save(args[0], { Secret: given.secret.extends });`,
      {
        steps: [
          {
            call: 'run',
            args: [
              `
class Attack extends Secret {
  static facets = { public: {}, owner: { run: M.call().rest(M.any()).returns(M.any()), again: M.call().rest(M.any()).returns(M.any()), third: M.call().rest(M.any()).returns(M.any()) } };
  given = null;
  init(given) { this.given = given; }
  toRecord() { return { given: this.given, kept: null }; }
  fromRecord(record) { this.given = record.given; }
  static upgrade(record) { return record; }
  run(given) {
    const loot = [];
    for (const held of [given.secret.seen, given.secret.creates]) for (const name of ['secret', 'toRecord', 'peek', 'tell']) { try { const got = Secret.prototype[name]?.call(held); if (typeof got === 'string') loot.push(got); } catch {} }
    try { Secret.prototype.secret = () => 'mine'; if (Secret.prototype.secret() === 'mine') loot.push('changed'); } catch {}
    if (!Object.isFrozen(Secret) || !Object.isFrozen(Secret.prototype) || !Object.isFrozen(Secret.prototype.secret)) loot.push('it can be written on');
    for (const key of Reflect.ownKeys(Secret)) { const value = Secret[key]; if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) loot.push('room in ' + String(key)); }
    return loot;
  }
  again() { return []; }
  third() { return []; }
}`,
            ],
            either: true,
          },
          { call: 'run', either: true },
        ],
      },
    ),
    attack('uses an old version of its class, by the capability of a facet that is no more', '', {
      steps: [
        { call: 'run' },
        {
          save: `class Attack { static facets = { public: {}, owner: { run: M.call().rest(M.any()).returns(M.any()) } }; given = null; toRecord() { return { given: this.given, kept: null }; } fromRecord(record) { this.given = record.given; } run(given) { const loot = []; return loot; } secretly() { return ['not in a facet']; } }`,
        },
        { call: 'run' },
        { call: 'again', fails: ['NoSuchMethod', 'Revoked'] },
        { call: 'poke', fails: ['NoSuchMethod', 'Revoked'] },
        { call: 'secretly', fails: ['NoSuchMethod', 'Revoked'] },
      ],
    }),
    attack(
      'widens what it gave away, by giving the facet more methods',
      `this.kept = only(facet(this, 'public'), 'poke');`,
      {
        again:
          "const tried = attempt(() => this.kept.secretly()); if (tried.ok) loot.push('what was attenuated has grown');",
        steps: [
          { call: 'run' },
          {
            save: classText({
              members: "secretly() { return 'x'; }",
              publicly: 'secretly: M.call().returns(M.any()),',
              again:
                "const tried = attempt(() => this.kept.secretly()); if (tried.ok) loot.push('what was attenuated has grown');",
            }),
          },
          { call: 'again', either: true },
          { restart: true },
          { call: 'again', either: true },
        ],
      },
    ),
    attack('takes the name of a class that is there', '', {
      before: {},
      steps: [
        {
          define: 'Secret',
          source: 'class Secret { toRecord() { return {}; } fromRecord() {} }',
          fails: 'ClassTaken',
        },
        { call: 'run' },
      ],
    }),
    attack('takes the name of a class of the engine, of a verb or of the language', '', {
      steps: [
        'Bank',
        'Storage',
        'ClassObject',
        'ClassRegistry',
        'Hall',
        'Vault',
        'Object',
        'Map',
        'M',
        'Thing',
        'Error',
        'Infinity',
        'Promise',
        'Symbol',
        'Proxy',
        'NaN',
        'Function',
      ].map((define) => ({
        define,
        source: `class ${define} { toRecord() { return {}; } fromRecord() {} }`,
        fails: ['ClassTaken', 'BadArgument', 'BadSource'],
      })),
    }),
    attack('takes a name that is none', '', {
      steps: [
        '',
        'attack',
        '__proto__',
        'constructor',
        'A b',
        'A\nB',
        'Á',
        'A'.repeat(100),
        'A/B',
        '../A',
        'A\u0000',
        'toString',
      ].map((define) => ({
        define,
        source: 'class X { toRecord() { return {}; } fromRecord() {} }',
        fails: ['ClassTaken', 'BadArgument', 'BadSource'],
      })),
    }),
    attack(
      'is not safe after an admin has approved an earlier text of it',
      `
      const before = classOf(facet(this, 'public'));
      if (before.safe) loot.push('safe before anybody has read it');
      given.kind.save(given.kind.source() + '\\n', {});
      const after = classOf(facet(this, 'public'));
      if (after.safe) loot.push('safe now');
      if (after.name !== 'Attack' || after.saved !== true) loot.push('it is said to be ' + after.name);`,
      { steps: [{ call: 'run', either: true }, { call: 'again' }] },
    ),
    attack('makes two classes that are built on each other', '', {
      before: {
        Lower: 'class Lower { static facets = { public: {} }; toRecord() { return {}; } fromRecord() {} }',
      },
      steps: [
        { call: 'run' },
        { save: 'class Attack extends Lower { }', either: true },
        {
          define: 'Lower',
          source: 'class Lower extends Attack { toRecord() { return {}; } fromRecord() {} }',
          fails: ['ClassTaken', 'BadSource'],
        },
        { say: 'a word' },
      ],
    }),
    attack('saves a version whose objects cannot take calls, and comes back', '', {
      steps: [
        { call: 'run' },
        {
          save: 'class Attack { static facets = { public: {}, owner: { run: M.call().rest(M.any()).returns(M.any()) } }; toRecord() { return {}; } fromRecord() { throw new Error("no"); } run() { return []; } }',
          either: true,
        },
        { call: 'run', either: true },
        { rollback: 1 },
        { call: 'run', either: true },
        { restart: true },
        { call: 'run', either: true },
        { say: 'a word' },
      ],
    }),
  ],
};
