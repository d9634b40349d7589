// A key: lends what it has to whoever has it in hand.
//
// It never gives its bolt away. What it lends is weaker: derived from the bolt by `attenuate`, it admits one call, for a
// moment. Whatever is done with it, and by whom, ends with that; and when the bolt is revoked, it ends as well.

const { capital, the } = words;

const MOMENT = 5_000;

class ChestKey extends Thing {
  static facets = {
    ...Thing.facets,
    holder: {
      ...Thing.facets.holder,
      cut: M.call(M.remotable()).returns(),
      lend: M.call(M.remotable()).returns(M.remotable()), // what the command "unlock" asks of a key in hand
    },
  };

  #bolt = null;

  toRecord() {
    return { ...super.toRecord(), bolt: this.#bolt };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#bolt = record.bolt;
  }

  describe() {
    const fits = this.#bolt !== null && isLive(this.#bolt);
    return `${super.describe()} ${fits ? 'It fits something.' : 'It fits nothing.'}`;
  }

  cut(bolt) {
    this.#bolt = bolt;
  }

  lend(_by) {
    if (this.#bolt === null || !isLive(this.#bolt))
      throw fail('Blank', `${capital(the(this.label))} fits nothing.`);
    return attenuate(this.#bolt, { only: ['unlock'], for: this.label, uses: 1, expiresIn: MOMENT });
  }
}
