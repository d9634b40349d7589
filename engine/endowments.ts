import {
  after,
  attempt,
  attenuate,
  cancel,
  classOf,
  collection,
  create,
  destroy,
  emit,
  facet,
  fail,
  hangUp,
  isLive,
  M,
  only,
  revoke,
  send,
} from './authoring.ts';

/** Without the one matcher that counts in big integers, which no class may have: nothing stops what calculates with them. */
const { containerHas: _, ...matchers } = M;

/**
 * The authoring interface as classes written in the world find it: what engine/authoring.ts exports, by the same names.
 * Nothing else of the program is in their Compartments but what a world adds as its library.
 */
export const VERBS: Readonly<Record<string, unknown>> = harden({
  after,
  attempt,
  attenuate,
  cancel,
  classOf,
  collection,
  create,
  destroy,
  emit,
  facet,
  fail,
  hangUp,
  isLive,
  M: matchers,
  only,
  revoke,
  send,
});
