import { refuse } from './errors.ts';
import type { WorldLimits } from './limits.ts';

/** What an attempt may use of each limit of the turn: whoever is called in it must leave something for what comes after it. */
export const PART_OF_ATTEMPT = 15 / 16;

/** What a turn may do at most. */
export class Allowance {
  readonly limits: WorldLimits;
  /** What may be used now of each limit: less in an attempt, and in one within that. */
  part = 1;
  readonly #unlimited: boolean;

  constructor(limits: WorldLimits, unlimited: boolean) {
    this.limits = limits;
    this.#unlimited = unlimited;
  }

  /** Raises `TooMany` if there are as many already as the turn may do now. */
  bound(already: number, limit: number, verb: string, what: string): void {
    const most = this.part === 1 ? limit : Math.ceil(limit * this.part);
    if (already < most || this.#unlimited) return;
    refuse('TooMany', `A turn may ${verb} at most ${most} ${what}${most < limit ? ' in this attempt' : ''}.`);
  }
}
