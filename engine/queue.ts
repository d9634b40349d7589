/** Longest run of jobs before the event loop gets its chance again, in milliseconds. */
const SLICE = 8;

/** Jobs in one run at most, whatever the clock says: it may be set back. */
const MOST_IN_A_RUN = 512;

/** Jobs between two looks at the clock: a look costs about as much as a small turn. */
const LOOK_EVERY = 8;

export interface QueueOptions {
  /** Milliseconds. */
  readonly clock: () => number;
  /** Runs something soon, after what else waits in the event loop. */
  readonly soon: (job: () => void) => void;
  /** After each run of jobs. */
  readonly afterRun: () => void;
}

/** The jobs of a world, one after the other in the order in which they came; each is one turn. */
export class Queue {
  readonly #options: QueueOptions;
  #jobs: (() => void)[] = [];
  #scheduled = false;
  #stopped = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#jobs.length;
  }

  add(job: () => void): void {
    this.#jobs.push(job);
    this.wake();
  }

  /** Sees to it that `afterRun` is called soon, also without a job. */
  wake(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    this.#options.soon(() => {
      this.#scheduled = false;
      if (!this.#stopped) this.#run();
    });
  }

  /** Runs the jobs that wait now. Those that they add are left: a world in which two objects keep sending has no last one. */
  drain(): void {
    const jobs = this.#jobs;
    this.#jobs = [];
    for (const job of jobs) job();
    this.#options.afterRun();
  }

  /** What waits is dropped. */
  stop(): void {
    this.#stopped = true;
    this.#jobs = [];
  }

  #run(): void {
    const { clock, afterRun } = this.#options;
    const until = clock() + SLICE;
    const jobs = this.#jobs;
    let done = 0;
    while (done < jobs.length && done < MOST_IN_A_RUN) {
      jobs[done]?.();
      done += 1;
      if (done % LOOK_EVERY === 0 && clock() >= until) break;
    }
    if (this.#jobs === jobs) this.#jobs = done === jobs.length ? [] : jobs.slice(done);
    afterRun();
    if (this.#jobs.length > 0) this.wake();
  }
}
