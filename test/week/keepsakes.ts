import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { listBackups, openBackup } from '../../storage/backup-folder.ts';
import { listCheckpoints, openCheckpoint } from '../../storage/checkpoint-folder.ts';
import type { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { FORMAT_KEY } from '../../storage/keys.ts';
import { WORLD_FOLDER } from '../../storage/world-folder.ts';
import { indexKeys } from '../../engine/references.ts';
import { restoreWorld } from '../../storage/restore.ts';
import { openStoppedView } from '../../storage/stopped-view.ts';
import { ALL_KEYS } from '../../storage/keys.ts';
import type { Contents } from '../clients/stored-world.ts';
import { differences, judge } from './judgement.ts';
import type { Taken } from './town.ts';

/**
 * Restores every checkpoint of a folder, and every backup, each into a folder of its own: it has to be the world of that
 * moment, key by key. Every `judgeEvery`th is held against everything else too. Gives how many were restored.
 */
export async function judgeKeepsakes(
  taken: readonly Taken[],
  folders: { readonly data: string; readonly backup: string; readonly scratch: string },
  judgeEvery: number,
  wrong: (what: string) => void,
): Promise<number> {
  const { data, backup, scratch } = folders;
  const checkpoints = join(data, WORLD_FOLDER.checkpoints);
  const sources = [
    {
      name: 'checkpoint',
      numbers: (await listCheckpoints(checkpoints)).map(({ number }) => number),
      open: (number: number) => openCheckpoint(checkpoints, number),
    },
    {
      name: 'backup',
      numbers: (await listBackups(backup)).map(({ number }) => number),
      open: (number: number) => openBackup(backup, number),
    },
  ];
  let restored = 0;
  for (const { name, numbers, open } of sources) {
    const due = taken.map(({ number }) => number).join();
    if (numbers.join() !== due) wrong(`there are ${name}s ${numbers.join()}; taken were ${due}`);
    for (const [at, { number, image }] of taken.entries()) {
      if (!numbers.includes(number)) continue;
      const told = (what: string): void => {
        wrong(`${name} ${number}: ${what}`);
      };
      const contents = await restoredFrom(await open(number), scratch, at % judgeEvery === 0, told);
      const due = new Map(JSON.parse(gunzipSync(image).toString()) as [string, string][]);
      for (const what of differences(due, contents)) told(what);
      restored += 1;
    }
  }
  return restored;
}

async function restoredFrom(
  reader: CheckpointReader,
  scratch: string,
  thorough: boolean,
  wrong: (what: string) => void,
): Promise<Contents> {
  const folder = await mkdtemp(join(scratch, 'restored-'));
  try {
    await restoreWorld(reader, folder, indexKeys);
    const view = await openStoppedView(folder);
    try {
      const all: Contents = new Map();
      for await (const [key, value] of view.range(ALL_KEYS)) all.set(key, value);
      if (!all.has(FORMAT_KEY)) wrong('it has no format');
      if (thorough) await judge(view, wrong);
      return all;
    } finally {
      await view.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
