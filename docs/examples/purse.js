// A purse: a thing that holds money, and gives it to whoever holds the thing.
//
// Money never stays as it came: `fill` changes it at the mint at once, so that whoever paid with it has nothing left of it.
// It believes no amount but the mint's. From its first money on a purse knows one mint, and takes nothing else.
//
// Whoever made a purse can bring it back to his hands with all that is in it: what you want to keep, pour into one that you made.
//
// To pay, do not hand over all you have: put a small purse into the big one, pour out what is needed, and pay with that.

class Purse extends Container {
  static facets = {
    ...Container.facets,
    // For the place where the purse is, and nobody else: whoever has it in hand can fill and empty it.
    holder: {
      ...Container.facets.holder,
      fill: M.call(M.remotable(), M.remotable()).returns(M.number()),
      empty: M.call().returns(M.any()),
    },
  };
  static verbs = { count: 'count', 'pour * from': 'pour' };

  #teller = null;
  #note = null;
  #amount = 0;
  #tray = null; // the hold on the purse in this one

  toRecord() {
    const money = { teller: this.#teller, note: this.#note, amount: this.#amount };
    return { ...super.toRecord(), ...money, tray: this.#tray };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#teller = record.teller;
    this.#note = record.note;
    this.#amount = record.amount;
    this.#tray = record.tray;
  }

  enter(thing, holder, ...more) {
    const spot = super.enter(thing, holder, ...more);
    this.#tray = holder;
    return spot;
  }

  fill(teller, note) {
    if (this.#teller !== null && teller !== this.#teller)
      throw fail('Refused', 'That is money of another mint.');
    const worth = teller.worth(note);
    const mine = this.#note === null ? [note] : [this.#note, note];
    const [sum] = teller.change(mine, [this.#amount + worth]);
    this.#set(teller, sum, this.#amount + worth);
    return worth;
  }

  // All that is in it, for `fill` of another; null if there is nothing.
  empty() {
    if (this.#note === null) return null;
    const money = { teller: this.#teller, note: this.#note };
    this.#set(this.#teller, null, 0);
    return money;
  }

  count() {
    return `There are ${this.#amount} crowns in it.`;
  }

  pour(_by, text) {
    const amount = Number(text);
    const rest = this.#amount - amount;
    if (!Number.isSafeInteger(amount) || amount < 1) return 'How many? Like this: pour 2 from purse.';
    if (rest < 0) return this.count();
    if (this.#tray?.fill === undefined || !isLive(this.#tray))
      return 'First put a purse into it that they are to go into.';
    const teller = this.#teller;
    const [poured, left = null] = teller.change([this.#note], rest === 0 ? [amount] : [amount, rest]);
    this.#set(teller, left, rest);
    this.#tray.fill(teller, poured);
    return `You pour ${amount} crowns from purse to purse.`;
  }

  #set(teller, note, amount) {
    this.#teller = teller;
    this.#note = note;
    this.#amount = amount;
  }
}
