// A telephone between two rooms: two ends that know each other, and nobody else.
//
// To pair them, put one into the other: then each has the other's `line`, and gives its own for it. The line is a grant of its
// own, so to be paired again cuts the old one, also if somebody kept it.
//
// What goes down the line is sent: it arrives in a later turn, once, and in order, also after a crash. Whoever speaks does not
// wait for whoever listens, and no fault at the other end is his.

const { line } = words;

class Telephone extends Container {
  static facets = {
    ...Container.facets,
    holder: { ...Container.facets.holder, pair: M.call(M.remotable()).returns(M.remotable()) },
    line: { carry: M.call(M.string()).returns(), jingle: M.call().returns() },
  };
  static verbs = { ring: 'ring', 'speak|shout * into': 'speak' };

  #far = null; // the other's line
  #own = null; // the one that the other has

  toRecord() {
    return { ...super.toRecord(), far: this.#far, own: this.#own };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#far = record.far;
    this.#own = record.own;
  }

  describe() {
    return `${super.describe()} ${this.#isPaired() ? 'It hums.' : 'It is dead.'}`;
  }

  enter(thing, holder, ...more) {
    const spot = super.enter(thing, holder, ...more);
    if (holder.pair === undefined) return spot;
    const far = holder.pair(this.#newLine());
    if (!isLive(far)) throw fail('Refused', 'It is dead.'); // or throws, if that is no capability at all
    this.#far = far;
    return spot;
  }

  pair(far) {
    this.#far = far;
    return this.#newLine();
  }

  ring() {
    if (!this.#isPaired()) return 'Not a sound.';
    send(this.#far, 'jingle', []);
    return 'You turn the handle.';
  }

  speak(by, text) {
    if (!this.#isPaired()) return 'You speak into it, and it stays with you.';
    const told = attempt(() => line(by.name()));
    send(this.#far, 'carry', [`${told.ok ? told.value : 'Somebody'} says, "${line(text)}"`]);
    this.sound(`${told.ok ? told.value : 'Somebody'} mutters into ${words.the(this.label)}.`, by);
    return `You say into it, "${line(text)}"`;
  }

  jingle() {
    this.sound(`${words.capital(words.the(this.label))} rings.`);
  }

  carry(text) {
    this.sound(`From ${words.the(this.label)} comes a small voice: ${line(text)}`);
  }

  #isPaired() {
    return this.#far !== null && isLive(this.#far);
  }

  #newLine() {
    if (this.#own !== null) revoke(this, this.#own);
    this.#own = facet(this, 'line', { for: 'the other end' });
    return this.#own;
  }
}
