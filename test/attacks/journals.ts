import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { RunningNote } from '../../clients/running-note.ts';
import type { WorldOptions } from '../../engine/world-options.ts';
import { packEntry } from '../../storage/journal/entry.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import type { Op } from '../../storage/store.ts';
import { MemoryJournal } from '../engine/memory-journal.ts';
import type { TrialOptions } from './trial.ts';

/** In memory, but as particular about what is written as a journal on disk. */
class StrictJournal extends MemoryJournal {
  override async commit(ops: readonly Op[]): Promise<void> {
    packEntry(ops);
    await super.commit(ops);
  }
}

/** Where a trial keeps its world. */
export type Place = Pick<TrialOptions, 'journal' | 'contents' | 'lastRunning' | 'noteRunning'>;

export function inMemory(): Place {
  let journal = new StrictJournal();
  return {
    journal: async () => {
      journal = new StrictJournal(new Map(journal.contents()));
      return journal as unknown as WorldOptions['journal'];
    },
    contents: async () => journal.contents(),
  };
}

/** On disk, in a folder of the trial's own; what is running is noted as the product notes it. */
export async function onDisk(folder: string): Promise<Place> {
  await mkdir(folder, { recursive: true });
  const note = new RunningNote(join(folder, 'running'), (error) => {
    throw error;
  });
  let journal: Journal | null = null;
  return {
    lastRunning: note.last,
    noteRunning: note.write,
    journal: async () => {
      const store = await openLevelStore(join(folder, 'world'), { create: true });
      journal = await openJournal(store);
      return journal;
    },
    contents: async () => {
      const contents: (readonly [string, string])[] = [];
      const snapshot = await (journal as Journal).snapshot();
      for await (const entry of snapshot.range({ gte: '!', lt: '~' })) contents.push(entry);
      await snapshot.close();
      return contents;
    },
  };
}
