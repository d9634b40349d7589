import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { READ, writeDurably } from './files.ts';

/*
 * A file of a world's that says where its backups are, so that a later process knows the place of a disk that is not mounted from
 * a new folder.
 */

/** Whether that is the folder that was noted. */
export async function isNoted(note: string, folder: string): Promise<boolean> {
  const text = await readFile(note, { encoding: 'utf8', flag: READ }).catch(() => '');
  return text === `${resolve(folder)}\n`;
}

/** Notes a folder. Does not throw: a world that cannot write it down goes on without, and the next process does not know. */
export async function noteFolder(note: string, folder: string): Promise<void> {
  await writeDurably(note, `${resolve(folder)}\n`).catch(() => {});
}
