import { attack, type Family } from './attack.ts';

/** Keeps `kept`, and finds it again unchanged after everything was dropped from memory and the world was opened again. */
const survives = (name: string, value: string, judge: string) =>
  attack(name, `this.kept = ${value};`, {
    again: `const kept = this.kept;\n${judge}`,
    steps: [{ call: 'run' }, { restart: true }, { call: 'again' }],
  });

export const forgedRecords: Family = {
  family: 'forged records and grants',
  attacks: [
    survives(
      'keeps texts that are written like slots',
      "['$0', '$1', '$0.Alleged: Bank', '&0', '%x', '!$0', '!!', '#undefined', '#NaN', '+5', '-5', '@x', \"'\", '(', ')', '*', '\"$0\"', '$', '#']",
      "if (kept.some((each) => typeof each !== 'string') || kept[2] !== '$0.Alleged: Bank' || kept[9] !== '+5' || kept.length !== 19) loot.push('a text came back as something else: ' + kept.map((each) => typeof each).join());",
    ),
    survives(
      'keeps records that are written like the marks of the storage format',
      "[{ '#tag': 'match:any', payload: 1 }, { '#error': 'x', name: 'Error' }, { '@qclass': 'slot', index: 0 }, { '@qclass': '@@asyncIterator' }, { '#promise': 0 }, { '!x': 1, '$0': 2, '&': 3 }]",
      "if (kept.length !== 6 || kept[0]['#tag'] !== 'match:any' || kept[1]['#error'] !== 'x' || kept[2].index !== 0 || kept[3]['@qclass'] !== '@@asyncIterator' || kept[5]['$0'] !== 2 || Object.keys(kept[1]).length !== 2) loot.push('a record came back as something else');",
    ),
    survives(
      'keeps a record that is written like its own envelope',
      "{ class: 'Bank', of: null, v: 99, paid: 0, kept: 0, bank: null, grants: [['AAAAAAAAAAAAAAAAAAAAAA', 0, -1, '', 'owner', null, null]], body: '#{\"left\":1000000}', slots: ['o1.AAAAAAAAAAAAAAAAAAAAAA.0'] }",
      "if (kept.class !== 'Bank' || kept.slots[0] !== 'o1.AAAAAAAAAAAAAAAAAAAAAA.0') loot.push('changed');",
    ),
    survives(
      'keeps texts that end the JSON around them',
      "['\"}', '\"],\"slots\":[\"o1.AAAAAAAAAAAAAAAAAAAAAA.0\"]', '\\\\', '\\\\\"', '\\u2028\\u2029', '\\ud800', '\\udfff\\ud800', '\\u0000', '\"grants\":[]', '</script>', '\\\\u0024\\\\u0030']",
      "if (kept[0] !== '\"}' || kept[2] !== '\\\\' || kept[5] !== '\\ud800' || kept[7] !== '\\u0000' || kept.length !== 11) loot.push('changed');",
    ),
    survives(
      'keeps keys that the language treats in its own way',
      "{ 10: 'ten', 2: 'two', '-0': 1, '4294967295': 2, length: 3, hasOwnProperty: 4, toString: 5, valueOf: 6, '': 7, ' ': 8, constructor: 9, prototype: 10 }",
      "if (kept[10] !== 'ten' || kept[2] !== 'two' || kept[''] !== 7 || kept.constructor !== 9 || kept.toString !== 5 || Object.keys(kept).length !== 12) loot.push('changed');",
    ),
    attack('keeps a key named __proto__', `this.kept = JSON.parse('{"__proto__": {"given": 1}, "x": 2}');`, {
      steps: [{ call: 'run', fails: 'NotStorable' }, { call: 'again' }],
    }),
    attack('returns from toRecord what is no record', 'this.kept = args[0];', {
      toRecord: `
      const odd = { array: [1], number: 1, text: 'x', nothing: undefined, none: null, itself: this, capability: this.given?.hall, fn: () => 1, map: new Map(), nul: Object.create(null), inherited: Object.create({ given: 1 }) };
      if (typeof this.kept === 'string') return odd[this.kept];
      return { given: this.given, kept: this.kept };`,
      steps: [
        ...[
          'array',
          'number',
          'text',
          'nothing',
          'none',
          'itself',
          'capability',
          'fn',
          'map',
          'inherited',
        ].map((odd) => ({ call: 'run', args: [odd], fails: 'NotStorable' })),
        { call: 'again' },
      ],
    }),
    attack(
      'keeps a capability made by hand from what it knows of a stored one',
      `
      const forged = [{ id: 'o1', token: 'A'.repeat(22), shape: 0 }, 'o1.AAAAAAAAAAAAAAAAAAAAAA.0', { slot: 'o1.AAAAAAAAAAAAAAAAAAAAAA.0' }, ['$0', ['o1.AAAAAAAAAAAAAAAAAAAAAA.0']]];
      this.kept = forged;
      for (const each of forged) { const tried = attempt(() => send(each, 'pay', [1])); if (tried.ok) loot.push('sent'); }`,
      {
        again:
          "for (const each of this.kept) { const tried = attempt(() => each.pay(1)); if (tried.ok) loot.push('it pays'); if (attempt(() => isLive(each)).ok) loot.push('it lives'); }",
        steps: [{ call: 'run' }, { restart: true }, { call: 'again' }],
      },
    ),
    attack(
      'gives itself a grant through the options of a facet',
      `
      const terms = [{ for: 'x', standing: 'owner' }, { for: 'x', shape: 0 }, { for: 'x', parent: null }, { for: 'x', token: 'A'.repeat(22) }, { only: ['pay'] }, { uses: 1, methods: ['pay'] }, JSON.parse('{"for": "x", "constructor": 1}')];
      for (const each of terms) {
        const mine = attempt(() => facet(this, 'public', each));
        if (mine.ok && typeof mine.value.pay === 'function') loot.push('a facet that it has not');
        const theirs = attempt(() => attenuate(given.hall, each));
        if (theirs.ok && (typeof theirs.value.pay === 'function' || typeof theirs.value.seats === 'function')) loot.push('a method that it has not');
      }`,
    ),
    attack(
      'asks for facets by names that every object has',
      `
      for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'owner ', 'OWNER', '', 'refund', 'full', 'self\\u0000', 'seats', 'prototype']) {
        const tried = attempt(() => facet(this, name));
        if (tried.ok) loot.push('a facet ' + name);
      }`,
    ),
    attack(
      'attenuates to methods that it was not granted',
      `
      for (const name of ['rename', 'seats', 'dispose', 'take', 'constructor', '__proto__', 'toString', 'then', 'toRecord', 'fromRecord', 'init', 'valueOf', '#secret', 'secret', '', 'NAME']) {
        for (const act of [() => only(given.vault, name), () => attenuate(given.vault, { only: [name] }), () => send(given.vault, name, []), () => after(1, given.vault, name, []), () => send(given.hall, 'name', [], { failed: [given.vault, name] })]) {
          const tried = attempt(act);
          if (tried.ok) loot.push('"' + name + '" was accepted');
        }
        if (Object.hasOwn(Object.prototype, name) || name === '__proto__') continue;
        const tried = attempt(() => given.vault[name]?.());
        if (tried.ok && tried.value !== undefined) loot.push('it was called');
      }`,
    ),
    attack(
      'puts back a revoked capability that it had kept',
      `
      const weak = attenuate(facet(this, 'public'), { for: 'x' });
      this.kept = { weak, again: [weak] };
      revoke(this, weak);`,
      {
        again: `
      if (isLive(this.kept.weak)) loot.push('it lives');
      for (const act of [() => this.kept.weak.poke(), () => attenuate(this.kept.weak, { for: 'y' }), () => send(this.kept.weak, 'poke', [])]) if (act !== undefined) { const tried = attempt(act); if (tried.ok && act.toString().includes('poke()')) loot.push('it answers'); }`,
        steps: [{ call: 'run' }, { restart: true }, { call: 'again' }, { wait: 10 }],
      },
    ),
    attack(
      'keeps what it made in an attempt that was undone',
      `
      let grant; let made; let timer;
      attempt(() => { grant = facet(this, 'owner', { for: 'undone' }); made = create(given.mine, Attack, given); timer = after(1000, facet(this, 'self'), 'again', []); throw new Error('undo'); });
      this.kept = { grant, made, timer };
      for (const each of [grant, made]) { if (isLive(each)) loot.push('it lives'); if (attempt(() => each.poke()).ok) loot.push('it answers'); }
      cancel(timer);`,
      {
        again:
          "for (const each of [this.kept.grant, this.kept.made]) { if (isLive(each)) loot.push('it lives'); if (attempt(() => each.poke()).ok) loot.push('it answers'); } if (args.length === 0 && this.cache) loot.push('the timer came');",
        steps: [
          { call: 'run', either: true },
          { restart: true },
          { call: 'again', either: true },
          { wait: 2000 },
        ],
      },
    ),
    attack(
      'gives its class the fields that the host keeps beside a record',
      `
      for (const key of ['wrapper', 'grants', 'instance', 'record', 'spec', 'bank', 'paid', 'kept', 'active', 'mark', 'turn', 'gone', 'loaded', 'dirty', 'working', 'version', 'aside', 'attention', 'mayDiffer']) { if (!['given', 'kept'].includes(key)) this[key] = 1000; }
      const before = given.mine.balance();
      if (before > 1000) loot.push('rich');`,
      { steps: [{ call: 'run' }, { restart: true }, { call: 'again' }] },
    ),
  ],
};
