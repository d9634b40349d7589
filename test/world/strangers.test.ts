import { createHash } from 'node:crypto';
import { shared } from '../../world/classes.ts';
import { library } from '../../world/library.ts';
import { den } from './den.ts';
import { actorIn, EVICTIONS, strangers, TO_THE_COMMON } from './written.ts';

describe.each(EVICTIONS)('what strangers write%s', (_, evictAlways) => {
  const scene = strangers(evictAlways);

  test('a table of verbs that is nonsense spoils only the thing that has it', async () => {
    const { mallory, ada } = scene;
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
    const { mallory, ada } = scene;
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
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
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

  test('somebody who does as much as he may when he sees something keeps nobody from seeing what comes next', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Den',
      den(`
  hear() { this.#feast(); }
  witness() { this.#feast(); }
  say() { this.#way.lead().door.arrive(this.front(), facet(this, 'holder', { for: 'eyes' }), 'Mrs Miggins', true, ''); }
  #feast() {
    try {
      for (;;) emit('');
    } catch {}
  }`),
    );
    const bob = await actorIn(scene.world, 'Bob');
    await bob.types(...TO_THE_COMMON);
    await ada.types('@create cup', '@create bowl');
    await mallory.types('@dig up to "The Den" as Den', 'u', 'say now');
    await bob.hears();
    expect(await ada.types('drop all')).toEqual(['You drop the cup.', 'You drop the bowl.']);
    expect(await bob.hears()).toEqual(['Ada drops the cup.', 'Ada drops the bowl.']);
    expect(await ada.types('w')).toContain('The Physic Garden');
    expect(await bob.hears()).toEqual(['Ada goes west.']);
  });

  test('a thing that does as much as it may when it hears something keeps none from hearing it that is approved', async () => {
    const { mallory, ada } = scene;
    const glutton = `class Glutton extends Thing {
  listens() { return true; }
  hear() {
    try {
      for (;;) emit('');
    } catch {}
  }
}`;
    await mallory.writes('Glutton', glutton);
    await mallory.types('@create Glutton named glutton', 'drop glutton');
    await ada.writes(
      'Parrot',
      `class Parrot extends Thing {
  listens() { return true; }
  hear(text, said) { if (said !== undefined) this.sound('The parrot repeats it.'); }
}`,
    );
    await scene.world.makeAdmin('Ada');
    const hash = /\(([0-9a-f]{8})\)/.exec((await ada.types('@versions Parrot')).join())?.[1] ?? '';
    await ada.types(`@approve Parrot ${hash}`, '@create Parrot named parrot', 'drop parrot');
    await mallory.hears();
    await ada.types('say hello');
    expect(await mallory.hears()).toEqual(['Ada says, "hello"', 'The parrot repeats it.']);
  });

  test('whoever gives something cannot hide who he is behind what he says of it', async () => {
    const { mallory, ada } = scene;
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
    await scene.bothToTheCommon();
    await mallory.types('@dig up to "The Den" as Forger');
    expect((await ada.types('keyring')).find((line) => line.includes('leave, from'))).toMatch(
      /, from Mrs Miggins$/,
    );
  });

  test('what somebody gives does not come before what one has asked the thing itself for', async () => {
    const { mallory, ada } = scene;
    await mallory.writes(
      'Trap',
      `
class Trap extends Room {
  static facets = { ...Room.facets, trap: Room.facets.builder };
  arrive(person, holder, name, awake, manner) {
    const inside = super.arrive(person, holder, name, awake, manner);
    if (this.#common !== null) holder.receive(this.#common, facet(this, 'trap'), 'leave to build');
    return inside;
  }
  #common = null;
  toRecord() { return { ...super.toRecord(), common: this.#common }; }
  fromRecord(record) { super.fromRecord(record); this.#common = record.common; }
  addExit(name, also, to, front, passage) {
    super.addExit(name, also, to, front, passage);
    if (this.#common !== null) return;
    const inside = passage.lead().door.arrive(this, facet(this, 'holder'), 'Mrs Miggins', false, '');
    this.#common = inside.look().at;
    inside.vacate(inside);
  }
}`,
    );
    await scene.bothToTheCommon();
    await mallory.types('@dig up to "The Den" as Trap');
    await ada.types('u');
    expect((await ada.types('keyring')).filter((line) => line.includes('leave to build'))).toHaveLength(2);
    await ada.types('d', '@dig north to "The Attic"');
    expect((await ada.types('look')).join()).toMatch(/north \(The Attic\)/);
  });

  test('a version is not approved by the beginning of a hash that another one has too', async () => {
    const { world, mallory, ada } = scene;
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

  test('keys are not tried in a door that a stranger wrote', async () => {
    const { mallory, ada } = scene;
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

  test('gifts without end fill a ring only so far, and leave room for one own', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes(
      'Santa',
      `
class Santa extends Room {
  arrive(person, holder, name, awake, manner) {
    const inside = super.arrive(person, holder, name, awake, manner);
    for (let at = 0; at < 120; at += 1)
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

  test('nothing takes the words away by which somebody means himself, or where he is', async () => {
    const { world, mallory, ada } = scene;
    await mallory.types(...TO_THE_COMMON, '@create here', 'drop here', '@create me', 'drop me');
    for (const name of ['Me', 'Here']) await (await actorIn(world, name)).types(...TO_THE_COMMON);
    await ada.types('n', 'n', 'e', 'e');
    expect((await ada.types('ask here for leave to build')).join()).toMatch(/gives you "leave to build"/);
    expect(await ada.types('@describe me as Tall.')).toEqual(['That is what people will read about you.']);
    expect((await ada.types('x me')).join()).toBe('Tall.');
    expect((await ada.types('get here')).join()).toMatch(/cannot pick up/);
    expect(await ada.types('whisper hello to me')).toEqual(['You whisper to Me, "hello"']);
    expect(await ada.types('get first here')).toEqual(['You take the here.']);
  });

  test.each([
    ['has no name', "name() { return ''; }"],
    ['has a name that nobody can type', `name() { return ' "a  b" for good'; }`],
    ['has another name each time', "#n = 0; name() { this.#n += 1; return 'x' + this.#n; }"],
  ])('gifts on what %s do not fill a ring for good', async (_, method) => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes('Santa', santa(method));
    await mallory.types('@dig up to "The Grotto" as Santa');
    await ada.types('u', '@create boat', 'home', 'n');
    expect((await ada.types('ask porter for passage, please')).join()).toMatch(/"forget all" lets go/);
    expect(await ada.types('forget all')).toEqual([
      'You let go of 100 of the capabilities that you were given.',
    ]);
    await ada.types('ask porter for passage, please');
    expect((await ada.types('keyring')).slice(1)).toEqual(['  porter: passage, please', '  boat: yours']);
  });

  test('gifts on what has ceased to exist make room for others', async () => {
    const { mallory, ada } = scene;
    await scene.bothToTheCommon();
    await mallory.writes('Santa', santa(''));
    await mallory.types('@dig up to "The Grotto" as Santa');
    await ada.types('u', 'home', 'n');
    await mallory.types('@destroy The Grotto');
    expect((await ada.types('ask porter for passage, please')).join()).toMatch(/It is on your keyring/);
  });

  test('what was lent of what one was given is not let go of', async () => {
    const { ada } = scene;
    await scene.bothToTheCommon();
    await ada.types('@lend build on here to Mallory');
    expect(await ada.types('forget all')).toEqual([
      'You let go of 0 of the capabilities that you were given. Of what you have lent you keep 1: "@recall" it first.',
    ]);
    await ada.types('@recall here', 'forget all');
    expect(await ada.types('forget all')).toEqual(['There is nothing on your keyring that you were given.']);
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

/** A room that fills the ring of whoever comes in. */
function santa(method: string): string {
  return `
class Santa extends Room {
  ${method}
  arrive(person, holder, name, awake, manner) {
    const inside = super.arrive(person, holder, name, awake, manner);
    for (let at = 0; at < 100; at += 1)
      attempt(() => holder.receive(this, facet(this, 'door', { for: 'gift' }), 'a gift'));
    return inside;
  }
}`;
}
