// A timer bomb: time, and how little a thing can do.
//
// `after` calls one of its own methods later: once, also if the world was stopped in between. The number that it gives takes
// the timer back with `cancel`. The facet `self` is given to nobody but the timer.
//
// All that its bang can do is what any thing can: make a noise, as far as the place where it is lets sound through, and
// end itself. It holds nothing on the room, on those who are in it or on what they carry, so there is nothing that it could
// hurt; a lid is enough to keep it quiet.

const { capital, the } = words;

const TICK = 1_000; // milliseconds
const SHORTEST = 3;
const LONGEST = 600;

class TimeBomb extends Thing {
  static facets = { ...Thing.facets, self: { tick: M.call().returns() } };
  static verbs = { 'set to *': 'set', 'defuse|disarm': 'defuse' };

  #left = 0; // seconds
  #timer = null;

  toRecord() {
    return { ...super.toRecord(), left: this.#left, timer: this.#timer };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#left = record.left;
    this.#timer = record.timer;
  }

  describe() {
    return `${super.describe()} ${this.#timer === null ? 'It is silent.' : `It shows a ${this.#left}.`}`;
  }

  set(by, text) {
    const seconds = Number(text);
    if (!Number.isSafeInteger(seconds) || seconds < SHORTEST || seconds > LONGEST)
      return `It can be set to ${SHORTEST} to ${LONGEST} seconds. Like this: set bomb to 10.`;
    if (this.#timer !== null) cancel(this.#timer);
    this.#left = seconds;
    this.#wait();
    this.sound(`${capital(the(this.label))} begins to tick.`, by);
    return `${capital(the(this.label))} begins to tick: ${seconds}.`;
  }

  defuse(by) {
    if (this.#timer === null) return 'It is not ticking.';
    cancel(this.#timer);
    this.#timer = null;
    this.sound(`${capital(the(this.label))} stops ticking.`, by);
    return `You pull out the red wire, with ${this.#left} to go.`;
  }

  tick() {
    this.#left -= 1;
    if (this.#left > 0) {
      if (this.#left <= SHORTEST) this.sound(`${capital(the(this.label))} says: ${this.#left}.`);
      this.#wait();
      return;
    }
    this.sound(`BANG! goes ${the(this.label)}. Everybody has soot in his face.`);
    this.dispose(); // its bank gets back what it cost
  }

  #wait() {
    this.#timer = after(TICK, facet(this, 'self'), 'tick', []);
  }
}
