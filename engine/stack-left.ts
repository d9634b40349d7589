/** Calls that must still have been possible, for an overflow to be the fault of what was called, and not of who called it. */
const ENOUGH_CALLS = 4_000;

/** Whether whatever is called from here may run out of stack without being at fault. */
export function isStackShort(): boolean {
  return stackLeft(ENOUGH_CALLS) < ENOUGH_CALLS;
}

/** How many small calls inside of each other the stack still has room for, counted up to `most`. */
function stackLeft(most: number): number {
  if (most === 0) return 0;
  try {
    return 1 + stackLeft(most - 1);
  } catch {
    return 0;
  }
}
