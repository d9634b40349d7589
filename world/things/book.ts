import { attempt, type AnyCap } from '../../engine/authoring.ts';
import { Thing, type Front, type ThingRecord, type ThingSpec } from '../thing.ts';
import { without, type Verbs } from '../verb-patterns.ts';
import { goodText, line } from '../words.ts';

export interface BookSpec extends ThingSpec {
  readonly pages: readonly string[];
  /** Whether people may sign their names in the back. */
  readonly signing?: boolean;
}

export interface BookRecord extends ThingRecord {
  readonly pages: readonly string[];
  readonly open: number;
  readonly signing: boolean;
  readonly signed: readonly string[];
}

/** Names on the last page; the oldest are overwritten. */
const MOST_SIGNED = 20;

/** Opens at the next page each time it is read; some have a page for names. */
export class Book extends Thing {
  static override verbs: Verbs = { read: 'read', sign: 'sign' };

  #pages: readonly string[] = [];
  #open = 0;
  #signing = false;
  #signed: readonly string[] = [];

  override init(spec: BookSpec): void {
    super.init(spec);
    this.#pages = spec.pages.map(goodText);
    this.#signing = spec.signing ?? false;
  }

  override toRecord(): BookRecord {
    return {
      ...super.toRecord(),
      pages: this.#pages,
      open: this.#open,
      signing: this.#signing,
      signed: this.#signed,
    };
  }

  override fromRecord(record: BookRecord): void {
    super.fromRecord(record);
    this.#pages = record.pages;
    this.#open = record.open;
    this.#signing = record.signing;
    this.#signed = record.signed;
  }

  read(): string {
    const names =
      this.#signed.length === 0 ? [] : [`The last page is full of names: ${this.#signed.join(', ')}.`];
    const pages = [...this.#pages, ...names];
    const text = pages[this.#open % pages.length] ?? 'It is empty.';
    this.#open = (this.#open + 1) % Math.max(1, pages.length);
    return text;
  }

  sign(by: AnyCap): string {
    if (!this.#signing) return 'It is not that kind of book.';
    const name = attempt(() => (by as Front).name());
    if (!name.ok) return 'The pen will not take your name.';
    const signature = line(name.value).slice(0, 40);
    if (this.#signed.includes(signature)) return 'Your name is there already, looking younger.';
    const beneath = this.#signed.length === 0 ? '' : ', beneath the others';
    this.#signed = [...this.#signed, signature].slice(-MOST_SIGNED);
    return `You write your name on the last page${beneath}.`;
  }

  /** Only some are for names. */
  protected override patterns(): Verbs {
    return this.#signing ? super.patterns() : without(super.patterns(), { sign: 'sign' });
  }
}
