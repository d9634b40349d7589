/** From the hook to the whistle, in milliseconds. */
const BOILS_AFTER = 20_000;

const LOOKS = {
  cold: 'It is stone cold, and half full.',
  heating: 'It has begun to tick and mutter to itself.',
  boiling: 'It is boiling its head off.',
};

const POURS = {
  cold: 'Cold water. You think better of it.',
  heating: 'Lukewarm. You pour it back and swing the kettle off the fire.',
  boiling: 'You wet the leaves in the brown pot. The kitchen smells of smoke and bergamot.',
};

/** Comes to the boil by itself, once somebody has hung it over the fire. */
class Kettle extends Thing {
  static facets = { ...Thing.facets, self: { boil: M.call().returns() } };
  static verbs = { 'boil|hang': 'hang', pour: 'pour' };

  #state = 'cold';
  #timer = null;

  toRecord() {
    return { ...super.toRecord(), state: this.#state, timer: this.#timer };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#state = record.state;
    this.#timer = record.timer;
  }

  describe() {
    return `${super.describe()} ${LOOKS[this.#state]}`;
  }

  hang() {
    if (this.#state !== 'cold') return 'It is over the fire already.';
    this.#state = 'heating';
    this.#timer = after(BOILS_AFTER, facet(this, 'self'), 'boil', []);
    return 'You swing the kettle over the fire on its crane. Now there is nothing for it but not to watch.';
  }

  boil() {
    this.#timer = null;
    this.#state = 'boiling';
    this.sound('The kettle whistles: a rising, affronted shriek, like a small train that has seen a mouse.');
  }

  pour() {
    const was = this.#state;
    this.#state = 'cold';
    if (this.#timer !== null) cancel(this.#timer);
    this.#timer = null;
    return POURS[was];
  }
}
