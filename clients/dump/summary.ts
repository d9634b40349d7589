import type { KeyKind } from '../../storage/keys.ts';
import { KINDS } from './kinds.ts';
import { safeLine, safeName, Special, type Shown, type Stanza } from './shown.ts';
import { instant } from './instant.ts';
import type { Census, Share } from './census.ts';
import type { Owners } from './owners.ts';

/** Classes and owners that the text of a summary names; JSON names all, and so do `dump classes` and `dump owners`. */
const NAMED = 15;

export interface Summed {
  readonly census: Census;
  readonly owners: Owners;
  readonly format: string | undefined;
  readonly seq: number;
  readonly running: boolean;
}

/** The page without WHAT: what there is in a world, counted. */
export async function summary({ census, owners, format, seq, running }: Summed): Promise<Stanza> {
  const { kinds, classes, banks, nextDue, oldestGarbage } = census;
  const count = (kind: KeyKind): number => kinds.get(kind)?.count ?? 0;
  const banksShown = await Promise.all(banks.map((share) => bankShown(share, owners)));
  return {
    title: running ? 'a running world' : 'a stopped world',
    kind: 'summary',
    fields: {
      ...formatShown(format),
      running,
      commit: seq,
      objects: count('object'),
      players: count('account'),
      sessions: count('session'),
      pendingSends: count('send'),
      timers: withMore(count('timer'), nextDue === null ? {} : { nextDue: instant(nextDue) }),
      watches: withMore(census.watches, { watched: count('watched') }),
      restarts: withMore(census.restarts, { objects: count('restart') }),
      deadLetters: count('dead'),
      setAside: count('aside'),
      garbage: withMore(count('garbage'), oldestGarbage === null ? {} : { since: instant(oldestGarbage) }),
      damaged: damagedShown(census),
      ...(census.unreadable === 0 ? {} : { unreadable: census.unreadable }),
      keys: table(
        (Object.keys(KINDS) as KeyKind[]).flatMap((kind) => {
          const tally = kinds.get(kind);
          return tally === undefined ? [] : [{ kind, keys: tally.count, bytes: tally.bytes }];
        }),
        ({ kind, keys, bytes }) => `${kind}: ${whole(keys)}, ${sizeText(bytes)}`,
      ),
      classes: table(classes.map(classShown), classText, 'classes'),
      owners: table(banksShown, bankText, 'owners'),
    },
  };
}

function formatShown(format: string | undefined): Record<string, Shown> {
  try {
    const { version, vat } = JSON.parse(format ?? '') as {
      readonly version?: unknown;
      readonly vat?: unknown;
    };
    return { format: Number(version), ...(vat === '' ? {} : { vat: String(vat) }) };
  } catch {
    return { format: null };
  }
}

/** A number, with more about it if it is not 0. */
function withMore(count: number, more: Record<string, string | number>): Shown {
  const told = count === 0 ? [] : Object.entries(more).map(([name, value]) => `${name} ${value}`);
  return new Special([whole(count), ...told].join(', '), { count, ...more });
}

function damagedShown({ damaged, someDamaged }: Census): Shown {
  if (damaged === 0) return 0;
  const named = someDamaged.map(
    ([key, reason]) => `${key === '' ? '(lost keys)' : safeLine(key)}: ${safeLine(reason)}`,
  );
  const rest = damaged - named.length;
  return new Special(
    [whole(damaged), ...named, ...(rest > 0 ? [`and ${whole(rest)} more`] : [])].join('\n'),
    { count: damaged, first: someDamaged.map(([key, reason]) => ({ key, reason })) },
  );
}

/** A list whose text names the first rows and says where the others are. */
function table<Row extends object>(rows: readonly Row[], textOf: (row: Row) => string, all?: string): Shown {
  const shown = all === undefined ? rows : rows.slice(0, NAMED);
  const lines = shown.map(textOf);
  if (shown.length < rows.length)
    lines.push(`and ${whole(rows.length - shown.length)} more: keystead dump ${all}`);
  return lines.length === 0 ? new Special('none', []) : new Special(lines.join('\n'), rows);
}

export interface ClassRow {
  readonly class: string;
  /** The object that holds it, if it was written in the world. */
  readonly of?: string;
  readonly objects: number;
  readonly bytes: number;
}

export function classShown({ name, id, objects, size }: Share): ClassRow {
  return { class: name, ...(id === '' ? {} : { of: id }), objects, bytes: size };
}

export function classText({ class: name, of, objects, bytes }: ClassRow): string {
  const which = of === undefined ? safeName(name) : `${safeName(name)} (${safeLine(of)})`;
  return `${which}: ${counted(objects, 'object')}, ${sizeText(bytes)}`;
}

export interface BankRow {
  readonly bank: string | null;
  /** The player; null for the world itself, and where it cannot be told. */
  readonly owner: string | null;
  readonly objects: number;
  readonly bytes: number;
  readonly blocks: number;
}

export async function bankShown({ id, objects, size, blocks }: Share, owners: Owners): Promise<BankRow> {
  const bank = id === '' ? null : id;
  return { bank, owner: await owners.ofBank(bank), objects, bytes: size, blocks };
}

export function bankText({ bank, owner, objects, bytes, blocks }: BankRow): string {
  const who = owner === null ? '' : ` (${safeName(owner)})`;
  const payer = bank === null ? 'no bank' : `${safeLine(bank)}${who}`;
  return `${payer}: ${counted(objects, 'object')}, ${sizeText(bytes)}, ${counted(blocks, 'block')}`;
}

function counted(count: number, noun: string): string {
  return `${whole(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** With a comma between thousands. */
function whole(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

const UNITS = ['KB', 'MB', 'GB', 'TB'] as const;

export function sizeText(bytes: number): string {
  let size = bytes;
  let unit: string | undefined;
  for (const larger of UNITS) {
    if (size < 1000) break;
    size /= 1000;
    unit = larger;
  }
  return unit === undefined ? `${bytes} B` : `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}
