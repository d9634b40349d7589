import { attack, unsavable, type Family } from './attack.ts';

export const thenables: Family = {
  family: 'thenables',
  attacks: [
    attack(
      'returns something with a then, for whoever awaits the answer',
      'return { then(yes) { yes(given.vault); } };',
      {
        steps: [{ call: 'run', fails: 'NotPassable' }],
      },
    ),
    attack(
      'returns data named then, which an awaiting host must not call',
      "return { then: 'x', catch: 1, finally: null };",
      {
        steps: [{ call: 'run', gives: { then: 'x', catch: 1, finally: null } }],
      },
    ),
    attack('has a method named then in a facet, so that its capability is a promise', '', {
      members: 'then(yes) { return yes; }',
      publicly: 'then: M.call().rest(M.any()).returns(M.any())',
      refused: /then/,
    }),
    attack('throws a thenable', 'throw { then(yes) { yes(1); }, get message() { return given.vault; } };', {
      steps: [{ call: 'run', fails: 'Threw' }],
    }),
    attack(
      'gives its callbacks to what might await them',
      `
      let ran = 0;
      const eager = { then() { ran += 1; } };
      const tries = [() => attempt(() => eager), () => attempt(eager), () => send(given.hall, 'name', [eager]), () => after(1, eager, 'then', []), () => emit(eager), () => emit(['x', eager]), () => harden(eager), () => { this.kept = eager; }];
      for (const act of tries) { try { act(); } catch {} }
      this.kept = null;
      if (ran > 0) loot.push('it was awaited');`,
      {
        steps: [{ call: 'run', either: true }, { call: 'again' }],
        again: 'if (this.kept !== null) loot.push("kept");',
      },
    ),
    attack('keeps a thenable in its record', 'this.kept = { then() {} };', {
      steps: [{ call: 'run', fails: 'NotStorable' }],
    }),
    attack(
      'looks for a promise wherever the language makes one by itself',
      `
      const ways = [() => Array.fromAsync([1]), () => Reflect.get(Array, 'fromAsync')?.([1]), () => [][Reflect.ownKeys(Array.prototype).find((key) => typeof key === 'symbol')]().return?.(), () => Error.prototype.constructor.reject?.(1),
        () => harden(given.hall).then, () => M.promise(), () => Object.fromEntries([]).then, () => attempt(() => 1).then, () => send(given.hall, 'name', [])?.then, () => after(1, given.hall, 'name', []).then];
      for (const [at, way] of ways.entries()) {
        let got;
        try { got = way(); } catch {}
        if (got !== undefined && got !== null && typeof got.then === 'function') loot.push('way ' + at + ' gives a promise');
        if (typeof got === 'function') loot.push('way ' + at + ' gives a then');
      }`,
    ),
    unsavable('is asynchronous', /async/, '', { members: 'async later() { return 1; }' }),
    unsavable('waits', /await|async/, 'const f = async () => { await given; }; f();'),
    unsavable(
      'loops over what arrives later',
      /async|await/,
      'const f = async () => { for await (const x of given) loot.push(x); }; f();',
    ),
  ],
};
