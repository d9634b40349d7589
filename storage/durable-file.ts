import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from './errors.ts';

/** What a file is called until it is whole. */
export const UNFINISHED = '.tmp';

/** What file systems answer that have no sync for folders, as some on a network do: they keep names in order themselves. */
const NO_FOLDER_SYNC = new Set(['EINVAL', 'ENOTSUP', 'EISDIR']);

/** Makes the names in a folder outlive a power failure. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!NO_FOLDER_SYNC.has(systemCode(error))) throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Writes a file that is there whole or not at all, whenever the process dies. Its name outlives a power failure only
 * after `syncFolder`. When it throws, there is no such file, or the one from before.
 */
export async function writeDurably(file: string, content: string | Buffer): Promise<void> {
  const unfinished = file + UNFINISHED;
  try {
    const handle = await open(unfinished, 'w', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {});
    throw error;
  }
}

/** As `writeDurably`, with its name durable too. */
export async function writeWithName(file: string, content: string | Buffer): Promise<void> {
  await writeDurably(file, content);
  await syncFolder(dirname(file));
}
