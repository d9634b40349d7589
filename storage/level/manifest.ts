import { readLog } from './log.ts';
import { varint } from './varint.ts';

/*
 * The MANIFEST of a LevelDB database: a log of edits. A record has edits one behind the other, each a number that says
 * what it is and then numbers, and texts with their lengths before them.
 */

/** What each edit has behind its number: `n` a number, `t` a text. */
const EDITS: ReadonlyMap<number, string> = new Map([
  [1, 't'], // how keys are compared
  [2, 'n'], // the first log that is not in the tables
  [3, 'n'], // the next number of a file
  [4, 'n'], // the last change that is in the tables
  [5, 'nt'], // level and key where compaction goes on
  [6, 'nn'], // level and number of a table that has gone
  [7, 'nnntt'], // level, number and size of a new table, its first and last key
  [9, 'n'], // an older log
]);

/** What at least one edit has to say: LevelDB opens no database without. */
const NEEDED: readonly number[] = [2, 3, 4];

/** What the edits come to. */
export interface Manifest {
  /** The size of each table, by its number. */
  readonly tables: ReadonlyMap<number, number>;
  readonly firstLog: number;
  readonly lastChange: number;
  /** Bytes of it that say so: what is behind them is torn. */
  readonly whole: number;
}

/** Throws an ordinary Error that says why it is damaged. */
export function readManifest(bytes: Buffer): Manifest {
  const tables = new Map<number, number>();
  let firstLog = 0;
  let lastChange = 0;
  const said = new Set<number>();
  const { records, whole } = readLog(bytes);
  if (records.length === 0) throw new Error('it says nothing');
  for (const record of records) {
    for (let at = 0; at < record.length;) {
      const [edit, behind] = varint(record, at);
      at = behind;
      said.add(edit);
      const numbers: number[] = [];
      for (const each of EDITS.get(edit) ?? unknownEdit(edit)) {
        const [number, next] = varint(record, at);
        at = each === 't' ? next + number : next;
        if (each === 'n') numbers.push(number);
      }
      if (at > record.length) throw new Error('an edit ends too early');
      const [first = 0, second = 0, third = 0] = numbers;
      if (edit === 2) firstLog = first;
      else if (edit === 4) lastChange = first;
      else if (edit === 6) tables.delete(second);
      else if (edit === 7) tables.set(second, third);
    }
  }
  if (!NEEDED.every((edit) => said.has(edit))) throw new Error('it ends too early');
  return { tables, firstLog, lastChange, whole };
}

function unknownEdit(edit: number): never {
  throw new Error(`it has an edit of an unknown kind, ${edit}`);
}
