const { goodText, line } = words;

/** Names on the last page, and letters of each; the oldest are overwritten. */
const MOST_SIGNED = 20;
const MOST_LETTERS = 40;

/**
 * Opens at the next page each time it is read. It is made with { pages }, and with { signing: true } if there is a page for
 * names.
 */
class Book extends Thing {
  static verbs = { read: 'read', sign: 'sign' };

  #pages = [];
  #open = 0;
  #signing = false;
  #signed = [];

  init(spec) {
    super.init(spec);
    this.#pages = (spec.pages ?? []).map(goodText);
    this.#signing = spec.signing ?? false;
  }

  toRecord() {
    return {
      ...super.toRecord(),
      pages: this.#pages,
      open: this.#open,
      signing: this.#signing,
      signed: this.#signed,
    };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#pages = record.pages;
    this.#open = record.open;
    this.#signing = record.signing;
    this.#signed = record.signed;
  }

  read() {
    const names =
      this.#signed.length === 0 ? [] : [`The last page is full of names: ${this.#signed.join(', ')}.`];
    const pages = [...this.#pages, ...names];
    const text = pages[this.#open % pages.length] ?? 'It is empty.';
    this.#open = (this.#open + 1) % Math.max(1, pages.length);
    return text;
  }

  sign(by) {
    if (!this.#signing) return 'It is not that kind of book.';
    const name = attempt(() => by.name());
    if (!name.ok) return 'The pen will not take your name.';
    const signature = line(name.value).slice(0, MOST_LETTERS);
    if (this.#signed.includes(signature)) return 'Your name is there already, looking younger.';
    const beneath = this.#signed.length === 0 ? '' : ', beneath the others';
    this.#signed = [...this.#signed, signature].slice(-MOST_SIGNED);
    return `You write your name on the last page${beneath}.`;
  }

  /** Only some are for names. */
  patterns() {
    const { sign, ...others } = super.patterns();
    return this.#signing ? { ...others, sign } : others;
  }
}
