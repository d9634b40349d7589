import type { SessionOut } from '../engine/sessions.ts';
import type { OutputItem } from '../engine/turn-effects.ts';

/** What somebody is shown by it. */
export function itemsOf({ text }: SessionOut): readonly OutputItem[] {
  return text === '' ? [] : (JSON.parse(text) as OutputItem[]);
}
