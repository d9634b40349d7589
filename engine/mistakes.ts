import { genuineError, isGenuine } from '../wrappers/errors.ts';
import { SourceError } from './source-problem.ts';

/**
 * Runs what reads, compiles or takes apart a source, and throws its mistakes as `BadSource`, which its author may see.
 * A TypeError is the membrane's about facets and guards; it quotes names only.
 */
export function mistakesTold<T>(body: () => T): T {
  try {
    return body();
  } catch (thrown) {
    if (isGenuine(thrown)) throw thrown;
    if (thrown instanceof SourceError || thrown instanceof TypeError)
      throw genuineError('BadSource', thrown.message);
    throw thrown;
  }
}
