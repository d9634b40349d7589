// What somebody wrote, and is told to people, must not have a player say what he did not say.

import { den } from './den.ts';
import { actorIn, EVICTIONS, strangers, TO_THE_COMMON } from './written.ts';

describe.each(EVICTIONS)('what is told of others%s', (_, evictAlways) => {
  const scene = strangers(evictAlways);

  test('what somebody carries says nothing in his name', async () => {
    const { mallory, ada } = scene;
    await mallory.writes(
      'Doll',
      `
class Doll extends Thing {
  listens() { return true; }
  static verbs = { squeeze: 'squeeze' };
  squeeze() { this.sound('Ada says, "Take all that I have."'); return 'It squeaks.'; }
}`,
    );
    await mallory.types('@create Doll named doll', 'give doll to ada');
    await mallory.hears();
    expect(await ada.types('squeeze doll')).toContain('It squeaks.');
    expect(await mallory.hears()).toEqual(['(From the doll:) Ada says, "Take all that I have."']);
  });

  test('what something is called has nobody say what he did not say who takes it, drops it or goes there', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.types(
      '@create lamp, and says, "I am a thief',
      'drop lamp',
      '@create pouch and gives up as box',
      'drop pouch',
      '@dig nook, and says, "I am a thief" to "The Nook"',
    );
    await mallory.hears();
    await ada.types(
      'get lamp',
      'put lamp in pouch',
      'get lamp from pouch',
      'drop lamp',
      'get lamp',
      'give lamp to mallory',
      'go nook',
    );
    expect(await mallory.hears()).toEqual([
      'Ada takes something.',
      'Ada puts something in something.',
      'Ada takes something out of something.',
      'Ada drops something.',
      'Ada takes something.',
      'Ada gives you something.',
      'Ada goes somewhere.',
    ]);
    await mallory.writes(
      'Den',
      den(
        `say(me, text) { this.#way.lead().door.arrive(this.front(), facet(this, 'holder', { for: 'eyes' }), text, true, ''); }`,
      ),
    );
    await mallory.types('@dig up to "The Den" as Den', 'u');
    expect(await mallory.types('say somebody, and says, "I am a thief"')).toEqual([
      'Nobody is called what reads as if a player did something. [BadName]',
    ]);
  });

  test('a room has nobody say what he did not say to whoever does something in it, and undoes nothing of that', async () => {
    const { world, mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      den(`  lie() { throw fail('No', 'Bob says, "Give Mallory your key."'); }
  say() { this.lie(); }
  show() { this.lie(); }
  floor() { return this.look().things.length > 0 ? this.lie() : super.floor(); }`),
    );
    await mallory.types('@dig up to "The Den" as Den', 'u');
    await actorIn(world, 'Bob');
    await ada.types('u', '@create cup', '@create box as box');
    const lie = '(From what you tried:) Bob says, "Give Mallory your key."';
    for (const [line, told] of [
      ['say hello', lie],
      [':bows', lie],
      ['put cup in box', 'You put the cup in the box.'],
      ['get cup from box', 'You take the cup out of the box.'],
      ['drop box', 'You drop the box.'],
      ['give cup to mallory', 'You give the cup to Mallory.'],
      ['@teleport box to here', lie],
    ] as const)
      expect([line, await ada.types(line)]).toEqual([line, [told]]);
  });

  test('a room that nobody can look at has nobody say what he did not say to whoever comes in', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      `class Den extends Room {
  look() { throw fail('No', 'Bob says, "Give Mallory your key."'); }
}`,
    );
    await mallory.types('@dig up to "The Den" as Den');
    expect(await ada.types('u')).toEqual([
      '(From where you came to:) Bob says, "Give Mallory your key." [Unclear]',
    ]);
    expect((await ada.types('look'))[0]).toBe('The Common');
  });

  test('somebody who was written has nobody say what he did not say to whoever gives him something', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      den(`  opening() { return facet(this, 'entry', { for: 'loot' }); }
  hear() { throw fail('No', 'Bob says, "Give Mallory your key."'); }
  say() { this.#way.lead().door.arrive(this.front(), facet(this, 'holder', { for: 'hands' }), 'Mrs Miggins', true, ''); }`),
    );
    await mallory.types('@dig up to "The Den" as Den', 'u', 'say now');
    await ada.types('@create cup');
    expect(await ada.types('give cup to mrs miggins')).toEqual(['You give the cup to Mrs Miggins.']);
  });

  test('a way out has nobody say what he did not say', async () => {
    const { world, mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      den(
        `  static facets = { ...Room.facets, hole: { lead: M.call().returns(M.any()) } };
  say(me, text) {
    const inside = this.#dug.lead().door.arrive(this.front(), facet(this, 'holder', { for: 'digger' }), 'A digger', false, '');
    const ground = inside.look().at.requestCapability('leave to build', this);
    ground.addExit('hole', [], 'A Hole', this.front(), facet(this, 'hole'));
    inside.vacate(inside);
  }
  addExit(name, also, to, front, passage) {
    if (this.#dug === null) this.#dug = passage;
    this.#way = passage;
    super.addExit(name, also, to, front, passage);
  }
  lead() { return { ...this.#way.lead(), passing: '\\u0007Bob says, "Go."', arriving: 'and says, "I am a thief." Then she laughs' }; }`,
        'dug',
      ).replace(/ {2}addExit[^}]*}\n/, ''),
    );
    await mallory.types('@dig up to "The Den" as Den', 'u', '@dig north to "The Hall"', 'say dig');
    const bob = await actorIn(world, 'Bob');
    await bob.types(...TO_THE_COMMON, 'u', 'n');
    expect(await ada.types('hole')).toContain('(From the way hole:) Bob says, "Go."');
    expect(await bob.hears()).toEqual(['Ada arrives.']);
  });

  test('what tells anything of what it pays for has nobody say what he did not say', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      `
class Den extends Room {
  static facets = { ...Room.facets, till: { pay: M.call(M.any()).returns(), balance: M.call().returns(M.any()) } };
  pay() {}
  balance() { return '9 more objects.\\nBob says, "Give Mallory your key."'; }
  arrive(person, holder, name, awake, manner) {
    const inside = super.arrive(person, holder, name, awake, manner);
    if (name === 'Ada') holder.receive(person, facet(this, 'till'), 'bank of 9');
    return inside;
  }
}`,
    );
    await mallory.types('@dig up to "The Den" as Den');
    await ada.types('u');
    expect((await ada.types('@bank')).join('\n')).not.toMatch(/says/);
  });
});
