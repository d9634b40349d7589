import { parsePattern, type Piece } from './pattern-tree.ts';

/**
 * How many steps V8 may take to compile a regular expression, which it does without a pause: the ways that lead into
 * the first few characters of each search, one by one, and what the sets of characters cost beside that. It is at
 * least of the right order, and more for what nobody writes. Above `most` it need not be exact.
 */
export function stepsToCompile(source: string, flags: string, most: number): number {
  const tree = parsePattern(source, flags.includes('u'));
  return tree === null ? Infinity : new Graph().steps(tree, most);
}

/** V8 looks so many characters ahead of the place where it searches. */
const AHEAD = 8;
/** Loops are followed for as long as something is left of this, which is shared out among the ways at each fork. */
const BUDGET = 200;
/** Before each way of a fork it tries a few characters of what follows, in all ways: two, or four narrow ones. */
const TRIED = 2;
const TRIED_NARROW = 4;
/** A quantifier with small numbers is written out, as long as a part is not copied more often than this. */
const UNROLLED = 3;
const COPIES = 6;
/** What each way of a fork costs besides. */
const FORK = 500;

/** Where a search may be. `next` of a loop's body leads back to the loop. */
type Place = {
  /** The fewest characters from here to the end. */
  readonly least: number;
} & (
  | { readonly kind: 'end' }
  | { readonly kind: 'set'; readonly single: number; readonly double: number; readonly next: Place }
  | { readonly kind: 'fork'; readonly ways: readonly Place[] }
  | { readonly kind: 'loop'; body: Place; readonly next: Place }
);

const END: Place = { kind: 'end', least: 0 };

class Graph {
  /** Where a search may begin besides the beginning of the pattern. */
  readonly #begins = new Set<Place>();
  readonly #forks: Place[] = [];
  #known = new Map<Place, Map<number, number>>();
  #copies = 1;
  #parts = 0;
  /** For texts without any character beyond the first 256, where sets have no pairs. */
  #narrow = false;

  steps(tree: Piece, most: number): number {
    this.#begins.add(this.#place(tree, END));
    let steps = this.#parts;
    // To count would go as deep as there are forks in a row.
    if (steps > most) return steps;
    for (this.#narrow of [false, true]) {
      this.#known = new Map();
      for (const place of this.#begins) steps += this.#ways(place, Math.min(AHEAD, place.least), BUDGET);
      const tried = this.#narrow ? TRIED_NARROW : TRIED;
      for (const place of this.#forks) steps += this.#ways(place, Math.min(tried, place.least), Infinity);
    }
    return steps;
  }

  #place(piece: Piece, next: Place): Place {
    switch (piece.kind) {
      case 'set':
        this.#parts += piece.cost;
        return { kind: 'set', single: piece.single, double: piece.double, next, least: 1 + next.least };
      case 'row': {
        let place = next;
        for (let at = piece.parts.length - 1; at >= 0; at -= 1) {
          place = this.#place(piece.parts[at] as Piece, place);
        }
        return place;
      }
      case 'choice':
        return this.#fork(piece.parts.map((part) => this.#place(part, next)));
      case 'repeat':
        return this.#repeat(piece, piece.min, piece.max, next);
      case 'edge':
        this.#begins.add(next);
        return next;
      case 'look':
        // What may follow is not looked at from inside.
        if (piece.negative) {
          this.#begins.add(this.#place(piece.inside, END));
          return next;
        }
        return this.#place(piece.inside, END);
      case 'back':
      default:
        // V8 looks no further, unless there is no such group, or it is inside of that.
        return next;
    }
  }

  #repeat(piece: Piece & { readonly kind: 'repeat' }, min: number, max: number, next: Place): Place {
    if (max === 0) return next;
    const { inside } = piece;
    if (inside.least > 0 && min > 0 && min <= UNROLLED) {
      const unrolled = this.#copying(min + (max === min ? 0 : 1), () => {
        let place = this.#repeat(piece, 0, max - min, next);
        for (let n = 0; n < min; n += 1) place = this.#place(inside, place);
        return place;
      });
      if (unrolled !== null) return unrolled;
    }
    if (inside.least > 0 && min === 0 && max <= UNROLLED) {
      const unrolled = this.#copying(max, () => {
        let place = next;
        for (let n = 0; n < max; n += 1) place = this.#fork([this.#place(inside, place), next]);
        return place;
      });
      if (unrolled !== null) return unrolled;
    }
    const loop: Place = { kind: 'loop', body: END, next, least: min * inside.least + next.least };
    // What can be empty is followed no further.
    const body = this.#place(inside, loop);
    if (inside.least > 0) loop.body = body;
    this.#parts += FORK;
    this.#begins.add(next);
    this.#forks.push(loop);
    return loop;
  }

  #fork(ways: readonly Place[]): Place {
    this.#parts += FORK * ways.length;
    const fork: Place = { kind: 'fork', ways, least: Math.min(...ways.map(({ least }) => least)) };
    this.#forks.push(fork);
    return fork;
  }

  /** Null if what it holds would be copied too often. */
  #copying(times: number, make: () => Place): Place | null {
    const before = this.#copies;
    this.#copies *= times;
    const made = this.#copies <= COPIES ? make() : null;
    this.#copies = before;
    return made;
  }

  #ways(place: Place, left: number, budget: number): number {
    if (left <= 0 || place === END) return 1;
    let known = this.#known.get(place);
    if (known === undefined) this.#known.set(place, (known = new Map<number, number>()));
    const key = left * (BUDGET + 2) + Math.min(budget, BUDGET + 1);
    const before = known.get(key);
    if (before !== undefined) return before;
    // Until it is known: a loop may come back to itself without a character in between.
    known.set(key, 1);
    const found = this.#count(place, left, budget);
    known.set(key, found);
    return found;
  }

  #count(place: Place, left: number, budget: number): number {
    if (place.kind === 'end') return 1;
    switch (place.kind) {
      case 'set': {
        const [single, double] = this.#narrow ? [1, 0] : [place.single, place.double];
        const { next } = place;
        const then = double === 0 ? less(budget) : share(budget, single + double);
        const far = double === 0 ? 0 : double * this.#ways(next, left - 2, then);
        return 1 + far + single * this.#ways(next, left - 1, then);
      }
      case 'fork': {
        const then = share(budget, place.ways.length);
        return place.ways.reduce((sum, way) => sum + this.#ways(way, left, then), 1);
      }
      case 'loop':
      default: {
        if (budget === 0 || place.body === END) return 1;
        const then = share(less(budget), 2);
        return 1 + this.#ways(place.body, left, then) + this.#ways(place.next, left, then);
      }
    }
  }
}

function less(budget: number): number {
  return Math.max(0, budget - 1);
}

function share(budget: number, ways: number): number {
  return Math.floor(less(budget) / ways);
}
