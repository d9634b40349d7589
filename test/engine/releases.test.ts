import { M, type AnyCap } from '../../engine/authoring.ts';
import type { ClassReport } from '../../engine/class-registry.ts';
import type { Op } from '../../storage/store.ts';
import { counter, tells } from './counting.ts';
import { openFixture } from './fixture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { Base, openStudio, Private, Shelf, type Studio } from './studio.ts';

/** The built-in base as other releases of the program have it. */
class Root {
  label = '';
  init(name = 'thing'): void {
    this.label = name;
  }
  toRecord(): { readonly label: string } {
    return { label: this.label };
  }
  fromRecord(record: { readonly label: string }): void {
    this.label = record.label;
  }
  name(): string {
    return this.label;
  }
  rename(name: string): void {
    this.label = name;
  }
}

function withMore() {
  return class Base extends Root {
    static facets = {
      public: { ...BASE.public, shout: M.call().returns(M.string()) },
      owner: { ...BASE.owner, shout: M.call().returns(M.string()) },
    };
    shout(): string {
      return `${this.name().toUpperCase()}!`;
    }
  };
}

function withUpgrade() {
  return class Base extends Root {
    static facets = BASE;
    static upgrade(record: { label: string }, from: number) {
      return { ...record, label: `${record.label} Base ${from}` };
    }
  };
}

function failing() {
  return class Base extends Root {
    static facets = BASE;
    static upgrade(record: { label: string }) {
      if (record.label === 'odd') throw new Error('too odd');
      return { ...record, label: `${record.label} upgraded` };
    }
  };
}

const BASE = Base.facets;

/** The same program with another release of the base. */
function release(base: unknown) {
  return { classes: [base, Shelf], shared: [base] };
}

describe.each([false, true])('another release of the program, evicting always: %s;', (evictAlways) => {
  let studio: Studio;
  beforeEach(async () => {
    studio = await openStudio({ evictAlways });
  });
  afterEach(() => studio.close());

  const call = (to: AnyCap, method: string, ...args: unknown[]): Promise<unknown> =>
    studio.call(to, method, ...args);
  const cap = async (to: AnyCap, method: string, ...args: unknown[]): Promise<AnyCap> =>
    (await studio.call(to, method, ...args)) as AnyCap;

  test('built-in classes that changed take their objects along, and so do classes built on them', async () => {
    await studio.save('Child', counter('Child', 'Base', 1, tells('Child')));
    const made = await studio.make('Child', 'c');
    await call(made, 'add');
    await studio.keep(made);
    await studio.restart(release(withUpgrade()));
    expect(studio.fixture.powers.events).toContainEqual({
      what: 'changed classes',
      changed: [{ name: 'Base', from: 1, to: 2 }],
    });
    const held = await studio.kept();
    expect(await call(held, 'name')).toBe('c Base 1');
    expect(await call(held, 'count')).toBe(1);
    const { classes } = studio.fixture.world.roots;
    expect(await call(classes, 'describe', 'Child')).toMatchObject({ version: 2, broken: '' });
    const front = await cap(classes, 'find', 'Child');
    expect(await call(front, 'versions')).toMatchObject([{ note: '' }, { note: 'Base changed' }]);
  });

  test('going back to the older code of a built-in class is a version more', async () => {
    await studio.save('Child', counter('Child', 'Base', 1));
    await studio.keep(await studio.make('Child', 'c'));
    await studio.restart(release(withUpgrade()));
    await studio.restart({ classes: [Base, Private, Shelf], shared: [Base] });
    expect(studio.fixture.powers.events.at(-1)).toMatchObject({
      changed: [{ name: 'Base', from: 2, to: 3 }],
    });
    expect(await call(await studio.kept(), 'name')).toBe('c');
    await studio.restart(release(withUpgrade()));
    expect(await call(await studio.kept(), 'name')).toBe('c Base 3');
    const before = studio.fixture.powers.events.length;
    await studio.restart(release(withUpgrade()));
    expect(studio.fixture.powers.events.slice(before)).toEqual([]);
  });

  test('whoever holds a whole facet of a built-in class has what it has now', async () => {
    await studio.save('Child', 'class Child extends Base {}');
    const { storage } = studio.fixture.world.roots;
    await studio.keep([await cap(storage, 'make', 'Base', 'b'), await studio.make('Child', 'c')]);
    await studio.restart(release(withMore()));
    const [base, child] = (await studio.kept()) as unknown as AnyCap[];
    expect(await call(base as AnyCap, 'shout')).toBe('B!');
    expect(await call(child as AnyCap, 'shout')).toBe('C!');
  });

  test('an object of a built-in class whose upgrade fails takes no calls, also not the second time', async () => {
    const { storage } = studio.fixture.world.roots;
    await studio.keep([
      await cap(storage, 'make', 'Base', 'odd'),
      await cap(storage, 'make', 'Base', 'even'),
    ]);
    await studio.restart(release(failing()));
    const [odd, even] = (await studio.kept()) as unknown as AnyCap[];
    for (let n = 0; n < 3; n += 1) expect(await studio.code(odd as AnyCap, 'name')).toBe('SetAside');
    expect(await call(even as AnyCap, 'name')).toBe('even upgraded');
    expect(studio.fixture.powers.events.map(({ what }) => what)).toContain('failed upgrade');
    await studio.restart({ classes: [Base, Private, Shelf], shared: [Base] });
    expect(await call(((await studio.kept()) as unknown as AnyCap[])[0] as AnyCap, 'name')).toBe('odd');
  });

  test('an object of a built-in class whose upgrade failed takes calls again once its record has been repaired', async () => {
    await studio.keep(await cap(studio.fixture.world.roots.storage, 'make', 'Base', 'odd'));
    await studio.restart(release(failing()));
    const odd = await studio.kept();
    expect(await studio.code(odd, 'name')).toBe('SetAside');
    await call(studio.fixture.world.roots.storage, 'repair', odd, { label: 'even' });
    expect(await call(odd, 'name')).toBe('even upgraded');
  });

  test('what was sent or set before is delivered after, and what it holds is the same value as what was kept', async () => {
    const owner = await studio.save('Child', counter('Child', 'Base', 1));
    const [one, two] = [await studio.make('Child', 'one'), await studio.make('Child', 'two')];
    await call(one, 'keep', await cap(two, 'front'));
    await call(one, 'later', 1000, 'add');
    const { gate } = studio.fixture.world.roots;
    await studio.fixture.world.run((invoke) => {
      invoke(gate, 'put', [[one, two]]);
    });
    await call(owner, 'save', counter('Child', 'Base', 10), {});
    await studio.fixture.advance(1000);
    expect(await call(one, 'count')).toBe(10);
    expect(await call(one, 'isKept', await cap(two, 'front'))).toBe(true);
    await call(one, 'later', 1000, 'add');
    await studio.restart(release(withMore()));
    await studio.fixture.advance(1000);
    const [again, other] = (await studio.kept()) as unknown as AnyCap[];
    expect(await call(again as AnyCap, 'count')).toBe(20);
    expect(await call(again as AnyCap, 'isKept', await cap(other as AnyCap, 'front'))).toBe(true);
  });

  test('a class that cannot be read keeps no other one from following, nor the world from opening', async () => {
    await studio.save('Child', counter('Child', 'Base', 1));
    await studio.save('Lost', counter('Lost', 'Base', 1));
    await studio.keep([await studio.make('Child', 'c'), await studio.make('Lost', 'l')]);
    const { journal } = studio.fixture;
    await studio.fixture.settle();
    const [key] = journal
      .contents()
      .find(([, text]) => text.startsWith('{"class":"ClassObject"') && text.includes('\\"Lost\\"')) ?? [''];
    journal.tamper(key, 'rubbish');
    await studio.restart(release(withUpgrade()));
    const [child, lost] = (await studio.kept()) as unknown as AnyCap[];
    expect(await call(child as AnyCap, 'name')).toBe('c Base 1');
    expect(await studio.code(lost as AnyCap, 'name')).toBe('Damaged');
  });

  test('what the host holds itself has what its facet has now', async () => {
    class Shelf2 extends Shelf {
      static override facets = {
        ...Shelf.facets,
        owner: { ...Shelf.facets.owner, more: M.call().returns(M.string()) },
      };
      more(): string {
        return 'more';
      }
    }
    Object.defineProperty(Shelf2, 'name', { value: 'Shelf' });
    await studio.restart({ classes: [Base, Private, Shelf2], shared: [Base] });
    expect(await call(studio.fixture.world.roots.gate, 'more')).toBe('more');
  });
});

/** Knows how many objects the largest commit has written. */
class Measured extends MemoryJournal {
  most = 0;
  override commit(ops: readonly Op[]): Promise<void> {
    const objects = ops.filter((op) => 'put' in op && op.put.startsWith('o/'));
    this.most = Math.max(this.most, objects.length);
    return super.commit(ops);
  }
}

test('classes that follow a built-in one do so in as many commits as they take, and those that a crash leaves behind at the next start', async () => {
  const names = ['Ant', 'Bee', 'Cat', 'Dog', 'Eel'];
  const studio = await openStudio({ journal: new Measured() });
  for (const name of names) await studio.save(name, `class ${name} extends Base {}`);
  const more = { ...release(withUpgrade()), limits: { gatheredCharacters: 500 } };
  await studio.restart(more);
  const { journal, powers } = studio.fixture;
  expect((journal as Measured).most).toBeLessThan(names.length);
  for (let state = 0; state < journal.states; state += 1) {
    const next = await openFixture({
      ...more,
      genesis: () => {
        throw new Error('there is a world already');
      },
      journal: journal.crash(state),
      powers,
    });
    const versions = [];
    for (const name of names) {
      const report = await next.call(next.world.roots.classes, 'describe', name);
      versions.push((report as ClassReport).version);
    }
    expect(versions).toEqual(names.map(() => 2));
    await next.close();
  }
  await studio.close();
});
