// A vending machine: built on somebody else's class, and paid with his money.
//
// It is a purse that stands on the floor. What is put into it is emptied at once, into its own: if that fails, because it
// is no purse, or holds money of another mint, nothing has happened and the thing was never put in. It takes the money of
// the mint whose money it got first: so give it some before you set it down.
//
// `fixed` keeps everybody from taking it away, but not its owner, who brings it to his hands with @teleport. So that it is in
// the hands of whoever asks says that he may have the takings. Who asks, and who has it in his hands, is what the place says; and
// the place holds it, and could empty it as it would any purse. So put it down only where you trust the room.

const PRICES = { tea: 2, cocoa: 3 };

class VendingMachine extends Purse {
  static verbs = { 'buy * from': 'buy', read: 'read', 'pour * from': 'pour' };

  #credit = 0;

  init(spec) {
    super.init({ ...spec, fixed: 'It is screwed to the floor.' });
  }

  toRecord() {
    return { ...super.toRecord(), credit: this.#credit };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#credit = record.credit;
  }

  describe() {
    return `${super.describe()} It shows a ${this.#credit}.`;
  }

  enter(thing, holder, ...more) {
    const spot = super.enter(thing, holder, ...more);
    if (holder.empty === undefined) throw fail('Refused', 'It takes purses.');
    const money = holder.empty(); // whatever it gives: `fill` asks the mint what it is worth
    if (money !== null) this.#credit += this.fill(money.teller, money.note);
    return spot;
  }

  read() {
    const list = Object.entries(PRICES).map(([what, price]) => `${what} ${price}`);
    return `PUT PURSE IN, THEN BUY. ${list.join(', ')}.`;
  }

  buy(by, text) {
    const what = text.toLowerCase();
    if (!Object.hasOwn(PRICES, what)) return this.read();
    if (this.#credit < PRICES[what]) return `It shows a ${this.#credit} and does nothing.`;
    this.#credit -= PRICES[what];
    this.sound('The machine gurgles.', by);
    return `A paper cup falls and fills with ${what}. You drink it where you stand.`;
  }

  pour(by, text) {
    if (!this.spot.isWithin(by, 1)) return 'It is screwed to the floor, and shut.';
    this.#credit = 0;
    return super.pour(by, text);
  }
}
