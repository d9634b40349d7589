/** Where something is: the name of a room, a box or a player, all different; `NOWHERE` before it is made and after its end. */
export type Place = string;
export const NOWHERE: Place = 'nowhere';
/** Where it came from is not known to whoever moved it. */
export const ANYWHERE: Place = 'anywhere';

export interface Move {
  readonly thing: string;
  readonly from: Place;
  readonly to: Place;
  /** The line that did it. */
  readonly client: string;
  readonly session: number;
  readonly n: number;
}

/** What a move came to: `unknown` when its client was lost before the answer. */
export type Outcome = 'done' | 'unknown';

interface Entry extends Move {
  readonly outcome: Outcome;
}

/**
 * Double-entry bookkeeping of things. Every move that was answered has taken one thing from one place and put it into
 * another, so from where it was and the moves since follows where it is, whatever the order in which four clients moved
 * it. A move that was acknowledged and lost, done twice or done by half leaves a sum that does not fit.
 */
export class Moves {
  #base = new Map<string, Place>();
  #entries: Entry[] = [];

  get things(): readonly string[] {
    return [...new Set([...this.#base.keys(), ...this.#entries.map(({ thing }) => thing)])];
  }

  add(move: Move, outcome: Outcome): void {
    this.#entries.push({ ...move, outcome });
  }

  /** Where a thing is by the answers so far; undefined when they leave that open, or make no sense. */
  where(thing: string): Place | undefined {
    const entries = this.#entries.filter((entry) => entry.thing === thing);
    if (entries.some(({ outcome }) => outcome === 'unknown')) return undefined;
    const sums = this.#sums(thing, entries);
    const full = [...sums].filter(([, sum]) => sum !== 0);
    const [only] = full;
    return full.length === 1 && only?.[1] === 1 ? only[0] : undefined;
  }

  /** What is in a place by the answers so far. */
  at(place: Place): readonly string[] {
    return this.things.filter((thing) => this.where(thing) === place);
  }

  /** Whether a thing can be at `place`, given some of the moves; says why not. */
  misfit(thing: string, place: Place, counts: (move: Move) => boolean): string | undefined {
    const entries = this.#entries.filter((entry) => entry.thing === thing && counts(entry));
    const sure = entries.filter(({ outcome }) => outcome === 'done');
    const open = entries.filter(({ outcome }) => outcome === 'unknown');
    for (let choice = 0; choice < 2 ** open.length; choice += 1) {
      const chosen = open.filter((_, at) => (choice & (2 ** at)) !== 0);
      if (this.#fits(thing, place, [...sure, ...chosen])) return undefined;
    }
    const told = entries.map(({ client, session, n, from, to, outcome }) => {
      return `${client}/${session}:${n} ${from} -> ${to}${outcome === 'unknown' ? ' (?)' : ''}`;
    });
    return `${thing} is ${place}; it was ${this.#base.get(thing) ?? NOWHERE}, then ${told.join(', ') || 'nothing moved it'}`;
  }

  /** Begins a new page with things where they were seen to be; moves for which `counted` is false stay open. */
  rebase(places: ReadonlyMap<string, Place>, counted: (move: Move) => boolean): void {
    this.#base = new Map(places);
    this.#entries = this.#entries.filter((entry) => !counted(entry));
  }

  #sums(thing: string, entries: readonly Entry[]): Map<Place, number> {
    const sums = new Map<Place, number>([[this.#base.get(thing) ?? NOWHERE, 1]]);
    for (const { from, to } of entries) {
      sums.set(to, (sums.get(to) ?? 0) + 1);
      sums.set(from, (sums.get(from) ?? 0) - 1);
    }
    return sums;
  }

  #fits(thing: string, place: Place, entries: readonly Entry[]): boolean {
    const sums = this.#sums(thing, entries);
    const fromAnywhere = -(sums.get(ANYWHERE) ?? 0);
    sums.delete(ANYWHERE);
    sums.set(place, (sums.get(place) ?? 0) - 1);
    let left = 0;
    for (const sum of sums.values()) {
      if (sum < 0) return false;
      left += sum;
    }
    return left === fromAnywhere;
  }
}
