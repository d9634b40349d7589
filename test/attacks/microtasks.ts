import { attack, unsavable, type Family } from './attack.ts';

export const microtasks: Family = {
  family: 'microtasks',
  attacks: [
    unsavable('names Promise', /Promise/, 'Promise.resolve().then(() => { for (;;); });'),
    unsavable('names queueMicrotask', /queueMicrotask/, 'queueMicrotask(() => { for (;;); });'),
    unsavable('imports something, which makes a promise', /import/, "import('node:fs').then((fs) => fs);"),
    unsavable('imports something with a comment between', /import/, "import/**/('node:fs');"),
    unsavable('has an asynchronous arrow', /async/, '(async () => { for (;;); })();'),
    unsavable(
      'has an asynchronous method in an object',
      /async/,
      'const o = { async m() { for (;;); } }; o.m();',
    ),
    unsavable(
      'has an asynchronous generator',
      /async|generator/,
      'const o = { async *m() { yield 1; } }; o.m().next();',
    ),
    unsavable(
      'writes async with an escape',
      /escape|async|syntax|unexpected/i,
      '(\\u0061sync () => { for (;;); })();',
    ),
    attack(
      'finds a promise by the constructors of what natives return',
      `
      const makers = [];
      for (const it of [[].values(), new Map().entries(), 'x'.matchAll(/x/g), M.promise?.(), attempt(() => 1), harden({}), given.hall, collection(this, 'x')]) {
        for (let at = it; at !== null && at !== undefined; at = Reflect.getPrototypeOf(at)) if (typeof at.constructor === 'function') makers.push(at.constructor);
      }
      for (const maker of makers) {
        for (const way of [() => maker.resolve(1), () => new maker((yes) => yes(1)), () => maker.try(() => 1), () => maker.withResolvers().promise]) {
          try { const made = way(); if (typeof made?.then === 'function') loot.push('a promise from ' + maker.name); } catch {}
        }
      }`,
    ),
    attack(
      'has a host function call it back later',
      `
      let later = 0;
      const back = () => { later += 1; };
      for (const way of [() => attempt(back).later, () => after(0, back, 'call', []), () => send(back, 'call', []), () => emit({ then: back }), () => collection(this, 'x').set('a', { then: back }), () => M.call(back), () => harden(back)]) { try { way(); } catch {} }
      const now = later;
      this.cache = () => later - now;`,
      {
        again: "if (this.cache && this.cache() > 0) loot.push('it ran between turns');",
        steps: [{ call: 'run', either: true }, { wait: 10 }, { call: 'again' }],
      },
    ),
  ],
};
