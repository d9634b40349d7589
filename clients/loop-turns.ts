/** What of one peer is taken in one turn of the event loop: more than a person sends, and a millisecond's work. */
export const AT_ONCE = 32;

/** Counts the turns of the event loop in which anything came. One is enough for all peers. */
export class LoopTurns {
  #number = 0;
  #ending = false;

  /** The number of this one. */
  get now(): number {
    if (!this.#ending) {
      this.#ending = true;
      setImmediate(() => {
        this.#ending = false;
        this.#number += 1;
      });
    }
    return this.#number;
  }
}

/** How much of one peer has been taken in the running turn of the event loop. */
export class Taken {
  readonly #turns: LoopTurns;
  #turn = -1;
  #count = 0;

  constructor(turns: LoopTurns) {
    this.#turns = turns;
  }

  /** Counts one more, and says whether that is within what is taken at once. */
  more(): boolean {
    const { now } = this.#turns;
    if (now !== this.#turn) [this.#turn, this.#count] = [now, 0];
    this.#count += 1;
    return this.#count <= AT_ONCE;
  }
}
