import { checkWorld } from '../../clients/check/check-world.ts';
import { takeCensus } from '../../clients/dump/census.ts';
import { answer } from '../../clients/dump/sections.ts';
import { stanzaJson, stanzaText } from '../../clients/dump/shown.ts';
import { ALL_KEYS, parseKey } from '../../storage/keys.ts';
import type { OpenedView } from '../../clients/view.ts';
import type { View } from '../../storage/view.ts';
import { exportWorld } from '../../clients/archive/export-world.ts';
import { allOf, imported, viewOf, type Contents } from '../clients/stored-world.ts';
import { audit } from '../crash/audit.ts';
import { imageOf } from '../crash/image.ts';

/** What a dump may not print: whatever moves a cursor. */
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;
const TOKEN = /(?<![\w-])[\w-]{22}(?![\w-])/g;
const TOKEN_IN_SLOT = /\bo\d+\.([\w-]{22})\.\d/g;

/** Rooms that are destroyed leave their exits, which the audit of a world without such has no name for. */
const OF_LOST_ROOMS = /: it leads to nothing$|: there is no such exit$| is an exit of no room$/;

/** What was looked at. */
export interface Judged {
  readonly keys: number;
  readonly objects: number;
  readonly bytes: number;
  readonly kinds: ReadonlyMap<string, number>;
}

/** A capability on it was revoked by hand, and it is to be destroyed next. */
const OF_TOYS = /^toy\b/;

/** Holds a whole world against everything that is promised of one. Tells each fault to `wrong`. The view stays the caller's. */
export async function judge(view: View, wrong: (what: string) => void): Promise<Judged> {
  const all: Contents = new Map();
  for await (const [key, value] of view.range(ALL_KEYS)) all.set(key, value);
  const { objects } = await checkWorld(view, {
    onFinding: ({ key, what, means }) => {
      wrong(`check: ${key}: ${what} (${means})`);
    },
  });
  const told = (what: string): void => {
    if (!OF_LOST_ROOMS.test(what) && !OF_TOYS.test(what)) wrong(`audit: ${what}`);
  };
  // Of something that is set aside no code runs when its owner destroys it, or brings something out of it: what it was in, or it
  // itself, finds out when somebody reaches for it.
  audit(imageOf(all), told, () => {});
  const kinds = await judgeDump(view, all, wrong);
  const bytes = await judgeArchive(view, all, wrong);
  return { keys: all.size, objects, bytes, kinds };
}

/** `dump all` shows every key once, none as damaged, no token and nothing that a terminal obeys. */
async function judgeDump(
  view: View,
  all: Contents,
  wrong: (what: string) => void,
): Promise<ReadonlyMap<string, number>> {
  const tokens = tokensIn(all);
  const shown = new Set<string>();
  const kinds = new Map<string, number>();
  const opened: OpenedView = {
    seq: view.seq,
    running: false,
    get: (key) => view.get(key),
    range: (range) => view.range(range),
    close: () => Promise.resolve(),
  };
  for await (const stanza of answer(opened, { ask: 'section', section: 'all' })) {
    const { key = '', kind, fields } = stanza;
    if (shown.has(key)) wrong(`dump: ${key} is shown twice`);
    shown.add(key);
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    if ('damaged' in fields) wrong(`dump: ${key} is shown as damaged`);
    if (parseKey(key)?.kind !== kind) wrong(`dump: ${key} is shown as a ${kind}`);
    for (const text of [stanzaText(stanza), stanzaJson(stanza)]) {
      if (CONTROL.test(text)) wrong(`dump: ${key} is shown with controls`);
      const leaked = text.match(TOKEN)?.filter((each) => tokens.has(each)) ?? [];
      if (leaked.length > 0) wrong(`dump: ${key} is shown with ${leaked.length} tokens`);
    }
  }
  for (const key of all.keys()) if (!shown.has(key)) wrong(`dump: ${key} is not shown`);
  for (const key of shown) if (!all.has(key)) wrong(`dump: ${key} is shown and not there`);
  const census = await takeCensus(view);
  for (const [kind, { count }] of census.kinds)
    if (kinds.get(kind) !== count)
      wrong(`dump: the summary counts ${count} of ${kind}, all ${kinds.get(kind)}`);
  return kinds;
}

/** What is imported from an export is the world key by key, and exports to the same bytes. */
async function judgeArchive(view: View, all: Contents, wrong: (what: string) => void): Promise<number> {
  const first = await exported(view, 'keep', wrong);
  const store = await imported(first);
  const second = await exported(viewOf(store), 'keep', wrong);
  if (second !== first) wrong(`export: ${firstDifference(first.split('\n'), second.split('\n'))}`);
  for (const what of differences(all, await allOf(store))) wrong(`import: ${what}`);
  return first.length;
}

/** With new tokens there is no old one, and the world of it is clean. */
export async function judgeNewTokens(view: View, wrong: (what: string) => void): Promise<void> {
  const all: Contents = new Map();
  for await (const [key, value] of view.range(ALL_KEYS)) all.set(key, value);
  const text = await exported(view, 'new', wrong);
  const old = tokensIn(all);
  const left = text.match(TOKEN)?.filter((each) => old.has(each)) ?? [];
  if (left.length > 0) wrong(`export with new tokens: ${left.length} old ones are left`);
  const store = await imported(text);
  await checkWorld(viewOf(store), {
    onFinding: ({ key, what }) => {
      wrong(`check of an import with new tokens: ${key}: ${what}`);
    },
  });
  const count = (await allOf(store)).size;
  if (count !== all.size) wrong(`import with new tokens: ${count} keys of ${all.size}`);
}

async function exported(view: View, tokens: 'keep' | 'new', wrong: (what: string) => void): Promise<string> {
  const parts: string[] = [];
  await exportWorld(view, {
    tokens,
    write: async (part) => void parts.push(part),
    onLeftOut: (key, why) => {
      wrong(`export: ${key} is left out: ${why}`);
    },
  });
  return parts.join('');
}

function tokensIn(all: Contents): ReadonlySet<string> {
  const tokens = new Set<string>();
  for (const value of all.values())
    for (const [, token = ''] of value.matchAll(TOKEN_IN_SLOT)) tokens.add(token);
  return tokens;
}

/** Keys in which two worlds differ, the first few in words. */
export function differences(left: Contents, right: Contents): readonly string[] {
  const found: string[] = [];
  for (const [key, value] of left)
    if (right.get(key) !== value)
      found.push(right.has(key) ? `${key} has another value` : `${key} is missing`);
  for (const key of right.keys()) if (!left.has(key)) found.push(`${key} is too many`);
  const [...some] = found.slice(0, 5);
  return found.length > some.length ? [...some, `and ${found.length - some.length} more`] : some;
}

function firstDifference(left: readonly string[], right: readonly string[]): string {
  const at = left.findIndex((line, index) => line !== right[index]);
  return `line ${at + 1} is "${left[at]}", then "${right[at]}"`;
}
