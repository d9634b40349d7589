import type { Wanted } from '../../world/generated/layout.ts';

/** What the process that makes a world is told on its command line, as one JSON argument. */
export interface Making extends Wanted {
  readonly seed: number;
  /** The folder that it makes; nothing may be there. */
  readonly folder: string;
}

/** A line of what it prints, as JSON. */
export type MakingReport =
  | { readonly t: 'made'; readonly objects: number }
  | { readonly t: 'done'; readonly rooms: number; readonly players: number; readonly seconds: number }
  | { readonly t: 'refused'; readonly why: string };
