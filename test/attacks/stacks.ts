import { attack, type Family } from './attack.ts';

/** Collects every text that an error tells, and asks each for files, functions of the host, and the secret. */
const TELLS = `
      const tells = (error) => {
        const texts = [];
        const look = (value, depth) => {
          if (typeof value === 'string') texts.push(value);
          if (depth > 4 || (typeof value !== 'object' && typeof value !== 'function') || value === null || value === Object.prototype) return;
          for (const key of Reflect.ownKeys(value)) {
            const found = Reflect.getOwnPropertyDescriptor(value, key);
            if (key === 'constructor') continue;
            look('value' in found ? found.value : undefined, depth + 1);
            if (found.get) { try { look(Reflect.apply(found.get, error, []), depth + 1); } catch {} }
          }
          look(Reflect.getPrototypeOf(value), depth + 1);
        };
        look(error, 0);
        return texts.filter((text) => /file:|node:|\\.[jt]s\\b|\\n\\s*at |node_modules|Membrane|Wrapper|TurnRunner/.test(text));
      };`;

export const stacks: Family = {
  family: 'error stacks',
  attacks: [
    attack(
      'reads the frames of its own errors',
      `${TELLS}
      for (const kind of [Error, TypeError, RangeError]) {
        loot.push(...tells(new kind('mine')));
        try { throw new kind('mine'); } catch (error) { loot.push(...tells(error)); if ((error.stack ?? '') !== '') loot.push(error.stack); }
      }
      try { null.x; } catch (error) { loot.push(...tells(error)); }
      try { this.run.apply.apply(); } catch (error) { loot.push(...tells(error)); }`,
    ),
    attack(
      'asks for call sites with captureStackTrace and prepareStackTrace',
      `
      const target = {};
      for (const kind of [Error, TypeError, RangeError]) {
        try { kind.captureStackTrace(target); if ((target.stack ?? '') !== '') loot.push('frames: ' + String(target.stack).slice(0, 80)); } catch {}
        if (Reflect.set(kind, 'prepareStackTrace', (error, sites) => { loot.push('call sites: ' + sites.length); return sites; })) {
          const made = new kind('x');
          if (Array.isArray(made.stack)) loot.push('call sites');
        }
        if (Reflect.set(kind, 'stackTraceLimit', 100) && (new kind('x').stack ?? '') !== '') loot.push('more frames');
      }`,
      { steps: [{ call: 'run' }] },
    ),
    attack(
      'catches the errors of the verbs and reads them',
      `${TELLS}
      const bad = [() => create(null, null), () => facet(this, 'nothing'), () => only(given.hall, 'nothing'), () => send(given.hall, 'nothing', []), () => emit(1),
        () => after(-1, given.hall, 'name', []), () => attenuate(given.hall, { uses: -1 }), () => revoke(null, null), () => fail(1, 2), () => M.call(1).returns(2).rest(3), () => words.goodName(''),
        () => collection(this, 1), () => classOf(1), () => harden(1), () => attempt(1), () => isLive(1), () => M.splitArray(1), () => M.arrayOf(), () => destroy({})];
      for (const act of bad) { attempt(() => { try { act(); } catch (error) { loot.push(...tells(error)); throw error; } }); }`,
    ),
    attack(
      'catches the errors that come out of other objects',
      `${TELLS}
      const bad = [() => given.vault.open(1), () => given.vault.open(given.hall), () => given.mine.pay(-1), () => given.mine.pay(1e9), () => given.purse.deposit(1, given.hall), () => given.hall.enter({}), () => given.vault.open(...new Array(65).fill(1))];
      for (const act of bad) {
        let seen = 0;
        attempt(() => { try { act(); } catch (error) { seen += 1; loot.push(...tells(error)); if (!Object.isFrozen(error)) loot.push('an error that can be written on'); throw error; } });
      }`,
    ),
    attack(
      'runs natives into errors deep inside the host, and reads what they say',
      `${TELLS}
      const bad = [() => [].reduce((a) => a), () => new Array(-1), () => 'x'.repeat(-1), () => (1).toFixed(1000), () => JSON.parse('{'), () => JSON.parse('['.repeat(100)), () => new RegExp('('), () => (1).toString(99),
        () => decodeURIComponent('%'), () => Reflect.apply(1), () => Object.defineProperty(1), () => words.line(null), () => words.list(1), () => words.a({}), () => M.or(null), () => given.hall.name.call(1), () => { const deep = () => deep(); deep(); }];
      for (const act of bad) { attempt(() => { try { act(); } catch (error) { loot.push(...tells(error)); throw error; } }); }`,
    ),
    attack(
      'lets its frames stand in an error that somebody else makes of its own',
      `
      const error = new Error('mine');
      error.stack = { toString: () => loot.push('it was read') };
      Object.defineProperty(error, 'message', { get() { loot.push('the message was read'); return 'x'; } });
      attempt(() => { throw error; });
      const tried = attempt(() => facet(this, 'public').poke());
      if (tried.ok) loot.push('no error');`,
      {
        poke: "const error = new Error('x'); error.stack = 'at o1 (file:///world)'; error.cause = { vault: this.given.vault }; throw error;",
      },
    ),
    attack(
      'asks functions who called them',
      `
      const ask = function () { const got = []; for (const key of ['caller', 'callee', 'arguments']) { try { got.push(ask[key]); } catch {} } try { got.push(arguments.callee); } catch {} return got; };
      const all = [...ask(), ...[create, emit, attempt, given.hall.name, M.call, this.run].flatMap((each) => ['caller', 'arguments'].map((key) => { try { return each[key]; } catch { return undefined; } }))];
      for (const got of all) if (got !== undefined && got !== null) loot.push(typeof got);`,
    ),
    attack(
      "tells the text of the host's functions",
      `
      for (const verb of [create, emit, attempt, facet, given.hall.name, M.call, words.line, harden]) {
        let text = '';
        try { text = Reflect.getPrototypeOf(() => 0).toString.call(verb); } catch {}
        if (/file:|node_modules|sourceMappingURL/.test(text)) loot.push(text.slice(0, 60));
      }`,
    ),
    attack('fails in a record hook with an error that names what the host reads', 'this.kept = 1;', {
      toRecord: `
      if (this.kept === null) return { given: this.given, kept: null };
      const error = new TypeError('x');
      Object.defineProperty(error, 'stack', { get() { throw new Error('it was read'); } });
      Object.defineProperty(error, 'cause', { get() { throw new Error('it was read'); } });
      Reflect.setPrototypeOf(error, { get name() { throw new Error('it was read'); }, get constructor() { throw new Error('it was read'); } });
      throw error;`,
      steps: [{ call: 'run', fails: 'NotStorable' }, { call: 'again' }],
    }),
  ],
};
