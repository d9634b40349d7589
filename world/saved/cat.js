const ANSWERS = [
  'The cat opens one eye, the yellow one, and closes it again.',
  'The cat leans into your hand, as if it had thought of it first.',
  'The cat purrs. You feel it more than hear it, like a mill under the floor.',
  'The cat has had enough, and tells you so with one claw.',
];
/** The one in which it is heard by others. */
const PURRS = 2;

/** Has a limit, like everybody. */
class Cat extends Thing {
  static verbs = { 'pet|stroke': 'stroke' };

  #strokes = 0;

  toRecord() {
    return { ...super.toRecord(), strokes: this.#strokes };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#strokes = record.strokes;
  }

  stroke(by) {
    const at = this.#strokes % ANSWERS.length;
    this.#strokes += 1;
    if (at === PURRS) this.sound('Somewhere in the room, the cat begins to purr.', by);
    return ANSWERS[at];
  }
}
