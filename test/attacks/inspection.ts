import { attack, type Family } from './attack.ts';

/** How code without a Symbol of its own gets one. */
const SYMBOL = `
      const anySymbol = Reflect.ownKeys(Array.prototype).find((key) => typeof key === 'symbol');
      const Sym = anySymbol.constructor;
      const hooks = ['nodejs.util.inspect.custom', 'nodejs.rejection', 'nodejs.dispose', 'nodejs.util.promisify.custom', 'jest.asymmetricMatcher', 'debug.description'].map((name) => { try { return Sym.for(name); } catch { return anySymbol; } });`;

/** An object that is called back by whoever prints it, and keeps what it was called with. */
const SPY = `${SYMBOL}
      const cache = (this.cache ??= []);
      const spy = (base) => { for (const hook of hooks) { try { Object.defineProperty(base, hook, { value: (...got) => { cache.push('printed with ' + got.map((each) => typeof each).join(' ')); return 'x'; }, configurable: true }); } catch {} } return base; };`;

const ASK = 'loot.push(...(this.cache ?? []));';

export const inspection: Family = {
  family: 'inspect hooks',
  attacks: [
    attack(
      'throws an object that is called back when it is printed',
      `${SPY}\n      throw spy({ message: 'x' });`,
      {
        again: ASK,
        steps: [
          { call: 'run', fails: 'Threw' },
          { call: 'again' },
          { line: 'run', fails: 'Threw' },
          { call: 'again' },
        ],
      },
    ),
    attack(
      'throws an error that is called back when it is printed',
      `${SPY}\n      const error = spy(new Error('x')); Object.defineProperty(error, 'cause', { value: spy({}) }); throw error;`,
      {
        again: ASK,
        steps: [{ call: 'run', fails: 'Threw' }, { call: 'again' }],
      },
    ),
    attack(
      'throws an error below a prototype that is called back when it is printed',
      `${SPY}
      const trap = spy({ get name() { cache.push('name'); return 'x'; }, get constructor() { cache.push('constructor'); return Error; }, get stack() { cache.push('stack'); return ''; }, get message() { cache.push('message'); return ''; } });
      const error = new Error('x');
      Reflect.setPrototypeOf(error, trap);
      throw error;`,
      { again: ASK, steps: [{ call: 'run', fails: 'Threw' }, { call: 'again' }] },
    ),
    attack('is called back itself when it is printed', `${SPY}\n      spy(this); throw this;`, {
      again: ASK,
      steps: [{ call: 'run', fails: 'Threw' }, { call: 'again' }],
    }),
    attack(
      'fails in a send with something that is called back when it is printed',
      `send(facet(this, 'self'), 'again', []); this.kept = 1;`,
      {
        again: `${SPY}\n      throw spy({});`,
        third: ASK,
        steps: [{ call: 'run' }, { wait: 1 }, { call: 'third' }],
      },
    ),
    attack(
      'gives what is called back to every verb that may put it into a message',
      `${SPY}
      const it = spy({ toString() { cache.push('toString'); return 'x'; } });
      const tries = [() => facet(this, it), () => only(given.hall, it), () => send(given.hall, it, []), () => fail(it, it), () => emit(it), () => given.vault.open(it), () => collection(this, it), () => classOf(it), () => revoke(it, it), () => create(it, it), () => facet(this, 'public').poke(it), () => isLive(it), () => after(it, it, it, it)];
      for (const act of tries) { const tried = attempt(act); if (tried.ok) loot.push('accepted'); }
      loot.push(...cache);`,
    ),
    attack('returns from toRecord what is called back when it is printed', 'this.kept = 1;', {
      toRecord: `
      if (this.kept === null) return { given: this.given, kept: null };
      ${SPY}
      return spy({ given: this.given, kept: 1 });`,
      again: ASK,
      steps: [{ call: 'run', fails: 'NotStorable' }, { call: 'again' }],
    }),
  ],
};
