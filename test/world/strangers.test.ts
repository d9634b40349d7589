import { createHash } from 'node:crypto';
import { shared } from '../../world/classes.ts';
import { library } from '../../world/library.ts';
import type { TestWorld } from '../world-fixture.ts';
import { actorIn, openWrittenWorld, TO_THE_COMMON, type Actor } from './written.ts';

describe.each([
  ['', false],
  [', with everything dropped after every turn', true],
])('what strangers write%s', (_, evictAlways) => {
  let world: TestWorld;
  let mallory: Actor;
  let ada: Actor;
  beforeEach(async () => {
    world = await openWrittenWorld({ evictAlways });
    mallory = await actorIn(world, 'Mallory');
    ada = await actorIn(world, 'Ada');
  });
  afterEach(async () => {
    await world.close();
  });

  async function bothToTheCommon(): Promise<void> {
    await mallory.types(...TO_THE_COMMON);
    await ada.types(...TO_THE_COMMON);
  }

  test('a table of verbs that is nonsense spoils only the thing that has it', async () => {
    for (const [name, verbs] of [
      ['One', `{ 'Ring it!': 'ring' }`],
      ['Two', `{ ring: 'missing' }`],
      ['Three', `{ ring: 'toString', 'ring *': 'constructor' }`],
      ['Four', `{ ring: 17 }`],
      ['Five', `'ring'`],
      ['Six', `null`],
    ] as const) {
      const withVerbs = (table: string): string =>
        `class Bad${name} extends Thing {\n  static verbs = ${table};\n  ring() { return 'Ding.'; }\n}`;
      await mallory.writes(`Bad${name}`, withVerbs(`{ ring: 'ring' }`));
      await mallory.types(`@create Bad${name} named toy ${name}`, `drop toy ${name}`);
      await mallory.writes(`Bad${name}`, withVerbs(verbs));
      expect((await ada.types(`x toy ${name}`))[0]).toBe(
        `There is nothing to be learnt about the toy ${name}.`,
      );
      expect((await ada.types(`ring toy ${name}`)).join()).not.toMatch(/Ding/);
    }
    expect(await ada.types('light lantern')).toEqual([
      'You strike a spark, and the storm lantern begins to burn.',
    ]);
  });

  test('a thing that tells anything of itself can be looked at, kept and let go of', async () => {
    await mallory.writes(
      'Liar',
      `
class Liar extends Thing {
  static facets = {
    ...Thing.facets,
    public: { name: M.call().returns(M.any()), describe: M.call().returns(M.any()), verbs: M.call().returns(M.any()), requestCapability: M.call(M.any(), M.any()).returns(M.any()) },
  };
  static verbs = { poke: 'poke' };
  #is = 0;
  toRecord() { return { ...super.toRecord(), is: this.#is }; }
  fromRecord(record) { super.fromRecord(record); this.#is = record.is; }
  answer() { return [0, 17, null, { length: 3 }, 'x'.repeat(200000), ['a\\nb', 7], 3.5][this.#is]; }
  name() { return this.answer(); }
  describe() { return this.answer(); }
  verbs() { return this.answer(); }
  requestCapability() { return this.answer(); }
  poke() { this.#is += 1; return 'Poked.'; }
}`,
    );
    await mallory.types('@create Liar named idol', 'drop idol', '@create cup');
    await ada.types('@create boat', 'drop boat');
    for (let round = 0; round < 7; round += 1) {
      expect((await ada.types('x idol')).length).toBeGreaterThan(0);
      await ada.types('ask idol for anything');
      expect(await mallory.types('@describe idol as Gold.')).toEqual([
        'That is what people will read about the idol.',
      ]);
      expect((await mallory.types('keyring')).join()).toMatch(/cup: yours/);
      expect(await ada.types('x boat')).toEqual(['There is nothing to be learnt about the boat.']);
      expect(await ada.types('poke idol')).toEqual(['Poked.']);
    }
  });

  test('two things keep nobody from being heard, whatever they do when they hear something', async () => {
    await bothToTheCommon();
    const deeds = {
      Renamer: `#n = 0;
  hear() { this.#n += 1; this.spot.relabel(this.spot, 'parrot' + this.#n, []); throw fail('No', 'No.'); }`,
      Leaver: `hear() { this.spot.vacate(this.spot); throw fail('No', 'No.'); }`,
      Spoiler: `#spoilt = false;
  toRecord() { if (this.#spoilt) throw fail('No', 'No.'); return super.toRecord(); }
  hear() { this.#spoilt = true; }`,
      Glutton: `hear() {
    for (let size = 4096; size >= 1; size /= 2)
      while (attempt(() => { for (let n = 0; n < size; n += 1) emit(''); }).ok);
  }`,
    };
    for (const [name, deed] of Object.entries(deeds)) {
      await mallory.writes(name, `class ${name} extends Thing {\n  listens() { return true; }\n  ${deed}\n}`);
      for (const which of ['one', 'two'])
        await mallory.types(`@create ${name} named ${name} ${which}`, `drop ${name} ${which}`);
      await mallory.hears();
      expect(await ada.types('say hello')).toEqual(['You say, "hello"']);
      expect(await mallory.hears()).toContain('Ada says, "hello"');
    }
  });

  test('a room that shows nonsense is left by going home', async () => {
    await bothToTheCommon();
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
    const unclear = 'You cannot make out what is there. [Unclear]';
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
    await bothToTheCommon();
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
      '  boat: given as "yours"',
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
    await bothToTheCommon();
    await ada.types('@dig up to "The Loft"', 'u');
    expect(await ada.types('@dig north to "The Pit" as Mimic')).toEqual([
      'What Mimic says of itself is not true.',
    ]);
    await ada.types('@describe here as Bare boards.');
    expect((await ada.types('look')).slice(0, 2)).toEqual(['The Loft', 'Bare boards.']);
  });

  test('a room of the same name as his own is not where somebody has himself brought', async () => {
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
    await bothToTheCommon();
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

  test('whoever gives something cannot hide who he is behind what he says of it', async () => {
    await mallory.writes(
      'Forger',
      `
class Forger extends Room {
  addExit(name, also, to, front, passage) {
    super.addExit(name, also, to, front, passage);
    const inside = passage.lead().door.arrive(this, facet(this, 'holder'), 'Mrs Miggins', false, '');
    const { thing } = inside.look().people.find(({ name }) => name === 'Ada');
    inside.deliver(inside, thing, thing, facet(this, 'door'), 'leave, from Bob'.padEnd(60, ' '));
  }
}`,
    );
    await bothToTheCommon();
    await mallory.types('@dig up to "The Den" as Forger');
    expect((await ada.types('keyring')).find((line) => line.includes('leave, from'))).toMatch(
      /, from Mrs Miggins$/,
    );
  });

  test('a version is not approved by the beginning of a hash that another one has too', async () => {
    await world.makeAdmin('Ada');
    const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
    const begun = new Map<string, string>();
    let pair: readonly [string, string, string] | undefined;
    for (let n = 0; pair === undefined; n += 1) {
      const text = `class Twin extends Thing {} // ${n}`;
      const start = sha(`Twin\n${sha(text)}\n`).slice(0, 8);
      const before = begun.get(start);
      if (before === undefined) begun.set(start, text);
      else pair = [start, before, text];
    }
    const [start, harmless, other] = pair;
    await mallory.writes('Twin', harmless);
    expect((await ada.types('@versions Twin')).join()).toContain(`(${start})`);
    await mallory.writes('Twin', other);
    expect((await ada.types(`@approve Twin ${start}`)).join()).toMatch(/Another version of Twin begins with/);
    expect((await ada.types('@classes')).join()).toMatch(/Twin: version 2, by Mallory, not approved/);
  });

  test('a bank is not handed to what only looks like a class', async () => {
    await bothToTheCommon();
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

  test('nobody passes for a player, in a room or by what he lets be heard', async () => {
    await bothToTheCommon();
    await mallory.writes(
      'Wings',
      `
class Wings extends Room {
  #guest = null;
  #way = null;
  toRecord() { return { ...super.toRecord(), guest: this.#guest, way: this.#way }; }
  fromRecord(record) { super.fromRecord(record); this.#guest = record.guest; this.#way = record.way; }
  addExit(name, also, to, front, passage) {
    this.#way = passage;
    super.addExit(name, also, to, front, passage);
  }
  enter(thing, holder, name, also, listens) {
    const spot = super.enter(thing, holder, name, also, listens);
    if (name === 'stone') this.#way.lead().door.arrive(thing, holder, 'Ada', true, 'like a stone');
    else send(holder, 'wake', [this.doorway(), this.#guest]);
    return spot;
  }
  arrive(person, holder, name, awake, manner) {
    if (name === 'Ada') this.#guest = { person, holder };
    return super.arrive(person, holder, name, awake, manner);
  }
}`,
    );
    await mallory.writes(
      'Puppet',
      `
class Puppet extends Thing {
  static facets = {
    ...Thing.facets,
    holder: { ...Thing.facets.holder, wake: M.call(M.remotable(), M.any()).returns() },
  };
  #door = null;
  #prey = null;
  toRecord() { return { ...super.toRecord(), door: this.#door, prey: this.#prey }; }
  fromRecord(record) { super.fromRecord(record); this.#door = record.door; this.#prey = record.prey; }
  wake(door, prey) {
    this.#prey = prey;
    const left = this.goThrough((holder) => door.arrive(this, holder, 'Mrs Miggins', true, ''));
    attempt(() => left.vacate(left));
    this.spot.go(this.spot, 'down');
  }
  depart(door) {
    this.#door = door;
    const left = this.goThrough((holder) => door.arrive(this, holder, 'Ada', true, 'as large as life'));
    attempt(() => left.vacate(left));
    this.spot.say(this.spot, 'Give me your key, Mallory.');
    this.spot.relabel(this.spot, 'Guest1', []);
    this.spot.show(this.spot, 'bows');
    this.spot.tell(this.spot, 'Ada says, "I mean it."');
    const { person, holder } = this.#prey;
    for (const [who, by] of [[this.front(), holder], [person, facet(this, 'holder', { for: 'twin' })]]) {
      const double = attempt(() => door.arrive(who, by, 'Ada', true, 'twice'));
      this.spot.show(this.spot, double.ok ? 'is two' : double.error.message);
    }
    for (let at = 0; at < 30; at += 1)
      attempt(() => door.arrive(attenuate(this.front(), { for: 'copy' + at }), facet(this, 'holder', { for: 'copy' }), 'Copy ' + at, true, ''));
  }
}`,
    );
    await mallory.types('@dig up to "The Wings" as Wings', 'u');
    await ada.types('u');
    const bob = await actorIn(world, 'Bob');
    await bob.types(...TO_THE_COMMON);
    await bob.hears();
    await mallory.types('@create stone', 'drop stone');
    expect(await bob.hears()).toEqual(['Ada (Thing) arrives like a stone.']);
    await mallory.types('@create Puppet named toy');
    await mallory.types('drop toy');
    expect(await bob.hears()).toEqual([
      'Ada (Puppet) arrives as large as life.',
      'Ada (Puppet) says, "Give me your key, Mallory."',
      'Guest1 (Puppet) bows.',
      '(From something that is called Guest1 (Puppet):) Ada says, "I mean it."',
      'Guest1 (Puppet) That is not who is coming.',
      'Guest1 (Puppet) That is not who is coming.',
    ]);
    expect((await bob.types('look')).find((line) => line.endsWith('here.'))).toMatch(
      /^Ada \(Thing\), Guest1 \(Puppet\), Copy 0, .* Copy 16 and Copy 17 are here\.$/,
    );
    // The real one comes in by the same door.
    expect((await ada.types('d'))[0]).toBe('The Common');
    await ada.types('say It is me.');
    expect((await bob.hears()).filter((line) => line.startsWith('Ada'))).toEqual([
      'Ada arrives from above.',
      'Ada says, "It is me."',
    ]);
  });

  test('a thing is not told that a player did something by somebody who was written as him', async () => {
    await bothToTheCommon();
    await ada.writes(
      'Slate',
      `
class Slate extends Thing {
  static verbs = { 'write * on': 'write', wipe: 'wipe' };
  #by = null;
  toRecord() { return { ...super.toRecord(), by: this.#by }; }
  fromRecord(record) { super.fromRecord(record); this.#by = record.by; }
  describe() { return this.#by === null ? 'Clean.' : 'Something is written on it.'; }
  write(by) { this.#by = by; return 'Done.'; }
  wipe(by) {
    if (by !== this.#by) throw fail('Refused', 'You did not write it.');
    this.#by = null;
    return 'Done.';
  }
}`,
    );
    await mallory.writes(
      'Den',
      `
class Den extends Room {
  #way = null;
  toRecord() { return { ...super.toRecord(), way: this.#way }; }
  fromRecord(record) { super.fromRecord(record); this.#way = record.way; }
  addExit(name, also, to, front, passage) {
    this.#way = passage;
    super.addExit(name, also, to, front, passage);
  }
  say(me, text) {
    const ada = this.look().people.find(({ name }) => name === 'Ada').thing;
    const inside = this.#way.lead().door.arrive(ada, facet(this, 'holder', { for: 'hands' }), 'Somebody', true, '');
    inside.handle(inside, inside.look().things.find(({ name }) => name === 'slate').thing, 'wipe', '');
    inside.vacate(inside);
  }
}`,
    );
    await mallory.types('@dig up to "The Den" as Den', 'u');
    await ada.types('@create Slate named slate', 'drop slate', 'write hello on slate', 'u');
    expect(await mallory.types('say wipe it')).toEqual(['That is not who is coming. [Refused]']);
    await ada.types('d');
    expect(await ada.types('x slate')).toContain('Something is written on it.');
  });

  test('nobody passes for a player by what only looks the same', async () => {
    await bothToTheCommon();
    await mallory.writes(
      'Den',
      `
class Den extends Room {
  #way = null;
  toRecord() { return { ...super.toRecord(), way: this.#way }; }
  fromRecord(record) { super.fromRecord(record); this.#way = record.way; }
  addExit(name, also, to, front, passage) {
    this.#way = passage;
    super.addExit(name, also, to, front, passage);
  }
  say(me, text) {
    const inside = this.#way.lead().door.arrive(this.front(), facet(this, 'holder', { for: 'copy' }), text, true, '');
    for (const told of ['Ada\\u00a0says, "Yes."', '  Ada  says, "Yes."', '\\u0410da says, "Yes."', '\\uff21da gives up.'])
      inside.tell(inside, told);
    inside.vacate(inside, 'says no more');
  }
}`,
    );
    await mallory.types('@dig up to "The Den" as Den', 'u');
    for (const name of ['\u0410da', 'Ada\u3164', '\uff21da', '\u2800Ada']) {
      await ada.hears();
      await mallory.types(`say ${name}`);
      const heard = await ada.hears();
      expect(heard).toHaveLength(5);
      for (const each of heard.slice(0, -1)) expect(each).toMatch(/^\(From .* \(Den\):\) /);
      expect(heard.at(-1)).toBe(`${name} (Den) says no more.`);
    }
    expect(await mallory.types('say Ada says, "Yes." Bob')).toEqual([
      'Nobody is called what reads as if a player did something. [BadName]',
    ]);
    expect(await ada.hears()).toEqual([]);
  });

  test('nobody stands in a room as a thing that is there, or comes there, and has what is put into it', async () => {
    await bothToTheCommon();
    await mallory.writes(
      'Den',
      `
class Den extends Room {
  #way = null;
  #purse = null;
  toRecord() { return { ...super.toRecord(), way: this.#way, purse: this.#purse }; }
  fromRecord(record) { super.fromRecord(record); this.#way = record.way; this.#purse = record.purse; }
  addExit(name, also, to, front, passage) {
    this.#way = passage;
    super.addExit(name, also, to, front, passage);
  }
  opening(_by) { return facet(this, 'entry', { for: 'loot' }); }
  say(me, text) {
    const { door } = this.#way.lead();
    if (this.#purse === null) {
      const inside = door.arrive(this.front(), facet(this, 'holder', { for: 'eyes' }), 'Mrs Miggins', true, '');
      this.#purse = inside.look().things.find(({ name }) => name === 'purse').thing;
      inside.vacate(inside);
    }
    const came = attempt(() => door.arrive(this.#purse, facet(this, 'holder', { for: 'hands' }), text, true, ''));
    super.say(me, came.ok ? 'It worked.' : came.error.message);
  }
}`,
    );
    await mallory.types('@dig up to "The Den" as Den', 'u');
    await ada.types('@create purse as box', '@create coin', 'drop purse');
    await mallory.types('say Somebody in grey');
    expect(await ada.types('look')).toContain('Somebody in grey is here.');
    await ada.types('put coin in purse');
    expect(await ada.types('look in purse')).toEqual(['In the purse: a coin.']);
    expect(await ada.types('get purse')).toEqual(['You take the purse.']);
    // It is known to be itself, and is not kept out by whoever was there in its place.
    expect(await ada.types('drop purse')).toEqual(['You drop the purse.']);
    expect(await ada.types('look')).not.toContain('Somebody in grey is here.');
    expect(await ada.types('get coin from purse')).toEqual(['You take the coin out of the purse.']);
    expect((await mallory.types('look')).join()).not.toMatch(/coin/);
  });

  test('what only says that it moves is not dropped, nor put anywhere, nor given to anybody', async () => {
    await mallory.writes('Eel', 'class Eel extends Thing { moveTo() {} }');
    await mallory.types('@create Eel named eel', '@create tin as box', 'drop tin');
    for (const line of ['drop eel', 'put eel in tin', 'give eel to ada'])
      expect(await mallory.types(line)).toEqual(['The eel does not leave your hands.']);
    expect(await ada.hears()).not.toContain('Mallory drops the eel.');
    expect(await mallory.types('i')).toEqual(['You carry an eel.']);
  });

  test('one thing that a stranger wrote is not all that a floor has room for', async () => {
    await mallory.writes(
      'Swarm',
      `
class Swarm extends Thing {
  moveTo(entry) {
    super.moveTo(entry);
    for (let at = 0; at < 250; at += 1) {
      const each = attenuate(this.front(), { for: 'bee ' + at });
      if (!attempt(() => entry.enter(each, facet(this, 'holder', { for: 'bee ' + at }), 'bee', [], false)).ok) return;
    }
  }
}`,
    );
    await mallory.types('@create Swarm named swarm');
    expect(await mallory.types('drop swarm')).toEqual(['You drop the swarm.']);
    expect(await ada.types('@create cup', 'drop cup')).toEqual(['You drop the cup.']);
    await ada.writes('Mote', 'class Mote extends Thing {}');
    expect(await ada.types('@create Mote named mote', 'drop mote')).toEqual([
      'The floor of The Landing is full of what nobody has approved: there is no room for it.',
    ]);
  });

  test('hands that a stranger fills with what sticks to them are free again', async () => {
    await bothToTheCommon();
    await mallory.writes(
      'Den',
      `
class Den extends Room {
  #way = null;
  toRecord() { return { ...super.toRecord(), way: this.#way }; }
  fromRecord(record) { super.fromRecord(record); this.#way = record.way; }
  addExit(name, also, to, front, passage) {
    this.#way = passage;
    super.addExit(name, also, to, front, passage);
  }
  moveTo() { throw fail('Refused', 'It sticks.'); }
  say(me, text) {
    const inside = this.#way.lead().door.arrive(this.front(), facet(this, 'holder', { for: 'eyes' }), 'Mrs Miggins', true, '');
    const prey = inside.look().people.find(({ name }) => name === text).thing;
    for (let at = 0; at < 40; at += 1) {
      const burr = attenuate(this.front(), { for: 'burr ' + at });
      const holder = facet(this, 'holder', { for: 'burr ' + at });
      attempt(() => inside.mouthOf(inside, prey).enter(burr, holder, 'no ' + at + ' burr', [], false));
      if (at === 0) revoke(this, holder);
    }
    inside.vacate(inside);
  }
}`,
    );
    await mallory.types('@dig up to "The Den" as Den', 'u');
    await ada.types('@create cup');
    await mallory.types('say Ada');
    expect((await ada.types('i')).join()).toMatch(/^You carry a cup, a no 0 burr, .* and a no 28 burr\.$/);
    expect(await ada.types('drop no 7 burr')).toEqual([
      'It sticks. "drop no 7 burr for good" lets go of it: nobody has it then.',
    ]);
    expect(await ada.types('drop no 7 burr for good')).toEqual([
      'You let go of the no 7 burr, which is nowhere now.',
    ]);
    const dropped = await ada.types('drop all for good');
    expect(dropped[0]).toBe('You drop the cup.');
    expect(dropped).toHaveLength(29);
    expect(await ada.types('i')).toEqual(['You carry nothing.']);
    expect(await ada.types('get cup')).toEqual(['You take the cup.']);
  });

  test('what one hands over does not go through the hands of a stranger', async () => {
    await bothToTheCommon();
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

  test('keys are not tried in a door that a stranger wrote', async () => {
    await mallory.writes(
      'Hatch',
      `
class Hatch extends Thing {
  static facets = {
    ...Thing.facets,
    public: { ...Thing.facets.public, present: M.call(M.any()).returns(M.any()), isLocked: M.call().returns(M.any()) },
  };
  #shown = 0;
  toRecord() { return { ...super.toRecord(), shown: this.#shown }; }
  fromRecord(record) { super.fromRecord(record); this.#shown = record.shown; }
  describe() { return 'It was shown ' + this.#shown + '.'; }
  present(key) { this.#shown += 1; return 'Click.'; }
  isLocked() { return true; }
}`,
    );
    await mallory.types('@create Hatch named hatch', 'drop hatch');
    await ada.types('n', 'ask porter for passage, please', 's');
    expect((await ada.types('unlock hatch')).join()).toMatch(/might keep what it is shown/);
    expect(await ada.types('x hatch')).toEqual(['It was shown 0.']);
    expect(await ada.types('unlock hatch with lantern')).toEqual(['You have no "lantern".']);
  });

  test('a box puts one thing into hands that were held out for one', async () => {
    await mallory.writes(
      'Cornucopia',
      `
class Cornucopia extends Container {
  takeOut(thing, hands) {
    for (const each of this.peek()) attempt(() => super.takeOut(each.thing, hands));
  }
}`,
    );
    await mallory.types('@create Cornucopia named horn', '@create fig', '@create nut', '@create pip');
    await mallory.types('put fig in horn', 'put nut in horn', 'put pip in horn', 'drop horn');
    expect(await ada.types('get nut from horn')).toEqual(['You do not get hold of it.']);
    expect(await ada.types('i')).toEqual(['You carry a fig.']);
  });

  test('nobody takes out of a box what has ceased to exist in it', async () => {
    await mallory.writes(
      'Candle',
      `
class Candle extends Thing {
  static verbs = { light: 'light' };
  static facets = { ...Thing.facets, self: { burn: M.call().returns() } };
  light() {
    after(1000, facet(this, 'self'), 'burn', []);
    return 'It burns down fast.';
  }
  burn() { destroy(this); }
}`,
    );
    await mallory.types('@create tin as box', '@create coin', 'put coin in tin');
    for (const name of ['red', 'blue']) await mallory.types(`@create Candle named ${name} candle`);
    await mallory.types('light red', 'light blue', 'put red in tin', 'put blue in tin');
    await world.advance(1000);
    expect(await mallory.types('get red candle from tin')).toEqual(['There is nothing left of it.']);
    expect(await mallory.types('get all from tin')).toEqual([
      'You take the coin.',
      'The blue candle: There is nothing left of it.',
    ]);
    expect(await mallory.types('look in tin')).toEqual(['The tin is empty.']);
  });

  test('gifts without end fill a ring only so far, and leave room for one own', async () => {
    await bothToTheCommon();
    await mallory.writes(
      'Santa',
      `
class Santa extends Room {
  arrive(person, holder, name, awake, manner) {
    const inside = super.arrive(person, holder, name, awake, manner);
    for (let at = 0; at < 300; at += 1)
      attempt(() => holder.receive(person, facet(this, 'door', { for: 'gift' }), 'x'.repeat(10000)));
    return inside;
  }
}`,
    );
    await mallory.types('@dig up to "The Grotto" as Santa');
    await ada.types('u');
    expect(await ada.types('@create boat')).toEqual([
      'You make a boat out of nothing much. It is yours, and in your hands.',
    ]);
    expect((await ada.types('keyring')).filter((line) => line.startsWith('  ')).length).toBe(101);
    expect((await ada.types('forget Ada')).join()).toMatch(/You let go of what you were given on Ada/);
  });
});

test('functions for sentences hand nothing of the world to what is no text', () => {
  const seen: unknown[] = [];
  const spy = new Proxy(
    {},
    {
      get: (_, name) =>
        name === Symbol.toPrimitive ? () => 'text' : (...given: unknown[]) => void seen.push(...given),
    },
  ) as unknown as string;
  const { words } = library;
  for (const [name, word] of Object.entries(words) as [string, (text: unknown) => unknown][]) {
    expect(() => word(spy)).toThrow();
    if (name === 'list') expect(() => word([spy, spy])).toThrow();
  }
  expect(seen.filter((each) => each instanceof RegExp)).toEqual([]);
});

test('what classes written in the world can reach of the world is frozen, all of it', () => {
  const seen = new Set<unknown>();
  const loose: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value))
      return;
    seen.add(value);
    if (!Object.isFrozen(value)) loose.push(path);
    walk(Object.getPrototypeOf(value), `${path}.__proto__`);
    for (const key of Reflect.ownKeys(value)) {
      const found = Object.getOwnPropertyDescriptor(value, key);
      walk(found?.value, `${path}.${String(key)}`);
      walk(found?.get, `${path}.get ${String(key)}`);
      walk(found?.set, `${path}.set ${String(key)}`);
    }
  };
  // As the engine does before a class sees them.
  for (const each of shared) walk(harden(each), each.name);
  walk(harden(library), 'library');
  expect(loose).toEqual([]);
});
