/** How many small calls inside of each other the stack still has room for, counted up to `most`. */
export function stackLeft(most: number): number {
  if (most === 0) return 0;
  try {
    return 1 + stackLeft(most - 1);
  } catch {
    return 0;
  }
}
