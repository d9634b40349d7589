import type { Logger } from 'pino';

/** What the portal may use of the outside, handed down by the composition root. */
export interface Powers {
  /** Milliseconds that only ever grow. */
  readonly now: () => number;
  /** 128 fresh random bits in base64url. */
  readonly randomName: () => string;
  /** Calls `what` once after `ms`; what is returned cancels it. */
  readonly after: (ms: number, what: () => void) => () => void;
  /** Where events go. Never a line that a player typed, never a password or a key. */
  readonly log: Logger;
}
