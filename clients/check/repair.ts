import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openJournal, type Journal } from '../../storage/journal.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { finishRebuild, readRawValues, rebuildDatabase } from '../../storage/raw-values.ts';
import { StoreError, unwritable } from '../../storage/errors.ts';
import { makeFolder, syncFolder, writeDurably } from '../../storage/files.ts';
import type { Store } from '../../storage/store.ts';
import type { View } from '../../storage/view.ts';
import { checkWorld, lostPart, REBUILD, type Checked, type CheckOptions } from './check-world.ts';
import type { Finding, Fix } from './findings.ts';

export interface RepairOptions extends CheckOptions {
  /** Called for each thing that was done, in words. */
  readonly onDone: (said: string) => void;
}

/** Where bytes go that are taken out of the world, in its folder. */
const DAMAGED = 'damaged';

/** Fixes that are done before the world is looked at again: what they need is held in memory. */
const AT_ONCE = 10_000;
/** Each mends what the one before has brought to light, like an entry that is taken out and the list that it was in. */
const MOST_ROUNDS = 100;

/**
 * Mends what can be mended in the folder of a world that is stopped: looks, puts the bytes away that are to go, changes the
 * store, and looks again, until there is nothing more to do. Each change is one durable commit, made after its bytes
 * are safe: killed at any moment, the same call goes on from there. Findings are told once. Gives what the last look
 * found. Throws `InUse` where the world runs, and what opening it throws.
 */
export async function repairWorld(dir: string, options: RepairOptions): Promise<Checked> {
  await finishRebuild(dir);
  await rebuildIfDamaged(dir, options);
  const told = new Set<string>();
  const onFinding = (finding: Finding): void => {
    const text = `${finding.key} ${finding.what}`;
    if (!told.has(text)) options.onFinding(finding);
    told.add(text);
  };
  for (let round = 1; ; round += 1) {
    const fixes: Fix[] = [];
    const checked = await inWorld(dir, (_, view) =>
      checkWorld(view, {
        ...options,
        onFinding: (finding) => {
          onFinding(finding);
          const { fix } = finding;
          const known = fix === undefined || fix.said === '' || fixes.length >= AT_ONCE;
          if (fix !== undefined && !known) fixes.push(fix);
        },
      }),
    );
    if (fixes.length === 0 || round > MOST_ROUNDS) return checked;
    if (!(await mend(dir, fixes, options))) return checked;
  }
}

/** A database whose own files are damaged is not opened: what can be read of it becomes another one first. */
async function rebuildIfDamaged(dir: string, options: RepairOptions): Promise<void> {
  try {
    // Here only: it takes long.
    await (await openStopped(dir, 'whole')).close();
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'Damaged') throw error;
    options.onFinding(lostPart(error));
    await rebuild(dir, options);
  }
}

async function rebuild(dir: string, { onDone }: RepairOptions): Promise<void> {
  const many = await rebuildDatabase(dir, join(dir, DAMAGED));
  onDone(`${REBUILD.said}: ${many} entries could be read; the old one is kept in ${DAMAGED}/`);
}

function openStopped(dir: string, tables: 'newest' | 'whole' = 'newest'): Promise<Store> {
  return openLevelStore(dir, { create: false, lockWait: LOCK_WAIT, tables }).catch((error: unknown) => {
    if (!(error instanceof StoreError) || error.code !== 'InUse') throw error;
    throw new StoreError('InUse', `a world runs in "${dir}": stop it before it is repaired`, error);
  });
}

/** Gives whether anything changed. */
async function mend(dir: string, fixes: readonly Fix[], options: RepairOptions): Promise<boolean> {
  const { onDone, onProgress } = options;
  if (fixes.includes(REBUILD)) {
    // First: what else there is to do may look otherwise in what is left.
    await rebuild(dir, options);
    return true;
  }
  await putAway(dir, fixes);
  let changed = false;
  await inWorld(dir, async (journal, view) => {
    for (const [at, { said, ops }] of fixes.entries()) {
      onProgress?.(`mending: ${at} of ${fixes.length}`);
      const done = typeof ops === 'function' ? await ops(view) : ops;
      if (done.length === 0) continue;
      await journal.commit(done);
      changed = true;
      onDone(said);
    }
  });
  return changed;
}

async function inWorld<T>(dir: string, body: (journal: Journal, view: View) => Promise<T>): Promise<T> {
  const store = await openStopped(dir);
  let journal: Journal;
  try {
    journal = await openJournal(store);
  } catch (error) {
    await store.close();
    throw error;
  }
  try {
    return await body(journal, {
      seq: journal.lastSeq,
      get: async (key) => journal.get(key),
      range: (range) => journal.range(range),
      close: () => Promise.resolve(),
    });
  } finally {
    // What was committed is settled now, also for who reads the bytes.
    await journal.close();
  }
}

/** Milliseconds: whoever repairs a world knows whether it runs. */
const LOCK_WAIT = 500;

/** Keeps the bytes of all keys that are to be overwritten or deleted in files of their own. */
async function putAway(dir: string, fixes: readonly Fix[]): Promise<void> {
  const keys = [...new Set(fixes.flatMap(({ keep = [] }) => keep))];
  const values = await readRawValues(dir, keys);
  if (values.size === 0) return;
  const folder = join(dir, DAMAGED);
  try {
    await makeFolder(folder);
    // The same bytes have the same name: whoever was killed writes them once more.
    for (const [key, bytes] of values) await writeDurably(join(folder, fileFor(key, bytes)), bytes);
    await syncFolder(folder);
  } catch (error) {
    throw unwritable(`to the folder "${folder}"`, error);
  }
}

/** Longest beginning of a key in the name of its file; file systems take 255 bytes. */
const NAME_MOST = 150;

function fileFor(key: string, bytes: Buffer): string {
  const hash = createHash('sha256').update(key).update(bytes).digest('hex').slice(0, 12);
  return `${encodeURIComponent(key).slice(0, NAME_MOST)}.${hash}`;
}
