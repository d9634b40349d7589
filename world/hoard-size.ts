/** Things in one drawer of a hoard: its record is written whenever one of them comes or goes. */
export const IN_DRAWER = 100;

/**
 * Things in one hoard, which are in a thousand drawers: the list of those for a word is one entry, and of those with
 * room one record.
 */
export const MOST_THINGS = 100_000;
