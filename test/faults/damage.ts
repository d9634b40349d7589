import { cp, mkdtemp, readdir, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Checkpoints } from '../../engine/checkpoints.ts';
import { verifyReader } from '../../storage/checkpoint-file.ts';
import { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { StoreError } from '../../storage/errors.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import { ALL_KEYS } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { drawFrom, type Draw } from './chance.ts';
import { Company } from './company.ts';
import { PLAY } from './play.ts';
import { Stage } from './stage.ts';

/** What is done to one file of a world. */
const HARMS = ['flip', 'flips', 'zeros', 'noise', 'cut', 'delete', 'empty'] as const;
type Harm = (typeof HARMS)[number];

/** What came of it. Only the last two are faults of ours. */
export type Verdict =
  /** Everything is there, as it was. */
  | 'intact'
  /** Everything is there, or is reported to be damaged when it is asked for. */
  | 'reported'
  /** The folder is not opened, and it is said why and what to do. */
  | 'refused'
  /** It is refused without saying what is damaged, or what to do. */
  | 'unclear'
  /** Something is missing, or other than it was, and nobody says so. */
  | 'silent';

export interface DamageOutcome {
  readonly seed: number;
  readonly file: string;
  readonly harm: Harm;
  readonly verdict: Verdict;
  readonly what: string;
}

/** A world's folder with everything in it that a world's folder can hold, as a killed process left it. */
export interface Specimen {
  readonly folder: string;
  /** The files, relative to the folder. */
  readonly files: readonly string[];
  /** All that can be read in it. */
  readonly contents: ReadonlyMap<string, string>;
  remove(): Promise<void>;
}

const BEGIN = 1_700_000_000_000;

/** Plays the play in a folder, with restarts, so that tables as well as logs hold parts of it. */
export async function makeSpecimen(killed: boolean): Promise<Specimen> {
  const made = await mkdtemp(join(tmpdir(), 'keystead-specimen-'));
  const company = new Company(() => {});
  const lives = [0, 8, 20, PLAY.length - 4, PLAY.length];
  let now = BEGIN;
  const folder = `${made}-copy`;
  for (let life = 0; life + 1 < lives.length; life += 1) {
    const store = await openLevelStore(made, { create: true });
    const stage = await Stage.open({ store, company, now });
    if (stage === null) throw new Error('it has power');
    company.resume(stage.world);
    for (let at = lives[life] ?? 0; at < (lives[life + 1] ?? 0); at += 1) await stage.play(at, false);
    now = stage.powers.now;
    const { journal, powers } = stage;
    const checkpoints = { journal, folder: join(made, 'checkpoints'), keep: 2, clock: powers.clock };
    if (life === 1) await new Checkpoints({ ...checkpoints, onDamaged: () => {} }).take();
    const last = life + 2 === lives.length;
    if (last && killed) await cp(made, folder, { recursive: true });
    await stage.close();
    if (last && !killed) await cp(made, folder, { recursive: true });
  }
  await rm(made, { recursive: true });
  await writeFile(join(folder, 'running'), 'm/14 o120'.padEnd(128));
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((each) => each.isFile() && !/^(LOCK|LOG|LOG\.old)$/.test(each.name))
    .map((each) => join(each.parentPath, each.name).slice(folder.length + 1))
    .sort();
  const copy = `${folder}-read`;
  await cp(folder, copy, { recursive: true });
  const journal = await openJournal(await openLevelStore(copy));
  const contents = new Map<string, string>();
  for await (const [key, value] of journal.range(ALL_KEYS)) contents.set(key, value);
  contents.delete('meta/settled');
  await journal.close();
  await rm(copy, { recursive: true });
  return { folder, files, contents, remove: () => rm(folder, { recursive: true }) };
}

/** Damages one file as the seed says, and tells what came of it. */
export async function tryDamage(specimen: Specimen, seed: number): Promise<DamageOutcome> {
  const draw = drawFrom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'keystead-damage-'));
  try {
    await cp(specimen.folder, folder, { recursive: true });
    const file = specimen.files[draw(specimen.files.length)] ?? '';
    const harm = HARMS[draw(HARMS.length)] ?? 'flip';
    await doHarm(join(folder, file), harm, draw);
    const [verdict, what] = file.startsWith('checkpoints')
      ? await judgeCheckpoint(join(specimen.folder, file), join(folder, file))
      : await judge(folder, specimen.contents);
    return { seed, file, harm, verdict, what };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function doHarm(file: string, harm: Harm, draw: Draw): Promise<void> {
  if (harm === 'delete') return unlink(file);
  const bytes = await readFile(file);
  if (harm === 'cut') return truncate(file, draw(bytes.length + 1));
  if (harm === 'empty') return truncate(file, 0);
  const at = draw(Math.max(1, bytes.length));
  const length = Math.min(bytes.length - at, 1 + draw(harm === 'flips' ? 64 : 4096));
  if (harm === 'flip' || harm === 'flips') {
    const flips = harm === 'flip' ? 1 : 1 + draw(8);
    for (let flip = 0; flip < flips && bytes.length > 0; flip += 1) {
      const byte = at + draw(harm === 'flip' ? 1 : length);
      bytes[byte] = (bytes[byte] ?? 0) ^ (1 << draw(8));
    }
  } else for (let byte = at; byte < at + length; byte += 1) bytes[byte] = harm === 'zeros' ? 0 : draw(256);
  await writeFile(file, bytes);
}

async function judge(folder: string, contents: ReadonlyMap<string, string>): Promise<[Verdict, string]> {
  let journal: Journal;
  try {
    const store = await openLevelStore(folder, { create: true, lockWait: 0 });
    try {
      journal = await openJournal(store);
    } catch (error) {
      await store.close();
      throw error;
    }
  } catch (error) {
    return judgeRefusal(error, folder);
  }
  try {
    return await judgeContents(journal, contents);
  } finally {
    await journal.close();
  }
}

/** A refusal names what is damaged, and says what to do. */
function judgeRefusal(error: unknown, folder: string): [Verdict, string] {
  if (!(error instanceof StoreError)) return ['unclear', String(error)];
  const what = `${error.code}: ${error.message.replaceAll(folder, 'DIR')}`;
  const names = /"[^"]+"|journal entry \d+/.test(error.message);
  const helps = /restore|name (?:another|the) folder|start one there|put .* back|remove/.test(error.message);
  const known = ['Damaged', 'FormatForeign', 'FormatNewer', 'Unreadable'].includes(error.code);
  return [names && helps && known ? 'refused' : 'unclear', what];
}

async function judgeContents(
  journal: Journal,
  contents: ReadonlyMap<string, string>,
): Promise<[Verdict, string]> {
  const silent: string[] = [];
  const reported: string[] = [];
  for (const [key, value] of contents) {
    try {
      const found = journal.get(key);
      if (found !== value) silent.push(`${key} is ${found === undefined ? 'gone' : 'another'}`);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      reported.push(key);
    }
  }
  try {
    for await (const [key] of journal.range({ ...ALL_KEYS, onDamaged: (key) => reported.push(key) }))
      if (!contents.has(key) && key !== 'meta/settled') silent.push(`${key} is new`);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    reported.push(error.message);
  }
  if (silent.length > 0) return ['silent', `${silent.length}: ${silent.slice(0, 3).join(', ')}`];
  return reported.length > 0 ? ['reported', `${reported.length}`] : ['intact', ''];
}

/** The first and the last line of a checkpoint, which is verified: the last one has the hash of all. */
async function linesOf(file: string): Promise<string> {
  const reader = await CheckpointReader.open(file);
  await verifyReader(reader);
  return `${reader.headLine}\n${reader.tailLine}`;
}

async function judgeCheckpoint(original: string, file: string): Promise<[Verdict, string]> {
  let found: string;
  try {
    found = await linesOf(file);
  } catch (error) {
    if (!(error instanceof StoreError)) return ['unclear', String(error)];
    return ['refused', error.code];
  }
  const same = found === (await linesOf(original));
  return same ? ['intact', ''] : ['silent', 'it is other than it was'];
}
