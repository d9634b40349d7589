import type { Op, PutParts } from '../../storage/store.ts';

/** What a put writes, as one text. */
export function putValue(op: Extract<Op, { readonly put: string }> | PutParts): string {
  return 'value' in op ? op.value : op.parts.join('');
}
