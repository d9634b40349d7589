import { M, type AnyCap } from '../../engine/authoring.ts';
import { Base, openStudio, Private, Shelf, type Studio } from './studio.ts';

/** A source of a class that counts up by `step`, with more of its own. */
function counter(name: string, base: string, step: number, more = ''): string {
  return `class ${name} extends ${base} {
    static facets = {
      public: { ...${base}.facets.public, count: M.call().returns(M.number()) },
      owner: { ...${base}.facets.owner, count: M.call().returns(M.number()), add: M.call().returns(M.number()), keep: M.call(M.any()).returns(), kept: M.call().returns(M.any()), me: M.call().returns(M.remotable()), isKept: M.call(M.remotable()).returns(M.boolean()) },
    };
    #count = 0;
    #kept = null;
    toRecord() { return { ...super.toRecord(), ${name}: this.#count, kept${name}: this.#kept }; }
    fromRecord(record) { super.fromRecord(record); this.#count = record.${name}; this.#kept = record.kept${name}; }
    count() { return this.#count; }
    add() { this.#count += ${step}; return this.#count; }
    keep(what) { this.#kept = what; }
    kept() { return this.#kept; }
    me() { return this; }
    isKept(what) { return this.#kept === what; }
    ${more}
  }`;
}

/** An upgrade that says in the record that it was there. */
const TELLS = (name: string) =>
  `static upgrade(record, from) { return { ...record, label: record.label + ' ${name} ' + from }; }`;

/** The built-in base as other releases of the program have it. */
function withMore() {
  return class Base extends Root {
    static facets = {
      public: { ...PUBLIC, shout: M.call().returns(M.string()) },
      owner: { ...OWNER, shout: M.call().returns(M.string()) },
    };
    shout(): string {
      return `${this.name().toUpperCase()}!`;
    }
  };
}

function withUpgrade(suffix: string) {
  return class Base extends Root {
    static facets = { public: PUBLIC, owner: OWNER };
    static upgrade({ label }: { label: string }, from: number) {
      return { label: `${label} ${suffix} ${from}` };
    }
  };
}

function failing() {
  return class Base extends Root {
    static facets = { public: PUBLIC, owner: OWNER };
    static upgrade(record: { label: string }) {
      if (record.label === 'odd') throw new Error('too odd');
      return { label: `${record.label} upgraded` };
    }
  };
}

describe.each([false, true])('a lineage of classes, evicting always: %s', (evictAlways) => {
  let studio: Studio;
  beforeEach(async () => {
    studio = await openStudio({ evictAlways });
  });
  afterEach(() => studio.close());

  test('stays on the version of its base that it was saved with, and takes the new one when it is saved again', async () => {
    const parent = await studio.save('Parent', counter('Parent', 'Base', 1));
    const extending = (await studio.call(parent, 'extending')) as AnyCap;
    const CHILD = 'class Child extends Parent { add() { return super.add() + 0; } }';
    await studio.save('Child', CHILD, { Parent: extending });
    const made = await studio.make('Parent', 'p');
    const child = await studio.make('Child', 'c');
    await studio.save('Parent', counter('Parent', 'Base', 10));
    expect(await studio.call(made, 'add')).toBe(10);
    expect(await studio.call(child, 'add')).toBe(1);
    expect(await studio.call(await studio.make('Child', 'd'), 'add')).toBe(1);
    await studio.save('Child', CHILD, { Parent: extending });
    expect(await studio.call(child, 'add')).toBe(11);
  });

  test('upgrades records base first, each from the version that it was', async () => {
    const parent = await studio.save('Parent', counter('Parent', 'Base', 1));
    const imports = { Parent: (await studio.call(parent, 'extending')) as AnyCap };
    const child = (text = '') => counter('Child', 'Parent', 1, text);
    await studio.save('Child', child(), imports);
    const made = await studio.make('Child', 'c');
    await studio.save('Parent', counter('Parent', 'Base', 2));
    await studio.save('Parent', counter('Parent', 'Base', 3, TELLS('Parent')));
    await studio.save('Child', child(TELLS('Child')), imports);
    expect(await studio.call(made, 'name')).toBe('c Parent 1 Child 1');
    await studio.save('Child', child(`${TELLS('Child')} /* again */`), imports);
    expect(await studio.call(made, 'name')).toBe('c Parent 1 Child 1 Child 2');
  });
});
