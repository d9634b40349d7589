const { line } = words;

/** How long it turns a phrase over before it tries it, in milliseconds. */
const THINKS = 3_000;
/** Words that it can hold in its head, and letters. */
const MOST_WORDS = 5;
const MOST_LETTERS = 80;

/** Listens to what is said around it, and some time later says the end of it. */
class Jackdaw extends Thing {
  static facets = { ...Thing.facets, self: { speakUp: M.call().returns() } };
  static verbs = { feed: 'feed', pet: 'pet' };

  #phrase = '';
  #thinking = false;

  toRecord() {
    return { ...super.toRecord(), phrase: this.#phrase, thinking: this.#thinking };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#phrase = record.phrase;
    this.#thinking = record.thinking;
  }

  listens() {
    return true;
  }

  hear(_text, said) {
    if (said === undefined || this.#thinking) return;
    this.#phrase = line(said).split(' ').slice(-MOST_WORDS).join(' ').slice(0, MOST_LETTERS);
    this.#thinking = true;
    after(THINKS, facet(this, 'self'), 'speakUp', []);
  }

  speakUp() {
    this.#thinking = false;
    this.sound(`The jackdaw puts its head on one side. "${this.#phrase}," it says, in a voice like a hinge.`);
  }

  pet() {
    return 'It lets you, once, and checks your ring for shine.';
  }

  feed() {
    return this.#phrase === ''
      ? 'It takes the crumb, and looks at you as if you might be about to say something.'
      : `It takes the crumb. "${this.#phrase}," it confides.`;
  }
}
