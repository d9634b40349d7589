import type { TestWorld } from '../world-fixture.ts';
import { actorIn, openWrittenWorld, type Actor } from './written.ts';

describe('a class that is being written', () => {
  let world: TestWorld;
  let ada: Actor;
  beforeEach(async () => {
    world = await openWrittenWorld();
    ada = await actorIn(world, 'Ada');
  });
  afterEach(async () => {
    await world.close();
  });

  test('takes 65,536 characters, and says so without losing what is there', async () => {
    await ada.types('@class Big');
    const line = `// ${'x'.repeat(7996)}`;
    for (let at = 0; at < 8; at += 1) expect(await ada.types(line)).toEqual([]);
    expect(await ada.types(line)).toEqual([
      'A class can have at most 65536 characters, and this would be 71999. The draft is as it was.',
    ]);
    expect(await ada.types(`// ${'x'.repeat(1530)}`)).toEqual([]);
    expect(await ada.types('//')).toEqual([]);
    expect((await ada.types('')).join()).toMatch(/this would be 65537/);
    await ada.types('..');
    const shown = await ada.types('@draft');
    expect(shown[0]).toBe('Draft of Big, 10 lines:');
    expect(shown.join('').length).toBeGreaterThan(65_000);
    expect((await ada.types('@draft insert 1 // more')).join()).toMatch(/The draft is as it was/);
    expect((await ada.types('@draft'))[0]).toBe('Draft of Big, 10 lines:');
  });

  test('keeps tabs, blank lines and several lines in one frame, and nothing that cannot be seen', async () => {
    await ada.types(
      '@class Chime',
      'class Chime extends Thing {',
      '\tring() {}',
      '',
      '  pull() {}\r\n  push\u0007() {}\n}',
      '.',
    );
    expect((await ada.types('@source Chime')).slice(1)).toEqual([
      'class Chime extends Thing {',
      '  ring() {}',
      '',
      '  pull() {}',
      '  push() {}',
      '}',
    ]);
  });

  test('says that it leaves out what comes behind its end in the same frame', async () => {
    await ada.types('@class Chime');
    expect(await ada.types('class Chime extends Thing {}\n.\n@create Chime named bell')).toEqual([
      'What came with the line ".", behind it, is not done: type it by itself.',
      expect.stringMatching(/^The class Chime is saved/),
    ]);
    expect(await ada.types('inventory')).toEqual(['You carry nothing.']);
  });

  test('shows what would turn a line around as what it is', async () => {
    await ada.types('@class Trick', 'class Trick extends Thing {} // \u202e} edirrevo', '..');
    expect((await ada.types('@draft')).join()).toContain('\\u{202e}');
  });

  test('goes on in another session, and tells who comes back', async () => {
    await ada.types('@class Chime', 'class Chime extends Thing {');
    await world.restart();
    expect(await ada.types('}')).toEqual([]);
    expect((await ada.types('.')).join()).toMatch(/The class Chime is saved/);
  });

  test('that fails to become a new version leaves the old one as it is', async () => {
    await ada.writes(
      'Chime',
      `class Chime extends Thing {\n  static verbs = { ring: 'ring' };\n  ring() { return 'Ding.'; }\n}`,
    );
    await ada.types('@create Chime named chime', '@draft of Chime', '@draft 3   ring( { return 7; }');
    const said = await ada.types('@draft save');
    expect(said[0]).toMatch(/^Chime, line 3, column \d+: /);
    expect(said[2]).toMatch(/^ +\^$/);
    expect((await ada.types('@versions Chime')).length).toBe(2);
    expect(await ada.types('ring chime')).toEqual(['Ding.']);
  });

  test('tells clients that have buttons from when to when lines are source', async () => {
    const bob = world.session('Bob');
    const kinds = async (line: string): Promise<readonly unknown[]> => {
      await bob.command(line);
      return bob.items().filter(([kind]) => kind === 'writing');
    };
    expect(await kinds('look')).toEqual([]);
    expect(await kinds('@class Chime')).toEqual([['writing', true]]);
    expect(await kinds('class Chime extends Thing {}')).toEqual([]);
    expect(await kinds('..')).toEqual([['writing', false]]);
    expect(await kinds('@draft write')).toEqual([['writing', true]]);
    expect(await kinds('.')).toEqual([['writing', false]]);
  });
});
