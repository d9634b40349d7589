/**
 * Keys of the store that a turn writes besides its objects: entries of collections, sources, members of classes. They
 * are seen by the turn itself at once, and by nobody else until it has ended.
 */
export class TurnWrites {
  readonly #now = new Map<string, string | null>();
  /** What each key was before, in the order of writing: undoing goes back through it. */
  readonly #log: { readonly key: string; readonly before: string | null | undefined }[] = [];

  get length(): number {
    return this.#log.length;
  }

  /** What this turn has written; null if it has deleted the key, undefined if it has not touched it. */
  get(key: string): string | null | undefined {
    return this.#now.get(key);
  }

  set(key: string, value: string | null): void {
    this.#log.push({ key, before: this.#now.get(key) });
    this.#now.set(key, value);
  }

  /** Takes back everything after the first `length` writes. */
  undoTo(length: number): void {
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
