import { PortalError } from './errors.ts';

/** A second folder that checkpoints are put into. */
export interface BackupOptions {
  readonly folder: string;
  /** How many are kept there. */
  readonly keep: number;
}

/** What the world process is told on its command line, as one JSON argument (`process.argv[2]`). */
export interface WorldOptions {
  /** The world's folder. */
  readonly data: string;
  /** Seconds between checkpoints; 0: none but those asked for. */
  readonly checkpointEvery: number;
  /** How many checkpoints are kept. */
  readonly checkpointsKept: number;
  /** Seconds between collections of garbage; 0: none but those asked for. */
  readonly collectEvery: number;
  /** Seconds that garbage stays after it was found. */
  readonly garbageGrace: number;
  /** How many objects are kept in memory at most (about); undefined: the engine's default. */
  readonly resident?: number;
  /** Test mode: drop every instance from memory after every turn. */
  readonly evictAlways: boolean;
  /** Hours that the log of turns is kept; 0: none is written. Undefined: `LOG_KEPT`. */
  readonly logKept?: number;
  /** Megabytes that it may have; 0: none is written. Undefined: `LOG_SIZE`. */
  readonly logSize?: number;
  /** Milliseconds from which a turn is told of as slow. Undefined: `SLOW_TURN`. */
  readonly slowTurn?: number;
  readonly backup?: BackupOptions;
  /** The process before this one crashed, or hung and was killed for it; nobody else killed it. */
  readonly lastOwnDoing?: boolean;
  /** There was a world when the portal began: where there is none any more, none is to be made. */
  readonly again?: boolean;
  /** The disk did not give the process before this one a part of the database: all tables are read before they are opened. */
  readonly readTables?: boolean;
}

/** Hours. A day: who comes back tomorrow can still see what went wrong. */
export const LOG_KEPT = 24;
/** Megabytes. About a million commands. */
export const LOG_SIZE = 256;
/** Milliseconds. A turn that takes longer holds up everybody noticeably; it is stopped at 300. */
export const SLOW_TURN = 50;

/** Reads what the portal passed. Throws `BadOptions`. */
export function parseWorldOptions(alleged: string | undefined): WorldOptions {
  let value: unknown;
  try {
    value = JSON.parse(alleged ?? '');
  } catch {
    throw bad('no JSON');
  }
  if (typeof value !== 'object' || value === null) throw bad('no record');
  const {
    data,
    checkpointEvery,
    checkpointsKept,
    collectEvery,
    garbageGrace,
    resident,
    evictAlways,
    backup,
    lastOwnDoing,
  } = value as Record<string, unknown>;
  const { logKept, logSize, slowTurn, again, readTables } = value as Record<string, unknown>;
  if (typeof data !== 'string' || data === '') throw bad('data');
  if (!isCount(checkpointEvery)) throw bad('checkpointEvery');
  if (!isCount(checkpointsKept)) throw bad('checkpointsKept');
  if (!isCount(collectEvery)) throw bad('collectEvery');
  if (!isCount(garbageGrace)) throw bad('garbageGrace');
  if (resident !== undefined && !isCount(resident)) throw bad('resident');
  if (logKept !== undefined && !isCount(logKept)) throw bad('logKept');
  if (logSize !== undefined && !isCount(logSize)) throw bad('logSize');
  if (slowTurn !== undefined && !isCount(slowTurn)) throw bad('slowTurn');
  if (typeof evictAlways !== 'boolean') throw bad('evictAlways');
  if (lastOwnDoing !== undefined && typeof lastOwnDoing !== 'boolean') throw bad('lastOwnDoing');
  if (again !== undefined && typeof again !== 'boolean') throw bad('again');
  if (readTables !== undefined && typeof readTables !== 'boolean') throw bad('readTables');
  const options = {
    data,
    checkpointEvery,
    checkpointsKept,
    collectEvery,
    garbageGrace,
    evictAlways,
    ...(resident === undefined ? {} : { resident }),
    ...(logKept === undefined ? {} : { logKept }),
    ...(logSize === undefined ? {} : { logSize }),
    ...(slowTurn === undefined ? {} : { slowTurn }),
    ...(lastOwnDoing === undefined ? {} : { lastOwnDoing }),
    ...(again === undefined ? {} : { again }),
    ...(readTables === undefined ? {} : { readTables }),
  };
  if (backup === undefined) return options;
  const { folder, keep } = (backup ?? {}) as Record<string, unknown>;
  if (typeof folder !== 'string' || !isCount(keep)) throw bad('backup');
  return { ...options, backup: { folder, keep } };
}

function isCount(alleged: unknown): alleged is number {
  return Number.isSafeInteger(alleged) && (alleged as number) >= 0;
}

function bad(what: string): PortalError {
  return new PortalError(
    'BadOptions',
    `the world process is started by 'keystead start', not by hand (${what})`,
  );
}
