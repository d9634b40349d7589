/** Whether lists and records stand inside one another in a value that was read from JSON more than `most` deep. Needs a stack of `most`. */
export function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return most === 0 || Object.values(value).some((member) => isDeeper(member, most - 1));
}
