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
  /** Sends in the order of sending, then timers. */
  readonly messages: readonly string[];
}

/** Reads all but the objects. What is damaged here stops the start: nothing else could be trusted. */
export async function readWorld(journal: Journal): Promise<StoredWorld> {
  const counters = journal.get(metaKey('counters'));
  const shapes: (readonly [number, StoredShape])[] = [];
  const sessions: (readonly [string, string])[] = [];
  const messages: string[] = [];
  for await (const [text, value] of journal.range(prefixRange('shape'))) {
    const key = parseKey(text);
    if (key?.kind === 'shape') shapes.push([key.number, JSON.parse(value) as StoredShape]);
  }
  for await (const [text, value] of journal.range(prefixRange('s'))) {
    const key = parseKey(text);
    if (key?.kind === 'session') sessions.push([key.sid, value]);
  }
  for (const prefix of ['m', 't'] as const) {
    for await (const [, value] of journal.range(prefixRange(prefix))) messages.push(value);
  }
  shapes.sort(([a], [b]) => a - b);
  return {
    counters: counters ?? null,
    roots: journal.get(metaKey('roots')) ?? '',
    shapes,
    sessions,
    messages,
  };
}
