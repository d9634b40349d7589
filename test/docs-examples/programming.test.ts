import { readFileSync } from 'node:fs';
import { create, facet, M, type AnyCap, type BankCap, type FacetOf } from '../../engine/authoring.ts';
import { openFixture } from '../engine/fixture.ts';
import { blocksOf } from '../product/examples.ts';
import { Ballot } from './ballot.ts';

const PAGE = 'docs/programming.md';

const VOICE = {
  name: M.call().returns(M.string()),
  hear: M.call(M.string()).returns(),
  heard: M.call().returns(M.arrayOf(M.string())),
};

/** Somebody who holds a vote, takes part in it and hears the result. */
class Villager {
  static facets = { public: VOICE, owner: { ...VOICE, hold: M.call().returns(M.remotable()) } };

  #bank: BankCap | null = null;
  #heard: readonly string[] = [];

  init(bank: BankCap): void {
    this.#bank = bank;
  }

  toRecord(): { bank: BankCap | null; heard: readonly string[] } {
    return { bank: this.#bank, heard: this.#heard };
  }

  fromRecord(record: { bank: BankCap | null; heard: readonly string[] }): void {
    this.#bank = record.bank;
    this.#heard = record.heard;
  }

  name(): string {
    return 'Ada';
  }

  hear(result: string): void {
    this.#heard = [...this.#heard, result];
  }

  heard(): readonly string[] {
    return this.#heard;
  }

  /** Holds a vote on tea and coffee, of a minute. */
  hold(): FacetOf<typeof Ballot, 'owner'> {
    if (this.#bank === null) throw new Error('Nobody pays.');
    const ballot = create(this.#bank, Ballot, 'Tea?', ['yes', 'no'], 60_000);
    ballot.tell(facet<typeof Villager, 'public'>(this, 'public'));
    return ballot;
  }
}

test('the class in docs/programming.md is the one that is compiled and run here, word for word', () => {
  const source = readFileSync('test/docs-examples/ballot.ts', 'utf8').trimEnd();
  expect(blocksOf(PAGE, 'ts').map(({ text }) => text)).toContain(source);
});

test('every verb of the authoring interface is on the page', () => {
  const page = readFileSync(PAGE, 'utf8');
  const exported = [
    ...readFileSync('engine/authoring.ts', 'utf8').matchAll(/^export function ([a-zA-Z]+)/gm),
  ];
  const verbs = exported.map((match) => match[1] ?? '');
  expect(verbs.length).toBeGreaterThan(10);
  expect(verbs.filter((verb) => !page.includes(`\`${verb}(`))).toEqual([]);
});

test.each([false, true])(
  'it does what it says (everything dropped after every turn: %s)',
  async (evictAlways) => {
    const world = await openFixture({
      classes: [Ballot, Villager],
      evictAlways,
      genesis: ({ bank }) => ({ gate: create(bank, Villager, bank) }),
    });
    const { gate, storage } = world.world.roots;
    const code = (promise: Promise<unknown>): Promise<unknown> =>
      promise.then(
        () => 'none',
        (error: unknown) => (error as { code: string }).code,
      );
    try {
      const ballot = (await world.call(gate, 'hold')) as AnyCap;
      const admit = (voter: AnyCap) => world.call(ballot, 'admit', voter) as Promise<AnyCap>;
      const ada = await admit(gate);
      const bob = await admit(ballot); // has no name to tell
      const eve = await admit(gate);
      const grants = (await world.call(storage, 'grants', ballot)) as readonly { for: string }[];
      expect(grants.map((grant) => grant.for)).toEqual(expect.arrayContaining(['Ada', 'somebody']));
      expect(await code(world.call(ada, 'vote', 'maybe'))).toBe('NoChoice');
      expect(await code(world.call(ada, 'vote', 'yes'))).toBe('none');
      expect(await code(world.call(ada, 'vote', 'yes'))).toBe('UsedUp');
      await world.call(ballot, 'exclude', eve);
      expect(await code(world.call(eve, 'vote', 'no'))).toBe('Revoked');
      expect(await code(world.call(bob, 'close'))).toBe('NoSuchMethod');
      await world.advance(60_000);
      expect(await world.call(gate, 'heard')).toEqual(['Tea? yes 1, no 0']);
      expect(await code(world.call(bob, 'vote', 'no'))).toBe('Closed');
      await world.call(ballot, 'discard');
      expect(await code(world.call(ballot, 'discard'))).toBe('Gone');
    } finally {
      await world.close();
    }
  },
);
