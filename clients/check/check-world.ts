import { ALL_KEYS, FORMAT_KEY, isKeyText, OLDER_KEY, parseKey, type ParsedKey } from '../../storage/keys.ts';
import { parseFormat } from '../../storage/format.ts';
import type { View } from '../../storage/view.ts';
import { Collections } from './collections.ts';
import { Derived } from './derived.ts';
import { DONE_BY_ANOTHER, removal, type Finding, type Note } from './findings.ts';
import { Inspection } from './inspection.ts';
import { Objects } from './objects.ts';
import { Places } from './places.ts';
import { surroundingsOf } from './surroundings.ts';
import { Values } from './values.ts';
import { missingShapes } from './shapes.ts';

export interface CheckOptions {
  readonly onFinding: (finding: Finding) => void;
  /** Called every few thousand keys, in words. Throw to end it. */
  readonly onProgress?: (what: string) => void;
}

export interface Checked {
  readonly keys: number;
  readonly objects: number;
  readonly findings: number;
  readonly notes: ReadonlyMap<Note, number>;
}

const REPORT_EVERY = 4096;

/** What a lost value of a kind means for players. */
const DAMAGED = 'what it held is lost, unless a checkpoint has it';

/**
 * Looks at everything that a world stores: that each key and value is what it has to be, that what belongs together agrees,
 * and that references lead somewhere. The view stays the caller's, and nothing is changed. Memory: what `GrantIndex`
 * takes, method sets, classes, sources by their hashes, and 24 bytes for each entry of the largest collections of one object.
 */
export async function checkWorld(view: View, { onFinding, onProgress }: CheckOptions): Promise<Checked> {
  let findings = 0;
  let keys = 0;
  const step = (what: string): void => {
    keys += 1;
    if (keys % REPORT_EVERY === 0)
      onProgress?.(`${what}: ${keys} keys, ${findings} ${findings === 1 ? 'finding' : 'findings'}`);
  };
  const { version } = parseFormat((await view.get(FORMAT_KEY)) ?? '', 'the world');
  const older = await view.get(OLDER_KEY);
  const around = await surroundingsOf(view, older === undefined ? version : Number(older), () => {
    step('looking');
  });
  keys = 0;
  const inspection = new Inspection(around, (finding) => {
    findings += 1;
    onFinding(finding);
  });
  const values = new Values(inspection);
  const objects = new Objects(inspection);
  const places = new Places(inspection);
  const derived = new Derived(inspection);
  const collections = new Collections(inspection, view);
  const unreadable = new Set<string>();
  const onDamaged = (key: string, error: Error): void => {
    unreadable.add(key);
    findings += 1;
    const parsed = parseKey(key);
    if (parsed?.kind === 'shape') inspection.usesShape(parsed.number);
    onFinding(damaged(key, error));
  };
  for await (const [text, value] of view.range({ ...ALL_KEYS, onDamaged })) {
    step('checking');
    const key = parseKey(text);
    if (key === undefined) {
      const fix = isKeyText(text) ? removal(text) : REBUILD; // what cannot be a key cannot be named to the store
      inspection.unusable(text, 'Keystead has no such keys', 'nothing', fix);
      continue;
    }
    if (key.kind !== 'entry') await collections.end();
    await one(key, text, value);
  }
  await collections.end();
  missingShapes(inspection);
  objects.missingSources();
  objects.finishBanks();
  values.finish();
  await derived.finish(view, unreadable);
  await places.finish(view);
  return { keys, objects: around.grants.objects, findings, notes: inspection.notes };

  async function one(key: ParsedKey, text: string, value: string): Promise<void> {
    const { kind } = key;
    if (kind === 'object') {
      const object = objects.check(key.id, value);
      if (object === undefined) unreadable.add(text);
      else places.take(object);
      derived.take(key, text, value);
    } else if (kind === 'source') {
      if (!objects.source(key.hash, value))
        inspection.unusable(text, 'the source is not what its hash names', 'its class does not load');
    } else if (kind === 'collections') {
      await collections.heads(key.id, text, value);
    } else if (kind === 'entry') {
      await collections.entry(key.id, key.name, key.hash, value);
      derived.take(key, text, value);
    } else if (kind === 'member' || kind === 'reference') {
      derived.take(key, text, value);
    } else {
      values.check(key, text, value);
    }
  }
}

/** A value whose checksum does not fit, or a part of the database. */
function damaged(text: string, error: Error): Finding {
  if (text === '') return lostPart(error);
  if (!isKeyText(text)) return { key: text, what: error.message, means: DAMAGED, fix: REBUILD };
  const key = parseKey(text);
  const means = key?.kind === 'object' ? 'calls on it fail; the rest of the world runs' : DAMAGED;
  const vital = key?.kind === 'meta' && ['roots', 'classes'].includes(key.name);
  if (vital || key?.kind === 'format')
    return { key: text, what: error.message, means: 'the world does not start: go back to a checkpoint' };
  if (key?.kind === 'shape' || (key?.kind === 'meta' && key.name === 'counters'))
    return { key: text, what: error.message, means: 'the world does not start', fix: DONE_BY_ANOTHER };
  return { key: text, what: error.message, means, fix: removal(text) };
}

/** Stands for writing the whole database anew from what can be read of it. */
export const REBUILD: NonNullable<Finding['fix']> = { said: 'wrote the database anew', ops: [] };

/** The database cannot say which keys were in what it lost. */
export function lostPart(error: Error): Finding {
  return {
    key: '(a part of the database)',
    what: error.message,
    means: 'whatever was in it is lost; older values may show in its place',
    fix: REBUILD,
  };
}
