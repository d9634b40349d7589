import { parseKey, referenceKey, type Key } from '../../storage/keys.ts';
import { targetsOf } from '../../engine/references.ts';
import { slotsIn } from '../../engine/stored-slots.ts';

/**
 * What is wrong with the index of references in a store that holds these entries: nothing, if it is as it should be. What a
 * value that cannot be read refers to, only the index knows.
 */
export function wrongReferences(entries: Iterable<readonly [key: string, value: string]>): readonly string[] {
  const there = new Set<string>();
  const due = new Set<string>();
  const unreadable: string[] = [];
  for (const [text, value] of entries) {
    const key = parseKey(text);
    if (key?.kind === 'reference') there.add(text);
    if (key?.kind !== 'object' && key?.kind !== 'entry') continue;
    try {
      for (const target of targetsOf(slotsIn(key, value)))
        due.add(referenceKey(target, text as Key<'object' | 'entry'>));
    } catch {
      unreadable.push(text);
    }
  }
  return [
    ...[...due].filter((key) => !there.has(key)).map((key) => `${key} is missing`),
    ...[...there]
      .filter((key) => !due.has(key) && !unreadable.some((place) => key.endsWith(`/${place}`)))
      .map((key) => `${key} is too many`),
  ];
}
