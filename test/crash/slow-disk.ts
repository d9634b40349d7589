/**
 * The world process on a disk that takes its time: every write begins some milliseconds late. On a fast disk hardly any
 * signal arrives between a turn and its sync; here most do.
 */
import { ClassicLevel } from 'classic-level';

const LATE = 8; // ms: an ordinary disk's sync

interface Batch {
  write(options: object): Promise<void>;
}
const proto = ClassicLevel.prototype as unknown as { batch: (...args: unknown[]) => unknown };
const { batch } = proto;

proto.batch = function late(this: unknown, ...args: unknown[]): unknown {
  const made = batch.apply(this, args);
  if (args.length > 0) return made; // a promise: the store writes by chained batches only
  const chained = made as Batch;
  const write = chained.write.bind(chained);
  chained.write = async (options) => {
    await new Promise((resolve) => setTimeout(resolve, LATE));
    return write(options);
  };
  return chained;
};

await import('../../clients/world-process.ts');
