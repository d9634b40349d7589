/** A row of numbers from 0 up to 1, the same for the same seed (mulberry32). */
export function draws(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const LOOKS = ['grey', 'round', 'cold', 'smooth', 'speckled', 'heavy', 'worn', 'chipped', 'dull', 'green'];
const WORDS = [
  'the',
  'boat',
  'comes',
  'tomorrow',
  'bring',
  'a',
  'light',
  'and',
  'tell',
  'nobody',
  'of',
  'it',
];

/** "It is grey and cold.", of two to nine words. */
export function looks(draw: () => number): string {
  return `It is ${some(draw, LOOKS, 2 + Math.floor(draw() * 8)).join(' and ')}.`;
}

/** "grey", or another. */
export function look(draw: () => number): string {
  return some(draw, LOOKS, 1).join('');
}

/** What somebody wrote: ten to sixty words. */
export function prose(draw: () => number): string {
  return `${some(draw, WORDS, 10 + Math.floor(draw() * 50)).join(' ')}.`;
}

function some(draw: () => number, words: readonly string[], many: number): readonly string[] {
  return Array.from({ length: many }, () => words[Math.floor(draw() * words.length)] ?? '');
}
