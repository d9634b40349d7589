// A lamp: what a class is made of, and no more.
//
// An object is a record, and the code around it. `toRecord` says what of it is to last, and `fromRecord` takes that in again:
// perhaps at the next command, perhaps after a restart. What stands in neither is forgotten. `static verbs` says what
// people may type, and which method answers; what the method returns is what that person is told.

const { capital, the } = words;

class OilLamp extends Thing {
  static verbs = { light: 'light', 'blow out': 'blowOut' };

  #lit = false;

  toRecord() {
    return { ...super.toRecord(), lit: this.#lit };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#lit = record.lit;
  }

  describe() {
    return `${super.describe()} ${this.#lit ? 'It burns.' : 'It is dark.'}`;
  }

  // `by` is whoever typed it, as everybody knows him: his public capability.
  light(by) {
    if (this.#lit) return 'It burns already.';
    this.#lit = true;
    this.sound(`${capital(the(this.label))} begins to burn.`, by); // for everybody around but him
    return `You light ${the(this.label)}.`;
  }

  blowOut(by) {
    if (!this.#lit) return 'It is dark already.';
    this.#lit = false;
    this.sound(`${capital(the(this.label))} goes out.`, by);
    return `You blow out ${the(this.label)}.`;
  }
}
