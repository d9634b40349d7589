import { join } from 'node:path';
import { verifyCheckpoint } from '../../storage/checkpoint-file.ts';
import { namesIn } from '../../storage/files.ts';
import { openJournal } from '../../storage/journal.ts';
import { metaKey, objectKey, prefixRange } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import { reasonOf, systemCode } from '../../storage/errors.ts';
import type { Op } from '../../storage/store.ts';

/** Holds the number of the last commit that is in the store. */
export const NUMBER_KEY = metaKey('counters');

/** Objects that the commits change by turns. */
const OBJECTS = 300;

const changedBy = (number: number): string => objectKey(`o${1 + ((number * 7) % OBJECTS)}`);
const removedBy = (number: number): string | undefined =>
  number % 5 === 0 ? objectKey(`o${1 + ((number * 11) % OBJECTS)}`) : undefined;

/** What the commit of this number changes. */
export function opsOf(number: number, text: string): readonly Op[] {
  const removed = removedBy(number);
  return [
    { put: NUMBER_KEY, value: String(number) },
    { put: changedBy(number), value: `${number}:${text}` },
    ...(removed === undefined ? [] : [{ del: removed }]),
  ];
}

/**
 * Opens what was left in a folder, and says what is not as it was promised: all commits up to some number, none less than
 * `durable`, and whole checkpoints.
 */
export async function judge(folder: string, durable: number): Promise<readonly string[]> {
  const wrong: string[] = [];
  try {
    const journal = await openJournal(await openLevelStore(folder, { create: durable === 0 }));
    const last = Number(journal.get(NUMBER_KEY) ?? 0);
    if (last < durable) wrong.push(`commit ${durable} was durable, and ${last} is the last one`);
    const expected = new Map<string, number>();
    for (let number = 1; number <= last; number += 1) {
      expected.set(changedBy(number), number);
      const removed = removedBy(number);
      if (removed !== undefined) expected.delete(removed);
    }
    for await (const [key, value] of journal.range(prefixRange('o'))) {
      const number = Number(value.slice(0, value.indexOf(':')));
      if (number !== expected.get(key)) wrong.push(`${key} is of commit ${number}, not ${expected.get(key)}`);
      expected.delete(key);
    }
    for (const [key, number] of expected) wrong.push(`${key} of commit ${number} is gone`);
    await journal.close();
    for (const file of await namesIn(join(folder, 'checkpoints')))
      if (file.endsWith('.checkpoint')) await verifyCheckpoint(join(folder, 'checkpoints', file));
  } catch (error) {
    wrong.push(`it is not whole: ${systemCode(error)} ${reasonOf(error)}`);
  }
  return wrong;
}
