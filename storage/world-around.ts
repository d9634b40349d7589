import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { reasonOf, StoreError, systemCode } from './errors.ts';
import { WORLD_FOLDER } from './world-folder.ts';

/**
 * Throws `InWorld`, naming it, if a folder is inside of the folder of a world, by whatever path or link: a new world
 * there would be taken for a part of that one, and go when it goes. Throws `Unreadable`. (A folder that has a world
 * in it is not empty, and is refused for that.)
 */
export async function refuseInWorld(folder: string): Promise<void> {
  const real = await realPath(resolve(folder));
  for (let at = real; dirname(at) !== at; at = dirname(at)) {
    const above = dirname(at);
    if (!(await isThere(join(above, WORLD_FOLDER.db, 'CURRENT')))) continue;
    throw new StoreError(
      'InWorld',
      `"${folder}" is inside of "${above}", which is the folder of a world: name one outside of it for the new world`,
    );
  }
}

/** A path without links, as far as there is anything. */
async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const above = dirname(path);
    if (systemCode(error) !== 'ENOENT' || above === path) throw unreadable(path, error);
    return join(await realPath(above), basename(path));
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    // Whoever may not look into a folder above has no world there.
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error))) return false;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): StoreError {
  return new StoreError('Unreadable', `cannot read "${path}": ${reasonOf(error)}`, error);
}
