/** Names longer than this are nobody's slip. */
const LONGEST = 40;

/** The known name that was probably meant: so like the alleged one that a slip or two explain it; null if there is none. */
export function nearest(alleged: string, known: Iterable<string>): string | null {
  if (alleged.length > LONGEST) return null;
  let best: string | null = null;
  let least = alleged.length < 4 ? 1.5 : 2.5;
  for (const name of known) {
    if (Math.abs(name.length - alleged.length) > 2) continue;
    const slips = distance(alleged.toLowerCase(), name.toLowerCase());
    if (slips < least) {
      best = name;
      least = slips;
    }
  }
  return best;
}

/** How many letters were left out, put in, exchanged or swapped with the next one. */
function distance(one: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      let slips = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (swapped) slips = Math.min(slips, (before[j - 2] ?? 0) + 1);
      row.push(slips);
    }
    before = last;
    last = row;
  }
  return last[other.length] ?? 0;
}
