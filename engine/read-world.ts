import { metaKey, parseKey, prefixRange } from '../storage/keys.ts';
import type { Journal } from '../storage/journal.ts';
import type { StoredShape } from '../wrappers/shape.ts';

/** What is read when a world starts: little, however many objects it has. */
export interface StoredWorld {
  /** Null: there is no world in the store yet. */
  readonly counters: string | null;
  readonly roots: string;
  readonly shapes: readonly (readonly [id: number, shape: StoredShape])[];
  readonly sessions: readonly (readonly [sid: string, text: string])[];
  /** Why objects are set aside. */
  readonly asides: readonly (readonly [id: string, text: string])[];
  /** What objects have registered for restarts. */
  readonly restarts: readonly (readonly [id: string, text: string])[];
}

/**
 * Reads all but the objects, and but messages and dead letters, of which there may be more than memory has room for as they
 * are stored. A damaged session is left out and told to `onDamaged`; a damaged counter, root or method set throws `Damaged`
 * and stops the start, because nothing else could be trusted.
 */
export async function readWorld(
  journal: Journal,
  onDamaged: (key: string, error: Error) => void,
): Promise<StoredWorld> {
  const counters = journal.get(metaKey('counters'));
  const shapes: (readonly [number, StoredShape])[] = [];
  const sessions: (readonly [string, string])[] = [];
  for await (const [text, value] of journal.range(prefixRange('shape'))) {
    const key = parseKey(text);
    if (key?.kind === 'shape') shapes.push([key.number, JSON.parse(value) as StoredShape]);
  }
  for await (const [text, value] of journal.range({ ...prefixRange('s'), onDamaged })) {
    const key = parseKey(text);
    if (key?.kind === 'session') sessions.push([key.sid, value]);
  }
  const asides: (readonly [string, string])[] = [];
  for await (const [text, value] of journal.range({ ...prefixRange('x'), onDamaged })) {
    const key = parseKey(text);
    if (key?.kind === 'aside') asides.push([key.id, value]);
  }
  const restarts: (readonly [string, string])[] = [];
  for await (const [text, value] of journal.range({ ...prefixRange('r'), onDamaged })) {
    const key = parseKey(text);
    if (key?.kind === 'restart') restarts.push([key.id, value]);
  }
  shapes.sort(([a], [b]) => a - b);
  return {
    counters: counters ?? null,
    roots: journal.get(metaKey('roots')) ?? '',
    shapes,
    sessions,
    asides,
    restarts,
  };
}
