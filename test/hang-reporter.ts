/**
 * Ends a jest run that would hang for ever: a test file that blocks its thread (no timer of that
 * thread can fire, so the limit in setup.ts cannot), or a run that is over and does not exit.
 */

import type { AggregatedResult, Reporter, Test } from '@jest/reporters';

interface Limits {
  /** ms for one test file */
  readonly file: number;
  /** ms from the summary to the end of the process */
  readonly exit: number;
}

export default class HangReporter implements Pick<
  Reporter,
  'onTestFileStart' | 'onTestFileResult' | 'onRunComplete'
> {
  readonly #running = new Map<string, NodeJS.Timeout>();
  /** The start of a short file may be told of after its end: the two come by different ways. */
  readonly #done = new Set<string>();
  readonly #limits: Limits;

  constructor(_config: unknown, limits: Limits) {
    this.#limits = limits;
  }

  onTestFileStart({ path }: Test): void {
    if (this.#done.has(path)) return;
    const { file } = this.#limits;
    this.#running.set(
      path,
      setTimeout(() => give(`${path} is not done after ${file} ms`), file),
    );
  }

  onTestFileResult({ path }: Test): void {
    clearTimeout(this.#running.get(path));
    this.#running.delete(path);
    this.#done.add(path);
  }

  /**
   * What a file leaves open has failed that file already (setup.ts); what may be left here is a thread that Node does
   * not get to end, now and then. The run is over then, and its result stands; jest writes it down after this was called.
   */
  onRunComplete(_contexts: unknown, result: AggregatedResult): void {
    const open = () => process.getActiveResourcesInfo().join(', ');
    setTimeout(() => {
      process.stderr.write(`\nthe run is over, but it is kept alive by ${open()}\n`);
      process.exit(result.success ? 0 : 1);
    }, this.#limits.exit).unref();
  }
}

function give(reason: string): never {
  process.stderr.write(`\nhang: ${reason}\n`);
  process.exit(1);
}
