import type { Chance } from './chance.ts';

/** Where people meet: where everybody comes in, and a step from there. */
const HALLS: readonly (readonly [hall: string, way: string | null])[] = [
  ['The Landing', null],
  ['The Gatehouse', 'north'],
  ['The Boathouse', 'east'],
  ['The Saltmarsh', 'west'],
];

export interface PlannedPerson {
  readonly name: string;
  readonly hall: string;
  /** How to get there from where everybody comes in. */
  readonly way: string | null;
  readonly plain: boolean;
}

/** How one class gets at another: by a capability that its author is lent, or because it is open to everybody. */
type Access = 'lent' | 'open';

export interface PlannedClass {
  readonly name: string;
  readonly author: string;
  readonly base: string | null;
  readonly uses: string | null;
  readonly access: Access;
}

export interface ClassPlan {
  readonly authors: readonly PlannedPerson[];
  readonly users: readonly PlannedPerson[];
  /** Each stands behind those that it needs. */
  readonly classes: readonly PlannedClass[];
  /** Objects that each class has when it begins. */
  readonly objectsEach: number;
}

export interface Numbers {
  readonly authors: number;
  readonly users: number;
  readonly classes: number;
}

/** One in so many users is a plain client, which loses its session with the portal. */
const PLAIN_EACH = 5;

/** Spreads people over the halls; authors have a class of their own each, and the others are built on those or use them. */
export function planClasses(numbers: Numbers, chance: Chance): ClassPlan {
  const halls = HALLS.slice(0, Math.max(1, Math.min(HALLS.length, Math.floor(numbers.authors / 2))));
  const person = (kind: string, at: number, plain: boolean): PlannedPerson => {
    const [hall, way] = halls[at % halls.length] ?? ['', null];
    return { name: `${kind}${String(at + 1).padStart(2, '0')}`, hall, way, plain };
  };
  const authors = Array.from({ length: numbers.authors }, (_, at) => person('Author', at, false));
  const users = Array.from({ length: numbers.users }, (_, at) =>
    person('User', at, at % PLAIN_EACH === PLAIN_EACH - 1),
  );
  const classes: PlannedClass[] = [];
  for (let at = 0; at < numbers.classes; at += 1) {
    const author = authors[at % authors.length] as PlannedPerson;
    const name = `Kind${String(at + 1).padStart(2, '0')}`;
    const here = new Set(authors.filter(({ hall }) => hall === author.hall).map((each) => each.name));
    const others = classes.filter((each) => here.has(each.author) && each.base === null);
    const other = at < authors.length ? null : chance.one(others).name;
    const derived = chance.happens(0.6);
    const access = chance.happens(0.5) ? 'lent' : 'open';
    const [base, uses] = derived ? [other, null] : [null, other];
    classes.push({ name, author: author.name, base, uses, access });
  }
  return { authors, users, classes, objectsEach: 2 };
}
