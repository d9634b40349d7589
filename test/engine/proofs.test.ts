import type { AnyCap } from '../../engine/authoring.ts';
import type { UpgradeReport } from '../../engine/errands.ts';
import { openStudio, type Studio } from './studio.ts';

/** A counter whose hooks are as the test says. */
const counter = (hooks: string, touch = 'this.#count += 1;'): string => `class Counter extends Base {
  static facets = { ...Base.facets, owner: { ...Base.facets.owner, touch: M.call().returns() } };
  #count = 0;
  #when = 0;
${hooks}
  touch() {
    ${touch}
  }
}`;
const WHOLE = `
  toRecord() { return { ...super.toRecord(), count: this.#count, when: this.#when }; }
  fromRecord(record) { super.fromRecord(record); this.#count = record.count; this.#when = record.when; }`;
const FORGETS = WHOLE.replace('this.#when = record.when;', '');
const LEAVES_OUT = WHOLE.replace('...super.toRecord(), ', '').replace('super.fromRecord(record); ', '');
const CANNOT = WHOLE.replace('this.#when = record.when;', 'this.#when = record.no.such;');

let studio: Studio;
beforeEach(async () => {
  studio = await openStudio();
  const { gate, bank } = studio.fixture.world.roots;
  await studio.call(bank, 'reports', gate, 'told');
});
afterEach(() => studio.close());

async function toldAfter(source: string, touches: number): Promise<readonly unknown[]> {
  await studio.save('Counter', source);
  const made = await studio.make('Counter', 'thing');
  for (let n = 0; n < touches; n += 1) await studio.call(made, 'touch');
  await studio.fixture.settle();
  return ((await studio.told()) as { code: string; message: string; aside: boolean }[]).map(
    ({ code, message, aside }) => [code, message, aside],
  );
}

describe('the author is told once, and the object goes on, when the hooks of a class', () => {
  test('keep all that they are to keep: then there is nothing to tell', async () => {
    expect(await toldAfter(counter(WHOLE, 'this.#count += 1; this.#when += 2;'), 30)).toEqual([]);
  });

  test('forget a field, as soon as it has another value than in a new object', async () => {
    expect(await toldAfter(counter(FORGETS), 3)).toEqual([]);
    expect(await toldAfter(counter(FORGETS, 'this.#when += 1;'), 3)).toEqual([
      [
        'NotStorable',
        'Counter.fromRecord() does not bring back "when" as toRecord() gave it: it is lost when the object is next read from the store.',
        false,
      ],
    ]);
  });

  test('forget a field, also when the turn in which that was found has failed', async () => {
    await studio.save('Counter', counter(FORGETS, 'this.#when += 1;'));
    await studio.save(
      'Spoilt',
      `class Spoilt extends Base {
        static facets = { owner: { spoil: M.call(M.remotable()).returns() } };
        #now = 0;
        toRecord() { return { ...super.toRecord(), now: this.#now }; }
        fromRecord(record) { super.fromRecord(record); this.#now = record.now; }
        spoil(other) { other.touch(); this.#now = () => {}; }
      }`,
    );
    const made = await studio.make('Counter', 'thing');
    const spoilt = await studio.make('Spoilt');
    await expect(studio.call(spoilt, 'spoil', made)).rejects.toMatchObject({ code: 'NotStorable' });
    await studio.call(made, 'touch');
    await studio.fixture.settle();
    expect(await studio.told()).toMatchObject([{ message: expect.stringContaining('"when"') }]);
  });

  test('leave out what the class that they are built on keeps', async () => {
    expect(await toldAfter(counter(LEAVES_OUT), 3)).toEqual([
      [
        'NotStorable',
        expect.stringMatching(/^Counter.toRecord\(\) leaves out "label" .*super\.toRecord/),
        false,
      ],
    ]);
  });

  test('throw', async () => {
    expect(await toldAfter(counter(CANNOT), 3)).toEqual([
      [
        'NotStorable',
        expect.stringMatching(
          /^It cannot be brought back from its own record: Counter \(line 7 of Counter\) failed: Cannot read/,
        ),
        false,
      ],
    ]);
  });

  test('hold the object itself, which is a capability in its record', async () => {
    const source = counter(WHOLE.replaceAll('this.#when', 'this.#self').replaceAll('when', 'self'))
      .replace('#when = 0;', '#self = null;')
      .replace('this.#count += 1;', 'this.#count += 1; this.#self = this;');
    expect(await toldAfter(source, 3)).toEqual([]);
  });
});

/** What a call fails with. */
async function problem(on: AnyCap, method: string, ...args: unknown[]): Promise<string> {
  return studio.call(on, method, ...args).then(
    () => 'nothing',
    ({ message }: Error) => message,
  );
}

test('what goes wrong in a class is told with its line, also when it is called by another', async () => {
  await studio.save('Counter', counter(WHOLE, '\n    null.x;'));
  const made = await studio.make('Counter', 'thing');
  expect(await problem(made, 'touch')).toMatch(/^Counter\.touch \(line 10 of Counter\) failed: Cannot read/);
  await studio.save(
    'Caller',
    `class Caller extends Base {
  static facets = { ...Base.facets, owner: { poke: M.call(M.remotable()).returns() } };
  poke(other) { other.touch(); }
}`,
  );
  const caller = await studio.make('Caller', 'caller');
  expect(await problem(caller, 'poke', made)).toMatch(/^Counter\.touch \(line 10 of Counter\) failed/);
});

test('an error that was made to look as if it came from elsewhere is told with the line that it came from', async () => {
  await studio.save(
    'Counter',
    counter(WHOLE, `\n    throw new Error('\\n    at Other.x (Other:99:1)\\n    at y (Secret:1:1)');`),
  );
  const made = await studio.make('Counter', 'thing');
  expect(await problem(made, 'touch')).toMatch(/^Counter\.touch \(line 10 of Counter\) failed/);
});

test('the author of an upgrade that fails is told why', async () => {
  const owner = await studio.save('Counter', counter(WHOLE));
  await studio.make('Counter', 'thing');
  await studio.save('Counter', counter(`${WHOLE}\n  static upgrade(record) { return record.no.such; }`));
  await studio.call(owner, 'upgrade', studio.fixture.world.roots.gate, 'told');
  await studio.fixture.settle();
  await studio.fixture.settle();
  const [report] = (await studio.told()) as UpgradeReport[];
  expect(report).toMatchObject({ upgraded: 0, failures: 1 });
  expect(report?.failed[0]?.message).toMatch(/^It stays in version 1: .*Cannot read properties/);
});
