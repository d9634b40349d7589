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
  every,
  facet,
  fail,
  hangUp,
  isLive,
  M,
  offRestart,
  only,
  onRestart,
  publish,
  revoke,
  send,
  takesKinds,
  unwatch,
  watch,
} from './authoring.ts';
import { createFor, type Creator } from './build.ts';

/** `create`, as the code of one class finds it. */
export function createOf(by: Creator): unknown {
  const own = (bank: object, what: unknown, ...args: readonly unknown[]): object =>
    createFor(by, bank, what, args);
  return harden(Object.defineProperty(own, 'name', { value: 'create' }));
}

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
  every,
  facet,
  fail,
  hangUp,
  isLive,
  M: matchers,
  offRestart,
  only,
  onRestart,
  publish,
  revoke,
  send,
  takesKinds,
  unwatch,
  watch,
});
