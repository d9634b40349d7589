import type { Shape } from './shape.ts';
import { storedToken, type Token } from './names.ts';

/** Why a grant no longer admits anything. */
type GrantEnd = 'Revoked' | 'Gone';

/**
 * One entry in a wrapper's dictionary.
 * Invariant: `ended` is set on every descendant of an ended grant, so a call looks at one grant only.
 */
export interface Grant {
  readonly token: Token;
  readonly shape: Shape;
  readonly parent: Grant | null;
  /** Whom it was made for; free text that only people read. */
  readonly label: string;
  /** Set on the one standing grant of a facet: the value that `facet(this, name)` always gives. */
  readonly standing: string | null;
  /** Milliseconds since the epoch, or null. */
  readonly expires: number | null;
  /** Calls left, or null for any number. Counted in the turn: a turn that fails uses none. */
  uses: number | null;
  ended: GrantEnd | null;
}

/** As stored beside an object's record, parents before children. */
export type StoredGrant = readonly [
  token: string,
  shape: number,
  parent: number,
  label: string,
  standing: string | null,
  expires: number | null,
  uses: number | null,
];

/** The dictionary of one wrapper: token → grant. Changes go through it, so that a turn can take them back. */
export class Grants {
  readonly #byToken = new Map<Token, Grant>();
  readonly #standing = new Map<string, Grant>();
  #text: string | null = null;

  get size(): number {
    return this.#byToken.size;
  }

  get(token: Token): Grant | undefined {
    return this.#byToken.get(token);
  }

  standing(facet: string): Grant | undefined {
    return this.#standing.get(facet);
  }

  /** All of them, parents before children. */
  inOrder(): readonly Grant[] {
    const listed = new Set<Grant>();
    const visit = (grant: Grant): void => {
      if (listed.has(grant)) return;
      if (grant.parent !== null) visit(grant.parent);
      listed.add(grant);
    };
    for (const grant of this.#byToken.values()) visit(grant);
    return [...listed];
  }

  /** Gives back what takes the entry out again. */
  add(grant: Grant): () => void {
    this.#insert(grant);
    return () => {
      grant.ended = 'Revoked'; // code that kept the capability must find it dead
      this.#remove(grant);
    };
  }

  /** Takes out what has expired or been used up, with all that was derived from it; gives back what puts it back. */
  prune(now: number): () => void {
    const undone: (() => void)[] = [];
    for (const grant of this.inOrder()) {
      const over = (grant.expires !== null && grant.expires <= now) || grant.uses === 0;
      if (over && grant.ended === null) undone.push(this.revoke(grant));
    }
    return () => {
      for (const undo of undone.toReversed()) undo();
    };
  }

  /** Ends a grant and all its descendants; gives back what brings them to life again. */
  revoke(root: Grant): () => void {
    const ended: Grant[] = [];
    for (const grant of this.#byToken.values()) if (isWithin(grant, root)) ended.push(grant);
    for (const grant of ended) {
      grant.ended = 'Revoked';
      this.#remove(grant);
    }
    return () => {
      for (const grant of ended) {
        grant.ended = null;
        this.#insert(grant);
      }
    };
  }

  /** Counts one use of a limited grant; gives back what takes the count back. */
  use(grant: Grant): () => void {
    const before = grant.uses;
    grant.uses = before === null ? null : before - 1;
    this.#text = null;
    return () => {
      grant.uses = before;
      this.#text = null;
    };
  }

  /** The dictionary as JSON, for the record; kept until it changes. */
  toText(): string {
    if (this.#text !== null) return this.#text;
    const grants = this.inOrder();
    const index = new Map(grants.map((grant, at) => [grant, at] as const));
    const rows = grants.map((grant): StoredGrant => {
      const parent = grant.parent === null ? -1 : (index.get(grant.parent) ?? -1);
      return [grant.token, grant.shape.id, parent, grant.label, grant.standing, grant.expires, grant.uses];
    });
    this.#text = JSON.stringify(rows);
    return this.#text;
  }

  static fromRows(rows: readonly StoredGrant[], shapeOf: (id: number) => Shape): Grants {
    const grants = new Grants();
    const made: Grant[] = [];
    for (const [token, shape, parent, label, standing, expires, uses] of rows) {
      const above = parent === -1 ? null : made[parent];
      if (above === undefined)
        throw new Error(`A grant names parent ${parent}, which does not come before it.`);
      const grant: Grant = {
        token: storedToken(token),
        shape: shapeOf(shape),
        parent: above,
        label,
        standing,
        expires,
        uses,
        ended: null,
      };
      made.push(grant);
      grants.#insert(grant);
    }
    return grants;
  }

  #insert(grant: Grant): void {
    this.#byToken.set(grant.token, grant);
    if (grant.standing !== null) this.#standing.set(grant.standing, grant);
    this.#text = null;
  }

  #remove(grant: Grant): void {
    this.#byToken.delete(grant.token);
    if (grant.standing !== null && this.#standing.get(grant.standing) === grant)
      this.#standing.delete(grant.standing);
    this.#text = null;
  }
}

/** Whether `grant` is `root` or derived from it. */
export function isWithin(grant: Grant, root: Grant): boolean {
  for (let at: Grant | null = grant; at !== null; at = at.parent) if (at === root) return true;
  return false;
}
