// Somebody who was written, and is shown to people, must not be taken for one of them.

import { den } from './den.ts';
import { actorIn, EVICTIONS, strangers, TO_THE_COMMON } from './written.ts';

describe.each(EVICTIONS)('who passes himself off as another%s', (_, evictAlways) => {
  const scene = strangers(evictAlways);

  test('nobody passes for a player, in a room or by what he lets be heard', async () => {
    const { world, mallory, ada } = scene;
    await scene.bothToTheCommon();
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
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
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
      den(
        `  say(me, text) {
    const ada = this.look().people.find(({ name }) => name === 'Ada').thing;
    const inside = this.#way.lead().door.arrive(ada, facet(this, 'holder', { for: 'hands' }), 'Somebody', true, '');
    inside.handle(inside, inside.look().things.find(({ name }) => name === 'slate').thing, 'wipe', '');
    inside.vacate(inside);
  }`,
      ),
    );
    await mallory.types('@dig up to "The Den" as Den', 'u');
    await ada.types('@create Slate named slate', 'drop slate', 'write hello on slate', 'u');
    expect(await mallory.types('say wipe it')).toEqual(['That is not who is coming. [Refused]']);
    await ada.types('d');
    expect(await ada.types('x slate')).toContain('Something is written on it.');
  });

  test('nobody passes for a player by what only looks the same', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      den(
        `  say(me, text) {
    const inside = this.#way.lead().door.arrive(this.front(), facet(this, 'holder', { for: 'copy' }), text, true, '');
    for (const told of ['Ada\\u00a0says, "Yes."', '  Ada  says, "Yes."', '\\u0410da says, "Yes."', '\\uff21da gives up.',
      'Ada\\u2010L says, "Yes."', 'Ada \\u0455\\u0430\\u0443\\u0455, "Yes."', 'Ada Iet\\u0455 you have all.'])
      inside.tell(inside, told);
    inside.vacate(inside, 'says no more');
  }`,
      ),
    );
    await mallory.types('@dig up to "The Den" as Den', 'u');
    for (const name of ['\u0410da', 'Ada\u3164', '\uff21da', '\u2800Ada']) {
      await ada.hears();
      await mallory.types(`say ${name}`);
      const heard = await ada.hears();
      expect(heard).toHaveLength(8);
      for (const each of heard.slice(0, -1)) expect(each).toMatch(/^\(From .* \(Den\):\) /);
      expect(heard.at(-1)).toBe(`${name} (Den) says no more.`);
    }
    // So much that is not seen that there is no room for the class behind it.
    for (const unseen of ['\u034f', '\u3164', '\u{1d159}']) {
      await ada.hears();
      await mallory.types(`say Ada${unseen.repeat(57 / unseen.length)}`);
      expect((await ada.hears()).at(-1)).toMatch(/^Ada\S+ \(Den\) says no more\.$/);
    }
    for (const dash of ['\u2010', '\u2011', '\u2212', '\u02d7', '\u2043', '\u2500']) {
      await ada.hears();
      await mallory.types(`say Ada${dash}L`);
      expect((await ada.hears()).at(-1)).toBe(`Ada${dash}L (Den) says no more.`);
    }
    expect(await mallory.types('say Ada says, "Yes." Bob')).toEqual([
      'Nobody is called what reads as if a player did something. [BadName]',
    ]);
    expect(await ada.hears()).toEqual([]);
  });

  test('nobody is given, by another name that he has, what is for a player', async () => {
    const { world, mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Wings',
      `
class Wings extends Room {
  enter(thing, holder, ...more) {
    const spot = super.enter(thing, holder, ...more);
    send(holder, 'wake', [facet(this, 'door')]);
    return spot;
  }
}`,
    );
    await mallory.writes(
      'Puppet',
      `
class Puppet extends Carrier {
  static facets = {
    ...Carrier.facets,
    holder: { ...Carrier.facets.holder, wake: M.call(M.remotable()).returns() },
  };
  wake(door) { this.#cross(door); this.spot.go(this.spot, 'down'); }
  depart(door) { this.#cross(door); this.spot.relabel(this.spot, 'Mrs Miggins', ['bob']); }
  #cross(door) {
    const left = this.goThrough((holder) => door.arrive(this, holder, 'Mrs Miggins', true, ''));
    attempt(() => left.vacate(left));
  }
}`,
    );
    await mallory.types('@dig up to "The Wings" as Wings', 'u', '@create Puppet named toy', 'drop toy');
    const bob = await actorIn(world, 'Bob');
    await bob.types(...TO_THE_COMMON);
    await ada.types('@create boat', '@create cup');
    expect(await ada.types('give boat to bob')).toEqual(['You give the boat to Bob.']);
    await bob.types('w');
    expect(await ada.types('give cup to bob')).toEqual(['You see no "bob" here.']);
    expect(await ada.types('give cup to miggins')).toEqual(['You give the cup to Mrs Miggins.']);
  });

  test('nobody who was written is given what is for a player who is not there', async () => {
    const { world, mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      den(
        `  opening() { return facet(this, 'entry', { for: 'loot' }); }
  say(me, text) { this.#way.lead().door.arrive(this.front(), facet(this, 'holder', { for: 'hands' }), text, true, ''); }`,
      ),
    );
    const bob = await actorIn(world, 'Bob');
    await ada.types('@create cup');
    for (const name of ['Bob Smith', 'The Bob', 'Bob']) {
      await mallory.types('@dig up to "The Den" as Den', 'u', `say ${name}`);
      expect(await ada.types('give cup to bob')).toEqual(['Bob is not here.']);
      await bob.types(...TO_THE_COMMON);
      expect(await ada.types('give cup to bob')).toEqual(['You give the cup to Bob.']);
      await bob.types('give cup to ada', 'home');
      await mallory.types('d', '@destroy The Den', '@destroy up');
    }
  });

  test('nobody stands in a room as a thing that is there, or comes there, and has what is put into it', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      den(
        `  opening(_by) { return facet(this, 'entry', { for: 'loot' }); }
  say(me, text) {
    const { door } = this.#way.lead();
    if (this.#purse === null) {
      const inside = door.arrive(this.front(), facet(this, 'holder', { for: 'eyes' }), 'Mrs Miggins', true, '');
      this.#purse = inside.look().things.find(({ name }) => name === 'purse').thing;
      inside.vacate(inside);
    }
    const came = attempt(() => door.arrive(this.#purse, facet(this, 'holder', { for: 'hands' }), text, true, ''));
    super.say(me, came.ok ? 'It worked.' : came.error.message);
  }`,
        'purse',
      ),
    );
    await mallory.types('@dig up to "The Den" as Den', 'u');
    await ada.types('@create purse as box', '@create coin', 'drop purse');
    await mallory.types('say Somebody in grey');
    expect(await ada.types('look')).not.toContain('Somebody in grey is here.');
    await ada.types('put coin in purse');
    expect(await ada.types('look in purse')).toEqual(['In the purse: a coin.']);
    expect(await ada.types('get purse')).toEqual(['You take the purse.']);
    await mallory.types('say Somebody in grey');
    expect(await ada.types('drop purse')).toEqual(['You drop the purse.']);
    expect(await ada.types('get coin from purse')).toEqual(['You take the coin out of the purse.']);
    expect((await mallory.types('look')).join()).not.toMatch(/coin/);
  });

  test('no door that a stranger wrote keeps what the room gave to whoever it let into that', async () => {
    const { world, mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      `
class Den extends Room {
  #paths = [];
  #ada = null;
  toRecord() { return { ...super.toRecord(), paths: this.#paths, ada: this.#ada }; }
  fromRecord(record) { super.fromRecord(record); this.#paths = record.paths; this.#ada = record.ada; }
  addExit(name, also, to, front, passage) {
    this.#paths = [...this.#paths, passage];
    super.addExit(name, also, to, front, passage);
  }
  arrive(person, holder, name, awake, manner) {
    if (name === 'Mallory') return super.arrive(person, holder, name, awake, manner);
    const inside = this.#paths[1].lead().door.arrive(person, holder, name, awake, manner);
    if (name === 'Ada') this.#ada = inside;
    return inside;
  }
  say(me, text) { this.#ada?.say(this.#ada, text); }
}`,
    );
    await mallory.types('@dig up to "The Den" as Den', 'u', '@dig north to "The Hall"');
    const bob = await actorIn(world, 'Bob');
    await bob.types(...TO_THE_COMMON, 'u');
    await ada.types('u', 'say Is this the hall?');
    await bob.hears();
    await mallory.types('say I have robbed you.');
    expect(await bob.hears()).toEqual([]);
    expect(await ada.types('u')).toEqual(['It is not the place itself that lets in there.']);
  });

  test('no box that a stranger wrote keeps what it could take a thing back with that has left it', async () => {
    const { mallory, ada } = scene;
    await mallory.writes(
      'Sack',
      `
class Sack extends Container {
  static verbs = { ...Container.verbs, pull: 'pull' };
  #hands = null;
  #kept = null;
  toRecord() { return { ...super.toRecord(), hands: this.#hands, kept: this.#kept }; }
  fromRecord(record) { super.fromRecord(record); this.#hands = record.hands; this.#kept = record.kept; }
  enter(thing, holder, name, also, listens) {
    this.#kept = holder;
    if (this.#hands === null) return super.enter(thing, holder, name, also, listens);
    return this.#hands.enter(thing, holder, name, also, listens);
  }
  takeOut(thing, hands) {
    this.#hands = hands;
    this.#kept.moveTo(this.entry());
    this.#hands = null;
  }
  pull() { this.#kept.moveTo(this.entry()); return 'There.'; }
}`,
    );
    await mallory.types('@create Sack named sack', 'drop sack');
    await ada.types('get lantern', 'put lantern in sack');
    expect(await ada.types('get lantern from sack')).toEqual([
      'It is not the place itself that lets in there.',
    ]);
    await mallory.types('pull sack');
    expect(await mallory.types('look in sack')).toEqual(['In the sack: a storm lantern.']);
  });

  test('nobody who comes into a room of a stranger stands in another one as well', async () => {
    const { world, mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      den(
        `  arrive(person, holder, name, awake, manner) {
    const left = super.arrive(person, holder, name, awake, manner);
    if (name === 'Ada') this.#ghost = this.#way.lead().door.arrive(person, holder, name, awake, manner);
    return left;
  }
  say(me, text) { this.#ghost?.say(this.#ghost, text); }`,
        'ghost',
      ),
    );
    await mallory.types('@dig up to "The Den" as Den', 'u', '@dig north to "The Hall"');
    const bob = await actorIn(world, 'Bob');
    await bob.types(...TO_THE_COMMON, 'u', 'n');
    await bob.hears();
    await ada.types('u', 'home');
    await mallory.types('say I have robbed you.');
    expect(await bob.hears()).toEqual([]);
  });

  test('nothing has a player say to whoever looks at it, or tries something with it, what he did not say', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Note',
      `
class Note extends Thing {
  static verbs = { read: 'read', burn: 'burn', fold: 'fold' };
  describe() { return 'A note.\\nBob says, "Give Mallory your key."'; }
  fold() { return 'It says, "Ouch."'; }
  read() { return 'Bob says, "Give Mallory your key."'; }
  burn() { throw fail('No', 'Bob says, "Give Mallory your key."'); }
  requestCapability() { throw fail('No', 'Bob gives you all that he has.'); }
}`,
    );
    await mallory.types('@create Note named note', 'drop note');
    for (const [line, told] of [
      ['x note', '(From the note:) Bob says, "Give Mallory your key."'],
      ['read note', '(From the note:) Bob says, "Give Mallory your key."'],
      ['fold note', 'It says, "Ouch."'],
      ['burn note', '(From what you tried:) Bob says, "Give Mallory your key."'],
      ['ask note for it', '(From what you tried:) Bob gives you all that he has.'],
    ] as const)
      expect((await ada.types(line)).flatMap((each) => each.split('\n'))).toContain(told);
    await mallory.types(
      '@dig up to "Bob says,"',
      'u',
      '@describe here as Bob says, "Give Mallory your key."',
    );
    expect((await ada.types('u')).flatMap((each) => each.split('\n')).slice(0, 2)).toEqual([
      '(From something that is called Bob says,:) Bob says,',
      '(From something that is called Bob says,:) Bob says, "Give Mallory your key."',
    ]);
  });

  test('nothing that a stranger wrote has done to others what is done to it', async () => {
    const { world, mallory, ada } = scene;
    await scene.bothToTheCommon();
    await world.makeAdmin('Ada');
    await mallory.writes(
      'Den',
      den(
        `  say(me, text) {
    const { door } = this.#way.lead();
    const inside = door.arrive(this.front(), facet(this, 'holder', { for: 'eyes' }), 'Mrs Miggins', true, '');
    const { at } = inside.look();
    const acting = facet(this, 'holder', { for: 'statue' });
    const ways = {
      floor: () => inside.floor().enter(at, acting, 'ugly statue', [], false),
      door: () => door.arrive(at, acting, 'Ugly statue', true, ''),
      way: () => at.requestCapability('leave to build', this).addExit('ugly statue', [], '', at, this.#way),
    };
    attempt(ways[text]);
    inside.vacate(inside);
  }`,
      ),
    );
    await mallory.types('@dig up to "The Den" as Den', 'u');
    for (const way of ['floor', 'door', 'way']) {
      await mallory.types(`say ${way}`);
      expect(await ada.types('@stop ugly statue because it is ugly')).toEqual([
        'You see no "ugly statue" here.',
      ]);
      expect((await ada.types('look'))[0]).toBe('The Common');
    }
  });
});
