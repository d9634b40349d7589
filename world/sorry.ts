/**
 * A command that comes to nothing, and what its player is told. Thrown and caught within one player's turn on himself;
 * it never crosses a wrapper, so it undoes nothing.
 */
export class Sorry extends Error {}
