// A book that is lent: what is lent is the right to read it, so nobody can forget to bring it back.
//
// The book stays on its chain. Whoever wants it puts a ticket into it for a moment (readers-ticket.js), and the book keeps what the
// ticket gives it, its `reader`, as a place in the queue. Whose turn it is gets a `reading`, a grant of its own. When the time is
// up, that is revoked with every copy, whoever keeps one, and the next in the queue is served.
//
// It does not ask who put a ticket in: only the place where the book lies says that, and it might say anything. So it cannot
// keep one person with many tickets from filling the queue, and who leaves his ticket in the book leaves it to all.
//
// Version 1 had no queue, and renewed nothing. `upgrade` is for books of that version, also while they are lent.

const { line, the } = words;

const LOAN = 60_000; // milliseconds
const MOST_RENEWALS = 2;
const MOST_WAITING = 20;
const MOST_PAGES = 100;
const MOST_LETTERS = 500;
const MOST_IN_NAME = 40;

class LoanBook extends Container {
  static facets = {
    ...Container.facets,
    reading: {
      page: M.call(M.number()).returns(M.string()),
      renew: M.call().returns(M.string()),
      giveBack: M.call().returns(),
    },
    // For the timer, and for a ticket that fails, which is told with the error.
    ending: { end: M.call().optional(M.any()).returns() },
  };
  static verbs = { 'write * in': 'write' };

  #loan = null; // { name, reading, ending, timer, renewals }

  // It fills in what is missing, whatever version that comes from.
  static upgrade(record) {
    const { loan } = record;
    return { ...record, loan: loan === null ? null : { renewals: 0, ...loan } };
  }

  init(spec) {
    super.init({ ...spec, fixed: 'It is on a chain.' });
  }

  toRecord() {
    return { ...super.toRecord(), loan: this.#loan };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#loan = record.loan;
  }

  describe() {
    const lent = this.#loan === null ? 'It is free.' : `${words.capital(the(this.#loan.name))} has it.`;
    return `${super.describe()} ${lent} Waiting: ${collection(this, 'waiting').size}.`;
  }

  // On its chain, only its owner can bring it to his hands: so whoever has it there may write in it.
  write(by, text) {
    if (!this.spot.isWithin(by, 1)) return 'It is on a chain, and nobody writes in it here.';
    const pages = collection(this, 'pages');
    if (pages.size >= MOST_PAGES) return 'It is full.';
    pages.set(String(pages.size + 1), line(text).slice(0, MOST_LETTERS));
    return `You write page ${pages.size}.`;
  }

  enter(thing, holder, name, ...more) {
    const spot = super.enter(thing, holder, name, ...more);
    const reader = holder.stub?.(); // may be anything; only a capability has a method
    if (typeof reader?.lend !== 'function') throw fail('Refused', "It takes readers' tickets.");
    const waiting = collection(this, 'waiting');
    if (waiting.has(reader)) throw fail('Refused', 'That ticket is waiting already.');
    if (waiting.size >= MOST_WAITING) throw fail('Full', 'Too many are waiting.');
    waiting.set(reader, line(name).slice(0, MOST_IN_NAME));
    this.#serve();
    return spot;
  }

  page(number) {
    return collection(this, 'pages').get(String(number)) ?? 'There is no such page.';
  }

  renew() {
    if (collection(this, 'waiting').size > 0) return 'Somebody is waiting for it.';
    if (this.#loan.renewals >= MOST_RENEWALS) return 'You have had it long enough.';
    this.#loan = { ...this.#loan, timer: this.#restarted(), renewals: this.#loan.renewals + 1 };
    return 'You may keep it a little longer.';
  }

  giveBack() {
    this.end();
  }

  // The `ending` goes with the loan, so late news of this one cannot end another.
  end() {
    const { reading, ending, timer } = this.#loan;
    cancel(timer);
    revoke(this, reading);
    revoke(this, ending);
    this.#loan = null;
    this.#serve();
  }

  #restarted() {
    cancel(this.#loan.timer);
    return after(LOAN, this.#loan.ending, 'end', []);
  }

  // The ticket hears of it by a send, and so it holds nobody up who gives the book back. But a send to what has no such
  // method, or has it no more, is refused on the spot, in a turn that is not the ticket's to spoil: hence the attempt.
  #serve() {
    const waiting = collection(this, 'waiting');
    const [first] = waiting.entries(null, 1);
    if (this.#loan !== null || first === undefined) return;
    const [reader, name] = first;
    waiting.delete(reader);
    const reading = facet(this, 'reading', { for: name });
    const ending = facet(this, 'ending', { for: name });
    this.#loan = { name, reading, ending, timer: after(LOAN, ending, 'end', []), renewals: 0 };
    const told = attempt(() => send(reader, 'lend', [reading, this.label], { failed: [ending, 'end'] }));
    if (!told.ok) send(ending, 'end', []);
  }
}
