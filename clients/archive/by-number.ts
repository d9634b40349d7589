import { objectKey, parseKey } from '../../storage/keys.ts';
import type { Range } from '../../storage/store.ts';
import type { View } from '../../storage/view.ts';
import { numberOf } from '../grant-index.ts';

/** A length of numbers that has this share of all objects, or more, is read by a pass over all of them. */
const WORTH_A_PASS = 1 / 8;

/** The objects of this vat, whose keys begin with "o/o". */
const OWN = { gte: 'o/o0', lt: 'o/o:' } as const;

/**
 * All objects in the order of their numbers, those of other vats last. In the store "o10" comes before "o2", but
 * numbers of one length are in order there: so each length takes a pass of its own, or single reads where it has few
 * numbers. `lengths`: how many objects, damaged ones too, have numbers of 1, 2, … digits. `onDamaged`: as for
 * `View.range`, once for each key; of what the database has lost as a whole it is not told each time.
 */
export async function* objectsByNumber(
  view: View,
  lengths: readonly number[],
  onDamaged: NonNullable<Range['onDamaged']>,
): AsyncGenerator<readonly [id: string, text: string]> {
  const all = lengths.reduce((sum, many) => sum + many, 0);
  for (let digits = 1; digits < lengths.length; digits += 1) {
    const many = lengths[digits] ?? 0;
    const from = 10 ** (digits - 1);
    // Reading one by one asks for each number that there could be.
    if (many > 0 && from * 9 < all * WORTH_A_PASS) {
      for (let number = from; number < from * 10; number += 1) {
        const text = await readOne(view, `o${number}`, onDamaged);
        if (text !== undefined) yield [`o${number}`, text];
      }
    } else if (many > 0) {
      const told: typeof onDamaged = (key, error) => {
        if (key.length === digits + OWN.gte.length - 1) onDamaged(key, error);
      };
      for await (const [key, text] of view.range({ ...OWN, onDamaged: told })) {
        const id = idIn(key);
        if (id !== undefined && id.length === digits + 1) yield [id, text];
      }
    }
  }
  for (const range of [
    { gte: 'o/', lt: OWN.gte },
    { gte: OWN.lt, lt: 'o0' },
  ]) {
    for await (const [key, text] of view.range({ ...range, onDamaged })) {
      const id = idIn(key);
      if (id !== undefined && numberOf(id) < 0) yield [id, text];
    }
  }
}

async function readOne(
  view: View,
  id: string,
  onDamaged: NonNullable<Range['onDamaged']>,
): Promise<string | undefined> {
  const key = objectKey(id);
  try {
    return await view.get(key);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'Damaged') throw error;
    onDamaged(key, error as Parameters<typeof onDamaged>[1]);
    return undefined;
  }
}

function idIn(key: string): string | undefined {
  const parsed = parseKey(key);
  return parsed?.kind === 'object' ? parsed.id : undefined;
}
