import type { Allowance } from './allowance.ts';

/** How far it went at some moment. */
export interface WritesMark {
  readonly length: number;
  readonly characters: number;
}

/**
 * Keys of the store that a turn writes besides its objects: entries of collections, sources, members of classes. They
 * are seen by the turn itself at once, and by nobody else until it has ended.
 */
export class TurnWrites {
  readonly #allowance: Allowance;
  readonly #now = new Map<string, string | null>();
  /** What each key was before, in the order of writing: undoing goes back through it. */
  readonly #log: { readonly key: string; readonly before: string | null | undefined }[] = [];

  #characters = 0;

  constructor(allowance: Allowance) {
    this.#allowance = allowance;
  }

  /** Characters of what was written for code in the world. */
  get weight(): number {
    return this.#characters;
  }

  mark(): WritesMark {
    return { length: this.#log.length, characters: this.#characters };
  }

  /** What this turn has written; null if it has deleted the key, undefined if it has not touched it. */
  get(key: string): string | null | undefined {
    return this.#now.get(key);
  }

  /** Writes for code in the world, which may do so within limits. Raises `TooMany`. */
  write(key: string, value: string | null): void {
    const { limits } = this.#allowance;
    this.#allowance.bound(this.#log.length, limits.turnWrites, 'write', 'entries');
    this.#characters += value?.length ?? 0;
    this.#allowance.bound(this.#characters - 1, limits.turnWriteCharacters, 'write', 'characters of entries');
    this.set(key, value);
  }

  /** Writes what goes with something else that is bounded itself. */
  set(key: string, value: string | null): void {
    this.#log.push({ key, before: this.#now.get(key) });
    this.#now.set(key, value);
  }

  /** Takes back everything after `mark`. */
  undoTo({ length, characters }: WritesMark): void {
    this.#characters = characters;
    for (let entry = this.#log.pop(); entry !== undefined; entry = this.#log.pop()) {
      if (this.#log.length < length) {
        this.#log.push(entry);
        return;
      }
      if (entry.before === undefined) this.#now.delete(entry.key);
      else this.#now.set(entry.key, entry.before);
    }
  }

  all(): ReadonlyMap<string, string | null> {
    return this.#now;
  }
}
