import { readFileSync } from 'node:fs';
import { starterWorld } from '../starter-world.ts';
import { openTestWorld } from '../world-fixture.ts';
import { parseTranscript, play } from '../world/transcript.ts';

const FOLDER = new URL('../../../docs/examples/', import.meta.url);

interface Crook {
  /** What becomes of the trade when Bob gives his purses after Ada, and before her. */
  readonly ends: readonly [second: Ending, first: Ending];
  readonly body: string;
}

/** Ada has what she had, or what she asked for. */
type Ending = 'undone' | 'done';
const UNDONE = ['undone', 'undone'] as const;
const DONE = ['done', 'done'] as const;

/** What Bob makes of a purse. Both of his purses are of this class: the one that pays, and the one that is paid into. */
const CROOKS: Readonly<Record<string, Crook>> = {
  'throws when it is to pay': { ends: UNDONE, body: `empty() { throw fail('No', 'No.'); }` },
  'throws when it has paid': { ends: UNDONE, body: `empty() { super.empty(); throw fail('No', 'No.'); }` },
  'throws when it has been paid': {
    ends: UNDONE,
    body: `
    fill(teller, note) {
      if (super.fill(teller, note) === 30) throw fail('No', 'No.');
      return 2;
    }`,
  },
  'fails in a way of its own': { ends: UNDONE, body: `empty() { return undefined.worth; }` },
  'says that it was paid nothing': {
    ends: UNDONE,
    body: `fill(teller, note) { return super.fill(teller, note) === 30 ? 0 : 2; }`,
  },
  'says that it was paid a fortune': {
    ends: DONE,
    body: `fill(teller, note) { return teller.worth(note) === 30 ? 1_000_000 : super.fill(teller, note); }`,
  },
  'answers what is no number': {
    ends: UNDONE,
    body: `
    static facets = {
      ...Purse.facets,
      holder: { ...Purse.facets.holder, fill: M.call(M.any(), M.any()).returns(M.any()) },
    };
    fill(teller, note) { return [String(super.fill(teller, note))]; }`,
  },
  'pays with nothing': { ends: UNDONE, body: `empty() { return null; }` },
  'pays with a word': { ends: UNDONE, body: `empty() { return 'money'; }` },
  'pays with a number': { ends: UNDONE, body: `empty() { return { teller: 7, note: 7 }; }` },
  'pays with money of its own make': {
    ends: UNDONE,
    body: `
    static facets = {
      ...Purse.facets,
      note: {},
      forger: {
        worth: M.call(M.remotable()).returns(M.number()),
        change: M.call(M.arrayOf(M.remotable()), M.arrayOf(M.number())).returns(M.arrayOf(M.remotable())),
      },
    };
    empty() { return { teller: facet(this, 'forger'), note: facet(this, 'note') }; }
    worth() { return 2; }
    change(notes, amounts) { return amounts.map(() => facet(this, 'note')); }`,
  },
  'pays with a note of its own make': {
    ends: UNDONE,
    body: `
    static facets = { ...Purse.facets, note: {} };
    empty() { return { ...super.empty(), note: facet(this, 'note') }; }`,
  },
  'leaves while it pays': {
    ends: DONE,
    body: `empty() { this.spot.vacate(this.spot); return super.empty(); }`,
  },
  'leaves while it pays, and fails': {
    ends: UNDONE,
    body: `empty() { this.spot.vacate(this.spot); throw fail('No', 'No.'); }`,
  },
  'takes another name while it pays, and fails': {
    ends: UNDONE,
    body: `empty() { this.spot.relabel(this.spot, 'full purse', []); throw fail('No', 'No.'); }`,
  },
  // The one that pays tells the other what it paid with, and that one changes it as soon as it is paid itself: if that is
  // before Ada has got it, there is no trade, and if it is after, it is too late.
  'changes back what it paid with': {
    ends: ['undone', 'done'],
    body: `
    static facets = {
      ...Purse.facets,
      holder: { ...Purse.facets.holder, plot: M.call(M.remotable()).returns() },
      partner: { recall: M.call(M.any()).returns() },
    };
    #partner = null;
    #paid = null;
    toRecord() { return { ...super.toRecord(), partner: this.#partner, paid: this.#paid }; }
    fromRecord(record) {
      super.fromRecord(record);
      this.#partner = record.partner;
      this.#paid = record.paid;
    }
    enter(thing, holder, ...more) {
      const spot = super.enter(thing, holder, ...more);
      holder.plot(facet(this, 'partner'));
      return spot;
    }
    plot(partner) { this.#partner = partner; }
    recall(money) { this.#paid = money; }
    empty() {
      const money = super.empty();
      this.#partner?.recall(money);
      return money;
    }
    fill(teller, note) {
      const paid = super.fill(teller, note);
      const kept = this.#paid;
      if (kept !== null) attempt(() => kept.teller.change([kept.note], [2]));
      return paid;
    }`,
  },
};

const READY = `
@Ada
! class mint.js
! class purse.js
! class stage.js
! class actor.js
! class broker.js
> n
> n
> e
> e
> ask here for leave to build
> @dig north to "The Exchange" as Stage
> n
> @create Broker named "Mr Quill"
> drop mr quill
> @create Mint named "crown mint"
> @create Mint named "ticket mint"
> @create Purse named "full purse"
> put full purse in crown mint
> strike 30 in crown mint
> get full purse from crown mint
> @create Purse named "ticket folder"
> put ticket folder in ticket mint
> strike 1 in ticket mint
> get ticket folder from ticket mint
@Bob
> n
> n
> e
> e
> n
@Ada
> @lend extend on Purse to Bob
@Bob
! class crook.js
The class Crook is saved, ...
> @create Crook named "crooked roll"
> @create Crook named "crooked pocket"
> put crooked roll in crooked pocket
> get crooked roll from crooked pocket
> give crooked roll to ada
> give crooked pocket to ada
@Ada
> put crooked roll in ticket mint
> strike 2 in ticket mint
> get crooked roll from ticket mint
> put crooked pocket in crown mint
> get crooked pocket from crown mint
> give crooked roll to bob
> give crooked pocket to bob
`;

const ADA_GIVES = `
@Ada
> give full purse to quill
> give ticket folder to quill
> want 2 from quill
`;
const BOB_GIVES = `
@Bob
> give crooked roll to quill
> give crooked pocket to quill
> want 30 from quill
`;
const BOTH_LEAVE = `
@Bob
> withdraw from quill
@Ada
> withdraw from quill
`;

/** What Ada has in the end. */
const HOLDS: Readonly<Record<Ending, string>> = { undone: counts(30, 1), done: counts(0, 3) };

function counts(crowns: number, tickets: number): string {
  return `
> count full purse
There are ${crowns} crowns in it.
> count ticket folder
There are ${tickets} crowns in it.
`;
}

describe.each(Object.entries(CROOKS))('somebody whose purse %s', (_, { ends, body }) => {
  test.each([
    ['after', ADA_GIVES + BOB_GIVES, ends[0]],
    ['before', BOB_GIVES + ADA_GIVES, ends[1]],
  ])('cheats nobody in docs/examples/broker.js, giving %s the other', async (_, trade, end) => {
    const world = await openTestWorld({ ...starterWorld, evictAlways: true });
    try {
      await play(parseTranscript(READY + trade + BOTH_LEAVE + HOLDS[end]), world, (file) =>
        file === 'crook.js'
          ? `class Crook extends Purse {${body}}`
          : readFileSync(new URL(file, FOLDER), 'utf8'),
      );
    } finally {
      await world.close();
    }
  });
});
