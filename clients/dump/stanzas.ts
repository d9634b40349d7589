import type { Range } from '../../storage/store.ts';
import type { View } from '../../storage/view.ts';
import type { Looks } from './capabilities.ts';
import { damaged, stanzaOf } from './kinds.ts';
import type { Stanza } from './shown.ts';

/**
 * The keys of a range, each as `show` shows it, or else in full. Damaged ones stand among the others, in their place; that
 * the database lost a whole block is told at the end.
 */
export async function* stanzasIn(
  view: View,
  range: Pick<Range, 'gte' | 'lt'>,
  looks: Looks,
  show: (key: string, value: string) => Stanza | Promise<Stanza> = (key, value) =>
    stanzaOf(key, value, looks),
): AsyncGenerator<Stanza> {
  const met: Stanza[] = [];
  const { gte, lt } = range;
  const onDamaged = (key: string, error: Error): void => {
    met.push(damaged(key, error.message));
  };
  for await (const [key, value] of view.range({ gte, lt, onDamaged })) {
    yield* met.splice(0);
    yield await show(key, value);
  }
  yield* met;
}
