/** What one player does. */
type Line = readonly [who: string, line: string];

/**
 * One step of the play. All lines of one step are sent at once, so that they gather in one commit or two; the next step
 * begins when everything that the step set going has been done.
 */
export type Step =
  | { readonly do: 'enter'; readonly who: string }
  | { readonly do: 'type'; readonly lines: readonly Line[] }
  | { readonly do: 'acknowledge' }
  | { readonly do: 'wait'; readonly milliseconds: number }
  | { readonly do: 'checkpoint' }
  | { readonly do: 'leave'; readonly who: string };

const type = (who: string, ...lines: string[]): Step => ({
  do: 'type',
  lines: lines.map((line) => [who, line] as const),
});
const atOnce = (...lines: Line[]): Step => ({ do: 'type', lines });
const enter = (who: string): Step => ({ do: 'enter', who });

/** Counts what is put in, and tells the room of it by a send and, later, by a timer. */
function mailbox(version: number): string[] {
  return `class Mailbox extends Container {
  static facets = { ...Container.facets, own: { come: M.call(M.string(), M.number()).returns(), ring: M.call(M.number()).returns() } };
  static verbs = { 'post * in': 'post', count: 'count' };
  #posted = 0;
  #come = 0;
  #rung = 0;
  toRecord() { return { ...super.toRecord(), posted: this.#posted, come: this.#come, rung: this.#rung }; }
  fromRecord(record) { super.fromRecord(record); this.#posted = record.posted; this.#come = record.come; this.#rung = record.rung; }
  post(by, text) {
    this.#posted += ${version};
    collection(this, 'letters').set('letter ' + this.#posted, text);
    const own = facet(this, 'own');
    send(own, 'come', [text, 1]);
    send(own, 'come', [text, 2]);
    after(5000, own, 'ring', [this.#posted]);
    return 'It swallows the letter, number ' + this.#posted + '.';
  }
  come(text, n) { this.#come += 1; this.sound('Letter ' + this.#come + ' is ' + text + ', told ' + n + ' times.'); }
  ring(n) { this.#rung += 1; this.sound('Ring ' + this.#rung + ' is for ' + n + '.'); }
  count(by) { return 'Version ${version}: ' + [this.#posted, this.#come, this.#rung, collection(this, 'letters').size].join(); }
}`.split('\n');
}

/** Some dozens of commits, with everything in them that a world stores. */
export const PLAY: readonly Step[] = [
  enter('Ada'),
  enter('Bob'),
  type('Ada', 'get lantern'),
  atOnce(['Ada', 'say one'], ['Bob', 'say two'], ['Ada', 'say three'], ['Bob', ':bows']),
  type('Ada', 'give lantern to bob'),
  type('Bob', 'light lantern', 'drop lantern'),
  { do: 'acknowledge' },
  atOnce(
    ['Ada', 'n'],
    ['Bob', 'n'],
    ['Ada', 'n'],
    ['Bob', 'n'],
    ['Ada', 'e'],
    ['Bob', 'e'],
    ['Ada', 'e'],
    ['Bob', 'e'],
  ),
  type('Ada', 'ask here for leave to build', '@dig north to "The Attic"'),
  type('Ada', '@create paper boat', '@create cigar tin as box', 'put boat in tin', 'drop tin'),
  atOnce(['Bob', 'get tin'], ['Ada', 'get tin']),
  type('Bob', 'drop tin'),
  type('Ada', '@class Mailbox', ...mailbox(1), '.'),
  type('Ada', '@create Mailbox named letter box', 'drop letter box'),
  type('Ada', 'post first in letter box'),
  type('Ada', 'post second in letter box'),
  type('Ada', 'count letter box'),
  { do: 'wait', milliseconds: 3000 },
  type('Ada', 'post third in letter box'),
  { do: 'checkpoint' },
  { do: 'wait', milliseconds: 2500 },
  type('Ada', '@lend describe on cigar tin to bob'),
  type('Bob', '@describe cigar tin as Bob saw it.'),
  atOnce(['Ada', '@recall cigar tin'], ['Bob', '@describe cigar tin as Too late.']),
  type('Bob', 'x tin'),
  type('Ada', '@class Mailbox'),
  ...mailbox(10).map((line) => type('Ada', line)),
  type('Ada', '.'),
  type('Ada', 'post fourth in letter box'),
  type('Ada', 'count letter box'),
  // No "@upgrade": one that the world did not get through before it died is not told of.
  type('Ada', '@rollback Mailbox to 1'),
  type('Ada', 'count letter box'),
  enter('Guest'),
  type('Guest', 'say hello'),
  { do: 'acknowledge' },
  type('Ada', '@bank split 20 for bob'),
  type('Bob', '@bank use Ada', '@create spoon'),
  type('Ada', '@bank reclaim bob', '@destroy boat'),
  { do: 'leave', who: 'Guest' },
  { do: 'wait', milliseconds: 60_000 },
  type('Ada', 'north', '@dig loft ladder to "The Loft"', 'go loft ladder', 'i'),
  { do: 'leave', who: 'Bob' },
  type('Ada', 'out', 'south', 'look', 'x tin', 'count letter box', '@versions Mailbox', '@bank'),
];
