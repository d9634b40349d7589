import { pino, type Logger } from 'pino';
import { LogLines } from './log-lines.ts';

/** What JSON leaves as it is and a terminal may obey: the rest of the control characters, and what turns the direction. */
const UNSAFE = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/**
 * The log of one process: JSON lines on standard error, each with `level` (a number, as pino has them), `time` (ISO 8601),
 * `pid`, `name` (`portal` or `world`) and `msg`; from `warn` on each has a `code` too, which is stable. A text from the world
 * may be in a line only escaped: whoever looks at a log must not have his terminal drawn on.
 */
export function makeLogger(
  name: 'portal' | 'world',
  level: string,
  process: Pick<NodeJS.Process, 'pid' | 'once'>,
): Logger {
  // Not pino's own: where the disk of the log is full, that ends the process, or never lets it end.
  const lines = new LogLines(2);
  process.once('exit', () => {
    lines.end();
  });
  return pino(
    { level, base: { pid: process.pid, name }, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write: (line) => {
        lines.add(line.replace(UNSAFE, escaped));
      },
    },
  );
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
