/** Milliseconds that a world has run before it does what was due before it began, or what it has never done. */
const SOON = 60_000;

interface Rhythm {
  /** Milliseconds. */
  readonly every: number;
  /** When it was done last, in milliseconds since the epoch; null if never, or if that is not known. */
  readonly last: number | null;
  readonly clock: () => number;
  /** Runs a job after so many milliseconds; gives what cancels it. */
  readonly later: (milliseconds: number, job: () => void) => () => void;
}

/**
 * Does something every so many milliseconds until the function that it gives is called, and the first time when it is due by the
 * time of the last one: a world that is always started again before so much time has passed would else never have it done.
 */
export function regularly({ every, last, clock, later }: Rhythm, job: () => void): () => void {
  const again = (): void => {
    cancel = later(every, again);
    job();
  };
  const left = last === null ? 0 : last + every - clock();
  // A clock that was put back makes nobody wait longer.
  let cancel = later(Math.min(every, Math.max(SOON, left)), again);
  return () => {
    cancel();
  };
}
