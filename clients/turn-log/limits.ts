/** What the log of turns may cost, in memory, on disk and in time; each with its unit and its reason. */
export const TURN_LOG_LIMITS = {
  lineCharacters: {
    unit: 'characters',
    value: 1_000,
    why: 'a typed line, or entry of a REPL, that is longer is cut: a log of essays says less about turns',
  },
  textCharacters: {
    unit: 'characters',
    value: 300,
    why: 'the same for what was said',
  },
  textsPerTurn: {
    unit: 'texts',
    value: 50,
    why: 'a turn may put out ten thousand; the log then says how many more there were',
  },
  namesPerList: {
    unit: 'objects',
    value: 200,
    why: 'the same for the objects that a turn changed, made, destroyed, sent to or spoke to',
  },
  flushMilliseconds: {
    unit: 'milliseconds',
    value: 50,
    why: 'how long lines gather before they are written; a crash loses them from the log, not from the world',
  },
  flushCharacters: {
    unit: 'characters',
    value: 262_144,
    why: 'more than this is written at once',
  },
  waitingCharacters: {
    unit: 'characters',
    value: 16_777_216,
    why: 'a disk that does not keep up must not fill the memory: lines beyond this are dropped, and counted',
  },
  filesKept: {
    unit: 'files',
    value: 24,
    why: 'the log is pruned by whole files: each has this part of its size and of its hours',
  },
} as const satisfies Readonly<
  Record<string, { readonly unit: string; readonly value: number; readonly why: string }>
>;
