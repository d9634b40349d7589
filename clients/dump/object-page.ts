import {
  asideKey,
  collectionsKey,
  entryKey,
  garbageKey,
  memberRange,
  objectKey,
  restartKey,
  watchedKey,
  type Key,
} from '../../storage/keys.ts';
import { StoreError } from '../../storage/errors.ts';
import type { View } from '../../storage/view.ts';
import type { Looks } from './capabilities.ts';
import { grantRows, grantTree, type GrantRow } from './grants.ts';
import { holdersOf } from './holders.ts';
import { damaged, entryFields, objectFields, stanzaOf, type Stored } from './kinds.ts';
import type { Owners } from './owners.ts';
import { safeName, Special, type Shown, type Stanza } from './shown.ts';

/** Holders that the page of an object names; `holders` names them all. */
const HOLDERS = 200;
/** Entries of each collection that the page of an object shows; `entries` shows them all. */
const ENTRIES = 50;

/**
 * All there is about one object, from everywhere in the store: record, grants with who holds each, collections, who
 * watches it, restarts, why it is set aside, since when it is garbage. Undefined where nothing is known of it.
 */
export async function objectPage(
  view: View,
  id: string,
  looks: Looks,
  owners: Owners,
): Promise<Stanza | undefined> {
  const key = objectKey(id);
  const held = await heldBy(view, id);
  const about: Record<string, Shown> = {};
  let title = `${id} (not there)`;
  let rows: readonly GrantRow[] = [];
  let there = true;
  const text = await view.get(key).catch((error: unknown) => {
    about['damaged'] = error instanceof Error ? error.message : 'it is damaged';
    title = `DAMAGED: ${id}`;
    return null;
  });
  if (text === undefined) there = false;
  else if (text !== null) {
    const { fields, title: named } = stanzaOf(key, text, looks);
    title = named;
    const value = parsed(text);
    if (value === undefined || 'damaged' in fields) Object.assign(about, fields);
    else {
      rows = grantRows(value['grants']);
      const bank = value['bank'];
      Object.assign(about, objectFields(id, value, text));
      const owner = typeof bank === 'string' ? await owners.ofBank(bank) : null;
      if (owner !== null) about['owner'] = owner;
      const player = owners.playerNamed(id);
      if (player !== undefined) about['player'] = player;
      about['record'] = fields['record'] ?? null;
    }
  }
  about['grants'] = grantTree(rows, looks, ({ token }) => {
    const names = held.byToken.get(token) ?? [];
    return { lines: names.map((name) => `held by ${name}`), json: { heldBy: names } };
  });
  const known = new Set(rows.map(({ token }) => token));
  const ended = [...held.byToken].filter(([token]) => !known.has(token)).flatMap(([, names]) => names);
  if (ended.length > 0) about['endedButHeld'] = names(ended);
  if (held.problems.length > 0) about['unclear'] = names(held.problems);
  if (held.more) about['moreHolders'] = new Special(`keystead dump holders ${id}`, `holders ${id}`);
  const others = await otherKeys(view, id, looks);
  if (!there && held.byToken.size === 0 && held.problems.length === 0 && Object.keys(others).length === 0)
    return undefined;
  return { title, kind: 'object', key, fields: { ...about, ...others } };
}

interface Held {
  readonly byToken: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly string[];
  readonly more: boolean;
}

async function heldBy(view: View, id: string): Promise<Held> {
  const byToken = new Map<string, string[]>();
  const problems: string[] = [];
  let count = 0;
  for await (const { name, tokens, problem } of holdersOf(view, id)) {
    count += 1;
    if (count > HOLDERS) return { byToken, problems, more: true };
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
    for (const token of tokens) {
      const names = byToken.get(token);
      if (names === undefined) byToken.set(token, [name]);
      else names.push(name);
    }
  }
  return { byToken, problems, more: false };
}

/** Names that are safe to print as they are. */
function names(list: readonly string[]): Shown {
  return list.map((name) => new Special(name, name));
}

async function otherKeys(view: View, id: string, looks: Looks): Promise<Record<string, Shown>> {
  const others: Record<string, Shown> = {};
  const collections = await part(view, collectionsKey(id), looks);
  if (collections !== undefined) {
    const heads = parsed((await view.get(collectionsKey(id)).catch(() => undefined)) ?? '') ?? {};
    others['collections'] =
      'damaged' in collections
        ? collections
        : Object.fromEntries(
            await Promise.all(
              Object.entries(heads).map(async ([name, head]) => [
                name,
                await collection(view, id, name, (head ?? {}) as Head, looks),
              ]),
            ),
          );
  }
  for (const [name, key] of [
    ['watches', watchedKey(id)],
    ['restarts', restartKey(id)],
    ['setAside', asideKey(id)],
    ['garbage', garbageKey(id)],
  ] as const) {
    const fields = await part(view, key, looks);
    if (fields !== undefined) others[name] = fields['watches'] ?? fields['restarts'] ?? fields;
  }
  let members = 0;
  for await (const _ of view.range({ ...memberRange(id), onDamaged: () => {} })) members += 1;
  if (members > 0) others['members'] = members;
  return others;
}

/** The fields of another key of the object, without its id, which everybody knows by now. */
async function part(view: View, key: Key, looks: Looks): Promise<Record<string, Shown> | undefined> {
  let text: string | undefined;
  try {
    text = await view.get(key);
  } catch (error) {
    return { damaged: error instanceof Error ? error.message : 'it is damaged' };
  }
  if (text === undefined) return undefined;
  const { id: _, ...fields } = stanzaOf(key, text, looks).fields;
  return fields;
}

interface Head {
  readonly size?: number;
  readonly first?: string | null;
}

/** The first entries of a collection, in its order. */
async function collection(
  view: View,
  id: string,
  name: string,
  { size = 0, first = null }: Head,
  looks: Looks,
): Promise<Shown> {
  const entries: Shown[] = [];
  let problem: string | undefined;
  for (let at: unknown = first; typeof at === 'string' && entries.length < ENTRIES;) {
    try {
      const text = await view.get(entryKey(id, name, at));
      const value = parsed(text ?? '');
      if (value === undefined) throw new Error(`the entry ${at} is not there`);
      const { of, value: held } = entryFields(value, looks);
      entries.push({ of, value: held });
      at = value['after'];
    } catch (error) {
      problem = error instanceof Error ? error.message : 'it cannot be read';
      break;
    }
  }
  return {
    size,
    entries,
    ...(problem === undefined ? {} : { damaged: problem }),
    ...(size > entries.length && problem === undefined
      ? { more: new Special(`keystead dump entries ${id}`, `entries ${id}`) }
      : {}),
  };
}

function parsed(text: string): Stored | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Stored) : undefined;
  } catch {
    return undefined;
  }
}

/** The grants of an object alone. Undefined where there is no such object. */
export async function grantsPage(view: View, id: string, looks: Looks): Promise<Stanza | undefined> {
  const key = objectKey(id);
  let text: string | undefined;
  try {
    text = await view.get(key);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'Damaged') throw error;
    return damaged(key, error.message);
  }
  if (text === undefined) return undefined;
  const value = parsed(text);
  const rows = rowsIn(value);
  if (rows === undefined) return damaged(key, 'its grants cannot be read');
  const title = `grants of ${id} ${safeName(value?.['class'])}`;
  return { title, kind: 'grants', key, fields: { grants: grantTree(rows, looks) } };
}

function rowsIn(value: Stored | undefined): readonly GrantRow[] | undefined {
  try {
    return grantRows(value?.['grants']);
  } catch {
    return undefined;
  }
}

/** Every holder of an object, one after the other, with the grants that each holds. */
export async function* holderStanzas(view: View, id: string): AsyncGenerator<Stanza> {
  const text = await view.get(objectKey(id)).catch(() => undefined);
  const rows = new Map((rowsIn(parsed(text ?? '')) ?? []).map((row) => [row.token, row] as const));
  for await (const { key, name, tokens, problem } of holdersOf(view, id)) {
    const grants = tokens.map((token) => rows.get(token)?.mark ?? null);
    const through = grants.map((grant) => (grant === null ? 'one that has ended' : `grant ${grant}`));
    const what = problem === undefined ? through.join(', ') : `(${problem})`;
    yield {
      title: `${name}: ${what}`,
      kind: 'holder',
      key,
      fields: { of: id, holder: name, grants, ...(problem === undefined ? {} : { problem }) },
      brief: true,
    };
  }
}
