import type { AnyCap } from '../../engine/authoring.ts';
import { Shapes, type Shape } from '../../wrappers/shape.ts';
import { openStudio, type Studio } from './studio.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

/** Picks one set of its methods after the other, and keeps none of them. */
const PICKER = `class Picker extends Base {
  static facets = {
    owner: { pick: M.call(M.number()).returns() },
    many: { ${NAMES.map((name) => `${name}: M.call().returns()`).join(', ')} },
  };
${NAMES.map((name) => `  ${name}() {}`).join('\n')}
  pick(bits) {
    const names = ${JSON.stringify(NAMES)}.filter((_, at) => (bits >> at) % 2 === 1);
    revoke(this, only(facet(this, 'many'), ...names));
  }
}`;

let studio: Studio;
beforeEach(async () => {
  studio = await openStudio();
});
afterEach(() => studio.close());

const left = async (): Promise<number> => (await studio.call(studio.bank, 'balance')) as number;

test('a set of methods that there was not before is paid by the class, also when nothing of it is kept', async () => {
  await studio.save('Picker', PICKER);
  const picker = await studio.make('Picker');
  await studio.call(picker, 'pick', 1);
  const before = await left();
  for (let bits = 2; bits < 2 + 40; bits += 1) await studio.call(picker, 'pick', bits);
  const after = await left();
  expect(before - after).toBe(20);
  for (let bits = 2; bits < 2 + 40; bits += 1) await studio.call(picker, 'pick', bits);
  expect(await left()).toBe(after);
});

test('a set of very many methods is paid by how many they are', async () => {
  const names = Array.from({ length: 1_000 }, (_, at) => `m${at}`);
  await studio.save(
    'Wide',
    `const G = M.call().returns();
class Wide extends Base {
  static facets = { owner: { pick: M.call(M.number()).returns() }, many: { ${names.map((name) => `${name}: G`).join()} } };
  ${names.map((name) => `${name}() {}`).join('')}
  pick(most) { revoke(this, only(facet(this, 'many'), ...Object.keys(Wide.facets.many).slice(0, most))); }
}`,
  );
  const wide = await studio.make('Wide');
  await studio.call(wide, 'pick', 1);
  const before = await left();
  for (let most = 990; most < 1_000; most += 1) await studio.call(wide, 'pick', most);
  expect(before - (await left())).toBeGreaterThan(150);
});

test('what the author cannot pay for is not made, and others are not touched by it', async () => {
  const bank = (await studio.call(studio.bank, 'split', 12)) as AnyCap;
  const { classes } = studio.fixture.world.roots;
  const owner = (await studio.call(classes, 'define', bank, 'Eve', 'Picker', PICKER, {})) as AnyCap;
  const picker = (await studio.call(owner, 'make', studio.bank)) as AnyCap;
  let code = 'none';
  for (let bits = 1; bits < 64 && code === 'none'; bits += 1) code = await studio.code(picker, 'pick', bits);
  expect(code).toBe('BankDry');
  await studio.save('Other', PICKER.replace('class Picker', 'class Other'));
  expect(await studio.code(await studio.make('Other'), 'pick', 5)).toBe('none');
});

test('each version of a class pays for a facet that it changes, and not for one that stays', async () => {
  const version = (method: string, note: string): string => `class Changing extends Base {
  static facets = { public: { ${method}: M.call().returns() } };
  ${method}() { return '${note}'; }
}`;
  await studio.save('Changing', version('m00', 'n00'));
  const costs: number[] = [];
  for (const kind of ['note', 'method']) {
    const before = await left();
    for (let n = 10; n < 50; n += 1)
      await studio.save('Changing', kind === 'note' ? version('m00', `n${n}`) : version(`m${n}`, 'n00'));
    costs.push(before - (await left()));
  }
  const [notes = 0, methods = 0] = costs;
  expect(Math.abs(methods - notes - 20)).toBeLessThanOrEqual(1); // blocks are whole
});

test('what somebody has picked stays as it is, also where the facet has no name', async () => {
  const version = (more: string): string => `class Nameless extends Base {
  static facets = {
    '': { one: M.call().returns(M.number())${more === '' ? '' : ', two: M.call().returns(M.number())'} },
    owner: { whole: M.call().returns(M.any()), picked: M.call().returns(M.any()) },
  };
  one() { return 1; }
  two() { return 2; }
  whole() { return facet(this, ''); }
  picked() { return only(facet(this, ''), 'one'); }
}`;
  await studio.save('Nameless', version(''));
  const nameless = await studio.make('Nameless');
  await studio.keep([await studio.call(nameless, 'whole'), await studio.call(nameless, 'picked')]);
  await studio.save('Nameless', version('more'));
  const [whole, picked] = (await studio.kept()) as unknown as [AnyCap, AnyCap];
  expect(await studio.call(whole, 'two')).toBe(2);
  expect(await studio.call(picked, 'one')).toBe(1);
  expect(await studio.code(picked, 'two')).toBe('NoSuchMethod');
});

test('a turn that fails leaves no names of methods in memory', () => {
  const shapes = new Shapes(() => undefined);
  const kept = shapes.intern('Lamp', ['light', 'name']) as Shape;
  const { count, names } = shapes;
  for (let n = 0; n < 3; n += 1) {
    shapes.intern('Lamp', ['name', 'glow', `m${n}`]);
    shapes.intern('Lamp', ['light', 'glow']);
    shapes.truncate(count);
  }
  expect(shapes.names).toBe(names);
  expect(shapes.intern('Lamp', ['light', 'name'])).toBe(kept);
});
