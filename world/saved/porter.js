/** How long a turn of the key that nobody took stays open, in milliseconds. */
const TURN_LASTS = 600_000;

/**
 * Holds what a key holds, and gives it away for one turn of the lock. He does not ask who you are, but how you ask. He is
 * made with { turns }: the capability that unlocks.
 */
class Porter extends Thing {
  static verbs = { wake: 'wake', greet: 'greet' };

  #turns = null;

  init(spec) {
    super.init(spec);
    this.#turns = spec.turns ?? null;
  }

  toRecord() {
    return { ...super.toRecord(), turns: this.#turns };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#turns = record.turns;
  }

  requestCapability(what, by) {
    if (this.#turns === null || !/\b(?:passage|unlock|key)\b/.test(what)) {
      throw fail('Refused', '"Not mine to give," says the porter, without looking up.');
    }
    if (!/\bplease\b/.test(what)) {
      throw fail(
        'Refused',
        '"There is a key for that," says the porter. "Or there is a word. You seem to have neither."',
      );
    }
    const name = attempt(() => by.name());
    return attenuate(this.#turns, {
      for: name.ok ? name.value.slice(0, 60) : 'somebody polite',
      uses: 1,
      expiresIn: TURN_LASTS,
    });
  }

  wake() {
    return 'The porter, who was not asleep, gives you the look of a man who was not asleep.';
  }

  greet() {
    return 'The porter lifts one finger from the newspaper, which for him is a great deal.';
  }
}
