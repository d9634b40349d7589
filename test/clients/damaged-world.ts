import { checkWorld } from '../../clients/check/check-world.ts';
import { repairWorld } from '../../clients/check/repair.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { openStoppedView } from '../../storage/stopped-view.ts';
import type { View } from '../../storage/view.ts';
import { tamper } from '../storage/level-folder.ts';
import { allOf, folderOf, playedWorld, type Contents } from './stored-world.ts';

/** The world that was played, when a test of a file that calls `usePlayedWorld` runs. */
export let played: Contents;
const endings: (() => void)[] = [];

/** For tests of a world that was played, with this and that of it changed. */
export function usePlayedWorld(): void {
  beforeAll(async () => {
    played = await playedWorld();
  });
  afterEach(() => {
    for (const end of endings.splice(0)) end();
  });
}

/** A change to what is stored: a text, null for a key that goes, or damage to its bytes. */
type Change = string | null | typeof DAMAGE;
export const DAMAGE = Symbol('damage');
export type Changes = Readonly<Record<string, Change>>;

export const keysOf = (pattern: RegExp): string[] => [...played.keys()].filter((key) => pattern.test(key));
export const one = (pattern: RegExp): string => keysOf(pattern)[0] ?? 'nothing';
export const value = (key: string): string => played.get(key) ?? 'nothing';
export const edit = (key: string, from: RegExp | string, to: string): Changes => {
  const edited = value(key).replace(from, to);
  expect(edited).not.toBe(value(key));
  return { [key]: edited };
};
/** The object whose record has this in it. */
export const holding = (pattern: RegExp): string =>
  keysOf(/^o\//).find((key) => pattern.test(value(key))) ?? 'nothing';

export async function folderWith(changes: Changes): Promise<string> {
  const contents = new Map(played);
  for (const [key, change] of Object.entries(changes)) {
    if (typeof change === 'string') contents.set(key, change);
    else if (change === null) contents.delete(key);
  }
  const { data, remove } = await folderOf(contents);
  endings.push(remove);
  await tamper(data, async (db) => {
    for (const [key, change] of Object.entries(changes))
      if (change === DAMAGE) await db.put(key, `${db.getSync(key)}~`);
  });
  return data;
}

export async function findingsIn(view: View): Promise<readonly string[]> {
  const found: string[] = [];
  await checkWorld(view, { onFinding: ({ key, what }) => found.push(`${key}: ${what}`) });
  return found;
}

export async function findings(data: string): Promise<readonly string[]> {
  const view = await openStoppedView(data);
  try {
    return await findingsIn(view);
  } finally {
    await view.close();
  }
}

export async function repair(
  data: string,
): Promise<{ readonly left: number; readonly done: readonly string[] }> {
  const done: string[] = [];
  const { findings: left } = await repairWorld(data, {
    onFinding: () => {},
    onDone: (said) => done.push(said),
  });
  return { left, done };
}

export async function contentsIn(data: string): Promise<Contents> {
  const store = await openLevelStore(data);
  const all = await allOf(store);
  await store.close();
  for (const key of all.keys()) if (/^(?:j\/|meta\/settled)/.test(key)) all.delete(key);
  return all;
}
