/** Lines that are typed at once, or a login. */
export type ShortStep =
  { readonly enter: string } | { readonly type: readonly (readonly [who: string, line: string])[] };

const type = (who: string, ...lines: string[]): ShortStep => ({
  type: lines.map((line) => [who, line] as const),
});

const BELFRY = `class Belfry extends Thing {
  static facets = { ...Thing.facets, own: { come: M.call(M.number()).returns() } };
  static verbs = { toll: 'toll', count: 'count' };
  #tolled = 0;
  #come = 0;
  toRecord() { return { ...super.toRecord(), tolled: this.#tolled, come: this.#come }; }
  fromRecord(record) { super.fromRecord(record); this.#tolled = record.tolled; this.#come = record.come; }
  toll() {
    this.#tolled += 1;
    send(facet(this, 'own'), 'come', [this.#tolled]);
    send(facet(this, 'own'), 'come', [-this.#tolled]);
    return 'Toll ' + this.#tolled + '.';
  }
  come(n) { this.#come += 1; this.sound('Echo ' + this.#come + ' of ' + n + '.'); }
  count() { return this.#tolled + ' tolled.'; }
}`.split('\n');

/**
 * For a world in a process of its own: what the answers are depends neither on the clock nor on when exactly what was
 * sent comes. What begins with "Echo" comes when it comes, in its own order.
 */
export const SHORT_PLAY: readonly ShortStep[] = [
  { enter: 'Ada' },
  { enter: 'Bob' },
  type('Ada', 'get lantern'),
  {
    type: [
      ['Ada', 'say one'],
      ['Bob', 'say two'],
      ['Ada', 'say three'],
      ['Bob', 'say four'],
    ],
  },
  type('Ada', 'give lantern to bob'),
  type('Bob', 'light lantern', 'drop lantern'),
  type('Ada', 'n', 'n', 'e', 'e', 'ask here for leave to build'),
  type('Ada', '@dig north to "The Attic"'),
  type('Ada', '@create cigar tin as box', '@create paper boat'),
  type('Ada', 'put boat in tin'),
  type('Ada', '@class Belfry', ...BELFRY, '.'),
  type('Ada', '@create Belfry named old bell'),
  type('Ada', 'toll bell'),
  type('Bob', 'n', 'n', 'e', 'e'),
  type('Ada', 'toll bell'),
  {
    type: [
      ['Ada', '@lend describe on cigar tin to bob'],
      ['Ada', 'drop tin'],
    ],
  },
  type('Bob', '@describe cigar tin as Bob saw it.'),
  type('Ada', '@recall cigar tin'),
  type('Bob', '@describe cigar tin as Too late.'),
  type('Ada', 'get boat from tin', '@destroy boat'),
  type('Ada', 'count bell', 'i', 'look', 'x tin', '@bank'),
];
