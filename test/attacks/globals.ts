import { attack, unsavable, type Family } from './attack.ts';

/** Ways by which a function of the language hands out the object that it was called on. */
export const globals: Family = {
  family: 'reaching globals',
  attacks: [
    unsavable('names the process', /process/, 'loot.push(typeof process);'),
    unsavable('names globalThis', /globalThis/, 'loot.push(...Object.keys(globalThis));'),
    unsavable("names the console, to write on the host's terminal", /console/, 'console.log("here");'),
    unsavable(
      'names require',
      /require/,
      'loot.push(require("node:fs").readFileSync("/etc/passwd", "utf8"));',
    ),
    unsavable('names the clock', /Date/, 'loot.push(Date.now());'),
    unsavable('names a timer of the host', /setTimeout/, 'setTimeout(() => this.again(given), 0);'),
    unsavable('names a maker of compartments', /Compartment/, 'new Compartment({ given });'),
    unsavable(
      'writes globalThis with an escape in the name',
      /globalThis/,
      'loot.push(typeof gl\\u006fbalThis);',
    ),
    unsavable(
      'names an unknown only where nothing is evaluated',
      /process/,
      'const ask = (what = typeof process) => what; loot.push(ask());',
    ),
    unsavable('assigns to a name that nobody declared', /stash/, 'stash = given;'),
    attack(
      'asks every function of the language that gives back its this',
      `
      const nothing = undefined;
      const bare = function () { return this; };
      const tries = [
        () => bare(),
        () => (0, bare)(),
        () => bare.call(null),
        () => bare.apply(undefined, []),
        () => bare.bind()(),
        () => Reflect.apply(bare, undefined, []),
        () => [1].map(bare)[0],
        () => { let got; [1].forEach(function () { got = this; }); return got; },
        () => [2, 1].sort(function () { bare.got = this; return 0; }) && bare.got,
        () => 'x'.replace('x', function () { bare.that = this; return ''; }) && bare.that,
        () => JSON.parse('1', function () { return this === undefined ? undefined : this['']; }),
        () => Object.prototype.valueOf.call(nothing),
        () => Array.prototype.concat.call(nothing)[0],
        () => Array.prototype.sort.call(nothing),
        () => Array.from([1], bare)[0],
        () => new Map([[1, 1]]).forEach(function () { bare.those = this; }) ?? bare.those,
        () => ({ get it() { return bare(); } }).it,
        () => ((...rest) => bare(...rest))(),
      ];
      for (const [at, way] of tries.entries()) {
        let got;
        try { got = way(); } catch {}
        if ((typeof got === 'object' || typeof got === 'function') && got !== null && !Array.isArray(got)) loot.push('way ' + at + ' gives ' + Object.prototype.toString.call(got));
      }`,
    ),
    attack(
      'walks everything that its own names lead to, looking for powers of the host',
      `
      const seen = new Set();
      const waiting = [];
      const note = (value, path) => {
        if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
        seen.add(value);
        waiting.push([value, path]);
      };
      const names = { Array, Boolean, Error, JSON, Map, Math, Number, Object, RangeError, Reflect, RegExp, Set, String,
        TypeError, WeakMap, WeakSet, isNaN, parseInt, encodeURIComponent, harden, create, destroy, facet, only, attenuate, revoke, isLive,
        send, after, cancel, attempt, emit, hangUp, fail, M, words, given, me: this, own: this.constructor, run: this.run };
      for (const name of Object.keys(names)) note(names[name], name);
      const wanted = /^(process|require|module|mainModule|binding|Buffer|console|fetch|setTimeout|setInterval|setImmediate|queueMicrotask|structuredClone|performance|WebAssembly|SharedArrayBuffer|Atomics|global|globalThis|Compartment|lockdown|repairIntrinsics|captureStackTrace|prepareStackTrace|stackTraceLimit|getStackString|Date|now|random|Intl|Promise|Proxy|HandledPromise|WeakRef|FinalizationRegistry|eval|Temporal|exit|kill|env|cwd|exec|spawn)$/;
      while (waiting.length > 0 && seen.size < 20000) {
        const [value, path] = waiting.shift();
        note(Reflect.getPrototypeOf(value), path + '.__proto__');
        for (const key of Reflect.ownKeys(value)) {
          const found = Reflect.getOwnPropertyDescriptor(value, key);
          const name = typeof key === 'string' ? key : '@@';
          // Flags of patterns, and what is left of V8's stack frames, which another family looks into.
          const harmless = path.startsWith('RegExp') || /^(captureStackTrace|prepareStackTrace|stackTraceLimit)$/.test(name);
          if (typeof key === 'string' && wanted.test(name) && !harmless && (found.value !== undefined || found.get !== undefined)) {
            // A tamed one that only throws is no power.
            let tame = false;
            if (name === 'random' || name === 'now') { try { value[name](); } catch { tame = true; } }
            if (!tame) loot.push(path + '.' + name);
          }
          note(found.value, path + '.' + name);
          note(found.get, path + '.get ' + name);
          note(found.set, path + '.set ' + name);
        }
      }
      if (seen.size < 100) loot.push('the walk did not get anywhere');`,
    ),
    attack(
      'calls every function that it can reach with the names of powers, to see whether one compiles text',
      `
      const texts = ['return this', 'return process', 'return typeof process', 'this'];
      for (const maker of [(() => 0).constructor, Reflect.getPrototypeOf(() => 0).constructor, Object.constructor, emit.constructor, M.call.constructor, given.hall.name.constructor]) {
        for (const text of texts) {
          try { loot.push(String(typeof maker(text)())); } catch {}
          try { loot.push(String(typeof Reflect.construct(maker, [text])())); } catch {}
          try { loot.push(String(typeof Reflect.construct(maker, [text], Object)())); } catch {}
        }
      }`,
    ),
    attack(
      'sets a getter on what the host will look up',
      `
      for (const target of [Object.prototype, Reflect.getPrototypeOf(() => 0), Array.prototype, Error.prototype, String.prototype]) {
        for (const name of ['code', 'message', 'name', 'stack', 'cause', 'get', 'set', 'value', 'then', 'toJSON', '0']) {
          const own = Object.hasOwn(target, name);
          try {
            Object.defineProperty(target, name, { get() { return () => loot.push(name); }, configurable: true });
            if (!own) loot.push(name);
          } catch {}
        }
      }
      Object.prototype.toString.call(given);`,
    ),
    attack(
      'asks for the random numbers and the time that the language hides in odd places',
      `
      const ways = [() => Math['random'](), () => Reflect.get(Math, 'random')(), () => Reflect.apply(Math['random'], Math, []),
        () => new Error('x').timeStamp, () => [3, 1, 2].sort().constructor.constructor('return Date.now()')(),
        () => RegExp.prototype.constructor.now(), () => 'a'.localeCompare.call('a', 'b', 'x-private').date,
        () => (1).toLocaleString('en', { timeStyle: 'full' }).match(/:/)[0]];
      for (const [at, way] of ways.entries()) { try { const got = way(); if (got !== undefined) loot.push('way ' + at + ' gives ' + String(got)); } catch {} }`,
    ),
  ],
};
