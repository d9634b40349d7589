import type { KeysteadError } from '../wrappers/errors.ts';

/** Longest run of jobs before the event loop gets its chance again, in milliseconds. */
export const SLICE = 8;

/** Jobs in one run at most, whatever the clock says: it may be set back. */
const MOST_IN_A_RUN = 512;

/** One turn, and what becomes of it. */
export interface Job {
  readonly run: () => void;
  /** It was stopped while code in the world was running, and has been taken back. */
  readonly stopped: (error: KeysteadError) => void;
}

/** What people wait for, and what the world does by itself. Neither can hold up the other: they take turns. */
type Lane = 'asked' | 'sent';

export interface QueueOptions {
  /** Milliseconds. */
  readonly clock: () => number;
  /** Runs something soon, after what else waits in the event loop. */
  readonly soon: (job: () => void) => void;
  /** Runs `body`, and stops it if it takes too long. False: it was stopped, wherever it was. */
  readonly guard: (body: () => void) => boolean;
  /** Whether what was stopped last had waited for the processor most of its time. */
  readonly starved: () => boolean;
  /** Nothing may be done now, as when as much has gathered as one commit may hold: no job runs until `wake` after that. */
  readonly isHeld: () => boolean;
  /**
   * The running job was stopped; gives what it is to be told, or null to have it run once more. `starved`: the processor was
   * not ours for most of the time, so that it was not the job's fault. `again`: it has been run once more already.
   */
  readonly onStopped: (starved: boolean, again: boolean) => KeysteadError | null;
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

  /** Puts a job before all others. */
  putBack(job: Job): void {
    this.#jobs = [job, ...this.#jobs.slice(this.#at)];
    this.#at = 0;
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
  #running: { readonly job: Job; readonly lane: Lane } | null = null;
  /** A job that is run again after it was stopped. */
  #again: Job | null = null;
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
    for (let left = this.size; left > 0 && this.size > 0 && !this.#options.isHeld();) left -= this.#run(left);
    this.#options.afterRun();
  }

  /** What waits is dropped. */
  stop(): void {
    this.#stopped = true;
    this.#lanes.asked.clear();
    this.#lanes.sent.clear();
  }

  #runSlice(): void {
    this.#run(MOST_IN_A_RUN);
    this.#options.afterRun();
    if (this.size > 0 && !this.#options.isHeld()) this.wake();
  }

  /**
   * Runs jobs under one guard, and gives how many it began. The clock is looked at after each: a job may take nearly as
   * long as the guard allows, and what the others before it took must not be laid at its door.
   */
  #run(most: number): number {
    const { clock, isHeld } = this.#options;
    const since = clock();
    let begun = 0;
    this.#guarded(() => {
      while (begun < most && this.size > 0 && !isHeld()) {
        begun += 1;
        this.#runOne();
        const now = clock();
        if (now >= since + SLICE || now < since) break; // or somebody has put the clock back
      }
    });
    return begun;
  }

  #runOne(): void {
    const other: Lane = this.#next === 'asked' ? 'sent' : 'asked';
    const lane = this.#lanes[this.#next].size > 0 ? this.#next : other;
    const job = this.#lanes[lane].take();
    if (job === undefined) return;
    this.#next = other;
    this.#running = { job, lane };
    job.run();
    this.#running = null;
  }

  #guarded(body: () => void): void {
    const { guard, starved, onStopped } = this.#options;
    if (guard(body)) return;
    const stopped = this.#running;
    if (stopped === null) return; // between two jobs, where nothing is half done
    this.#running = null;
    const error = onStopped(starved(), stopped.job === this.#again);
    this.#again = null;
    if (error !== null) {
      stopped.job.stopped(error);
      return;
    }
    this.#again = stopped.job;
    this.#lanes[stopped.lane].putBack(stopped.job);
    this.#next = stopped.lane;
  }
}
