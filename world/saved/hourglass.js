const { capital, the } = words;

/** Milliseconds from one end to the other, unless it was made with another { runsFor }. */
const RUNS_FOR = 60_000;

/** Runs out some time after it was turned. Turned again while it runs, it begins anew. */
class Hourglass extends Thing {
  static facets = { ...Thing.facets, self: { runOut: M.call().returns() } };
  static verbs = { turn: 'turn' };

  #runsFor = RUNS_FOR;
  #timer = null;

  init(spec) {
    super.init(spec);
    this.#runsFor = spec.runsFor ?? RUNS_FOR;
  }

  toRecord() {
    return { ...super.toRecord(), runsFor: this.#runsFor, timer: this.#timer };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#runsFor = record.runsFor;
    this.#timer = record.timer;
  }

  describe() {
    const now =
      this.#timer === null ? 'All the sand is at the bottom.' : 'A thread of sand is falling in it.';
    return `${super.describe()} ${now}`;
  }

  turn() {
    if (this.#timer !== null) cancel(this.#timer);
    this.#timer = after(this.#runsFor, facet(this, 'self'), 'runOut', []);
    return `${capital(the(this.label))} goes over, and time begins again at the top.`;
  }

  runOut() {
    this.#timer = null;
    this.sound(`The last grain falls in ${the(this.label)}, with a tick that you would swear you heard.`);
  }
}
