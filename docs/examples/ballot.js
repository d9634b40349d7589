// A paper with one vote on it: a capability that can be put into a pocket, and given away.
//
// The box gives it to the paper while that lies in it. Nobody gets it out of the paper again, but whoever has the paper within
// reach votes with it, from wherever he is.

class Ballot extends Thing {
  static facets = {
    ...Thing.facets,
    holder: { ...Thing.facets.holder, stamp: M.call(M.remotable()).returns() },
  };
  static verbs = { 'mark * on': 'mark' };

  #vote = null;
  #marked = '';

  toRecord() {
    return { ...super.toRecord(), vote: this.#vote, marked: this.#marked };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#vote = record.vote;
    this.#marked = record.marked;
  }

  describe() {
    const looks =
      this.#marked !== '' ? 'It has been used.' : this.#vote === null ? 'It is blank.' : 'It is stamped.';
    return `${super.describe()} ${looks}`;
  }

  // It could only lose by being stamped twice.
  stamp(vote) {
    if (this.#vote !== null) throw fail('Refused', 'It is stamped already.');
    this.#vote = vote;
  }

  mark(_by, text) {
    if (this.#vote === null) return 'It is a blank piece of paper. Nobody will count that.';
    this.#marked = words.line(this.#vote.vote(text));
    return `You mark ${this.#marked}, and it is counted.`;
  }
}
