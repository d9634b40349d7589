import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second for all programs, whatever its own clock does. */
const TICK_MS = 10;

/**
 * Milliseconds of processor time that the main thread of a process has used: JavaScript runs in no other. Null where the
 * system does not say so, or when the process is gone.
 */
export function processorTime(pid: number): number | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'latin1');
  } catch {
    return null; // no Linux, or no such process: whoever asks waits for longer
  }
  // The second field is the program's name in parentheses, which may hold anything; the 14th and 15th are what we want.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return Number.isFinite(ticks) ? ticks * TICK_MS : null;
}
