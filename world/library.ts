import { a, capital, goodName, goodText, line, list, page, sentence, the } from './words.ts';

/**
 * What classes written in the world find beside the verbs of the authoring interface: functions that make sentences, and
 * texts safe to show. They keep nothing; what they are given must be texts, and what they give are texts.
 */
export const library = Object.freeze({
  words: Object.freeze({ a, the, list, capital, sentence, line, page, goodName, goodText }),
});
