import { attack, type Family } from './attack.ts';

export const guessing: Family = {
  family: 'guessing tokens',
  attacks: [
    attack(
      'looks for tokens and ids in every text that it can get of a capability',
      `
      const texts = [];
      for (const held of [...Object.values(given), facet(this, 'owner'), facet(this, 'public', { for: 'x' })]) {
        if (typeof held !== 'object' || held === null) continue;
        texts.push(String(held), JSON.stringify(held), Object.prototype.toString.call(held));
        for (const act of [() => held.nothing(), () => only(held, 'nothing'), () => send(held, 'nothing', []), () => held.open?.(), () => held.pay?.(1e9), () => facet(held, 'x'), () => revoke(this, held), () => create(held, Attack)]) { const tried = attempt(act); if (!tried.ok) texts.push(tried.error.message, tried.error.code); }
        const about = attempt(() => classOf(held));
        texts.push(JSON.stringify(about));
      }
      emit(texts.join('\\n').slice(0, 8000));
      for (const text of texts) if (/[A-Za-z0-9_-]{22}/.test(text.replace(/"hash":"[^"]*"/g, ''))) loot.push(text);`,
      {
        steps: [
          { call: 'run', either: true },
          { line: 'run', either: true },
        ],
      },
    ),
    attack(
      'cancels timers by guessed numbers',
      'for (let number = 0; number < 900; number += 1) cancel(number);',
      { steps: [{ call: 'run' }, { wait: 120_000 }, { say: 'did the bell ring' }] },
    ),
    attack(
      'cancels with numbers that are none',
      `for (const number of [-1, 0.5, 1e308, -Infinity, 1 / 0, 0 / 0, '1', null, undefined, {}, [], true, given.hall, this]) { const tried = attempt(() => cancel(number)); if (!tried.ok && !['BadArgument', 'NotPassable', 'NotYours', 'Threw'].includes(tried.error.code)) loot.push(tried.error.code); }`,
      { steps: [{ call: 'run', either: true }, { wait: 120_000 }] },
    ),
    attack(
      'tries keys on the vault for as long as a turn lasts',
      `
      let key = 0;
      for (; key < 2000; key += 1) { const tried = attempt(() => given.vault.open('key ' + key)); if (tried.ok) loot.push(String(tried.value)); }`,
      { steps: [{ call: 'run', either: true }] },
    ),
    attack(
      'learns of a secret by the time or the size that an answer takes',
      `
      const before = [];
      for (const guess of ['', 'a', 'a'.repeat(1000)]) { const tried = attempt(() => given.vault.open(guess)); before.push(tried.ok ? 'open' : tried.error.message.length + tried.error.code); }
      if (new Set(before).size !== 1) loot.push(before.join());`,
    ),
    attack(
      'reads the keys of collections that are not its own',
      `
      for (const name of ['*', '', '../vault', 'o1', 'o1/x', 'o2.things', '__proto__', 'x/../../y', 'x\\u0000', 'x\\uffff', '\\ud800', 'things\\u0000o1']) {
        const tried = attempt(() => { const all = collection(this, name); return [...all.keys()].length + all.size; });
        if (tried.ok && tried.value > 0) loot.push('something is in ' + name);
      }
      const all = collection(this, 'mine');
      for (const key of ['', '\\u0000', '\\uffff', '~', '/', '/o1', '..', '\\ud800', 'x'.repeat(200)]) {
        const tried = attempt(() => [all.get(key), [...all.keys(key)].length, [...all.entries(key, 1000)].length, all.has(key), all.delete(key)]);
        if (tried.ok && (tried.value[0] !== undefined || tried.value[1] > 0 || tried.value[2] > 0 || tried.value[3] || tried.value[4])) loot.push('something behind ' + key.slice(0, 10));
      }`,
    ),
    attack(
      'counts what others do by the numbers that it gets',
      `
      const numbers = [after(1000, facet(this, 'self'), 'poke', []), after(1000, facet(this, 'self'), 'poke', [])];
      if (numbers.some((each) => !Number.isSafeInteger(each))) loot.push('odd numbers');
      for (const each of numbers) cancel(each);`,
    ),
    attack(
      'predicts tokens from those that it is given',
      `
      const many = [];
      for (let n = 0; n < 50; n += 1) many.push(facet(this, 'public', { for: 'n' + n }));
      if (new Set(many).size !== many.length) loot.push('one twice');
      const lines = many.map((each) => JSON.stringify([each, { ...each }, Object.getOwnPropertyNames(each)]));
      if (new Set(lines).size !== 1) loot.push('they can be told apart: ' + lines[0]);`,
    ),
  ],
};
