import { metaKey } from '../storage/keys.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Commits } from './commits.ts';
import type { Shares } from './shares.ts';

/** What one share has done; as stored. */
interface Penalty {
  readonly account: ObjectId;
  /** How often something that it pays for was set aside because it had killed the process. */
  readonly times: number;
  /** The last time, in milliseconds since the epoch. */
  readonly when: number;
}

/** Milliseconds for which nothing that a bank pays for may run after the first time; each further time doubles it. */
const FIRST = 15_000;
const LONGEST = 60 * 60_000;
/** Milliseconds after which it is forgotten. */
const FORGOTTEN = 24 * 60 * 60_000;
/** Penalties that are kept; the oldest is forgotten first. */
const MOST_KEPT = 1_000;

export interface PenaltiesOptions {
  readonly commits: Commits;
  readonly shares: Shares;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** As the meter's. */
  readonly stopwatch: () => number;
}

/**
 * Those whose objects have killed the process: each object that does is set aside, but whoever pays can make another.
 * So all that he pays for waits, longer each time; stored, because shares are forgotten when the process dies.
 */
export class Penalties {
  readonly #options: PenaltiesOptions;
  #all: readonly Penalty[] = [];

  constructor(options: PenaltiesOptions) {
    this.#options = options;
  }

  /** When the world is opened: who has to wait goes on waiting. */
  restore(): void {
    const text = this.#options.commits.get(metaKey('penalties'));
    if (text === undefined) return;
    const now = this.#options.clock();
    const stored = JSON.parse(text) as Penalty[];
    // A clock that was set back must not make anybody wait for longer than his time.
    this.#all = stored
      .map((each) => ({ ...each, when: Math.min(each.when, now) }))
      .filter(({ when }) => now - when < FORGOTTEN);
    if (stored.some(({ when }) => when > now)) this.#store();
    for (const penalty of this.#all) this.#impose(penalty, now);
  }

  /** The code of something that `bank` pays for has killed the process. */
  add(bank: ObjectId | null): void {
    const { shares, clock } = this.#options;
    const account = shares.accountOf(bank);
    if (account === null) return;
    const before = this.#all.find((each) => each.account === account);
    const penalty: Penalty = { account, times: (before?.times ?? 0) + 1, when: clock() };
    this.#all = [...this.#all.filter((each) => each !== before), penalty].slice(-MOST_KEPT);
    this.#store();
    this.#impose(penalty, penalty.when);
  }

  #store(): void {
    this.#options.commits.put(metaKey('penalties'), JSON.stringify(this.#all));
  }

  #impose({ account, times, when }: Penalty, now: number): void {
    const { shares, stopwatch } = this.#options;
    const left = when + Math.min(LONGEST, FIRST * 2 ** (times - 1)) - now;
    if (left > 0) shares.block(account, left, stopwatch());
  }
}
