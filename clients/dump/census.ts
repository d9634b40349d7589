import { ALL_KEYS, parseKey, type KeyKind } from '../../storage/keys.ts';
import type { View } from '../../storage/view.ts';

/** How many there are, and how much they take. */
interface Tally {
  count: number;
  /** Bytes of the stored values, without their keys. */
  bytes: number;
}

/** What the objects of one class, or of one bank, come to. */
export interface Share {
  readonly id: string;
  readonly name: string;
  objects: number;
  /** Bytes of the objects, and characters of what is in their collections. */
  size: number;
  /** What its bank has paid for it. */
  blocks: number;
}

/** Everything in a store counted in one reading, in as much memory as there are classes and banks. */
export interface Census {
  readonly kinds: ReadonlyMap<KeyKind, Tally>;
  /** By class, those written in the world apart from others of the same name. The largest first. */
  readonly classes: readonly Share[];
  /** By bank; `''` for what nobody pays for. The largest first. */
  readonly banks: readonly Share[];
  readonly damaged: number;
  /** The first of the damaged keys. */
  readonly someDamaged: readonly (readonly [key: string, reason: string])[];
  /** Values of objects that are sealed and yet not what this version writes. */
  readonly unreadable: number;
  readonly watches: number;
  readonly restarts: number;
  /** The earliest due time of a timer, in milliseconds since the epoch. */
  readonly nextDue: number | null;
  readonly oldestGarbage: number | null;
}

/** Damaged keys that a summary names. */
const NAMED = 20;

/** As `encodeWrapper` writes it; parsing the whole of a million objects takes several times as long. */
const HEAD =
  /^\{"class":"([^"\\]*)",(?:"of":"([^"\\]*)",)?(?:"v":(\d+),)?(?:"paid":(\d+),)?(?:"kept":(\d+),)?"bank":(?:null|"([^"\\]*)"),/;

/** What the envelope of an object says of it, without its record; `''` for no class object and no bank. */
export interface Head {
  readonly className: string;
  readonly of: string;
  readonly version: number;
  readonly blocks: number;
  readonly kept: number;
  readonly bank: string;
}

/** Undefined for a value that does not begin as that of an object does. */
export function headOf(value: string): Head | undefined {
  const found = HEAD.exec(value);
  if (found === null) return undefined;
  const [, className = '', of = '', version = '1', paid, kept = '0', bank = ''] = found;
  const blocks = paid === undefined ? (bank === '' ? 0 : 1) : Number(paid);
  return { className, of, version: Number(version), blocks, kept: Number(kept), bank };
}

/** Reads a whole view. */
export async function takeCensus(view: View): Promise<Census> {
  const kinds = new Map<KeyKind, Tally>();
  const classes = new Map<string, Share>();
  const banks = new Map<string, Share>();
  const someDamaged: (readonly [string, string])[] = [];
  let damaged = 0;
  let unreadable = 0;
  let watches = 0;
  let restarts = 0;
  let nextDue: number | null = null;
  let oldestGarbage: number | null = null;
  const onDamaged = (key: string, error: Error): void => {
    damaged += 1;
    if (someDamaged.length < NAMED) someDamaged.push([key, error.message]);
  };
  for await (const [text, value] of view.range({ ...ALL_KEYS, onDamaged })) {
    const key = parseKey(text);
    if (key === undefined) {
      unreadable += 1;
      continue;
    }
    const bytes = Buffer.byteLength(value);
    const tally = kinds.get(key.kind);
    if (tally === undefined) kinds.set(key.kind, { count: 1, bytes });
    else {
      tally.count += 1;
      tally.bytes += bytes;
    }
    if (key.kind === 'object') {
      const head = headOf(value);
      if (head === undefined) {
        unreadable += 1;
        continue;
      }
      const { className, of, bank, blocks, kept } = head;
      add(classes, `${className} ${of}`, of, className, bytes + kept, blocks);
      add(banks, bank, bank, '', bytes + kept, blocks);
    } else if (key.kind === 'timer') {
      nextDue ??= key.due; // they stand in the order in which they are due
    } else if (key.kind === 'watched') {
      watches += countIn(value);
    } else if (key.kind === 'restart') {
      restarts += countIn(value);
    } else if (key.kind === 'garbage') {
      oldestGarbage = Math.min(oldestGarbage ?? Infinity, sinceIn(value));
    }
  }
  const bySize = (shares: Map<string, Share>): readonly Share[] =>
    [...shares.values()].sort((a, b) => b.size - a.size);
  return {
    kinds,
    classes: bySize(classes),
    banks: bySize(banks),
    damaged,
    someDamaged,
    unreadable,
    watches,
    restarts,
    nextDue,
    oldestGarbage,
  };
}

function add(
  shares: Map<string, Share>,
  key: string,
  id: string,
  name: string,
  size: number,
  blocks: number,
): void {
  let share = shares.get(key);
  if (share === undefined) {
    share = { id, name, objects: 0, size: 0, blocks: 0 };
    shares.set(key, share);
  }
  share.objects += 1;
  share.size += size;
  share.blocks += blocks;
}

/** How many watches there are on an object, or how many restarts it has registered: a list, or a record by name. */
function countIn(value: string): number {
  try {
    const { body } = JSON.parse(value) as { readonly body: string };
    return Object.keys(JSON.parse(body.slice(1)) as object).length;
  } catch {
    return 0; // where it is shown, it is shown to be damaged
  }
}

function sinceIn(value: string): number {
  try {
    const { since } = JSON.parse(value) as { readonly since?: unknown };
    return typeof since === 'number' ? since : Infinity;
  } catch {
    return Infinity;
  }
}
