// A reader's ticket: waits in the queue for a book (loan-book.js), and reads it, from wherever its owner is.
//
// Its `reader` it gives only to the place where it lies: that may lend to it from then on. What comes that way may be a capability
// on anything, so the ticket expects nothing of it but that it may fail, and shows a text of it as one line.

const { capital, line, the } = words;

const MOST_IN_TITLE = 60;

class ReadersTicket extends Thing {
  static facets = {
    ...Thing.facets,
    holder: { ...Thing.facets.holder, stub: M.call().returns(M.remotable()) },
    reader: { lend: M.call(M.remotable(), M.string()).returns() },
  };
  static verbs = { 'read * with': 'read', 'renew with': 'renew', 'return with': 'giveBack' };

  #reading = null;
  #title = '';

  toRecord() {
    return { ...super.toRecord(), reading: this.#reading, title: this.#title };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#reading = record.reading;
    this.#title = record.title;
  }

  describe() {
    return `${super.describe()} ${this.#hasBook() ? `It has ${the(this.#title)}.` : 'It has no book.'}`;
  }

  stub() {
    return facet(this, 'reader');
  }

  // To refuse sends the book on to whoever is next.
  lend(reading, title) {
    if (this.#hasBook()) throw fail('Refused', 'It has a book already.');
    this.#reading = reading;
    this.#title = line(title).slice(0, MOST_IN_TITLE);
    this.sound(`${capital(the(this.label))} has ${the(this.#title)} now.`);
  }

  read(_by, text) {
    if (!this.#hasBook()) return 'It has no book.';
    return line(this.#reading.page(Number(text)));
  }

  renew() {
    if (!this.#hasBook()) return 'It has no book.';
    if (this.#reading.renew === undefined) return 'That book cannot be renewed.';
    return line(this.#reading.renew());
  }

  giveBack() {
    if (!this.#hasBook()) return 'It has no book.';
    this.#reading.giveBack();
    return `You give back ${the(this.#title)}.`;
  }

  #hasBook() {
    return this.#reading !== null && isLive(this.#reading);
  }
}
