/** Why a command came to nothing: what a client may rely on, whatever the words. */
export const SORRY_CODES = {
  Ambiguous: 'A name in the command fits several things.',
  NotFound: 'A name in the command fits nothing in reach.',
  NotUnderstood: 'The line is no command, and no verb of anything in reach.',
  Refused: 'It cannot be done as things are; the line that goes with it says why.',
} as const;

export type SorryCode = keyof typeof SORRY_CODES;

/**
 * A command that comes to nothing, and what its player is told. Thrown and caught within one player's turn on himself;
 * it never crosses a wrapper, so it undoes nothing.
 */
export class Sorry extends Error {
  readonly code: SorryCode;

  constructor(message: string, code: SorryCode = 'Refused') {
    super(message);
    this.code = code;
  }
}
