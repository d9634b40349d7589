import type { KeysteadError } from '../wrappers/errors.ts';

/** Longest run of jobs before the event loop gets its chance again, in milliseconds. */
export const SLICE = 8;

/** Jobs in one run at most, whatever the clock says: it may be set back. */
const MOST_IN_A_RUN = 512;

/** Jobs between two looks at the clock: a look costs about as much as a small turn. */
const LOOK_EVERY = 8;

/** One turn, and what becomes of it. */
export interface Job {
  readonly run: () => void;
  /** It was stopped while code in the world was running, and has been taken back. */
  readonly stopped: (error: KeysteadError) => void;
}

/** What people wait for, and what the world does by itself. Neither can hold up the other: they take turns. */
export type Lane = 'asked' | 'sent';

export interface QueueOptions {
  /** Milliseconds. */
  readonly clock: () => number;
  /** Runs something soon, after what else waits in the event loop. */
  readonly soon: (job: () => void) => void;
  /** Runs `body`, and stops it if it takes too long. False: it was stopped, wherever it was. */
  readonly guard: (body: () => void) => boolean;
  /** The running job was stopped; gives what it is to be told. */
  readonly onStopped: () => KeysteadError;
  /** After each run of jobs. */
  readonly afterRun: () => void;
}

/** The jobs of one lane, in the order in which they came. */
class Jobs {
  #jobs: Job[] = [];
  #at = 0;

  get size(): number {
    return this.#jobs.length - this.#at;
  }

  add(job: Job): void {
    this.#jobs.push(job);
  }

  take(): Job | undefined {
    const job = this.#jobs[this.#at];
    if (job === undefined) return undefined;
    this.#at += 1;
    if (this.#at === this.#jobs.length) {
      this.#jobs = [];
      this.#at = 0;
    } else if (this.#at > MOST_IN_A_RUN) {
      this.#jobs = this.#jobs.slice(this.#at);
      this.#at = 0;
    }
    return job;
  }

  clear(): void {
    this.#jobs = [];
    this.#at = 0;
  }
}

/**
 * The jobs of a world, one after the other; each is one turn. Those of a lane keep their order.
 *
 * One guard is set for a run of many jobs, because setting it costs as much as several turns. Whatever is stopped was
 * running for nearly all of its time: a run ends after `SLICE`.
 */
export class Queue {
  readonly #options: QueueOptions;
  readonly #lanes: Readonly<Record<Lane, Jobs>> = { asked: new Jobs(), sent: new Jobs() };
  #next: Lane = 'asked';
  #running: Job | null = null;
  #scheduled = false;
  #stopped = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#lanes.asked.size + this.#lanes.sent.size;
  }

  add(lane: Lane, job: Job): void {
    this.#lanes[lane].add(job);
    this.wake();
  }

  /** Sees to it that `afterRun` is called soon, also without a job. */
  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    this.#options.soon(() => {
      this.#scheduled = false;
      if (!this.#stopped) this.#runSlice();
    });
  }

  /** Runs the jobs that wait now. Those that they add are left: a world in which two objects keep sending has no last one. */
  drain(): void {
    for (let left = this.size; left > 0 && !this.#stopped;) {
      const before = left;
      this.#guarded(() => {
        while (left > 0 && before - left < LOOK_EVERY) {
          left -= 1;
          this.#runOne();
        }
      });
      if (left === before) left -= 1;
    }
    this.#options.afterRun();
  }

  /** What waits is dropped. */
  stop(): void {
    this.#stopped = true;
    this.#lanes.asked.clear();
    this.#lanes.sent.clear();
  }

  #runSlice(): void {
    const { clock, afterRun } = this.#options;
    const until = clock() + SLICE;
    let done = 0;
    this.#guarded(() => {
      while (done < MOST_IN_A_RUN && this.#runOne()) {
        done += 1;
        if (done % LOOK_EVERY === 0 && clock() >= until) break;
      }
    });
    afterRun();
    if (this.size > 0) this.wake();
  }

  /** False: there was none. */
  #runOne(): boolean {
    const other: Lane = this.#next === 'asked' ? 'sent' : 'asked';
    const job = this.#lanes[this.#next].take() ?? this.#lanes[other].take();
    if (job === undefined) return false;
    this.#next = other;
    this.#running = job;
    job.run();
    this.#running = null;
    return true;
  }

  #guarded(body: () => void): void {
    if (this.#options.guard(body)) return;
    const stopped = this.#running;
    this.#running = null;
    const error = this.#options.onStopped();
    stopped?.stopped(error);
  }
}
