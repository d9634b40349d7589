import { readFileSync } from 'node:fs';

/*
 * What the main thread of a process does: JavaScript runs in no other. Where the system does not say so (no Linux), or the
 * process is gone, whoever asks is told that, and waits for longer.
 */

/** Linux counts in hundredths of a second for all programs, whatever its own clock does. */
const TICK_MS = 10;

/** Milliseconds of processor time that it has used; null where that cannot be told. */
export function processorTime(pid: number): number | null {
  const fields = statusOf(pid);
  const ticks = Number(fields?.[11]) + Number(fields?.[12]);
  return Number.isFinite(ticks) ? ticks * TICK_MS : null;
}

/** Whether it waits for a disk, or for memory that is on one, and cannot even be killed meanwhile. */
export function waitsForDisk(pid: number): boolean {
  return statusOf(pid)?.[0] === 'D';
}

/** Whether it runs, or would if it were given a processor. */
export function wouldRun(pid: number): boolean {
  return statusOf(pid)?.[0] === 'R';
}

/** What stands behind its name: its state, and from the 11th on what it has used in its own code and in the system's. */
function statusOf(pid: number): readonly string[] | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses, which may hold anything.
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
