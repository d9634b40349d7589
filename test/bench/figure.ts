/** Where a figure should be. `share`: of the raw limit; otherwise the figure itself. */
export interface Target {
  readonly of: 'measured' | 'share';
  readonly wanted: 'at least' | 'at most';
  readonly first: number;
  readonly next: number;
}

/** One row of the table. */
export interface Figure {
  readonly row: RowName;
  readonly what: string;
  readonly unit: string;
  readonly measured: number;
  /** What this machine could do at best, from the same run. */
  readonly raw: number;
  readonly rawWhat: string;
  readonly ratio: number;
  /** Null: nobody has said where it should be. */
  readonly target: Target | null;
  readonly reached: 'next' | 'first' | 'neither' | null;
  /** What else is worth knowing. */
  readonly notes: readonly string[];
}

/** The rows by the names that choose them. Those with a target are the table in DESIGN. */
export const ROWS = {
  commands: {
    what: 'durable commands per second, 200 players alone, each waiting for its answer',
    unit: '/s',
    target: { of: 'share', wanted: 'at least', first: 0.25, next: 0.5 },
  },
  rooms: {
    what: 'the same in rooms of 10 listeners',
    unit: '/s',
    target: { of: 'measured', wanted: 'at least', first: 15_000, next: 40_000 },
  },
  p99: {
    what: '99th percentile of the answer at half that load, alone',
    unit: 'ms',
    target: { of: 'measured', wanted: 'at most', first: 15, next: 5 },
  },
  'p99-rooms': {
    what: 'the same in rooms of 10 listeners',
    unit: 'ms',
    target: { of: 'measured', wanted: 'at most', first: 15, next: 5 },
  },
  call: {
    what: 'guarded capability call with a string, over a direct call',
    unit: 'ns',
    target: { of: 'measured', wanted: 'at most', first: 400, next: 100 },
  },
  restart: {
    what: 'restart of the big world until the first answer',
    unit: 'ms',
    target: { of: 'measured', wanted: 'at most', first: 1000, next: 500 },
  },
  'restart-growth': {
    what: 'the same, beside a world of 1,000 objects',
    unit: 'ms',
    target: { of: 'share', wanted: 'at most', first: 1.2, next: 1.2 },
  },
  memory: {
    what: 'memory of the big world with 1,000 objects in use, both processes',
    unit: 'MB',
    target: { of: 'measured', wanted: 'at most', first: 250, next: 180 },
  },
  checkpoint: {
    what: 'longest pause that a player sees during a checkpoint of it',
    unit: 'ms',
    target: { of: 'measured', wanted: 'at most', first: 20, next: 8 },
  },
  kill: {
    what: 'from kill -9 of the world process to the next answer, sockets open',
    unit: 'ms',
    target: { of: 'measured', wanted: 'at most', first: 1000, next: 300 },
  },
  crowd: {
    what: '2,000 players connected, 200 of them act each second: 99th percentile of the answer',
    unit: 'ms',
    target: null,
  },
  hall: {
    what: 'a line said in a room with 1,000 listeners, until the last one hears it',
    unit: 'ms',
    target: null,
  },
  hoard: {
    what: 'a thing taken out of a container with 100,000, or put into it',
    unit: 'ms',
    target: null,
  },
  saved: {
    what: 'a turn of an object whose class is written in the world',
    unit: 'µs',
    target: null,
  },
  'saved-commands': {
    what: 'commands per second to things of such a class, 200 players',
    unit: '/s',
    target: null,
  },
  watchdog: {
    what: 'such a turn with the watchdog, among many',
    unit: 'µs',
    target: null,
  },
  'watchdog-alone': {
    what: 'a command that comes alone, with the watchdog, until it is durable',
    unit: 'µs',
    target: null,
  },
  note: {
    what: 'such a turn with the note of what is running',
    unit: 'µs',
    target: null,
  },
  meter: {
    what: 'such a turn with the time that it takes measured',
    unit: 'µs',
    target: null,
  },
  save: {
    what: 'saving a new version of a class',
    unit: 'ms',
    target: null,
  },
  'first-use': {
    what: 'first call to an object after a restart, its class written in the world',
    unit: 'ms',
    target: null,
  },
} as const satisfies Readonly<Record<string, { what: string; unit: string; target: Target | null }>>;

export type RowName = keyof typeof ROWS;

/** Puts a measurement into its row. */
export function figure(
  row: RowName,
  found: {
    readonly measured: number;
    readonly raw: number;
    readonly rawWhat: string;
    readonly notes?: readonly string[];
  },
): Figure {
  const { what, unit, target } = ROWS[row];
  const { measured, raw, rawWhat, notes = [] } = found;
  const ratio = measured / raw;
  const reached = target === null ? null : reachedOf(target, measured, ratio);
  return { row, what, unit, measured, raw, rawWhat, ratio, target, reached, notes };
}

function reachedOf(target: Target, measured: number, ratio: number): 'next' | 'first' | 'neither' {
  const judged = target.of === 'share' ? ratio : measured;
  const meets = (wanted: number) => (target.wanted === 'at least' ? judged >= wanted : judged <= wanted);
  return meets(target.next) ? 'next' : meets(target.first) ? 'first' : 'neither';
}
