// A trade that cannot cheat either side, between two people who trust neither each other nor each other's things.
//
// Each gives the broker two purses: one that he pays with, and one that he is to be paid into, which knows its mint; and says
// how much he wants. As soon as both have, the broker empties one purse of each and fills the other with what came out
// of his partner's, in one attempt. Each side is protected by its own purse: that changes what it gets at the mint of its owner's
// choice, and says how much it was. If it is less than was asked for, or if anything throws, whatever it is and whenever, the
// attempt is undone, and each has what he had. A purse that lies can lie only to its owner. So be paid into one that you made:
// whoever made a thing can bring it back to his hands, with all that is in it.
//
// Who gave him what, he has from the room where he stands, so that must be one which both trust. Nobody else can tell him:
// while he has anything in his hands, not even his owner moves him. (Who ends him gets nothing: each brings back what is his own.)
//
// Inside of the attempt the broker changes nothing of his own: an attempt cannot put back who is waiting for it.

class Broker extends Actor {
  static facets = { ...Actor.facets, self: { ...Actor.facets.self, settle: M.call().returns() } };
  static verbs = { 'want * from': 'want', 'withdraw from': 'withdraw' };

  #sides = []; // at most two: { by, purses, price }

  toRecord() {
    return { ...super.toRecord(), sides: this.#sides };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#sides = record.sides;
  }

  enter(thing, holder, ...more) {
    const spot = super.enter(thing, holder, ...more);
    const by = this.giver();
    const { purses = [] } = this.#side(by) ?? {};
    const others = this.#sides.filter((each) => each.by !== by);
    const isPurse = holder.empty !== undefined && holder.fill !== undefined;
    if (by === null || !isPurse || purses.length > 1 || others.length > 1)
      throw fail('Refused', '"Two people, and two purses from each," says the broker.');
    this.#sides = [...others, { by, purses: [...purses, { thing, holder }], price: null }];
    return spot;
  }

  // Whoever had him in a box of his own could ask for the purses of everybody.
  bring(entry) {
    if (this.carried.length > 0) throw fail('Refused', '"Not with what is not mine," says the broker.');
    super.bring(entry);
  }

  want(by, text) {
    const price = Number(text);
    const side = this.#side(by);
    if (!Number.isSafeInteger(price) || price < 1) return 'How much? Like this: want 10 from broker.';
    if (side?.purses.length !== 2) return 'Give him two purses: one to pay with, then one to be paid into.';
    this.#sides = this.#sides.map((each) => (each === side ? { ...side, price } : each));
    this.later('settle');
    return `He notes that you want ${price}.`;
  }

  withdraw(by) {
    const side = this.#side(by);
    if (side === undefined) return 'He has nothing of yours.';
    this.#leave(side);
    return '"As you like," says the broker.';
  }

  settle() {
    const [one, other] = this.#sides;
    if (!one?.price || !other?.price) return;
    const traded = attempt(() => {
      const [ours, theirs] = [one, other].map(({ purses: [paying] }) => paying.holder.empty() ?? {});
      pay(ours, other);
      pay(theirs, one);
    });
    this.later('say', traded.ok ? 'Done.' : `No: ${traded.error.message}`);
    if (traded.ok) for (const side of [one, other]) this.#leave(side);
  }

  #side(by) {
    return this.#sides.find((each) => each.by === by);
  }

  // Each purse is handed over in a turn of its own: one that does not want to go keeps no other back.
  #leave(side) {
    this.#sides = this.#sides.filter((each) => each !== side);
    for (const { thing } of side.purses) this.later('handOver', side.by, thing);
  }
}

function pay({ teller, note }, { purses: [, paid], price }) {
  const got = paid.holder.fill(teller, note);
  if (typeof got !== 'number' || !(got >= price)) throw fail('TooLittle', `${price} were asked for.`);
}
