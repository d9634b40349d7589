import { attack, type Attack, type Family } from './attack.ts';

/**
 * Runs `deed` at the very end of the stack, again and again, each time with a little more room, until it has come to its end a
 * few times: wherever the host has just too little, it must not be left half done. What fails is swallowed, as far as it
 * lets itself be.
 */
const atTheBrink = (
  name: string,
  deed: string,
  more: Parameters<typeof attack>[2] = {},
  before = '',
): Attack =>
  attack(
    name,
    `
      ${before}
      let left = 3000;
      // Compiled before, which takes more of the stack than all that is tried.
      const deed = (now) => { if (now) { ${deed} } };
      deed(false);
      const dive = () => {
        try { dive(); } catch {}
        if (left > 0) { left -= 1; try { deed(true); left = Math.min(left, 20); } catch {} }
      };
      dive();
      if (left > 0) loot.push('it did not get to the end');`,
    {
      own: 'process',
      steps: [
        { call: 'run', either: true },
        { call: 'again', either: true },
        { say: 'a word' },
        { enter: true },
      ],
      ...more,
    },
  );

export const stackExhaustion: Family = {
  family: 'stack exhaustion',
  attacks: [
    attack('recurses until the stack is gone', 'const deep = () => deep() + 1; deep();', {
      steps: [{ call: 'run', fails: ['Overflow', 'Threw', 'OutOfTime'] }, { call: 'again' }],
    }),
    attack(
      'recurses, and swallows the end of it',
      "const deep = () => { try { deep(); } catch { this.kept = 'swallowed'; } }; deep();",
      {
        again: '',
        steps: [{ call: 'run', either: true }, { call: 'again' }],
      },
    ),
    atTheBrink('calls others at the end of the stack', 'given.hall.name(); given.vault.greet(given.ear);'),
    atTheBrink(
      'makes grants at the end of the stack',
      "facet(this, 'public', { for: 'x' }); attenuate(given.hall, { for: 'x' });",
    ),
    atTheBrink('creates objects at the end of the stack', 'create(given.mine, Attack, given);'),
    atTheBrink('splits its bank at the end of the stack', 'given.mine.split(1);'),
    atTheBrink('pays and is paid at the end of the stack', 'given.purse.deposit(1, given.coins);'),
    atTheBrink('enters the hall at the end of the stack', "given.hall.enter(facet(this, 'public'));"),
    atTheBrink(
      'speaks and sends at the end of the stack',
      "emit('x'); given.ear.hear('x'); send(given.hall, 'say', ['x']); after(1, given.hall, 'name', []);",
    ),
    atTheBrink(
      'attempts at the end of the stack',
      "attempt(() => { given.purse.deposit(1, given.coins); throw new Error('x'); });",
    ),
    atTheBrink(
      'writes collections at the end of the stack',
      "const all = collection(this, 'things'); all.set('k' + left, left); all.delete('k' + (left + 1)); [...all.entries()];",
    ),
    atTheBrink('destroys itself at the end of the stack', 'destroy(this);'),
    atTheBrink(
      'uses expressions at the end of the stack that were used once before',
      "const one = made[left % 400]; one.test('bx'); 'bx'.replace(one, 'c'); 'bx'.split(one); one.test('\\u0416'); throw new Error('on');",
      {},
      // V8 compiles one when it is first used, and when it is used again: where it cannot, the process is at its end.
      "const made = []; for (let n = 0; n <= 400; n += 1) { made.push(new RegExp('(?:'.repeat(n % 50) + '[a-c]+d*' + n + '|b)*?'.repeat(n % 50))); made[n].test('bx'); }",
    ),
    attack(
      'hides in a pattern that it is nested deeper than any may be, and uses it near the end of the stack',
      `
      const made = [];
      for (let n = 0; n <= 40; n += 1) { try { made.push(new RegExp('\\\\k<' + '(?:'.repeat(480) + n + '|b)*?'.repeat(480) + '>')); } catch {} }
      let level = 0;
      const dive = () => {
        try { dive(); } catch {}
        level += 1;
        if (level % 80 === 0 && made.length > 0) { try { made.pop().test('bx'); } catch {} }
      };
      dive();`,
      { own: 'process', steps: [{ call: 'run', either: true }, { say: 'a word' }] },
    ),
    atTheBrink(
      'has the class of somebody else compiled at the end of the stack',
      'given.mill.grind(); left = 1;',
      { steps: [{ restart: true }, { call: 'run', either: true }, { grind: 1 }] },
    ),
    atTheBrink(
      'saves a class at the end of the stack',
      "given.kind.save(given.kind.source() + '\\n// ' + left, {}); left = 1;",
    ),
    attack('is written down at the end of the stack', 'this.kept = 1;', {
      toRecord:
        'if (this.kept === 1) { const deep = () => { try { deep(); } catch { this.kept = 2; } }; deep(); } return { given: this.given, kept: this.kept };',
      steps: [{ call: 'run', either: true }, { call: 'again' }, { restart: true }, { call: 'again' }],
    }),
    attack(
      'gives values that are nested without end',
      `
      let deep = [];
      for (let n = 0; n < 100000; n += 1) deep = [deep];
      const tries = [() => given.hall.enter(deep), () => given.vault.open(deep), () => emit(['x', deep]), () => send(given.hall, 'say', [deep]), () => collection(this, 'x').set('a', deep), () => attenuate(given.hall, deep), () => create(given.mine, Attack, { deep })];
      for (const act of tries) { const tried = attempt(act); if (tried.ok) loot.push('accepted'); }
      this.kept = deep;`,
      { steps: [{ call: 'run', fails: ['TooLarge', 'NotStorable', 'Overflow'] }, { call: 'again' }] },
    ),
    attack(
      'hardens, prints or compares what is nested without end',
      `
      let deep = {};
      for (let n = 0; n < 200000; n += 1) deep = { deep };
      for (const act of [() => harden(deep), () => JSON.stringify(deep), () => String([deep]), () => M.call(deep), () => M.splitRecord(deep), () => fail('Mine', String(deep)), () => Object.fromEntries([[deep, 1]])]) { try { act(); } catch {} }`,
      { own: 'process', steps: [{ call: 'run', either: true }, { say: 'a word' }] },
    ),
    attack(
      'makes an error that nobody can make at the end of the stack',
      "const deep = () => { try { deep(); } catch { throw fail('Mine', 'x'); } }; deep();",
      {
        own: 'process',
        steps: [
          { call: 'run', fails: ['Mine', 'Overflow', 'Threw', 'OutOfTime'] },
          { call: 'again', either: true },
          { say: 'a word' },
        ],
      },
    ),
  ],
};
