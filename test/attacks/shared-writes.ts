import { attack, type Family } from './attack.ts';

export const sharedWrites: Family = {
  family: 'covert writes to shared intrinsics',
  attacks: [
    attack(
      'leaves a note on whatever it shares with others',
      `
      const seen = new Set();
      const waiting = [[Object, 'Object'], [Array, 'Array'], [Error, 'Error'], [RegExp, 'RegExp'], [Map, 'Map'], [Math, 'Math'], [JSON, 'JSON'], [Reflect, 'Reflect'], [String, 'String'], [M, 'M'], [words, 'words'], [harden, 'harden'],
        [create, 'create'], [destroy, 'destroy'], [facet, 'facet'], [only, 'only'], [attenuate, 'attenuate'], [revoke, 'revoke'], [isLive, 'isLive'], [send, 'send'], [after, 'after'], [cancel, 'cancel'], [attempt, 'attempt'], [emit, 'emit'], [hangUp, 'hangUp'], [fail, 'fail'], [collection, 'collection'], [classOf, 'classOf'],
        [Attack, 'Attack'], [collection(this, 'x'), 'a collection'], [given, 'given'], [given.hall, 'hall'], [M.string(), 'M.string()'], [M.call(M.string()).returns(), 'a guard'], [fail('Mine', 'x'), 'an error'], [(() => { try { null.x; } catch (error) { return Reflect.getPrototypeOf(error); } })(), 'an error of the language']];
      while (waiting.length > 0 && seen.size < 20000) {
        const [value, path] = waiting.shift();
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
        seen.add(value);
        if (!path.startsWith('a collection') && Reflect.isExtensible(value)) {
          loot.push(path + ' can be written on');
        }
        if (!path.startsWith('a collection')) for (const key of Reflect.ownKeys(value)) {
          const found = Reflect.getOwnPropertyDescriptor(value, key);
          if (found.configurable || found.writable) loot.push(path + '.' + String(key) + ' can be changed');
        }
        waiting.push([Reflect.getPrototypeOf(value), path + '.__proto__']);
        for (const key of Reflect.ownKeys(value)) { const found = Reflect.getOwnPropertyDescriptor(value, key); for (const part of ['value', 'get', 'set']) waiting.push([found[part], path + '.' + String(key)]); }
      }
      loot.splice(20);`,
    ),
    attack(
      'leaves a note on everything above Thing, and in its tables',
      `
      const seen = new Set();
      const waiting = [[Thing, 'Thing'], [Thing.facets, 'Thing.facets'], [Thing.prototype, 'Thing.prototype']];
      while (waiting.length > 0 && seen.size < 20000) {
        const [value, path] = waiting.shift();
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue;
        seen.add(value);
        if (Reflect.isExtensible(value)) loot.push(path + ' can be written on');
        for (const key of Reflect.ownKeys(value)) {
          const found = Reflect.getOwnPropertyDescriptor(value, key);
          if (found.writable || found.configurable) loot.push(path + '.' + String(key) + ' can be changed');
          waiting.push([found.value, path + '.' + String(key)], [found.get, path + '.get'], [found.set, path + '.set']);
        }
        waiting.push([Reflect.getPrototypeOf(value), path + '.__proto__']);
      }
      loot.splice(20);`,
      { extends: 'Thing' },
    ),
    attack(
      'widens the public facet of every class that will be built on Thing',
      `
      const tries = [() => Reflect.set(Thing.facets.public, 'rename', Thing.facets.owner.rename), () => Reflect.set(Thing.facets, 'public', Thing.facets.owner), () => Reflect.defineProperty(Thing, 'facets', { value: {} }), () => { Thing.reads?.push?.('rename'); return true; }];
      for (const [at, act] of tries.entries()) { try { if (act()) loot.push('way ' + at); } catch {} }`,
      { extends: 'Thing' },
    ),
    attack(
      'replaces a method of Thing for everybody',
      `
      for (const name of ['requestCapability', 'describe', 'name', 'toRecord', 'moveTo', 'dispose']) {
        for (let at = Thing.prototype; at !== null && at !== Object.prototype; at = Reflect.getPrototypeOf(at)) {
          if (Object.hasOwn(at, name) && (Reflect.set(at, name, () => given) || Reflect.defineProperty(at, name, { value: () => given }) || Reflect.deleteProperty(at, name))) loot.push(name);
        }
      }`,
      { extends: 'Thing' },
    ),
    attack(
      'hands the words that all use a text whose replace keeps their patterns',
      `
      const kept = [];
      const spy = (text) => ({ length: text.length, toString: () => text, valueOf: () => text, trim() { return this; }, slice() { return this; }, charAt: () => 'x', startsWith: () => true, toUpperCase: () => 'X', replace(pattern) { kept.push(pattern); return 'x'; }, test() { kept.push(this); return true; }, at() { return this; }, map() { return []; }, join() { return ''; } });
      for (const word of Object.values(words)) for (const text of ['a\\u0007b', 'The lamp', 'a lamp', 'x']) {
        try { word(spy(text)); } catch {}
        try { word([spy(text), spy(text)], spy(text)); } catch {}
      }
      for (const pattern of kept) {
        if (typeof pattern !== 'object' || pattern === null) continue;
        try { pattern.lastIndex = 99; loot.push('lastIndex'); } catch {}
        try { pattern.compile('nothing'); loot.push('compiled anew'); } catch {}
        if (Reflect.set(pattern, 'exec', () => null) || Reflect.isExtensible(pattern)) loot.push('written on');
      }
      if (words.line('a\\u001b[2Jb').includes('\\u001b') || words.goodName('x') !== 'x') loot.push('not safe any more');`,
    ),
    attack(
      'puts the regular expressions of the host into another state by using them',
      `
      const long = 'a'.repeat(3990);
      for (const word of ['line', 'page', 'goodText']) { words[word]('\\u0007' + long); words[word](long + '\\u0007'); }
      for (let n = 0; n < 50; n += 1) if (words.line('\\u0007a') !== 'a' || words.page('\\u0007a\\nb') !== 'a\\nb') { loot.push('a state remains'); break; }`,
    ),
    attack(
      'reads what the last match of anybody left behind in RegExp',
      `
      for (const key of ['$1', '$2', '$9', '$_', '$&', '$+', '$\`', "$'", 'input', 'lastMatch', 'lastParen', 'leftContext', 'rightContext']) {
        let got;
        try { got = RegExp[key]; } catch {}
        if (got !== undefined) loot.push(key + ': ' + got);
        let other;
        try { other = /x/.constructor[key]; } catch {}
        if (other !== undefined) loot.push(key);
      }`,
    ),
    attack(
      'uses the cached strings of a template as a place that two instances share',
      `
      const parts = Attack.cooked();
      try { parts.note = 'left'; } catch {}
      try { parts.raw.note = 'left'; } catch {}
      if (Reflect.isExtensible(parts) || Reflect.isExtensible(parts.raw)) loot.push('it can be written on');
      if (Attack.cooked().note !== undefined) loot.push('it stays');`,
      {
        members: 'static tag(strings) { return strings; }\n  static cooked() { return Attack.tag`a${1}b`; }',
        refused: /tag|template/i,
      },
    ),
    attack(
      'freezes or seals what others still need to change',
      `
      for (const each of [given, given.hall, Attack, Attack.prototype, Thing, M, words]) { harden(each); Object.freeze(each); Object.preventExtensions(Reflect.getPrototypeOf(each)); }
      harden(Reflect.getPrototypeOf(given.hall));
      harden(M.string()); harden(emit); harden(facet(this, 'public'));
      const entered = attempt(() => given.hall.enter(facet(this, 'public')));
      if (!entered.ok && !entered.error.message.includes('already')) loot.push(entered.error.message);`,
      { extends: 'Thing', steps: [{ call: 'run' }, { say: 'a word' }, { enter: true }] },
    ),
    attack(
      'freezes itself, and what it keeps, in the middle of its life',
      `harden(this); const tried = attempt(() => facet(this, 'self').again(given)); if (tried.ok) loot.push('it changed though frozen');`,
      { again: 'this.kept = 1;', steps: [{ call: 'run', either: true }, { call: 'third' }] },
    ),
    attack(
      'speaks to another instance through the one value that a grant is',
      `
      const shared = given.hall;
      try { shared.note = 'x'; } catch {}
      try { Object.defineProperty(shared, 'note', { value: 'x' }); } catch {}
      const map = new WeakMap([[shared, 'x']]);
      if (shared.note !== undefined) loot.push('a note on a capability');
      if (new WeakMap().get(shared) !== undefined || map.get(shared) !== 'x') loot.push('a map that others see');`,
      { steps: [{ call: 'run' }, { make: true }, { call: 'run', on: 1 }] },
    ),
    attack(
      'tells one bit by making a fixed limit run out',
      `
      let made = 0;
      while (made < 5000) { const tried = attempt(() => attenuate(given.hall, { for: 'bit' })); if (!tried.ok) break; made += 1; }
      if (made >= 5000) loot.push('without end');`,
      { steps: [{ call: 'run', either: true }, { enter: true }] },
    ),
    attack(
      'changes the guards of others by the patterns that it gets from M',
      `
      const guard = M.call(M.string()).returns(M.number());
      const parts = [guard, M.string(), M.any(), M.remotable(), M.arrayOf(M.string()), M.or('a', 'b'), M.splitRecord({ a: M.string() })];
      for (const part of parts) for (let at = part; at !== null && at !== Object.prototype; at = Reflect.getPrototypeOf(at)) {
        if (Reflect.set(at, 'payload', {}) || Reflect.set(at, 'tag', 'match:any')) loot.push('a pattern that can be changed');
        for (const key of Reflect.ownKeys(at)) { const value = Reflect.getOwnPropertyDescriptor(at, key).value; if (typeof value === 'object' && value !== null && Reflect.isExtensible(value)) loot.push('room in ' + String(key)); }
      }`,
    ),
  ],
};
