import type { Player } from '../player.ts';

/** One command: what it does for who types it, and the line in `help`. */
export interface Command {
  /** How it is typed, like `put THING in BOX`. */
  readonly usage: string;
  readonly does: string;
  /** Runs as a part of the player; throws Sorry to say why nothing came of it. */
  readonly run: (me: Player, rest: string) => void;
}

/** Commands by their full names. */
export type Commands = Readonly<Record<string, Command>>;
