import { attack, type Family } from './attack.ts';

/** Does something until it fails; counts how often it went well. */
const UNTIL = `
      const until = (act, most = 20000) => { let n = 0; while (n < most) { const tried = attempt(() => act(n)); if (!tried.ok) return [n, tried.error.code]; n += 1; } return [n, 'none']; };`;

export const quotas: Family = {
  family: 'quota dodging',
  attacks: [
    attack(
      'creates more than its bank pays for',
      `${UNTIL}
      const had = given.mine.balance();
      const [made, code] = until(() => create(given.mine, Attack, given), 3000);
      if (made > had) loot.push('made ' + made + ' of ' + had);
      if (code !== 'BankDry' && code !== 'TooMany' && code !== 'OutOfTime') loot.push(code);`,
    ),
    attack(
      'gets its price back twice',
      `
      const had = given.mine.balance();
      const child = create(given.mine, Attack, given);
      child.run(given, 'end');
      attempt(() => child.run(given, 'end'));
      if (given.mine.balance() > had) loot.push('richer by ' + (given.mine.balance() - had));`,
      {
        members: '',
        source: `
class Attack {
  static facets = { public: {}, owner: { run: M.call().rest(M.any()).returns(M.any()), end: M.call().returns() } };
  given = null;
  init(given) { this.given = given; }
  toRecord() { return { given: this.given }; }
  fromRecord(record) { this.given = record.given; }
  end() { destroy(this); destroy(this); attempt(() => { destroy(this); throw new Error('x'); }); destroy(this); }
  run(given) {
    const loot = [];
    const had = given.mine.balance();
    for (let n = 0; n < 10; n += 1) {
      const child = create(given.mine, Attack, given);
      attempt(() => { child.end(); throw new Error('undo'); });
      child.end();
      attempt(() => child.end());
    }
    if (given.mine.balance() !== had) loot.push('the bank changed by ' + (given.mine.balance() - had));
    return loot;
  }
}`,
      },
    ),
    attack(
      'creates in an attempt that fails, and keeps the price or the object',
      `
      const had = given.mine.balance();
      let kept;
      for (let n = 0; n < 20; n += 1) attempt(() => { kept = create(given.mine, Attack, given); given.mine.split(3); throw new Error('undo'); });
      if (given.mine.balance() !== had) loot.push('the bank changed by ' + (given.mine.balance() - had));
      if (isLive(kept)) loot.push('it lives');`,
    ),
    attack(
      'splits with amounts that are no amounts',
      `
      const had = given.mine.balance();
      for (const amount of [-1, -1e9, 0.5, 0 / 0, 1 / 0, -1 / 0, 2 ** 53, -(2 ** 53), 1e308, '5', null, undefined, [], {}, true, '-1', { valueOf: () => -5 }]) {
        for (const act of [() => given.mine.split(amount), () => given.mine.pay(amount)]) { attempt(act); if (given.mine.balance() > had) { loot.push('richer with ' + String(amount)); } }
      }
      if (given.mine.balance() > had) loot.push('richer');`,
    ),
    attack(
      'takes back the same split bank several times',
      `
      const had = given.mine.balance();
      const child = given.bank.split(5);
      for (let n = 0; n < 5; n += 1) attempt(() => given.bank.reclaim(child));
      if (given.mine.balance() > had) loot.push('richer by ' + (given.mine.balance() - had));
      const again = attempt(() => child.pay(1));
      if (again.ok) loot.push('what was taken back still pays');`,
    ),
    attack(
      'takes back a bank that somebody else split off',
      `
      for (const other of [given.theirs, given.hall, given.vault, given.mine, given.bank, this, null, {}]) { const tried = attempt(() => given.bank.reclaim(other)); if (tried.ok && tried.value > 0) loot.push('took ' + tried.value); }
      const child = given.bank.split(10);
      const grandchild = child.split(3);
      const tried = attempt(() => given.bank.reclaim(grandchild));
      if (tried.ok) loot.push('a bank that is not its own');
      attempt(() => grandchild.reclaim(child));
      attempt(() => child.reclaim(child));
      attempt(() => child.reclaim(given.bank));`,
    ),
    attack(
      'spends, has the bank taken back, and then destroys what it spent on',
      `
      const had = given.mine.balance();
      const child = given.bank.split(6);
      const one = create(child, Attack, given);
      const two = create(child, Attack, given);
      given.bank.reclaim(child);
      one.third(given, 'end');
      if (given.mine.balance() > had) loot.push('richer by ' + (given.mine.balance() - had));
      if (child.balance() > 0) loot.push('it has ' + child.balance());
      this.kept = two;`,
      { third: "if (args[0] === 'end') destroy(this);" },
    ),
    attack(
      'grows after it was made, without paying',
      `
      const had = given.mine.balance();
      this.kept = 'x'.repeat(100_000);
      if (had < 100) loot.push('the test is too poor');`,
      {
        again:
          "if (given.mine.balance() >= 40 && (this.kept ?? '').length >= 100_000) loot.push('100 KB for nothing');",
        steps: [{ call: 'run', either: true }, { call: 'again' }],
      },
    ),
    attack(
      'grows and shrinks by turns, to be paid back more than it paid',
      "this.kept = 'x'.repeat(20_000);",
      {
        again: 'this.kept = null;',
        third: "if (given.mine.balance() > 50) loot.push('richer: ' + given.mine.balance());",
        steps: [
          ...Array.from({ length: 6 }, (_, at) => ({
            call: at % 2 === 0 ? 'run' : 'again',
            either: true as const,
          })),
          { call: 'third' },
        ],
      },
    ),
    attack(
      'keeps its data in the labels of grants',
      `${UNTIL}
      const had = given.mine.balance();
      const [made] = until((n) => facet(this, 'public', { for: 'x'.repeat(190) + n }), 900);
      this.kept = made;`,
      {
        again:
          "if (given.mine.balance() >= 45 && this.kept * 200 > 100_000) loot.push(this.kept + ' labels of 200 characters for ' + (50 - given.mine.balance()) + ' blocks');",
        steps: [
          { call: 'run', either: true },
          { call: 'again', either: true },
        ],
      },
    ),
    attack(
      'keeps its data in the labels of grants on somebody else',
      `${UNTIL}
      const [made] = until((n) => attenuate(given.hall, { for: 'x'.repeat(190) + n }), 900);
      this.kept = made;`,
      {
        again:
          "if (this.kept * 200 > 100_000) loot.push(this.kept + ' labels of 200 characters on the hall');",
        steps: [{ call: 'run', either: true }, { call: 'again', either: true }, { enter: true }],
      },
    ),
    attack(
      'uses up the grants that somebody else may have',
      `${UNTIL}\n      until((n) => attenuate(given.hall, { for: String(n) }), 990);`,
      {
        steps: [{ call: 'run', either: true, times: 12 }, { enter: true }, { say: 'a word' }],
        within: 30_000,
      },
    ),
    attack(
      'uses up the sets of method names of the whole world',
      `${UNTIL}
      const names = Array.from({ length: 40 }, (_, n) => 'm' + n);
      const all = facet(this, 'many');
      const start = Number(args[0] ?? 0);
      until((n) => only(all, ...names.filter((_, bit) => ((start * 64 + n) * 2654435761 >>> (bit % 32)) & 1 || bit === (n % 40))), 60);`,
      {
        members: Array.from({ length: 40 }, (_, n) => `m${n}() { return null; }`).join('\n  '),
        more: `many: { ${Array.from({ length: 40 }, (_, n) => `m${n}: M.call().returns(M.any())`).join(', ')} },`,
        steps: [
          ...Array.from({ length: 40 }, (_, at) => ({ call: 'run', args: [at], either: true as const })),
          { enter: true },
        ],
      },
    ),
    attack(
      'writes more into a collection than it pays for',
      `${UNTIL}
      const all = collection(this, 'things');
      const [made] = until((n) => all.set('key ' + n, 'x'.repeat(2000)), 2000);
      this.kept = made;`,
      {
        again:
          "if (collection(this, 'things').size > 200) loot.push(collection(this, 'things').size + ' entries of 2 KB');",
        steps: [{ call: 'run', either: true }, { call: 'again' }],
      },
    ),
    attack(
      'makes collections without end',
      `${UNTIL}\n      const [made] = until((n) => collection(this, 'c' + n).set('a', 1), 2000);\n      this.kept = made;`,
      {
        again: "if (this.kept > 500) loot.push(this.kept + ' collections');",
        steps: [{ call: 'run', either: true }, { call: 'again' }],
      },
    ),
    attack(
      'sends two messages for each that it gets',
      "send(facet(this, 'self'), 'again', [given]); send(facet(this, 'self'), 'again', [given]);",
      {
        own: 'process',
        again: "send(facet(this, 'self'), 'again', [given]); send(facet(this, 'self'), 'again', [given]);",
        steps: [{ call: 'run' }, { say: 'a word' }, { say: 'another' }, { enter: true }],
        within: 30_000,
      },
    ),
    attack(
      'sets as many timers as it can, all due at once',
      `${UNTIL}\n      until((n) => after(1000, facet(this, 'self'), 'again', [given]), 990);`,
      {
        again: '',
        steps: [
          ...Array.from({ length: 10 }, () => ({ call: 'run', either: true as const })),
          { wait: 2000 },
          { say: 'a word' },
        ],
      },
    ),
    attack(
      'sends to the far future, and to the past',
      `
      for (const when of [-1, 0.5, 1e18, 2 ** 53, 1 / 0, 0 / 0, '1', null, 10 * 366 * 86_400_000 * 2]) { const tried = attempt(() => after(when, facet(this, 'self'), 'again', [])); if (tried.ok) loot.push('a timer in ' + String(when)); }`,
    ),
    attack(
      'has the registry of classes keep its data',
      `
      const [had] = [given.mine.balance()];
      const text = given.kind.source();
      for (let n = 0; n < 30; n += 1) { const tried = attempt(() => given.kind.save(text + '\\n// ' + n + 'x'.repeat(20_000), {})); if (!tried.ok) break; this.cache = n; }
      if (this.cache > 20 && given.mine.balance() >= had) loot.push('500 KB of sources for nothing');`,
      {
        steps: [
          { call: 'run', either: true },
          { call: 'again', either: true },
        ],
      },
    ),
    attack(
      'saves a source that is longer than any class',
      `
      for (const text of ['// ' + 'x'.repeat(2_000_000), ' '.repeat(5_000_000), 'const A = "' + 'x'.repeat(1_000_000) + '";']) { const tried = attempt(() => given.kind.save(text + '\\n' + given.kind.source(), {})); if (tried.ok) loot.push('a source of ' + text.length); }`,
      { steps: [{ call: 'run', either: true }] },
    ),
    attack(
      'writes the same record again in each of many attempts',
      `for (let n = 0; n < 20_000; n += 1) attempt(() => { this.cache = n; given.vault.name(); });`,
      {
        own: 'process',
        steps: [{ call: 'run', either: true }, { say: 'a word' }],
      },
    ),
    attack(
      'touches every object that it can, to make others wait',
      `${UNTIL}\n      until((n) => { given.hall.who(); given.hall.say('x'); given.vault.greet(given.ear); }, 3000);`,
      { own: 'process', steps: [{ call: 'run', either: true }, { say: 'a word' }] },
    ),
    attack(
      'makes others pay: it fills what they keep',
      `${UNTIL}\n      until(() => given.hall.enter(facet(this, 'public', { for: 'another' })), 500);`,
      {
        steps: [{ call: 'run', either: true }, { call: 'run', either: true }, { say: 'a word' }],
        name: "return 'x'.repeat(59);",
      },
    ),
  ],
};
