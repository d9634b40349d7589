/**
 * Longest wait that a timer of the host is set for, in milliseconds; then it is set again. Timers of the host know nothing of
 * a clock that is put forward: so late is a timer in the world at most when that happens.
 */
const LONGEST_WAIT = 10_000;

export interface AlarmOptions {
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly later: (milliseconds: number, job: () => void) => () => void;
  /** When the next thing is due, or undefined. */
  readonly nextDue: () => number | undefined;
  readonly ring: (now: number) => void;
}

/** One timer of the host for whatever is due next. */
export class Alarm {
  readonly #options: AlarmOptions;
  #set: { readonly due: number; readonly stop: () => void } | null = null;
  #stopped = false;

  constructor(options: AlarmOptions) {
    this.#options = options;
  }

  /** To be called when what is due next may have changed. */
  set(): void {
    const { clock, later, nextDue, ring } = this.#options;
    const due = nextDue();
    if (due === this.#set?.due) return;
    this.#set?.stop();
    this.#set = null;
    if (due === undefined || this.#stopped) return;
    const stop = later(Math.min(Math.max(0, due - clock()), LONGEST_WAIT), () => {
      this.#set = null;
      ring(clock());
      this.set();
    });
    this.#set = { due, stop };
  }

  stop(): void {
    this.#stopped = true;
    this.#set?.stop();
  }
}
