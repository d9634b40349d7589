import { createHash } from 'node:crypto';
import { grantMark } from '../../engine/grant-mark.ts';
import { lookText, type Looks } from './capabilities.ts';
import { safeJson, safeLine, safeName, Special } from './shown.ts';
import { instant } from './instant.ts';

/** One grant of an object, as it is stored beside its record (`wrappers/grant.ts`). */
export interface GrantRow {
  readonly mark: string;
  /** Never to be shown. */
  readonly token: string;
  readonly shape: number;
  /** The one that it was derived from, which comes before it. */
  readonly parent: GrantRow | null;
  readonly label: string;
  readonly standing: string | null;
  readonly expires: number | null;
  readonly uses: number | null;
  readonly payer: string | null;
}

/** Levels of derivation that are shown by indenting; whoever derives ten thousand times gets no further. */
const INDENTED = 16;

/** Reads the list of an object's grants. Throws an ordinary Error for what is none. */
export function grantRows(alleged: unknown): readonly GrantRow[] {
  if (!Array.isArray(alleged)) throw new Error('it has no list of grants');
  const rows: GrantRow[] = [];
  for (const [at, row] of alleged.entries()) {
    if (!Array.isArray(row)) throw new Error(`its grant ${at + 1} is none`);
    const [token, shape, parent, label, standing, expires, uses, payer] = row as readonly unknown[];
    if (typeof token !== 'string') throw new Error(`its grant ${at + 1} is none`);
    rows.push({
      mark: grantMark(token, digest),
      token,
      shape: Number(shape),
      parent: (typeof parent === 'number' ? rows[parent] : undefined) ?? null,
      label: String(label),
      standing: typeof standing === 'string' ? standing : null,
      expires: typeof expires === 'number' ? expires : null,
      uses: typeof uses === 'number' ? uses : null,
      payer: typeof payer === 'string' ? payer : null,
    });
  }
  return rows;
}

/** A grant in short, as in `3f9a01bc22 for "Ann"`. */
function grantName({ mark, standing, label }: GrantRow): string {
  return standing === null ? `${mark} for ${safeJson(label)}` : `${mark} facet ${safeName(standing)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The grants as a tree, each below the one that it was derived from; in JSON a list in the same order, with `parent`.
 * `below` gives what stands under each, in lines that are safe to print, and what JSON adds to it.
 */
export function grantTree(
  rows: readonly GrantRow[],
  looks: Looks,
  below: (row: GrantRow) => { readonly lines: readonly string[]; readonly json: object } = () => NOTHING,
): Special {
  const lines: string[] = [];
  const json: object[] = [];
  for (const [row, depth] of inTreeOrder(rows)) {
    const indent = '  '.repeat(Math.min(depth, INDENTED));
    const { lines: inner, json: more } = below(row);
    lines.push(
      `${indent}${lineOf(row, looks)}${depth > INDENTED ? `, derived from ${row.parent?.mark}` : ''}`,
    );
    for (const line of inner) lines.push(`${indent}    ${line}`);
    json.push({ ...jsonOf(row, looks), ...more });
  }
  return lines.length === 0 ? new Special('none', []) : new Special(lines.join('\n'), json);
}

const NOTHING = { lines: [], json: {} };

function* inTreeOrder(rows: readonly GrantRow[]): Generator<readonly [row: GrantRow, depth: number]> {
  const derived = new Map<GrantRow | null, GrantRow[]>();
  for (const row of rows) {
    const beside = derived.get(row.parent);
    if (beside === undefined) derived.set(row.parent, [row]);
    else beside.push(row);
  }
  const left: (readonly [GrantRow, number])[] = [];
  const visit = (parent: GrantRow | null, depth: number): void => {
    for (const row of (derived.get(parent) ?? []).toReversed()) left.push([row, depth]);
  };
  visit(null, 0);
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    yield next;
    visit(next[0], next[1] + 1);
  }
}

function lineOf(row: GrantRow, looks: Looks): string {
  const { shape, standing, expires, uses, payer } = row;
  const look = looks.look(shape);
  // A standing grant is named by its facet, which `lookText` names too.
  const methods =
    look === undefined
      ? `(its shape ${shape} is lost)`
      : lookText(standing === null ? look : { ...look, facet: null }, Infinity);
  const terms = [
    ...(expires === null ? [] : [`expires ${instant(expires)}`]),
    ...(uses === null ? [] : [`${uses} ${uses === 1 ? 'use' : 'uses'} left`]),
    ...(payer === null ? [] : [`paid by ${safeLine(payer)}`]),
  ];
  return [`${grantName(row)} ${methods}`, ...terms].join(', ');
}

function jsonOf({ mark, parent, label, standing, shape, expires, uses, payer }: GrantRow, looks: Looks) {
  const look = looks.look(shape);
  return {
    grant: mark,
    parent: parent?.mark ?? null,
    ...(standing === null ? { for: label } : { standing }),
    facet: look?.facet ?? null,
    methods: look?.methods ?? null,
    ...(look === undefined || look.more === 0 ? {} : { more: look.more }),
    ...(expires === null ? {} : { expires: instant(expires) }),
    ...(uses === null ? {} : { uses }),
    ...(payer === null ? {} : { payer }),
  };
}
