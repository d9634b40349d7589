import type { ClassRoundsOptions } from './class-rounds.ts';
import type { RoundsOptions } from './rounds.ts';

/**
 * Runs that once broke a promise, each with a name that says which; the test runs them all. A seed decides what is
 * done and when the crash comes, counted in lines, but not how far the world has got by then.
 */
export const FAILED_SEEDS: readonly (RoundsOptions & { readonly name: string })[] = [];

/** The same for runs in which classes are changed. */
export const FAILED_CLASS_SEEDS: readonly (ClassRoundsOptions & { readonly name: string })[] = [];
