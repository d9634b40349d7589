/**
 * A bell that is heard in other places a moment later. It is made with { peal, afar, echoes }: what it sounds like beside
 * it and from afar, and the capabilities that make it sound there.
 */
class Bell extends Thing {
  static verbs = { 'ring|pull': 'ring' };

  #peal = '';
  #afar = '';
  #echoes = [];

  init(spec) {
    super.init(spec);
    this.#peal = spec.peal ?? 'The bell rings.';
    this.#afar = spec.afar ?? 'Far away, a bell rings.';
    this.#echoes = spec.echoes ?? [];
  }

  toRecord() {
    return { ...super.toRecord(), peal: this.#peal, afar: this.#afar, echoes: this.#echoes };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#peal = record.peal;
    this.#afar = record.afar;
    this.#echoes = record.echoes;
  }

  ring(by) {
    this.sound(this.#peal, by);
    for (const echo of this.#echoes) send(echo, 'resound', [this.#afar]);
    return this.#peal;
  }
}
