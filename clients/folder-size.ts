import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of the files in a folder, not of those in folders below it; 0 where it is missing. */
export async function folderSize(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0, // gone meanwhile
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** What `ask` gave, asked again only when that is older than `milliseconds`. */
export function remembered<T>(
  ask: () => Promise<T>,
  milliseconds: number,
  clock: () => number,
): () => Promise<T> {
  let last: { readonly at: number; readonly answer: Promise<T> } | undefined;
  return () => {
    const now = clock();
    if (last === undefined || now - last.at > milliseconds || now < last.at)
      last = { at: now, answer: ask() };
    return last.answer;
  };
}
