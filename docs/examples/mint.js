// A mint: money is a capability.
//
// A note is a capability without any method. It does nothing and says nothing, but nobody can make one except the mint,
// which keeps in a collection what each of its notes is worth. So money is passed on like any value, and whoever gets some
// changes it at the mint for new notes, which nobody else can have kept.
//
// Whoever has the mint within reach strikes money with it: keep it in your hands. Purses get no more of it than `teller`,
// which changes notes and cannot strike any.

/** Crowns in one note. Sums of them must stay exact. */
const MOST = 1_000_000_000;

class Mint extends Container {
  static facets = {
    ...Container.facets,
    note: {},
    teller: {
      worth: M.call(M.remotable()).returns(M.number()),
      change: M.call(M.arrayOf(M.remotable()), M.arrayOf(M.number())).returns(M.arrayOf(M.remotable())),
    },
  };
  static verbs = { 'strike * in': 'strike' };

  #tray = null; // the hold on what was put in last

  toRecord() {
    return { ...super.toRecord(), tray: this.#tray };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#tray = record.tray;
  }

  // `holder` is what the place of a thing may do with it. It is dead as soon as the thing is somewhere else.
  enter(thing, holder, ...more) {
    const spot = super.enter(thing, holder, ...more);
    this.#tray = holder;
    return spot;
  }

  strike(_by, text) {
    const amount = Number(text);
    if (!isAmount(amount)) return 'How many crowns? Like this: strike 10 in mint.';
    if (this.#tray?.fill === undefined || !isLive(this.#tray)) return 'It needs a purse in it.';
    this.#tray.fill(facet(this, 'teller'), this.#issue(amount));
    return `${amount} crowns fall into the purse.`;
  }

  worth(note) {
    return collection(this, 'notes').get(note) ?? 0;
  }

  // Old notes for new ones of the same worth together. The old ones are dead from here on.
  change(notes, amounts) {
    const known = collection(this, 'notes');
    let sum = 0;
    for (const note of notes) {
      sum += this.worth(note);
      if (!known.delete(note)) throw fail('NoMoney', 'That is no money of this mint.');
      revoke(this, note);
    }
    if (!amounts.every(isAmount) || amounts.reduce((all, each) => all + each, 0) !== sum)
      throw fail('BadSum', `That does not add up to ${sum}.`);
    return amounts.map((amount) => this.#issue(amount));
  }

  #issue(amount) {
    const note = facet(this, 'note', { for: `${amount} crowns` });
    collection(this, 'notes').set(note, amount);
    return note;
  }
}

function isAmount(amount) {
  return Number.isSafeInteger(amount) && amount > 0 && amount <= MOST;
}
