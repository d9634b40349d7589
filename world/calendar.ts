/** A day as people write it, "2026-03-09", from milliseconds since the epoch; in UTC. There is no clock in the world. */
export function dayOf(milliseconds: number): string {
  // Days are counted from the 1st of March 0000, so that a leap day is the last of its year; 400 years repeat.
  const days = Math.floor(milliseconds / 86_400_000) + 719_468;
  const era = Math.floor(days / 146_097);
  const inEra = days - era * 146_097;
  const year = Math.floor(
    (inEra - Math.floor(inEra / 1_460) + Math.floor(inEra / 36_524) - Math.floor(inEra / 146_096)) / 365,
  );
  const inYear = inEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const fromMarch = Math.floor((5 * inYear + 2) / 153);
  const day = inYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const inFull = year + era * 400 + (month <= 2 ? 1 : 0);
  return `${inFull}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
