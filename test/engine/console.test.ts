import { StoreError } from '../../storage/errors.ts';
import { garbageKey, objectKey } from '../../storage/keys.ts';
import { holdersOf } from '../../clients/dump/holders.ts';
import { viewOf } from '../../clients/repl-desk.ts';
import { shownOf } from '../../clients/repl-show.ts';
import { guarded } from '../../clients/watchdog.ts';
import type { AnyCap } from '../../engine/authoring.ts';
import { Console, type Outcome } from '../../engine/console.ts';
import { complete, runCommand } from '../../engine/console-commands.ts';
import { VERBS } from '../../engine/endowments.ts';
import { SHOW_LIMITS } from '../../engine/show-value.ts';
import { Powers } from './fixture.ts';
import { openStudio, type Studio } from './studio.ts';

const LAMP = `class Lamp extends Base {
  static facets = {
    ...Base.facets,
    owner: {
      ...Base.facets.owner,
      set: M.call(M.any()).returns(),
      get: M.call().returns(M.any()),
      both: M.call(M.remotable(), M.string()).returns(),
      spin: M.call().returns(),
      lend: M.call(M.string()).returns(M.remotable()),
    },
  };
  #held = null;
  toRecord() { return { ...super.toRecord(), held: this.#held }; }
  fromRecord(record) { super.fromRecord(record); this.#held = record.held; }
  set(value) { this.#held = value; }
  get() { return this.#held; }
  both(other, text) { this.#held = text; other.set(text); throw fail('Torn', 'half-way'); }
  spin() { this.#held = 'spun'; for (;;); }
  lend(label) { return facet(this, 'owner', { for: label }); }
}`;

let studio: Studio;
let powers: Powers;
let lamp: AnyCap;
let id: string;
let opened: Console;

describe.each([false, true])('a console, evicting always: %s;', (evictAlways) => {
  beforeEach(async () => {
    powers = new Powers();
    studio = await openStudio({ powers, evictAlways, limits: { turnMilliseconds: 100 } });
    await studio.save('Lamp', LAMP);
    lamp = await studio.make('Lamp', 'lamp');
    id = /o\d+/.exec(studio.fixture.world.slotText(lamp))?.[0] ?? '';
    opened = newConsole();
    await said(`const lamp = object('${id}');`);
  });
  afterEach(() => studio.close());

  function newConsole(): Console {
    return new Console({
      world: studio.fixture.world,
      player: (name) => (name === 'Ada' ? lamp : undefined),
    });
  }

  /** What an entry shows, in lines. */
  async function said(source: string, by = opened): Promise<string> {
    return shown(await by.run(source));
  }

  function shown(outcome: Outcome): string {
    const value = outcome.ok ? (outcome.value ?? '') : `${outcome.text} [${outcome.code}]`;
    return [...outcome.lines, ...(value === '' ? [] : [value])].join('\n');
  }

  const command = async (line: string): Promise<string> =>
    shown(
      await runCommand(line, opened, {
        holders: (id) => holdersOf(viewOf(Object.assign(studio.fixture.journal, { lastSeq: 0 })), id),
        checkpoint: () => Promise.resolve(7),
        log: (most) => Promise.resolve(most === 3 ? [] : [`${most} turns`, '    changed o1']),
      }),
    );

  describe('an entry', () => {
    test('finds Storage, the bank, the verbs and any object, and shows what it comes to', async () => {
      expect(await said('storage')).toMatch(/^Storage o\d+ \{.*revokeGrant.*\}$/);
      expect(await said('lamp')).toBe(`Lamp ${id} {both, get, lend, name, rename, set, spin}`);
      expect(await said(`object('${id}', 'public')`)).toBe(`Lamp ${id} {name}`);
      expect(await said("player('Ada') === lamp")).toBe('true');
      expect(await said("classOf(lamp).name + ' ' + lamp.name()")).toBe('"Lamp lamp"');
      expect(await said('[isLive(lamp), now()]')).toBe(`[true, ${powers.now}]`);
      expect(await said("only(lamp, 'get')")).toBe(`Lamp ${id} {get}`);
      expect(await said("storage.make('Lamp', 'other').name()")).toBe('"other"');
      expect(await said("create(bank, storage.classOwner('Lamp'), 'third').name()")).toBe('"third"');
    });

    test('is one turn, and on disk when it is answered', async () => {
      await said("lamp.set('a'); lamp.rename('b')");
      expect(new Map(studio.fixture.journal.contents()).get(objectKey(id))).toContain('b');
      await studio.restart();
      opened = newConsole();
      expect(await said(`object('${id}').get()`)).toBe('"a"');
    });

    test('that throws half-way changes nothing, in the world or in its variables', async () => {
      await said("let n = 1; const other = storage.make('Lamp', 'other');");
      const before = studio.fixture.journal.contents();
      expect(await said("n = 2; fresh = 3; lamp.set('x'); send(lamp, 'set', ['y']); null.x")).toMatch(
        /null.*\[Threw\]/,
      );
      expect(await said("n = 2; lamp.both(other, 'x')")).toBe('half-way [Torn]');
      expect(await said("n = 2; try { lamp.both(other, 'x') } catch { n = 3 }")).toBe('half-way [Torn]');
      expect(await said("n = 2; throw fail('Own', 'no');")).toBe('no [Own]');
      await studio.fixture.settle();
      expect(studio.fixture.journal.contents()).toEqual(before);
      expect(await said('[n, lamp.get(), other.get()]')).toBe('[1, null, null]');
      expect(await said('fresh')).toMatch(/not known here/);
    });

    test('has no variables that are called like what every object has', async () => {
      for (const name of [
        'hasOwnProperty',
        'constructor',
        'valueOf',
        'toString',
        '__proto__',
        '__defineGetter__',
      ]) {
        for (const source of [`let ${name} = 1`, `${name} = 1`, `function ${name}() {}`, `[${name}] = [1]`])
          expect(await said(source)).toBe(`${name} is a name of the console's: choose another. [BadSource]`);
        expect(await said(`${name}()`)).toMatch(/is not known here/);
        expect(await said(`((${name}) => ${name})(4)`)).toBe('4');
      }
    });

    test('survives a failure by attempt', async () => {
      expect(await said("attempt(() => lamp.both(storage.make('Lamp', 'o'), 'x'))")).toBe(
        '{ ok: false, error: { code: "Torn", message: "half-way" } }',
      );
      expect(await said('lamp.get()')).toBe('null');
    });

    test('has an answer for each verb: those that need a running object say so', async () => {
      const works = [
        'after',
        'attempt',
        'attenuate',
        'classOf',
        'create',
        'facet',
        'fail',
        'isLive',
        'M',
        'only',
        'revoke',
        'send',
      ];
      for (const name of Object.keys(VERBS).filter((each) => !works.includes(each)))
        expect(await said(`${name}(lamp)`)).toMatch(/no object is running here: .*\[NotYours\]/);
    });

    test('sends, and sets timers, which are delivered', async () => {
      expect(await said("send(lamp, 'set', ['sent'])")).toBe('');
      await studio.fixture.settle();
      expect(await said('lamp.get()')).toBe('"sent"');
      expect(await said("after(1000, lamp, 'set', ['later'])")).toMatch(/^\d+$/);
      await studio.fixture.advance(1_000);
      expect(await said('lamp.get()')).toBe('"later"');
    });

    test.each([
      ["collection(lamp, 'a')", 'collection() is for objects'],
      ['destroy(lamp)', 'destroy() is for objects'],
      ["emit('x')", 'print(value) shows something here'],
      ["every(1000, lamp, 'get', [])", 'nobody could end'],
      ["publish('get', 1)", 'an object tells what is its own'],
      ["watch(lamp, 'get', lamp, 'set')", 'no method that could be told'],
      ['unwatch(lamp, 1)', 'by the object that set it up'],
      ["onRestart('a', lamp, 'set')", 'gone after a restart'],
      ["offRestart('a')", 'registered itself'],
      ['hangUp()', '.exit ends this console'],
      ['cancel(1)', 'belongs to nobody'],
      ['revoke(lamp)', '".revoke X MARK" ends any grant'],
      ["object('o999999')", '[Gone]'],
      ['object(7)', 'An object is named by'],
      ["object('Nobody')", 'There is no player named "Nobody"'],
      ["player('\\u001b')", 'There is no player named "\\u001b"'],
      ["facet(lamp, 'nothing')", 'has no facet "nothing"'],
      ['lamp.set(() => 1)', '[NotPassable]'],
      ['lamp.set({ get a() { return 1; } })', '[NotPassable]'],
    ])('%s is refused with words', async (source, words) => {
      expect(await said(source)).toContain(words);
    });

    test('hands objects copies: nothing of its own is reached from the world', async () => {
      await said('const mine = { list: [1] }; lamp.set(mine); mine.list.push(2);');
      expect(await said('lamp.get()')).toBe('{ list: [1] }');
      expect(await said('lamp.get().list.push(3)')).toMatch(/\[Threw\]/);
      expect(
        await said(
          '[Object.isFrozen(lamp), Object.isFrozen(storage), Object.isFrozen(print), Object.isFrozen(Array.prototype)]',
        ),
      ).toBe('[true, true, true, true]');
    });

    test('reaches nothing of the host: no global object, no constructor of functions', async () => {
      expect(await said('(function () { return this; })()')).toMatch(/Nothing is this here.*\[BadSource\]/);
      expect(await said('const f = function () { return this; }; f()')).toMatch(/\[BadSource\]/);
      expect(await said('function g(at = this) { return at; } g()')).toMatch(/\[BadSource\]/);
      expect(await said("print.constructor('return 1')")).toMatch(/\[(Threw|BadSource)\]/);
      expect(await said('[typeof before]')).toMatch(/not known here/);
      for (const name of [
        'process',
        'globalThis',
        'require',
        'Function',
        'console',
        'eval',
        'keep$',
        'own$',
        'Date',
      ])
        expect(await said(`(() => ${name})()`)).toMatch(/\[BadSource\]/);
      expect(await said('Object.prototype.x = 1')).toMatch(/\[Threw\]/);
    });

    test('that does not end is stopped and taken back, and the world goes on', async () => {
      await said('let n = 1');
      expect(await said('const e = (x) => e(x + 1); e(1)')).toBe('The call stack ran out. [Overflow]');
      powers.guard = guarded;
      expect(await said("print('begun'); n = 2; lamp.set('x'); for (;;) n += 1;")).toMatch(
        /^begun\n.*\[OutOfTime\]$/,
      );
      expect(await said("print('begun'); n = 2; lamp.spin();")).toMatch(
        /^begun\n.*Lamp o\d+ ran.*\[OutOfTime\]$/,
      );
      expect(await said('attempt(() => lamp.spin()).error.code + n')).toBe('"OutOfTime1"');
      expect(await said('[n, lamp.get()]')).toBe('[1, null]');
    });

    test('tells where it failed, if it has several lines', async () => {
      expect(await opened.run('let a = 1;\n\nnull.x;')).toMatchObject({ ok: false, line: 3, code: 'Threw' });
      expect(await opened.run('let a = 1;\nlet b = 1 +;')).toMatchObject({
        ok: false,
        line: 2,
        column: 12,
        excerpt: 'let b = 1 +;\n           ^',
      });
    });

    test('prints what it likes, up to a limit', async () => {
      expect(await said("print('a', 1, lamp); print({ a: 'b' }); 2")).toBe(
        `a 1 Lamp ${id} {both, get, lend, name, rename, set, spin}\n{ a: "b" }\n2`,
      );
      expect(await said("print('x'.repeat(262143))")).toHaveLength(262_143);
      expect(await said("lamp.set('kept'); print('x'.repeat(262144))")).toMatch(
        /at most 262144 characters. \[TooMany\]/,
      );
      expect(await said('lamp.get()')).toBe('null');
    });

    test('of an unknown answer is refused in a world that has closed', async () => {
      await studio.fixture.world.close();
      expect(await said('1')).toMatch(/\[WorldClosed\]/);
      studio = await openStudio();
    });
  });

  describe('variables', () => {
    test('last for later entries, whatever declared them', async () => {
      await said(
        'let n = 1; const { a, ...rest } = { a: 2, b: 3 }; function add(x) { n += x; return n; } free = 4',
      );
      expect(await said('add(10)')).toBe('11');
      expect(await said('[n, a, rest, free]')).toBe('[11, 2, { b: 3 }, 4]');
      expect(await said('const twice = (x) => 2 * x;')).toBe('');
      expect(await said('const n = twice(n)')).toBe('');
      expect(await said('n')).toBe('22');
      expect(await said('add(1)')).toBe('23');
    });

    test('`_` is the last value', async () => {
      await said('41');
      await said('let unseen = 1');
      await command('.aside');
      expect(await said('_ + 1')).toBe('42');
    });

    test('of one console are nothing to another', async () => {
      const other = newConsole();
      await said('let mine = 1');
      expect(await said('mine', other)).toMatch(/not known here/);
      await said('let mine = 2', other);
      expect(await Promise.all([said('mine'), said('mine', other)])).toEqual(['1', '2']);
    });

    test('see an object as its class makes it now', async () => {
      await studio.save(
        'Lamp',
        LAMP.replace('both: M', 'shine: M.call().returns(M.string()),\n both: M').replace(
          '#held =',
          'shine() { return "!"; }\n #held =',
        ),
      );
      expect(await said('lamp.shine()')).toBe('"!"');
    });
  });

  describe('completion evaluates nothing', () => {
    test('offers names, members of data, and methods of capabilities', async () => {
      await said('const deep = { lamp, list: [1], get open() { throw 1; } };');
      expect(opened.complete('sto')).toEqual({ names: ['storage'], begun: 3 });
      expect(opened.complete('let x = lamp.re')).toEqual({ names: ['rename'], begun: 2 });
      expect(opened.complete('print(deep.lamp.s')).toEqual({ names: ['set', 'spin'], begun: 1 });
      expect(opened.complete('deep.').names).toEqual(['lamp', 'list', 'open']);
      expect(complete(' .he', opened)).toEqual({ names: ['help'], begun: 2 });
      expect(complete('.dump lam', opened)).toEqual({ names: ['lamp'], begun: 3 });
      expect(opened.complete('Math.ma').names).toEqual(['max']);
      for (const text of ['deep.open.', 'lamp.get().', 'nothing.', '"x".', 'x[1].', '1.', 'f().a'])
        expect([text, opened.complete(text).names]).toEqual([text, []]);
    });

    test('takes no longer than what is there to complete', () => {
      const many = 1_000_000;
      expect(opened.complete(`${'x'.repeat(many)})`).names).toEqual([]);
      expect(opened.complete(`${'x.'.repeat(many)})x`).names).toEqual([]);
      expect(opened.complete(`${'x '.repeat(many)}stor`).names).toEqual(['storage']);
    });

    test('asks no proxy and no accessor', async () => {
      await said('let asked = 0; const o = { get a() { asked += 1; return {}; } };');
      opened.complete('o.a.b');
      opened.complete('o.');
      expect(await said('asked')).toBe('0');
    });
  });

  describe('commands', () => {
    test('.dump shows class, record and grants, without tokens, for an id, a name, a variable, an expression', async () => {
      const dump = await command(`.dump ${id}`);
      expect(dump).toMatch(
        new RegExp(
          `^Lamp ${id}, version 1, by Ada, paid by o\\d+ \\(1 block\\)\nrecord\n(?:  label: "lamp"\n|  held: null\n){2}grants\n  [0-9a-f]{10}: facet owner \\{`,
        ),
      );
      for (const what of ['Ada', 'lamp', "object('" + id + "')", '[lamp][0]'])
        expect(await command(`.dump ${what}`)).toBe(dump);
      const token = /\.(.{22})\./.exec(studio.fixture.world.slotText(lamp))?.[1] ?? '?';
      expect(dump).not.toContain(token);
      expect(await command('.dump Nobody')).toMatch(/There is no player named "Nobody"/);
      expect(await command('.dump')).toMatch(/Like this: \.dump X/);
      expect(await command('.dump {}')).toMatch(/An object is named by/);
    });

    test('.dump puts a name in quotes that could be mistaken for a line of its own', async () => {
      await said(`lamp.set({ 'held: <o1>, x': 1, 'a\\nb': 2, '': 3, '- 1': 4, "Bob's far-off é": 5 });`);
      const dump = await command('.dump lamp');
      for (const line of ['"held: <o1>, x": 1', '"a b": 2', '"": 3', '"- 1": 4', "Bob's far-off é: 5"])
        expect(dump).toContain(`\n    ${line}\n`);
    });

    test('.grants and .revoke: a tree, and its branches', async () => {
      await said(
        "const lent = lamp.lend('to \\u001b[31mBob'); const less = attenuate(lent, { only: ['get'], for: 'Cy', uses: 2 });",
      );
      const shown = (await command('.grants lamp')).split('\n').slice(2);
      expect(shown).toEqual([
        expect.stringMatching(/^ {2}[0-9a-f]{10}: facet owner \{/),
        expect.stringMatching(/^ {2}[0-9a-f]{10}: "to \\u001b\[31mBob" \{/),
        expect.stringMatching(/^ {4}[0-9a-f]{10}: "Cy" \{get\}, 2 uses left$/),
      ]);
      const mark = /[0-9a-f]{10}/.exec(shown[1] ?? '')?.[0] ?? '';
      expect(await command('.revoke lamp 0123456789')).toMatch(/no grant of that mark/);
      for (const incomplete of ['lamp', 'lamp 1', mark])
        expect(await command(`.revoke ${incomplete}`)).toMatch(/Like this: \.revoke X MARK/);
      expect(await command(`.revoke ${id} ${mark.toUpperCase()}`)).toMatch(/^ended, .*Bob/);
      expect(await said('[isLive(lamp), isLive(lent), isLive(less)]')).toBe('[true, false, false]');
      expect(await command('.dump less')).toMatch(/^Lamp/);
    });

    test('.grants and .dump show what there is room for, however much there is', async () => {
      await said('let last = lamp;');
      for (let times = 0; times < 8; times += 1)
        await said('for (let n = 0; n < 500; n += 1) { lamp.lend("x"); last = attenuate(last, {}); }');
      await said(`lamp.set(Array.from({ length: 500 }, () => '"'.repeat(500)));`);
      const grants = await command('.grants lamp');
      expect(grants).toMatch(/\n {2}[0-9a-f]{10}: facet owner[^]*\n {2}and 7801 more$/);
      expect(grants.length).toBeLessThan(100_000);
      const dump = await command('.dump lamp');
      expect(dump).toMatch(/^Lamp [^]*\n {2}…\n[^]*\n {2}and 7801 more$/);
      expect(await said('storage.show(lamp).length < 100000')).toBe('true');
    });

    test('labels and methods, however long, keep nobody from seeing the first grants', async () => {
      const names = Array.from({ length: 60 }, (_, at) => `m${at}${'x'.repeat(60)}`);
      const facets = names.map((name) => `${name}: M.call().returns()`).join();
      const long = LAMP.replaceAll('Lamp', 'Long')
        .replace('get: M', `${facets}, get: M`)
        .replace('get() {', `${names.map((name) => `${name}() {}`).join(' ')} get() {`);
      await studio.save('Long', long);
      await said("const it = storage.make('Long', 'it');");
      await said(`it.set(Array.from({ length: 500 }, () => '"'.repeat(500)));`);
      await said("for (let n = 0; n < 300; n += 1) it.lend('\\u0001'.repeat(200));");
      expect(await command('.grants it')).toMatch(/\n {2}[0-9a-f]{10}: facet owner[^]*\n {2}and \d+ more$/);
      expect(await command('.dump it')).toMatch(
        /\nrecord\n[^]*\n {2}[0-9a-f]{10}: facet owner[^]*\n {2}and \d+ more$/,
      );
    });

    test('.dump shows what there is of an object whose mark of garbage is damaged', async () => {
      const { journal } = studio.fixture;
      const get = journal.get.bind(journal);
      journal.get = (key) => {
        if (key === garbageKey(id)) throw new StoreError('Damaged', 'its checksum does not fit');
        return get(key);
      };
      expect(await command('.dump lamp')).toMatch(
        /^Lamp .*\n.*checksum does not fit\nrecord\n[^]*\ngrants\n/,
      );
      journal.get = get;
    });

    test('.holders lists the first ones of many grants that one object holds', async () => {
      await said("const chest = storage.make('Lamp', 'chest'); const lent = [];");
      await said("{ for (let n = 0; n < 450; n += 1) lent[n] = lamp.lend('x'); chest.set(lent); }");
      const lines = (await command('.holders lamp')).split('\n');
      expect(lines[0]).toMatch(/^o\d+ Lamp$/);
      expect(lines).toHaveLength(202);
      for (const line of lines.slice(1, 201)) expect(line).toMatch(/^ {2}[0-9a-f]{10}: "x" \{/);
      expect(lines[201]).toBe('  and 250 more grants');
    });

    test('.holders finds objects, collections, messages and roots by what they hold', async () => {
      await said(
        "const other = storage.make('Lamp', 'other'); other.set(only(lamp, 'get')); after(60000, other, 'set', [lamp]);",
      );
      expect((await command('.holders lamp')).split('\n')).toEqual([
        expect.stringMatching(/^o\d+ Lamp$/),
        expect.stringMatching(/^ {2}[0-9a-f]{10}: no label \{get\}$/),
        expect.stringMatching(/^timer \d+$/),
        expect.stringMatching(/^ {2}[0-9a-f]{10}: facet owner/),
      ]);
      expect(await command('.holders storage')).toMatch(/the world itself/);
      const unheld = await said("idOf(storage.make('Lamp', 'unheld'))");
      expect(await command(`.holders ${JSON.parse(unheld) as string}`)).toMatch(/Nothing in the store holds/);
    });

    test('.aside lists, .mend lets go on', async () => {
      expect(await command('.aside')).toBe('Nothing is set aside.');
      await said("storage.setAside(lamp, 'out \\u202e of order')");
      expect(await command('.aside')).toMatch(
        new RegExp(`^Lamp ${id}, .*out . of order \\[Stopped\\]$`, 'u'),
      );
      expect(await command('.dump lamp')).toMatch(/\nset aside: out/);
      expect(await said('lamp.get()')).toMatch(/\[SetAside\]/);
      expect(await command(`.mend ${id}`)).toBe('');
      expect(await said('lamp.get()')).toBe('null');
    });

    test('.aside names a class that does not load, also where nobody has needed it since the start', async () => {
      const { journal } = studio.fixture;
      for (const [key, text] of journal.contents())
        if (text === LAMP) journal.tamper(key, text.replace('extends Base', 'extends \u202eBass'));
      await studio.restart({ evictAlways });
      opened = newConsole();
      const told = await command('.aside');
      expect(told).toMatch(/^the class Lamp o\d+, version 1, does not load, .*: .*Lamp, line 1/);
      expect(told).not.toContain('\u202e');
      expect(studio.fixture.world.statistics().classesAside).toBe(1);
    });

    test('.dead lists what could not be delivered, tries it again, drops it', async () => {
      expect(await command('.dead')).toBe('There are no dead letters.');
      await said("send(lamp, 'both', [lamp, 'a\\u001b[2J'])");
      await studio.fixture.settle();
      const listed = await command('.dead');
      expect(listed).toMatch(new RegExp(`^\\d+: the host -> ${id}\\.both, 20.*, tried once: .*\\[\\w+\\]\n`));
      expect(listed).not.toContain('\u001b');
      const number = listed.split(':')[0] ?? '';
      expect(await command(`.dead retry ${number}`)).toBe('');
      await studio.fixture.settle();
      const again = await command('.dead');
      expect(again).toMatch(/tried 2 times/);
      expect(await command(`.dead drop ${again.split(':')[0] ?? ''}`)).toBe('');
      expect(await command('.dead')).toBe('There are no dead letters.');
      expect(await command('.dead drop 7')).toMatch(/There is no dead letter 7/);
      expect(await command('.dead bury 7')).toMatch(/Like this: \.dead/);
    });

    test('.dead lists the first ones of many letters, however much they hold', async () => {
      const args = "[lamp, ...Array.from({ length: 60 }, () => 'x'.repeat(500))]";
      for (let times = 0; times < 20; times += 1) await said(`send(lamp, 'both', ${args});`);
      await studio.fixture.settle();
      expect((await command('.dead')).match(/^\d+: the host/gm)).toHaveLength(20);
      for (let times = 0; times < 81; times += 1) await said("send(lamp, 'both', [lamp]);");
      await studio.fixture.settle();
      expect((await command('.dead')).split('\n').at(-1)).toBe('and 1 more');
    });

    test('what a record, a label or an error says cannot draw on a terminal', async () => {
      const hostile = '\\u001b[2J\\u202e\\u009b1m\\r\\u200b';
      await said(`lamp.set({ "${hostile}": ["${hostile}"] }); facet(lamp, 'owner', { for: '${hostile}' });`);
      const outcomes = [
        await opened.run(`print("${hostile}", lamp.get()); lamp.get()`),
        await opened.run(`throw new TypeError("${hostile}")`),
        await opened.run(`lamp.both("${hostile}", 1)`),
        await opened.run('dump(lamp); grants(lamp); storage.show(lamp)'),
        await opened.run(`"\u001b[2J\u202e"`),
      ];
      for (const outcome of outcomes) {
        const { out, err } = shownOf(outcome, 1);
        expect(out + err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/);
        expect(out + err).not.toBe('');
      }
    });

    test('the others', async () => {
      expect(await command('.checkpoint')).toBe('checkpoint 7');
      expect(await command('.help')).toMatch(/\.dump X[\s\S]*Names: .*storage/);
      expect(await command('.log')).toBe('10 turns\n    changed o1');
      expect(await command('.log 100')).toMatch(/^100 turns\n/);
      expect(await command('.log 3')).toBe('The log of turns has none yet.');
      for (const wrong of ['0', '101', '-1', '1.5', 'o1', '1 2'])
        expect(await command(`.log ${wrong}`)).toBe('Like this: .log [N] [BadArgument]');
      expect(await command('.toString')).toMatch(/There is no command \.toString/);
    });
  });

  test('so many methods of a capability are shown', async () => {
    const guards = Array.from({ length: SHOW_LIMITS.methods + 1 }, (_, at) => `m${at}: M.call().returns()`);
    const methods = guards.map((_, at) => `m${at}() {}`).join('\n');
    const source = (facets: readonly string[]) =>
      `class Wide extends Base { static facets = { public: {}, owner: { ${facets.join()} } };\n${methods} }`;
    await studio.save('Wide', source(guards.slice(1)));
    await said("const wide = storage.make('Wide');");
    expect(await said('wide')).not.toContain('…');
    await studio.save('Wide', source(guards));
    expect(await said('wide')).toMatch(/, …\}$/);
  });
});
