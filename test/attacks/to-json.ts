import { attack, type Family } from './attack.ts';

export const toJson: Family = {
  family: 'toJSON',
  attacks: [
    attack(
      'gives values with a toJSON to everything that might write them as text',
      `
      let ran = 0;
      const spy = { toJSON() { ran += 1; return { forged: true }; } };
      const tries = [() => emit(['x', spy]), () => emit(spy), () => facet(this, 'public').poke(spy), () => send(given.hall, 'say', [spy]), () => attenuate(given.hall, { for: spy }), () => collection(this, 'c').set('k', spy), () => create(given.mine, Attack, spy)];
      for (const act of tries) { const tried = attempt(act); if (tried.ok) loot.push('accepted'); }
      if (ran > 0) loot.push('ran ' + ran);`,
    ),
    attack('keeps something with a toJSON in its record', 'this.kept = { toJSON: () => ({ kept: 1 }) };', {
      steps: [{ call: 'run', fails: 'NotStorable' }],
    }),
    attack(
      'keeps data named toJSON, and finds it again',
      "this.kept = { toJSON: 'x', '@qclass': 'slot', index: 0 };",
      {
        again:
          "if (JSON.stringify(this.kept?.toJSON) !== '\"x\"' || this.kept['@qclass'] !== 'slot') loot.push('it came back as something else');",
        steps: [{ call: 'run' }, { restart: true }, { call: 'again' }],
      },
    ),
    attack(
      'shows structured output that stands for something else in the page',
      `
      for (const kind of ['__proto__', 'constructor', 'toString', 'scene', 'error', 'out', 'x'.repeat(10000), '\\u0000', '', 'close', 'resume', 'committed']) {
        const tried = attempt(() => emit([kind, { t: 'out', n: 999999, items: ['forged'], sid: 'x', close: true, __proto__: null }]));
        if (!tried.ok && tried.error.code !== 'NotPassable' && tried.error.code !== 'BadArgument' && tried.error.code !== 'TooMany' && tried.error.code !== 'TooLarge') loot.push(tried.error.code);
      }`,
      { steps: [{ line: 'run', either: true }, { say: 'still here' }] },
    ),
    attack(
      'puts capabilities into structured output, where their text might tell a token',
      `
      for (const held of [given.hall, given.mine, facet(this, 'owner')]) {
        for (const item of [['x', held], ['x', { held }], ['x', [[held]]], held, [held, 'x']]) {
          const tried = attempt(() => emit(item));
          if (tried.ok) loot.push('a capability was put out');
        }
        for (const text of [JSON.stringify({ held }), String(held), JSON.stringify(held), Object.prototype.toString.call(held), [held].join(), \`\${held}\`]) emit(text);
      }`,
      { steps: [{ line: 'run' }] },
    ),
    attack(
      'changes how JSON writes and reads',
      `
      const tries = [() => Reflect.set(JSON, 'stringify', () => 'mine'), () => Reflect.defineProperty(JSON, 'parse', { value: () => given }), () => Reflect.deleteProperty(JSON, 'parse'), () => Reflect.setPrototypeOf(JSON, null),
        () => Reflect.set(String.prototype, 'toJSON', () => 'x'), () => Reflect.set(Object.prototype, 'toJSON', () => 'x'), () => Reflect.set(Number.prototype, 'toJSON', () => 'x'), () => Reflect.set(Array.prototype, 'toJSON', () => [])];
      for (const [at, act] of tries.entries()) if (act() && at !== 3) loot.push('way ' + at);
      if (JSON.stringify(['x']) !== '["x"]') loot.push('JSON is another');`,
    ),
  ],
};
