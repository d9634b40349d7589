import { asideKey } from '../../storage/keys.ts';
import { COUNTED, indexOfSlot, isShapeNumber, partsOfSlot, type CapData } from '../../engine/stored-forms.ts';
import { isDeeper } from '../nesting.ts';
import { removal, type Finding, type Fix, type Note } from './findings.ts';
import { countedNumber, jsonIn, type Surroundings } from './surroundings.ts';

/** What is wrong with marshalled data, or what it is. */
export type Examined =
  { readonly tree: unknown; readonly slots: readonly string[] } | { readonly problem: string };

/** What goes on while a world is checked: everybody who judges a value tells it here. */
export class Inspection {
  readonly around: Surroundings;
  readonly notes = new Map<Note, number>();
  /** The highest numbers in use. */
  highestObject = 0;
  highestMessage = 0;
  highestShape = -1;
  readonly #onFinding: (finding: Finding) => void;

  constructor(around: Surroundings, onFinding: (finding: Finding) => void) {
    this.around = around;
    this.#onFinding = onFinding;
  }

  report(finding: Finding): void {
    this.#onFinding(finding);
  }

  /** A value that is not what its kind of key needs, so that the world cannot use it. */
  unusable(key: string, what: string, means: string, fix: Fix = removal(key)): void {
    this.report({ key, what, means, fix });
  }

  note(note: Note): void {
    this.notes.set(note, (this.notes.get(note) ?? 0) + 1);
  }

  usesObject(id: string): void {
    this.highestObject = Math.max(this.highestObject, countable(countedNumber(id)));
  }

  /** False for what cannot be the number of a method set. Of those that can, missing ones are told once. */
  usesShape(number: unknown): boolean {
    if (!isShapeNumber(number)) return false;
    this.highestShape = Math.max(this.highestShape, number);
    return true;
  }

  usesMessage(number: number): void {
    this.highestMessage = Math.max(this.highestMessage, countable(number));
  }

  /** Whether a capability leads to an object, whatever became of the grant. Counts it. Undefined: it is no slot. */
  follow(
    slot: unknown,
  ): { readonly id: string; readonly exists: boolean; readonly live: boolean } | undefined {
    const parts = typeof slot === 'string' ? partsOfSlot(slot) : undefined;
    if (parts === undefined || !this.usesShape(parts.shape)) return undefined;
    const { id, token } = parts;
    this.usesObject(id);
    const { grants, unreadable } = this.around;
    const live = grants.find(id, token) !== undefined;
    const exists = live || grants.has(id);
    if (!exists) this.note('gone');
    // Of one that cannot be read, nobody knows.
    else if (!live && !unreadable.has(id)) this.note('revoked');
    return { id, exists, live };
  }

  /** Reads marshalled data, and follows its capabilities. */
  examine(data: Partial<CapData>): Examined {
    const { body, slots } = data;
    if (typeof body !== 'string' || !body.startsWith('#') || !Array.isArray(slots))
      return { problem: 'it has no body and slots' };
    const tree = jsonIn(body.slice(1));
    if (tree === undefined) return { problem: 'its body is no JSON' };
    for (const slot of slots)
      if (this.follow(slot) === undefined)
        return {
          problem: `${JSON.stringify(maskedSlot(slot))} in it is no capability, or of no known method set`,
        };
    const used = new Set<number>();
    if (isDeeper(tree, DEEPEST)) return { problem: 'its body is nested too deeply' };
    const odd = oddIn(tree, used);
    if (odd !== undefined) return { problem: odd };
    for (const index of used)
      if (index >= slots.length)
        return { problem: `its body refers to slot ${index}, which it does not have` };
    if (used.size < slots.length) return { problem: 'it has a slot that its body does not refer to' };
    return { tree, slots };
  }

  /** Has an object take no calls until somebody mends it. */
  setAside(
    id: string,
    { className, bank, why }: { className: string; bank: string | null; why: string },
  ): Fix {
    const aside = { className, bank, code: 'Damaged', message: why, when: 0 };
    return { said: `set ${id} aside`, ops: [{ put: asideKey(id), value: JSON.stringify(aside) }] };
  }
}

/** A number that another one can follow; no counter gets to those above, so that nothing has to be counted from them. */
function countable(number: number): number {
  return number < COUNTED - 1 ? number : 0;
}

/** Tokens are not for everybody who sees the screen. */
function maskedSlot(slot: unknown): string {
  return typeof slot === 'string' ? (slot.split('.')[0] ?? '').slice(0, 60) : typeof slot;
}

/** Lists and records inside one another in a body: far more than the world writes, and far less than would use up the stack. */
const DEEPEST = 500;

/** What begins so in a body stands for something else than itself. */
const SPECIAL = /^[\x21-\x2d]/;
/** What such a text can be besides a capability: a text behind a "!", a big integer, or what JSON has no word for. */
const KNOWN = /^(?:!|[+-]\d+$|#(?:undefined|NaN|-?Infinity)$)/;

/** Notes which slots a body refers to; gives what nobody could read in it. */
function oddIn(tree: unknown, used: Set<number>): string | undefined {
  if (typeof tree === 'string') {
    if (!SPECIAL.test(tree) || KNOWN.test(tree)) return undefined;
    if (!tree.startsWith('$')) return 'its body has a text that stands for nothing';
    const index = indexOfSlot(tree);
    used.add(index);
    return index < 0 ? 'its body refers to what is no slot' : undefined;
  }
  if (typeof tree !== 'object' || tree === null) return undefined;
  if (!Array.isArray(tree) && Object.keys(tree).some((name) => /^[\x22-\x2d]/.test(name)))
    return 'its body has a name that stands for nothing';
  for (const member of Object.values(tree)) {
    const odd = oddIn(member, used);
    if (odd !== undefined) return odd;
  }
  return undefined;
}

/** The slot that stands in a tree, or undefined. */
export function slotIn(value: unknown, slots: readonly string[]): string | undefined {
  return typeof value === 'string' ? slots[indexOfSlot(value)] : undefined;
}
