import type { ClassText } from './class-source.ts';

/** A range of versions that are possible, both ends included. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** What is known of one class from the answers that its author got: which text each of its versions has. */
export class ClassBook {
  readonly name: string;
  readonly author: string;
  /** The class that it is built on, if that was written in the world. */
  readonly base: ClassBook | null;
  readonly uses: ClassBook | null;
  readonly #versions: ClassText[] = [];
  readonly #texts = new Map<string, ClassText>();
  /** By version: what was possible for the base's version when it was saved; both ends are the same once one was seen. */
  readonly #bases = new Map<number, Range>();
  #attempt: { readonly text: ClassText; readonly base: number } | null = null;
  /** Texts that were written for it so far. */
  texts = 0;

  constructor(name: string, author: string, base: ClassBook | null, uses: ClassBook | null) {
    this.name = name;
    this.author = author;
    this.base = base;
    this.uses = uses;
  }

  /** Versions that its author knows to be saved. */
  get saved(): number {
    return this.#versions.length;
  }

  /** The newest version that there may be. */
  get newest(): number {
    return this.saved + (this.#attempt === null ? 0 : 1);
  }

  /** A version is being saved. */
  begin(text: ClassText): void {
    this.#texts.set(text.id, text);
    this.#attempt = { text, base: this.base?.saved ?? 0 };
  }

  /** It was saved, with that number. */
  done(version: number, wrong: (what: string) => void): void {
    if (this.#attempt === null || version !== this.saved + 1) {
      wrong(`${this.name}: version ${version} was saved, and ${this.saved} are known`);
      return;
    }
    const { text, base } = this.#attempt;
    this.#versions.push(text);
    const range = { low: base, high: this.base?.newest ?? 0 };
    const known = this.#bases.get(version);
    this.#bases.set(version, known === undefined ? range : within(known, range));
    this.#attempt = null;
  }

  /** It was not saved. */
  failed(): void {
    this.#attempt = null;
  }

  textAt(version: number): ClassText | undefined {
    return this.#versions[version - 1] ?? (version === this.newest ? this.#attempt?.text : undefined);
  }

  text(id: string): ClassText | undefined {
    return this.#texts.get(id);
  }

  /** The texts of one version that there may be, the base's first. */
  lineages(version: number): readonly (readonly ClassText[])[] {
    const own = this.textAt(version);
    if (own === undefined) return [];
    if (this.base === null) return [[own]];
    const { low, high } = this.baseOf(version);
    const found: (readonly ClassText[])[] = [];
    for (let at = Math.max(1, low); at <= high; at += 1)
      for (const line of this.base.lineages(at)) found.push([...line, own]);
    return found;
  }

  /** The versions of its base that one of its versions may be built on. */
  baseOf(version: number): Range {
    return (
      this.#bases.get(version) ?? {
        low: this.#attempt?.base ?? 0,
        high: this.base?.newest ?? 0,
      }
    );
  }

  /** A version was seen to be built on texts of its base: no others are possible from now on. */
  sawBase(version: number, text: string): void {
    const { low, high } = this.baseOf(version);
    const fit: number[] = [];
    for (let at = Math.max(1, low); at <= high; at += 1) if (this.base?.textAt(at)?.id === text) fit.push(at);
    this.#bases.set(version, { low: fit[0] ?? high, high: fit.at(-1) ?? high });
  }
}

function within(one: Range, other: Range): Range {
  return { low: Math.max(one.low, other.low), high: Math.min(one.high, other.high) };
}
