/** What the process that makes the load can be told, one order at a time; each is answered before the next. */
export type Order =
  | { readonly t: 'connect'; readonly port: number; readonly players: number }
  /** Each player goes through its own steps, all at the same time. */
  | { readonly t: 'prepare'; readonly steps: readonly (readonly Step[])[] }
  | ({ readonly t: 'closed' } & Phase)
  /** `rate`: commands per second, all players together; sent in time whether or not answers come. */
  | ({ readonly t: 'open'; readonly rate: number; readonly players: number } & Phase)
  /** The first player says something, again and again, when all the others have heard the last. */
  | ({ readonly t: 'hall'; readonly says: string; readonly hears: string } & Pick<
      Phase,
      'warmUpSeconds' | 'seconds'
    >)
  | { readonly t: 'disconnect' };

/** Sends a line, and waits for a frame that holds a text. */
export interface Step {
  readonly send: string;
  readonly await: string;
}

export interface Phase {
  /** What each command is; several: a player sends one after the other, and begins again. */
  readonly line: string | readonly string[];
  /** A text that the answer to each holds, once, and nothing else that a player is sent. */
  readonly answer: string;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

/** What a phase found, without its warming up. Times are in milliseconds. */
export interface Load {
  readonly seconds: number;
  readonly commands: number;
  readonly perSecond: number;
  /** Lines of text received, answers included. */
  readonly lines: number;
  readonly linesPerSecond: number;
  readonly median: number;
  readonly p99: number;
  readonly longest: number;
  /** Commands that had no answer when the phase was over. */
  readonly unanswered: number;
  /** Share of one processor that the load process itself took: near 1 it is what limits the figures. */
  readonly ownShare: number;
}

export type Answer =
  { readonly ok: true; readonly load?: Load } | { readonly ok: false; readonly message: string };
