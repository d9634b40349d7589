// A shop run by a character: she hears "buy X", takes the money out of a purse, and hands over the thing.
//
// Her owner is whoever hires her. The first purse that he gives her is the till; what else he gives her she sells, at the
// price that he says. Who speaks to her and who gives, she has from the room where she stands: so let her stand in one that
// you trust.
//
// A sale is one turn: what is in the purse goes into the till, which has it counted by its mint, and the goods go to the buyer.
// If it is not the price, or the goods will not go, she throws, and nothing of it has happened. Only the purse, which is
// still on its way to her in that turn, she gives back in one of its own.

const { a, capital, line } = words;

class Shopkeeper extends Actor {
  static verbs = { hire: 'hire' };

  #owner = null;
  #till = null; // the hold on a purse
  #wares = []; // { thing, name, price }
  #order = null; // { by, ware }: who asked last, and for what

  toRecord() {
    const shop = { owner: this.#owner, till: this.#till, wares: this.#wares, order: this.#order };
    return { ...super.toRecord(), ...shop };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#owner = record.owner;
    this.#till = record.till;
    this.#wares = record.wares;
    this.#order = record.order;
  }

  hire(by) {
    if (this.#owner !== null) return `${this.label} has a place already.`;
    this.#owner = by;
    return 'Give her a purse with some money in it, and goods. Then say: sell apple for 3.';
  }

  hear(_text, said, by) {
    const [, buy] = /^buy (?:an? |the )?(.+?)\W*$/i.exec(said ?? '') ?? [];
    const [, sell, price] = /^sell (?:an? |the )?(.+) for (\d{1,6})\W*$/i.exec(said ?? '') ?? [];
    if (buy !== undefined) this.later('say', this.#ordered(by, buy.toLowerCase()));
    else if (sell !== undefined && by === this.#owner)
      this.later('say', this.#offered(sell.toLowerCase(), Number(price)));
  }

  enter(thing, holder, ...more) {
    const spot = super.enter(thing, holder, ...more);
    const by = this.giver();
    if (by !== null && by === this.#owner) {
      if (holder.fill !== undefined) this.#till ??= holder;
    } else {
      this.#sell(by, holder);
      this.later('handOver', by, thing);
    }
    return spot;
  }

  #ordered(by, what) {
    const ware = this.#wares.find(({ name }) => name === what);
    if (ware === undefined) return `I have no ${line(what)}.`;
    this.#order = { by, ware };
    return `${ware.price} crowns. Give me a purse with that in it, no more and no less.`;
  }

  #offered(what, price) {
    const isNew = ({ name, thing }) => name === what && !this.#wares.some((each) => each.thing === thing);
    const found = this.carried.find(isNew);
    if (found === undefined || this.#till === null) return 'First give me a till, and what I am to sell.';
    this.#wares = [...this.#wares, { thing: found.thing, name: what, price }];
    return `${capital(line(what))}: ${price} crowns.`;
  }

  // Sells what was ordered for what is in a purse, or throws.
  #sell(by, purse) {
    const ware = this.#order?.by === by ? this.#order.ware : undefined;
    const inStock = this.#wares.find((each) => each.thing === ware?.thing);
    if (inStock === undefined || purse.empty === undefined)
      throw fail('Refused', '"What is that for?" she says.');
    const { teller, note } = purse.empty() ?? {};
    if (note === undefined || this.#till.fill(teller, note) !== inStock.price)
      throw fail('Refused', `"It is ${inStock.price} crowns," she says, and gives it back.`);
    this.#wares = this.#wares.filter((each) => each !== inStock);
    this.#order = null;
    const { spot } = this;
    this.inHand(inStock.thing).holder.moveTo(spot.mouthOf(spot, by));
    if (this.carries(inStock.thing)) throw fail('Refused', `${capital(line(inStock.name))} will not go.`);
    spot.show(spot, '', by, `gives you ${a(line(inStock.name))}`);
  }
}
