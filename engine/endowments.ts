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
  M,
  only,
  revoke,
  send,
});
