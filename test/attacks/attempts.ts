import { attack, type Family } from './attack.ts';

export const attempts: Family = {
  family: 'misuse of attempt',
  attacks: [
    attack(
      'attempts what is no function',
      `for (const odd of [null, undefined, 1, 'x', {}, [], given.hall, this, Attack]) { const tried = attempt(() => attempt(odd)); if (tried.ok && tried.value?.ok) loot.push('it ran'); }`,
      { steps: [{ call: 'run', either: true }] },
    ),
    attack(
      'goes on in an attempt after its turn has ended',
      `
      let inside;
      attempt(() => { inside = () => given.hall.name(); });
      this.cache = inside;`,
      {
        again:
          "const tried = attempt(() => this.cache?.()); if (tried.ok && typeof tried.value !== 'string' && tried.value !== undefined) loot.push('odd');",
        steps: [{ call: 'run' }, { call: 'again' }],
      },
    ),
    attack(
      'nests ten thousand attempts',
      `let deep = 0; const go = (n) => { deep = n; return n === 0 ? 'x' : attempt(() => go(n - 1)); }; go(10_000);`,
      { steps: [{ call: 'run', either: true }, { say: 'a word' }] },
    ),
    attack(
      'fails an attempt that it itself waits for, having changed, and goes on',
      `
      const before = this.kept;
      const tried = attempt(() => { this.kept = 'changed inside'; throw new Error('x'); });
      if (tried.ok) loot.push('ok');
      if (before !== null) loot.push('before');`,
      {
        again: "if (this.kept !== null) loot.push('half: ' + this.kept);",
        steps: [{ call: 'run', either: true }, { call: 'again' }],
      },
    ),
    attack(
      'sends, cancels and creates in attempts that are undone, in all orders',
      `
      const had = given.mine.balance();
      const kept = after(100_000, facet(this, 'self'), 'again', []);
      attempt(() => { cancel(kept); create(given.mine, Attack, given); send(given.hall, 'say', ['x']); destroy(this); throw new Error('undo'); });
      attempt(() => { attempt(() => { create(given.mine, Attack, given); }); attempt(() => { create(given.mine, Attack, given); throw new Error('x'); }); throw new Error('undo all'); });
      if (given.mine.balance() !== had) loot.push('the bank changed by ' + (given.mine.balance() - had));
      cancel(kept);`,
      { steps: [{ call: 'run', either: true }, { wait: 1 }] },
    ),
    attack(
      'lets somebody else attempt for it, and keeps what was undone',
      `
      const said = given.vault.introduce(facet(this, 'public'), facet(this, 'owner'));
      if (said) loot.push('the vault went on');
      if (this.kept !== null) loot.push('half: ' + String(this.kept));`,
      {
        poke: "this.kept = 'half'; throw new Error('x');",
        steps: [{ call: 'run', either: true }, { call: 'again' }],
        again: 'if (this.kept !== null) loot.push("half");',
      },
    ),
    attack(
      'emits and hangs up in attempts that are undone',
      `attempt(() => { emit('never'); emit(['never', 1]); hangUp(); throw new Error('undo'); }); emit('always');`,
      { steps: [{ line: 'run' }, { say: 'still here' }] },
    ),
    attack(
      'uses an attempt to learn what it may not: whether a call would work, without making it',
      `
      const probes = [() => given.vault.open('guess'), () => given.mine.pay(10_000), () => given.purse.deposit(1_000_000, given.coins)];
      for (const probe of probes) { const tried = attempt(probe); if (tried.ok) loot.push('it worked'); }
      if (given.coins.balance() !== 10 || given.mine.balance() > 50) loot.push('something changed');`,
    ),
  ],
};
