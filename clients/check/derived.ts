import { objectKey, parseKey, prefixRange, type ParsedKey } from '../../storage/keys.ts';
import type { Op } from '../../storage/store.ts';
import type { View } from '../../storage/view.ts';
import { referencesOf } from '../../engine/references.ts';
import { KEEPS_REFERENCES, membershipOf } from '../derived-keys.ts';
import { Agreement } from './agreement.ts';
import { DONE_BY_ANOTHER } from './findings.ts';
import type { Inspection } from './inspection.ts';

/** Keys that one fix writes. */
const AT_ONCE = 1_000;

/** Looks at the keys that follow from others: `of/` and `ref/` have to be exactly those that there should be. */
export class Derived {
  readonly #inspection: Inspection;
  readonly #agreement = new Agreement();

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
  }

  take(key: ParsedKey, text: string, value: string): void {
    if (key.kind === 'reference' && !this.#keepsReferences) return;
    if (key.kind === 'member' || key.kind === 'reference') {
      if (value !== '')
        this.#inspection.report({
          key: text,
          what: 'it holds something, and should be empty',
          means: 'nothing',
          fix: { said: `emptied ${text}`, ops: [{ put: text, value: '' }], keep: [text] },
        });
      this.#agreement.found(text, text);
      return;
    }
    for (const each of this.#expected(key, value)) this.#agreement.expect(each, each);
  }

  /** At the end. Reads what it is about once more if something is amiss. */
  async finish(view: View, unreadable: ReadonlySet<string>): Promise<void> {
    if (this.#agreement.holds) return;
    const expected = new Set<string>();
    const onDamaged = (): void => {};
    for (const prefix of ['o', 'e'] as const)
      for await (const [text, value] of view.range({ ...prefixRange(prefix), onDamaged })) {
        const key = parseKey(text);
        if (key === undefined) continue;
        for (const each of this.#expected(key, value)) if (this.#agreement.differs(each)) expected.add(each);
      }
    const surplus: string[] = [];
    for (const prefix of ['of', 'ref'] as const)
      for await (const [text] of view.range({ ...prefixRange(prefix), onDamaged })) {
        const key = parseKey(text);
        if (!this.#agreement.differs(text) || expected.delete(text)) continue;
        if (key?.kind === 'member' && !unreadable.has(objectKey(key.id))) surplus.push(text);
        // Of a value that cannot be read, only the index knows what it refers to.
        if (key?.kind === 'reference' && this.#keepsReferences && !unreadable.has(key.place))
          surplus.push(text);
      }
    this.#tell([...expected], surplus);
  }

  #tell(missing: readonly string[], surplus: readonly string[]): void {
    const all = [
      ...missing.map((key) => ({ key, op: { put: key, value: '' } as Op, what: 'is not there' })),
      ...surplus.map((key) => ({
        key,
        op: { del: key } as Op,
        what: 'leads from where nothing leads there',
      })),
    ];
    for (let from = 0; from < all.length; from += AT_ONCE) {
      const some = all.slice(from, from + AT_ONCE);
      const ops = some.map(({ op }) => op);
      some.forEach(({ key, what }, at) => {
        const reference = key.startsWith('ref/');
        this.#inspection.report({
          key,
          what: `${reference ? 'the reference' : 'the entry in the list of a class'} ${what}`,
          means: reference
            ? 'who holds what is told wrong; nobody else notices'
            : 'an upgrade of all objects of the class passes it over, or stumbles',
          // One write for all of them.
          fix: at === 0 ? { said: `mended ${some.length} keys of of/ and ref/`, ops } : DONE_BY_ANOTHER,
        });
      });
    }
  }

  /** What an older world has of them, because it was restored and not started yet, is made whole when it is. */
  get #keepsReferences(): boolean {
    return this.#inspection.around.format >= KEEPS_REFERENCES;
  }

  #expected(key: ParsedKey, value: string): readonly string[] {
    const member = membershipOf(key, value);
    const members = member === undefined ? [] : [member];
    if (!this.#keepsReferences) return members;
    try {
      return [...members, ...referencesOf(key, value)];
    } catch {
      return members; // it cannot be read, and is told
    }
  }
}
