import type { KeyKind, ParsedKey } from '../storage/keys.ts';
import { parseSlot, type SlotParts } from '../wrappers/names.ts';

/**
 * Where the capabilities are in what is stored, for whatever reads the store without the objects: each slot in a value
 * stands in one of these lists. The kinds that are not named hold none.
 *
 *   object, send, timer, watched, restart, dead   {"slots": [SLOT...]}
 *   meta/roots                                    {"slots": [SLOT...]}
 *   entry                                         {"data": {"slots": [SLOT...]}}
 *   session                                       {"slot": SLOT}
 *   account                                       {"capability": TEXT}, the text of {"slots": [SLOT...]}
 */
const HOLDS: Readonly<Partial<Record<KeyKind, (value: StoredValue) => readonly string[]>>> = {
  object: ({ slots = [] }) => slots,
  send: ({ slots = [] }) => slots,
  timer: ({ slots = [] }) => slots,
  watched: ({ slots = [] }) => slots,
  restart: ({ slots = [] }) => slots,
  dead: ({ slots = [] }) => slots,
  meta: ({ slots = [] }) => slots,
  entry: ({ data }) => data?.slots ?? [],
  session: ({ slot }) => (slot === undefined ? [] : [slot]),
  account: ({ capability }) =>
    capability === undefined ? [] : ((JSON.parse(capability) as StoredValue).slots ?? []),
};

interface StoredValue {
  readonly slots?: readonly string[];
  readonly data?: { readonly slots: readonly string[] };
  readonly slot?: string;
  readonly capability?: string;
}

/** The slots in a value of the store, in the order in which they stand there. Throws if a value that may hold some is no JSON. */
export function slotsIn(key: ParsedKey, text: string): readonly string[] {
  const holds = HOLDS[key.kind];
  if (holds === undefined || (key.kind === 'meta' && key.name !== 'roots')) return [];
  return holds(JSON.parse(text) as StoredValue);
}

/** What a slot is made of; undefined for what is none. For whoever shows what is stored: the token is not to be shown. */
export function partsOf(slot: string): SlotParts | undefined {
  return parseSlot(slot);
}
