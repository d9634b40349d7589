/** The classes that are written in a generated world, by name, each in two versions or in one. */
export const SOURCES = {
  Letter: [
    `const { goodText, line } = words;

/** What somebody wrote to somebody. It is made with { from, text }. */
class Letter extends Thing {
  static verbs = { read: 'read' };

  #from = '';
  #text = '';

  init(spec) {
    super.init(spec);
    this.#from = line(spec.from ?? 'nobody');
    this.#text = goodText(spec.text ?? '');
  }

  toRecord() {
    return { ...super.toRecord(), from: this.#from, text: this.#text };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#from = record.from;
    this.#text = record.text;
  }

  read() {
    return this.#from + ' writes: ' + this.#text;
  }
}
`,
  ],
  Mailbox: [
    `/** A box for letters, with a name on it. */
class Mailbox extends Container {
  static verbs = { ...Container.verbs, check: 'check' };

  check() {
    return 'You look for letters in ' + words.the(this.label) + '.';
  }
}
`,
  ],
  Board: [
    `const { line } = words;
const MOST_SHOWN = 5;

/** Notices, each an entry of a collection; the last ones can be read. */
class Board extends Thing {
  static facets = {
    ...Thing.facets,
    owner: { ...Thing.facets.owner, pin: M.call(M.string(), M.string()).returns() },
  };
  static verbs = { read: 'read', 'pin * on': 'pinTyped' };

  pin(by, text) {
    const notices = collection(this, 'notices');
    notices.set(String(notices.size), { by: line(by), text: line(text) });
  }

  pinTyped(by, text) {
    const name = attempt(() => by.name());
    this.pin(name.ok ? name.value : 'somebody', text);
    return 'You pin it on.';
  }

  read() {
    const notices = collection(this, 'notices');
    const shown = [];
    for (let n = Math.max(0, notices.size - MOST_SHOWN); n < notices.size; n += 1) {
      const { by, text } = notices.get(String(n));
      shown.push(by + ': ' + text);
    }
    return shown.length === 0 ? 'There is nothing on it.' : shown.join(' / ');
  }
}
`,
  ],
  Coin: [
    `/** Comes down on one side or the other. */
class Coin extends Thing {
  static verbs = { flip: 'flip' };

  #flips = 0;

  toRecord() {
    return { ...super.toRecord(), flips: this.#flips };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#flips = record.flips;
  }

  flip() {
    this.#flips += 1;
    return this.#flips % 2 === 0 ? 'Heads.' : 'Tails.';
  }
}
`,
    `/** Comes down on one side or the other, and is worn by it. */
class Coin extends Thing {
  static verbs = { flip: 'flip' };

  #flips = 0;

  static upgrade(record) {
    return { flips: 0, ...record };
  }

  toRecord() {
    return { ...super.toRecord(), flips: this.#flips };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#flips = record.flips;
  }

  describe() {
    return super.describe() + (this.#flips > 9 ? ' It is worn.' : '');
  }

  flip() {
    this.#flips += 1;
    return this.#flips % 2 === 0 ? 'Heads.' : 'Tails.';
  }
}
`,
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;
