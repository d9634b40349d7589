import { genuineError } from '../wrappers/errors.ts';
import { SourceError } from './source-problem.ts';

/** Runs what reads or compiles a source, and throws its mistakes as `BadSource`, which its author may see. */
export function mistakesTold<T>(body: () => T): T {
  try {
    return body();
  } catch (thrown) {
    if (thrown instanceof SourceError) throw genuineError('BadSource', thrown.message);
    throw thrown;
  }
}
