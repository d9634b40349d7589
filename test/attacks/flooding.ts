import { attack, type Family } from './attack.ts';

const UNTIL = `
      const until = (act, most = 20000) => { let n = 0; while (n < most) { const tried = attempt(() => act(n)); if (!tried.ok) return [n, tried.error.code]; n += 1; } return [n, 'none']; };`;

export const flooding: Family = {
  family: 'flooding others',
  attacks: [
    attack(
      'shouts at somebody ten thousand times in a turn',
      `${UNTIL}\n      until(() => given.ear.hear('x'.repeat(100)), 20_000);`,
      { own: 'process', steps: [{ call: 'run', either: true }, { say: 'a word' }, { say: 'another' }] },
    ),
    attack(
      'shouts a megabyte at somebody, again and again',
      `${UNTIL}\n      until(() => given.ear.hear('x'.repeat(100_000)), 100);`,
      {
        steps: [
          ...Array.from({ length: 10 }, () => ({ call: 'run', either: true as const })),
          { say: 'a word' },
        ],
      },
    ),
    attack(
      'sends a thousand messages to somebody, each turn',
      `${UNTIL}\n      until((n) => send(given.ear, 'hear', ['message ' + n]), 1000);`,
      {
        own: 'process',
        steps: [
          ...Array.from({ length: 5 }, () => ({ call: 'run', either: true as const })),
          { say: 'a word' },
        ],
        within: 20_000,
      },
    ),
    attack(
      'floods the hall through everybody who is in it',
      `${UNTIL}\n      given.hall.enter(facet(this, 'public')); until(() => given.hall.say('x'.repeat(1000)), 2000);`,
      {
        own: 'process',
        hear: 'this.cache = (this.cache ?? 0) + 1;',
        steps: [{ call: 'run', either: true }, { say: 'a word' }],
      },
    ),
    attack(
      'fills the hall, so that nobody else comes in',
      `${UNTIL}
      until((n) => given.hall.enter(facet(this, 'public', { for: 'double ' + n })), 300);
      if (given.hall.who().length > 60) loot.push('more than the hall takes');`,
      { steps: [{ call: 'run', either: true }, { say: 'a word' }] },
    ),
    attack(
      'floods its own session with output',
      `${UNTIL}\n      until(() => emit('x'.repeat(1000)), 3000);`,
      {
        steps: [
          ...Array.from({ length: 8 }, () => ({ line: 'run', either: true as const })),
          { say: 'a word' },
        ],
      },
    ),
    attack(
      'floods a session with structured output of all kinds',
      `${UNTIL}\n      until((n) => emit(['kind' + n, { n, list: new Array(100).fill('x') }]), 3000);`,
      { steps: [{ line: 'run', either: true }, { say: 'a word' }] },
    ),
    attack(
      'draws on the terminals of others',
      `
      for (const text of ['\\u001b[2J\\u001b[H', '\\u0007\\u0008\\u007f', 'a\\r\\nBystander says, "yes"', '\\u202eevil', '\\u200b'.repeat(1000), '\\u009b2J', '\\u2028\\u2029', 'x\\u0000y']) { given.ear.hear(text); given.hall.say(text); attempt(() => emit(text)); }`,
      { steps: [{ call: 'run' }, { line: 'run' }, { say: 'a word' }] },
    ),
    attack(
      'hangs up in every turn, and goes on speaking',
      "emit('before'); hangUp(); hangUp(); emit('after');",
      { steps: [{ line: 'run', either: true }, { line: 'run', either: true }, { say: 'a word' }] },
    ),
    attack(
      'blocks the world for others by many turns that are just short enough',
      `for (let n = 0; n < 300; n += 1) send(facet(this, 'self'), 'again', [given]);`,
      {
        own: 'process',
        again: 'let n = 0; while (n < 8_000_000) n += 1;',
        steps: [{ call: 'run' }, { say: 'a word' }, { say: 'another' }],
        within: 60_000,
      },
    ),
    attack(
      'sends so much in one turn that no commit can hold it',
      `for (let n = 0; n < 900; n += 1) { const tried = attempt(() => send(facet(this, 'self'), 'again', [null, 'x'.repeat(260_000)])); if (!tried.ok) break; }`,
      {
        own: 'process',
        again: '',
        steps: [{ call: 'run', either: true }, { say: 'a word' }, { wait: 1 }, { say: 'another' }],
        within: 30_000,
      },
    ),
    attack(
      'sets so many long timers that no commit can hold them',
      `for (let n = 0; n < 900; n += 1) { const tried = attempt(() => after(1_000_000_000, facet(this, 'self'), 'again', [null, 'x'.repeat(260_000)])); if (!tried.ok) break; }`,
      {
        own: 'process',
        again: '',
        steps: [{ call: 'run', either: true }, { call: 'run', either: true }, { say: 'a word' }],
        within: 30_000,
      },
    ),
    attack(
      'shows so much in turns that follow each other that no commit can hold it',
      `for (let n = 0; n < 900; n += 1) send(facet(this, 'self'), 'again', []);`,
      {
        own: 'process',
        again: "for (let n = 0; n < 4; n += 1) emit('x'.repeat(250_000));",
        steps: [{ line: 'third' }, { call: 'run' }, { say: 'a word' }, { say: 'another' }],
        within: 30_000,
      },
    ),
    attack(
      'lets everybody whom it can speak to hear so much that no commit can hold it',
      `for (let n = 0; n < 900; n += 1) send(given.ear, 'hear', ['x'.repeat(250_000)]);`,
      {
        own: 'process',
        steps: [{ call: 'run', either: true }, { say: 'a word' }, { say: 'another' }],
        within: 30_000,
      },
    ),
    attack(
      'uses a part of the time again and again, so that whoever comes next is stopped and blamed for it',
      `for (let n = 0; n < 60; n += 1) send(facet(this, 'self'), 'again', [null, args[0]]);`,
      {
        own: 'process',
        again: 'let n = 0; while (n < args[0]) n += 1;',
        steps: [
          { call: 'run', args: ['@60ms'] },
          { grind: 3 },
          { grind: 3 },
          { grind: 3 },
          { say: 'a word' },
        ],
        within: 60_000,
      },
    ),
    attack(
      'keeps an honest object busy with honest work, so that nobody else is served',
      `for (let n = 0; n < 900; n += 1) send(given.mill, 'grind', []);`,
      {
        own: 'process',
        steps: [{ call: 'run' }, { grind: 2 }, { call: 'run' }, { grind: 2 }, { say: 'a word' }],
        within: 60_000,
      },
    ),
    attack(
      'has an honest object set aside by calling it when its own time is nearly over',
      `let n = 0; while (n < args[0]) n += 1; for (;;) given.mill.grind();`,
      {
        own: 'process',
        steps: [
          ...Array.from({ length: 4 }, () => ({ call: 'run', args: ['@150ms'], either: true as const })),
          { grind: 1 },
          { say: 'a word' },
        ],
      },
    ),
    attack(
      "fails so often that the host's log fills the disk",
      `for (let n = 0; n < 900; n += 1) send(facet(this, 'self'), 'again', []);`,
      {
        again: "throw new Error('x'.repeat(10_000));",
        steps: [{ call: 'run' }, { wait: 1 }, { say: 'a word' }],
      },
    ),
    attack(
      'rings the failure of each send back to somebody',
      `for (let n = 0; n < 900; n += 1) send(facet(this, 'self'), 'again', [], { failed: [given.ear, 'hear'] });`,
      {
        again: "throw fail('Noise', 'x'.repeat(10_000));",
        steps: [{ call: 'run' }, { wait: 1 }, { say: 'a word' }],
      },
    ),
  ],
};
