/**
 * The world process, which kills itself at a write: `KILL_AT=before:3` as the third one begins, `after:3` as soon as it
 * is on disk, before anybody hears of it. SIGKILL is not a thing that a process can put off: nothing runs after it.
 */
import { ClassicLevel } from 'classic-level';

interface Batch {
  write(options: object): Promise<void>;
}

const [moment, number] = (process.env['KILL_AT'] ?? '').split(':');
const proto = ClassicLevel.prototype as unknown as { batch: (...args: unknown[]) => unknown };
const { batch } = proto;
let writes = 0;

proto.batch = function counted(this: unknown, ...args: unknown[]): unknown {
  const made = batch.apply(this, args);
  if (args.length > 0) return made; // a promise: the store writes by chained batches only
  const chained = made as Batch;
  const write = chained.write.bind(chained);
  chained.write = async (options) => {
    writes += 1;
    const now = writes === Number(number);
    if (now && moment === 'before') process.kill(process.pid, 'SIGKILL');
    await write(options);
    if (now && moment === 'after') process.kill(process.pid, 'SIGKILL');
  };
  return chained;
};

await import('../../clients/world-process.ts');
