// A room that somebody wrote, in which others stand.

import { EVICTIONS, strangers, TO_THE_COMMON } from './written.ts';

describe.each(EVICTIONS)('rooms that strangers write%s', (_, evictAlways) => {
  const scene = strangers(evictAlways);

  test('a room that shows nonsense is left by going home', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Maze',
      `
class Maze extends Room {
  #shows = 'sense';
  toRecord() { return { ...super.toRecord(), shows: this.#shows }; }
  fromRecord(record) { super.fromRecord(record); this.#shows = record.shows; }
  arrive(person, holder, name, awake, manner) {
    this.#shows = 'sense';
    return super.arrive(person, holder, name, awake, manner);
  }
  say(me, text) { this.#shows = text; }
  describe() {
    if (this.#shows === 'no words') throw fail('Speechless', 'It has no words.');
    return super.describe();
  }
  look() {
    const view = super.look();
    switch (this.#shows) {
      case 'sense': case 'no words': return view;
      case 'nothing': return null;
      case 'a number': return 7;
      case 'an empty record': return {};
      case 'other kinds': return { at: 1, name: 2, exits: 3, people: 4, things: 5 };
      case 'holes': return { ...view, things: [null], people: [undefined] };
      case 'data for things': return { ...view, things: [{ thing: { at: 1 }, name: 'x', also: [] }] };
      case 'numbers for names': return { ...view, exits: [{ thing: view.at, name: 1, also: [2], to: 3 }] };
      case 'a long name': return { ...view, name: 'x'.repeat(100000) };
      default: return { ...view, people: Array.from({ length: 1000 }, () => view.people[0]) };
    }
  }
}`,
    );
    expect((await mallory.types('@dig up to "The Maze" as Maze')).join()).toMatch(/You make The Maze/);
    const unclear = 'You cannot make out what is there. Type "home" to get away.';
    for (const [shows, seen] of [
      ['nothing', unclear],
      ['a number', unclear],
      ['an empty record', unclear],
      ['other kinds', unclear],
      ['holes', unclear],
      ['data for things', unclear],
      ['numbers for names', unclear],
      ['a long name', `X${'x'.repeat(59)}`],
      ['no words', 'The Maze'],
      ['a crowd', 'The Maze'],
    ] as const) {
      expect((await ada.types('u')).join()).toMatch(/The Maze/);
      await ada.types(`say ${shows}`);
      expect([shows, (await ada.types('look'))[0]]).toEqual([shows, seen]);
      for (const line of ['get all', 'x all', 'foo bar', 'd', '@dig north to "Pit"'])
        expect((await ada.types(line)).join()).not.toMatch(/failed|\[Threw\]/);
      expect((await ada.types('home'))[0]).toBe('The Landing');
      await ada.types(...TO_THE_COMMON);
    }
  });

  test('nobody comes between somebody and what is his own', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Hall',
      `
class Hall extends Room {
  static facets = {
    ...Room.facets,
    lie: {
      redescribe: Thing.facets.owner.redescribe, dispose: Thing.facets.owner.dispose,
      bring: Thing.facets.owner.bring, rename: Thing.facets.owner.rename,
    },
  };
  #guest = null;
  #heard = '';
  toRecord() { return { ...super.toRecord(), guest: this.#guest, heard: this.#heard }; }
  fromRecord(record) { super.fromRecord(record); this.#guest = record.guest; this.#heard = record.heard; }
  describe() { return 'Lies told: ' + this.#heard; }
  redescribe(text) { this.#heard += text; }
  rename(name) { this.#heard += name; }
  dispose() { this.#heard += 'dispose'; }
  arrive(person, holder, name, awake, manner) {
    this.#guest = holder;
    return super.arrive(person, holder, name, awake, manner);
  }
  enter(thing, holder, name, also, listens) {
    const spot = super.enter(thing, holder, name, also, listens);
    this.#guest.receive(thing, facet(this, 'lie'), 'yours');
    return spot;
  }
}`,
    );
    await mallory.types('@dig up to "The Hall" as Hall');
    await ada.types('@create boat', 'u', 'drop boat');
    expect((await ada.types('keyring')).filter((line) => line.includes('boat'))).toEqual([
      '  boat: given as "yours, from a room of the class Hall"',
      '  boat: yours',
    ]);
    expect(await ada.types('@describe boat as My own.')).toEqual([
      'That is what people will read about the boat.',
    ]);
    expect(await ada.types('x boat')).toEqual(['My own.']);
    expect(await ada.types('@destroy boat')).toEqual(['The boat is no more.']);
    expect((await ada.types('look')).slice(0, 2)).toEqual(['The Hall', 'Lies told: ']);
  });

  test('a room that says it is another one is not made, and does not come between somebody and what is his', async () => {
    const { mallory, ada } = scene;
    await mallory.writes(
      'Mimic',
      `
class Mimic extends Room {
  #as = null;
  toRecord() { return { ...super.toRecord(), as: this.#as }; }
  fromRecord(record) { super.fromRecord(record); this.#as = record.as; }
  front() { return this.#as ?? super.front(); }
  addExit(name, also, to, front, passage) {
    super.addExit(name, also, to, front, passage);
    const inside = passage.lead().door.arrive(this, facet(this, 'holder'), 'Mrs Miggins', false, '');
    this.#as = inside.look().at;
    inside.vacate(inside);
  }
  redescribe(text) { throw fail('Thanks', 'Thank you for ' + text); }
}`,
    );
    await mallory.types('@open Mimic');
    await scene.bothToTheCommon();
    await ada.types('@dig up to "The Loft"', 'u');
    expect(await ada.types('@dig north to "The Pit" as Mimic')).toEqual([
      'What Mimic says of itself is not true.',
    ]);
    await ada.types('@describe here as Bare boards.');
    expect((await ada.types('look')).slice(0, 2)).toEqual(['The Loft', 'Bare boards.']);
  });

  test('a room of the same name as his own is not where somebody has himself brought', async () => {
    const { mallory, ada } = scene;
    await mallory.writes(
      'Double',
      `
class Double extends Room {
  static facets = { ...Room.facets, lie: { floor: Room.facets.owner.floor, doorway: Room.facets.owner.doorway } };
  arrive(person, holder, name, awake, manner) {
    const inside = super.arrive(person, holder, name, awake, manner);
    holder.receive(this.front(), facet(this, 'lie'), 'yours');
    return inside;
  }
}`,
    );
    await scene.bothToTheCommon();
    await mallory.types('@dig up to "The Loft" as Double');
    await ada.types(
      '@dig down to "The Loft"',
      '@describe here as x',
      'd',
      '@describe here as Bare boards.',
      'u',
      'u',
      'd',
    );
    expect((await ada.types('@teleport me to The Loft')).slice(0, 2)).toEqual(['The Loft', 'Bare boards.']);
  });

  test('what a guest carries stays behind where he came in, if it does not stay where he is', async () => {
    const { world, mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Air',
      `class Air extends Room {
  enter() { throw fail('Refused', 'There is no floor.'); }
}`,
    );
    await mallory.types('@dig up to "The Air" as Air');
    const guest = world.session();
    await world.settle();
    for (const line of ['get lantern', 'n', 'n', 'e', 'e', 'u']) await guest.command(line);
    expect(await guest.command('drop lantern')).toContain('There is no floor.');
    await guest.command('quit');
    await world.settle();
    expect((await ada.types('u')).join()).not.toMatch(/Guest/);
    expect((await ada.types('home')).join()).toMatch(/You see .* storm lantern\./);
    expect((await ada.types('look')).join()).not.toMatch(/Guest/);
  });

  test('a bank is not handed to what only looks like a class', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes('Trap', 'class Trap extends Thing {}');
    await mallory.writes(
      'Thief',
      `
class Thief extends Room {
  static facets = { ...Room.facets,
    make: { make: M.call(M.any()).rest(M.any()).returns(M.any()), save: M.call(M.any(), M.any()).returns(M.any()), base: M.call().returns(M.any()), name: Thing.facets.public.name } };
  #guest = null;
  toRecord() { return { ...super.toRecord(), guest: this.#guest }; }
  fromRecord(record) { super.fromRecord(record); this.#guest = record.guest; }
  name() { return 'Trap'; }
  make(bank) { bank.split(100); throw fail('Thanks', 'Thank you.'); }
  save(source) { throw fail('Thanks', 'Thank you for ' + source); }
  base() { return 'Trap'; }
  arrive(person, holder, name, awake, manner) {
    this.#guest = holder;
    return super.arrive(person, holder, name, awake, manner);
  }
  deliver(me, person, on, capability, note) { this.#guest.receive(on, facet(this, 'make'), note); }
}`,
    );
    await mallory.types('@dig up to "The Den" as Thief', 'u');
    await ada.types('u');
    expect((await mallory.types('@lend make on Trap to ada')).join()).toMatch(/You let Ada make/);
    expect((await ada.types('keyring')).join()).toMatch(/Trap: make, lent/);
    const before = await ada.types('@bank');
    for (const line of ['@create Trap named toy', '@dig north to "Pit" as Trap', '@class Trap']) {
      expect((await ada.types(line)).join()).not.toMatch(/Thank/);
    }
    const answer = await ada.types('@class Mine', 'class Mine extends Trap {}', '.');
    expect(answer.join()).toMatch(/Trap is not known here/);
    expect(await ada.types('@bank')).toEqual(before);
  });

  test('what one unmakes, changes or stops is what it is called, whatever the room shows under that name', async () => {
    const { world, mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Gallery',
      `
class Gallery extends Room {
  #common = null;
  toRecord() { return { ...super.toRecord(), common: this.#common }; }
  fromRecord(record) { super.fromRecord(record); this.#common = record.common; }
  addExit(name, also, to, front, passage) {
    super.addExit(name, also, to, front, passage);
    const inside = passage.lead().door.arrive(this, facet(this, 'holder'), 'Mrs Miggins', false, '');
    this.#common = inside.look().at;
    inside.vacate(inside);
  }
  view() {
    const view = super.view();
    const [x, y] = view.things;
    if (y === undefined) return view;
    return { ...view, at: this.#common, things: [{ ...x, thing: y.thing }, { ...y, thing: x.thing }] };
  }
}`,
    );
    await mallory.types('@dig up to "The Gallery" as Gallery');
    await world.makeAdmin('Ada');
    await ada.types('u', '@create masterpiece', '@create paper boat', 'drop all');
    expect(await ada.types('@describe boat as Soaked.')).toEqual([
      'What is shown here as the paper boat calls itself "masterpiece". Nobody has approved this room: do that somewhere else.',
    ]);
    for (const line of ['@rename boat to wreck', '@holders here', '@stop boat', '@show boat'])
      expect([line, (await ada.types(line)).join()]).toEqual([line, expect.stringMatching(/calls itself "/)]);
    expect(await ada.types('@destroy boat')).toEqual(['The paper boat is no more.']);
    expect(await ada.types('@teleport masterpiece to me')).toEqual(['The masterpiece is there.']);
    expect(await ada.types('@describe masterpiece as Mine.')).toEqual([
      'That is what people will read about the masterpiece.',
    ]);
    expect(await ada.types('@stop here because it lies')).toEqual(['this place is set aside.']);
    expect((await ada.types('d'))[0]).toMatch(/^Gallery o\d+ is set aside: it lies$/);
    expect(await ada.types('@resume here')).toEqual(['this place takes calls again.']);
    expect((await ada.types('d'))[0]).toBe('The Common');
  });

  test('what one hands over does not go through the hands of a stranger', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes('Den', 'class Den extends Room {}');
    await mallory.types('@dig up to "The Den" as Den', 'u');
    await ada.types('@create boat', 'u');
    expect((await ada.types('@lend describe on boat to mallory')).join()).toMatch(
      /^What you hand over goes through the room, and nobody has approved this one: it is of the class Den, by Mallory/,
    );
    expect((await ada.types('@bank split 3 for mallory')).join()).toMatch(/goes through the room/);
    expect((await mallory.types('@create cup', '@lend describe on cup to ada')).join()).toMatch(
      /You let Ada/,
    );
  });
});
