// A letter: a thing that carries what it cannot read.
//
// Once it is sealed, the text is nowhere in it: it has a box, and the text is with the sealer (sealer.js). So it does
// not matter who carries it, nor what class he pretends it to be of.

const { line } = words;

const MOST_LETTERS = 500;

class Letter extends Thing {
  static facets = {
    ...Thing.facets,
    holder: {
      ...Thing.facets.holder,
      sealWith: M.call(M.remotable()).returns(M.string()),
      unsealWith: M.call(M.remotable()).returns(M.string()),
    },
  };
  static verbs = { 'write * on': 'write', read: 'read' };

  #text = '';
  #box = null;

  toRecord() {
    return { ...super.toRecord(), text: this.#text, box: this.#box };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#text = record.text;
    this.#box = record.box;
  }

  write(_by, text) {
    if (this.#box !== null) return 'It is sealed.';
    this.#text = line(`${this.#text} ${text}`).trim().slice(0, MOST_LETTERS);
    return 'You write that.';
  }

  read() {
    if (this.#box !== null) return 'It is sealed.';
    return this.#text === '' ? 'There is nothing on it.' : `It says: ${this.#text}`;
  }

  sealWith(sealing) {
    if (this.#box !== null) return 'It is sealed already.';
    this.#box = sealing.seal(this.#text);
    this.#text = '';
    return 'The wax is still warm.';
  }

  // A press that it was not sealed with throws here, and the letter stays as it is.
  unsealWith(unsealing) {
    if (this.#box === null) return 'It is open.';
    this.#text = line(unsealing.unseal(this.#box));
    unsealing.discard(this.#box);
    this.#box = null;
    return 'The seal breaks.';
  }
}
