const { capital, the } = words;

/** Burns or does not. */
class Lamp extends Thing {
  static verbs = { light: 'light', 'douse|extinguish': 'putOut' };

  #lit = false;

  toRecord() {
    return { ...super.toRecord(), lit: this.#lit };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#lit = record.lit;
  }

  describe() {
    return `${super.describe()} ${this.#lit ? 'It burns with a steady flame.' : 'It is not lit.'}`;
  }

  light(by) {
    if (this.#lit) return 'It is burning already.';
    this.#lit = true;
    this.sound(`${capital(the(this.label))} begins to burn.`, by);
    return `You strike a spark, and ${the(this.label)} begins to burn.`;
  }

  putOut(by) {
    if (!this.#lit) return 'It is dark already.';
    this.#lit = false;
    this.sound(`${capital(the(this.label))} goes out.`, by);
    return `You pinch the flame, and ${the(this.label)} goes out.`;
  }
}
