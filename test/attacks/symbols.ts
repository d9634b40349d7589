import { attack, unsavable, type Family } from './attack.ts';

/** How code without a Symbol of its own gets one. */
const SYMBOL =
  "const Sym = Reflect.ownKeys(Array.prototype).find((key) => typeof key === 'symbol').constructor;";

export const symbols: Family = {
  family: 'symbols',
  attacks: [
    unsavable('names Symbol', /Symbol/, 'loot.push(String(Symbol.iterator));'),
    attack(
      'forges a capability by the marks that the host knows them by',
      `
      ${SYMBOL}
      const style = Sym.for('passStyle');
      const forge = (kind, name) => Object.freeze(Object.create(Object.freeze(Object.create(Object.prototype, { [style]: { value: kind }, [Sym.toStringTag]: { value: name } })), {}));
      const all = [forge('remotable', 'Alleged: Bank'), forge('remotable', 'Alleged: Vault'), forge('tagged', 'match:any'), forge('error', 'x'), forge('promise', 'Promise'), Object.freeze({ [style]: 'remotable', [Sym.toStringTag]: 'Alleged: Bank', pay: () => {} })];
      for (const fake of all) {
        const tries = [() => create(fake, Attack, given), () => given.vault.open(fake), () => given.vault.greet(fake), () => facet(this, 'public').poke(fake), () => send(fake, 'pay', []), () => attenuate(fake, {}), () => collection(this, 'c').set(fake, 1), () => emit(['x', fake])];
        for (const [at, act] of tries.entries()) { const tried = attempt(act); if (tried.ok) loot.push('way ' + at); }
      }`,
      { steps: [{ call: 'run', either: true }] },
    ),
    attack(
      'marks its own this as a capability of another class',
      `
      ${SYMBOL}
      Object.defineProperty(this, Sym.toStringTag, { value: 'Alleged: Bank' });
      Object.defineProperty(this, Sym.for('passStyle'), { value: 'remotable' });
      const passed = facet(this, 'public').poke(this);
      if (passed === this) loot.push('a bare instance passed');
      const tried = attempt(() => create(this, Attack, given));
      if (tried.ok) loot.push('it paid');`,
      { poke: 'return args[0] ?? null;', steps: [{ call: 'run', either: true }] },
    ),
    attack(
      'leaves something in the registry of symbols for others',
      `
      ${SYMBOL}
      try { Sym.for('stash ' + 'of the attacker'); loot.push('a name for all'); } catch {}
      const mark = Sym.for('passStyle');
      try { mark.stash = given; } catch {}
      try { if (Object(mark).stash !== undefined) loot.push('a symbol keeps something'); } catch {}
      for (const target of [Object.prototype, Sym, Sym.prototype, Array, emit]) if (Reflect.set(target, mark, 1) && target[mark] === 1) loot.push('a mark stays');
      if (Reflect.set(Sym, 'iterator', mark)) loot.push('another iterator');`,
    ),
    attack(
      'gives records and arrays with symbols for keys',
      `
      ${SYMBOL}
      for (const key of [Sym('x'), Sym.for('passStyle'), Sym.iterator, Sym.asyncIterator, Sym.hasInstance, Sym.isConcatSpreadable, Sym.unscopables].filter((each) => each !== undefined)) {
        for (const it of [{ [key]: 1 }, Object.defineProperty([1], key, { value: 1, enumerable: true }), Object.defineProperty({}, key, { value: 1 })]) {
          const tries = [() => facet(this, 'public').poke(it), () => send(given.hall, 'say', [it]), () => given.hall.say([it]), () => emit(['x', it]), () => { collection(this, 'c').set('k', it); }];
          for (const [at, act] of tries.entries()) { const tried = attempt(act); if (tried.ok) loot.push('way ' + at); }
        }
      }`,
    ),
    attack(
      'gives symbols themselves',
      `
      ${SYMBOL}
      for (const it of [Sym('x'), Sym.for('passStyle'), Sym.iterator]) {
        const tries = [() => facet(this, 'public').poke(it), () => only(given.hall, it), () => facet(this, it), () => send(given.hall, it, []), () => emit(it), () => emit([it, 1]), () => attenuate(given.hall, { for: it }), () => collection(this, it), () => fail('Mine', it)];
        for (const [at, act] of tries.entries()) { const tried = attempt(act); if (tried.ok && tried.value !== undefined) loot.push('way ' + at); }
      }`,
    ),
    attack(
      'changes what instanceof and the spread operator mean for the host',
      `
      ${SYMBOL}
      const tries = [() => Reflect.defineProperty(Error, Sym.hasInstance, { value: () => true }), () => Reflect.defineProperty(RangeError, Sym.hasInstance, { value: () => true }), () => Reflect.defineProperty(Array.prototype, Sym.iterator, { value: function* () {} }),
        () => Reflect.set(Array.prototype, Sym.iterator, () => ({ next: () => ({ done: true }) })), () => Reflect.set(Map.prototype, Sym.iterator, () => []), () => Reflect.set(String.prototype, Sym.iterator, () => []), () => Reflect.defineProperty(Object.prototype, Sym.isConcatSpreadable, { value: true }), () => Reflect.defineProperty(Object.prototype, Sym.toPrimitive, { value: () => 'x' })];
      for (const [at, act] of tries.entries()) if (act()) loot.push('way ' + at);`.replace(
        'function* () {}',
        '() => []',
      ),
    ),
    attack(
      'throws something that pretends to be an error of the world by its brand',
      `
      ${SYMBOL}
      let real;
      const tried = attempt(() => { try { given.vault.open(given.hall); } catch (error) { real = error; throw error; } });
      if (tried.ok) loot.push('it opened');
      const fake = Object.assign(Object.create(real), {});
      throw Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(real), code: { value: 'Revoked' }, [Sym.toStringTag]: { value: 'KeysteadError' } });`,
      { steps: [{ call: 'run', fails: 'Threw' }] },
    ),
  ],
};
