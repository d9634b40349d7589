import type { Logger } from 'pino';

/** What the portal may use of the outside, handed down by the composition root. */
export interface Powers {
  /** Milliseconds that only ever grow. */
  readonly now: () => number;
  /** 128 fresh random bits in base64url. */
  readonly randomName: () => string;
  /** Calls `what` once after `ms`; what is returned cancels it. */
  readonly after: (ms: number, what: () => void) => () => void;
  /** Milliseconds of processor time that a process has used for its main thread; null where that cannot be told. */
  readonly processorTime: (pid: number) => number | null;
  /** Whether the main thread of a process waits for a disk; false where that cannot be told. */
  readonly waitsForDisk: (pid: number) => boolean;
  /** Whether it runs, or would if it were given a processor; false where that cannot be told. */
  readonly wouldRun: (pid: number) => boolean;
  /** Where events go. Never a line that a player typed, never a password or a key. */
  readonly log: Logger;
}
