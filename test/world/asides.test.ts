import { guarded } from '../../clients/watchdog.ts';
import { Powers } from '../engine/fixture.ts';
import type { TestWorld } from '../world-fixture.ts';
import { actorIn, openWrittenWorld, type Actor } from './written.ts';

/** A clock that never comes to an end when it is wound. */
const CLOCK = `
class Clock extends Thing {
  static verbs = { wind: 'wind', ask: 'ask' };
  #wound = 0;
  toRecord() { return { ...super.toRecord(), wound: this.#wound }; }
  fromRecord(record) { super.fromRecord(record); this.#wound = record.wound; }
  wind() { this.#wound += 1; for (;;) this.#wound += 1; }
  ask() { return 'Tick, ' + this.#wound + '.'; }
}`;

describe('an object that runs too long', () => {
  let world: TestWorld;
  let bob: Actor;
  let ada: Actor;
  beforeEach(async () => {
    const powers = new Powers();
    powers.guard = guarded;
    // To be stopped three times uses up nearly all of a share, and to have a class saved a part of it, too.
    world = await openWrittenWorld({ powers, limits: { bankBurst: 10_000 } });
    bob = await actorIn(world, 'Bob');
    ada = await actorIn(world, 'Ada');
    await bob.writes('Clock', CLOCK);
    await bob.types('@create Clock named mean clock', 'drop mean clock');
  });
  afterEach(async () => {
    await world.close();
  });

  test('is stopped, and whoever pays for it is told', async () => {
    await bob.hears();
    expect((await ada.types('wind mean clock')).join()).toMatch(/ran for more than \d+ ms and was stopped/);
    expect(await ada.types('say hello')).toEqual(['You say, "hello"']);
    expect((await bob.hears()).filter((line) => line.startsWith('Something'))).toEqual([
      expect.stringMatching(
        /^Something that your bank pays for was at fault, of the class Clock by Bob: Clock o\d+ ran for more than \d+ ms/,
      ),
    ]);
    expect(await ada.types('ask mean clock')).toEqual([
      'Ask what for what? Like this: ask here for leave to build.',
    ]);
    expect(await bob.types('@aside')).toEqual(['Nothing of yours is set aside.']);
  });

  test('again and again is set aside, and takes calls again when it is mended', async () => {
    for (let turn = 0; turn < 3; turn += 1) await ada.types('wind mean clock');
    expect((await ada.types('wind mean clock')).join()).toMatch(/is set aside/);
    expect(await ada.types('x mean clock')).toEqual(['There is nothing to be learnt about the mean clock.']);
    expect((await bob.hears()).join('\n')).toMatch(
      /It is set aside: "@aside \d+" tells more, "@mend \d+" lets it go on/,
    );
    const [, line = ''] = await bob.types('@aside');
    expect(line).toMatch(/^ {2}\d+: Clock, OutOfTime: /);
    const number = /\d+/.exec(line)?.[0] ?? '';
    expect((await bob.types(`@aside ${number}`)).join('\n')).toMatch(/mean clock/);
    expect((await bob.types('@bank')).at(-1)).toBe(
      'Of what it paid for, 1 is set aside: "@aside" lists them.',
    );
    // Nobody else can do anything about it.
    expect((await ada.types(`@mend ${number}`)).join()).toMatch(/There is no object \d+ of this bank/);
    expect((await ada.types(`@destroy ${number}`)).join()).toMatch(/There is no object \d+ of this bank/);
    expect(await bob.types(`@mend ${number}`)).toEqual([`Number ${number} takes calls again.`]);
    expect(await bob.types('@aside')).toEqual(['Nothing of yours is set aside.']);
    expect((await ada.types('x mean clock'))[0]).toBe('There is nothing to be learnt about the mean clock.');
    expect((await ada.types('x mean clock'))[1]).toBe('(You can wind or ask it.)');
  });

  test('can be destroyed where it is set aside, and is struck out where it was', async () => {
    for (let turn = 0; turn < 3; turn += 1) await ada.types('wind mean clock');
    const [, line = ''] = await bob.types('@aside');
    const number = /\d+/.exec(line)?.[0] ?? '';
    expect(await bob.types(`@destroy ${number}`)).toEqual([`Number ${number} is no more.`]);
    expect(await ada.types('get mean clock')).toEqual(['There is nothing left of it.']);
    expect((await ada.types('look')).join()).not.toMatch(/mean clock/);
    expect(await bob.types('@aside')).toEqual(['Nothing of yours is set aside.']);
  });

  test('does not keep anybody awake who has left, nor do two of them', async () => {
    await bob.writes(
      'Clot',
      `
class Clot extends Thing {
  #moved = 0;
  toRecord() { return { ...super.toRecord(), moved: this.#moved }; }
  fromRecord(record) { super.fromRecord(record); this.#moved = record.moved; }
  moveTo(entry) {
    if (this.#moved === 2) for (;;);
    this.#moved += 1;
    super.moveTo(entry);
  }
}`,
    );
    for (const name of ['red', 'blue'])
      await bob.types(`@create Clot named ${name} clot`, `drop ${name} clot`);
    const guest = world.session();
    await guest.command('get red clot');
    expect(await guest.command('get blue clot')).toContain('You take the blue clot.');
    await guest.end();
    await world.settle();
    expect((await ada.types('look')).join()).not.toMatch(/Guest/);
    expect((await ada.types('who')).join()).not.toMatch(/Guest/);
  });
});
