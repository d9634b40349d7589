import { stringify } from './natives.ts';
import type { Shape } from './shape.ts';
import { storedToken, type ObjectId, type Token } from './names.ts';

/** Why a grant no longer admits anything. */
type GrantEnd = 'Revoked' | 'Gone';

/**
 * One entry in a wrapper's dictionary.
 * Invariant: `ended` is set on every descendant of an ended grant, so a call looks at one grant only.
 */
export interface Grant {
  readonly token: Token;
  /** For a grant of a whole facet it follows the class: what the facet has in the version that the object is of. */
  shape: Shape;
  readonly parent: Grant | null;
  /** Whom it was made for; free text that only people read. */
  readonly label: string;
  /** Set on the one standing grant of a facet: the value that `facet(this, name)` always gives. */
  readonly standing: string | null;
  /** Milliseconds since the epoch, or null. */
  readonly expires: number | null;
  /** Calls left, or null for any number. Counted in the turn: a turn that fails uses none. */
  uses: number | null;
  /** The bank of somebody else who derived it, and pays for it; null: the object's own does. */
  readonly payer: ObjectId | null;
  ended: GrantEnd | null;
  /** How it was stored last, with what it had then that may change. */
  written?: {
    readonly text: string;
    readonly parent: number;
    readonly shape: Shape;
    readonly uses: number | null;
  };
}

/** A turn, as far as it can be told how to take something back. */
export interface Undoable {
  onUndo(undo: () => void): void;
}

/** A row of the stored form without its label and the name of its facet, at most. */
const ROW_CHARACTERS = 96;

/** As stored beside an object's record, parents before children. */
export type StoredGrant = readonly [
  token: string,
  shape: number,
  parent: number,
  label: string,
  standing: string | null,
  expires: number | null,
  uses: number | null,
  payer?: string,
];

/**
 * The dictionary of one wrapper: token → grant. Each change is told to `onUndo` before anything is done, and what takes it
 * back works however far it got: a turn may be stopped at any point of it.
 */
export class Grants {
  readonly #byToken = new Map<Token, Grant>();
  readonly #standing = new Map<string, Grant>();
  #text: string | null = null;
  #derived = 0;
  /** Those that have a parent. */
  #children = 0;
  #characters = 0;

  /** Those that others derived, and pay for. */
  get derived(): number {
    return this.#derived;
  }

  /** The others: the object's own. */
  get own(): number {
    return this.#byToken.size - this.#derived;
  }

  /** What they take when they are written down, about, and no less. */
  get characters(): number {
    return this.#characters;
  }

  get(token: Token): Grant | undefined {
    return this.#byToken.get(token);
  }

  standing(facet: string): Grant | undefined {
    return this.#standing.get(facet);
  }

  /** All of them, parents before children. */
  inOrder(): readonly Grant[] {
    const all = [...this.#byToken.values()];
    if (this.#children === 0) return all;
    const listed = new Set<Grant>();
    const visit = (grant: Grant): void => {
      if (listed.has(grant)) return;
      if (grant.parent !== null) visit(grant.parent);
      listed.add(grant);
    };
    for (const grant of all) visit(grant);
    return [...listed];
  }

  add(call: Undoable, grant: Grant): void {
    call.onUndo(() => {
      grant.ended = 'Revoked'; // code that kept the capability must find it dead
      this.#remove(grant);
    });
    this.#insert(grant);
  }

  /** Takes out what has expired or been used up, with all that was derived from it; gives what that was. */
  prune(call: Undoable, now: number): readonly Grant[] {
    return this.#end(call, ({ expires, uses }) => (expires !== null && expires <= now) || uses === 0);
  }

  /** Ends a grant and all its descendants; gives them. */
  revoke(call: Undoable, root: Grant): readonly Grant[] {
    return this.#end(call, (grant) => grant === root);
  }

  /** All at once and in one walk: anybody who holds a grant can fill the dictionary, with a chain or with what expires. */
  #end(call: Undoable, isOver: (grant: Grant) => boolean): readonly Grant[] {
    // In their order: what is written down is to be as it was.
    const before = [...this.#byToken.values()];
    const within = new Set<Grant | null>();
    for (const grant of this.inOrder()) if (within.has(grant.parent) || isOver(grant)) within.add(grant);
    const ended = before.filter((grant) => within.has(grant));
    if (ended.length === 0) return ended;
    call.onUndo(() => {
      this.#byToken.clear();
      this.#standing.clear();
      this.#derived = 0;
      this.#children = 0;
      this.#characters = 0;
      for (const grant of ended) grant.ended = null;
      for (const grant of before) this.#insert(grant);
    });
    for (const grant of ended) {
      grant.ended = 'Revoked';
      this.#remove(grant);
    }
    return ended;
  }

  /** Counts one use of a limited grant. */
  use(call: Undoable, grant: Grant): void {
    const before = grant.uses;
    call.onUndo(() => {
      grant.uses = before;
      this.#text = null;
    });
    this.#text = null;
    grant.uses = before === null ? null : before - 1;
  }

  /** The grant of a whole facet admits what the facet has now. */
  reshape(call: Undoable, grant: Grant, shape: Shape): void {
    const before = grant.shape;
    call.onUndo(() => {
      grant.shape = before;
      this.#text = null;
    });
    this.#text = null;
    grant.shape = shape;
  }

  /** The dictionary as JSON, for the record; kept until it changes. */
  toText(): string {
    if (this.#text !== null) return this.#text;
    const grants = this.inOrder();
    const places = this.#children === 0 ? NOWHERE : new Map(grants.map((grant, at) => [grant, at] as const));
    const rows = grants.map((grant) =>
      rowOf(grant, grant.parent === null ? -1 : (places.get(grant.parent) ?? -1)),
    );
    this.#text = `[${rows.join(',')}]`;
    return this.#text;
  }

  static fromRows(rows: readonly StoredGrant[], shapeOf: (id: number) => Shape): Grants {
    const grants = new Grants();
    const made: Grant[] = [];
    for (const [token, shape, parent, label, standing, expires, uses, payer] of rows) {
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
        payer: (payer ?? null) as ObjectId | null,
        ended: null,
      };
      made.push(grant);
      grants.#insert(grant);
    }
    return grants;
  }

  #count({ payer, parent, label, standing }: Grant, by: 1 | -1): void {
    const named = label === '' ? 0 : stringify(label).length;
    const facet = standing === null ? 0 : stringify(standing).length;
    this.#characters += by * (ROW_CHARACTERS + named + facet);
    if (payer !== null) this.#derived += by;
    if (parent !== null) this.#children += by;
  }

  #insert(grant: Grant): void {
    this.#text = null;
    if (!this.#byToken.has(grant.token)) this.#count(grant, 1);
    this.#byToken.set(grant.token, grant);
    if (grant.standing !== null) this.#standing.set(grant.standing, grant);
  }

  #remove(grant: Grant): void {
    this.#text = null;
    if (this.#byToken.delete(grant.token)) this.#count(grant, -1);
    if (grant.standing !== null && this.#standing.get(grant.standing) === grant)
      this.#standing.delete(grant.standing);
  }
}

const NOWHERE: ReadonlyMap<Grant, number> = new Map();

/** A row of the stored form; made anew only if it has become another. */
function rowOf(grant: Grant, parent: number): string {
  const { token, shape, label, standing, expires, uses, payer, written } = grant;
  if (written?.parent === parent && written.shape === shape && written.uses === uses) return written.text;
  const row = [token, shape.id, parent, label, standing, expires, uses] as const;
  const text = stringify((payer === null ? row : [...row, payer]) satisfies StoredGrant);
  grant.written = { text, parent, shape, uses };
  return text;
}

/** Whether `grant` is `root` or derived from it. */
export function isWithin(grant: Grant, root: Grant): boolean {
  for (let at: Grant | null = grant; at !== null; at = at.parent) if (at === root) return true;
  return false;
}
