import { checkpointFile } from '../../storage/checkpoint-folder.ts';
import { writeCheckpoint } from '../../storage/checkpoint-file.ts';
import { createHash } from 'node:crypto';
import { MemoryStore } from './memory-store.ts';

/** A small world as it is at its checkpoint of that number: each is a little other than the one before. */
export function worldAt(number: number): [string, string][] {
  const entries: [string, string][] = [['format', '{"format":"keystead","version":4,"vat":""}']];
  for (let n = 100; n < 140; n += 1) {
    if (n % 11 === number % 11) continue;
    const version = n % 7 === number % 7 ? number : 0;
    // What does not compress, so that every part is a file of some size.
    let value = `${n} ${version} `;
    for (let at = 0; at < 120; at += 1)
      value += createHash('sha256').update(`${n} ${version} ${at}`).digest('base64');
    entries.push([`o/o${n}`, value]);
  }
  return entries;
}

/** Writes the checkpoint of that number into a folder of checkpoints; gives its file. `like`: of that number's world. */
export async function checkpointAt(folder: string, number: number, like = number): Promise<string> {
  const store = new MemoryStore();
  await store.batch(
    worldAt(like).map(([key, value]) => ({ put: key, value })),
    { sync: true },
  );
  const file = checkpointFile(folder, number);
  await writeCheckpoint(store, file, { number, when: `2025-01-0${number % 10}T00:00:00.000Z`, seq: number });
  return file;
}
