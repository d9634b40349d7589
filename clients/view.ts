import { reasonOf, StoreError } from '../storage/errors.ts';
import { openStoppedView, type Waiting } from '../storage/stopped-view.ts';
import type { Range } from '../storage/store.ts';
import type { View } from '../storage/view.ts';
import { whileItComesBack } from './coming-back.ts';
import type { Lines } from './control-lines.ts';
import { converse } from './control.ts';
import { codeOf, PortalError } from './errors.ts';
import type { ServedPage } from './served-view.ts';

/** A view, and whether a process runs the world that it shows. */
export interface OpenedView extends View {
  readonly running: boolean;
}

/** What the world answers to one question; `ok` is there when it gave up instead. */
interface Answer extends Partial<ServedPage> {
  readonly value?: string;
  readonly damaged?: string;
  readonly seq?: number;
  readonly ok?: boolean;
  readonly text?: string;
}

class RunningView implements OpenedView {
  readonly running = true;
  readonly seq: number;
  readonly #lines: Lines;
  /** One question at a time, each answered before the next is put. */
  #before: Promise<unknown> = Promise.resolve();
  #ranges = 0;
  #closed = false;

  private constructor(lines: Lines, seq: number) {
    this.#lines = lines;
    this.seq = seq;
  }

  static async open(lines: Lines): Promise<RunningView> {
    try {
      const { seq } = await heard(lines);
      if (typeof seq !== 'number') throw lost('what answers is no world of this version');
      return new RunningView(lines, seq);
    } catch (error) {
      lines.end();
      throw error;
    }
  }

  async get(key: string): Promise<string | undefined> {
    const { value, damaged } = await this.#ask({ get: key });
    if (damaged !== undefined) throw new StoreError('Damaged', damaged);
    return value;
  }

  async *range({ onDamaged, ...range }: Range): AsyncGenerator<readonly [string, string]> {
    this.#ranges += 1;
    const number = this.#ranges;
    let page = await this.#ask({ range: number, ...range });
    try {
      for (;;) {
        for (const [key, value, reason] of page.items ?? []) {
          if (value !== null) {
            yield [key, value];
            continue;
          }
          const error = new StoreError('Damaged', reason ?? 'damaged');
          if (onDamaged === undefined) throw error;
          onDamaged(key, error);
        }
        if (page.end === true) return;
        page = await this.#ask({ more: number });
      }
    } finally {
      // Whoever stops early, or because the world is gone, has the range dropped with the view at the latest.
      if (page.end !== true && !this.#closed) await this.#ask({ drop: number }).catch(() => {});
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    await this.#before;
    this.#closed = true;
    this.#lines.end();
  }

  #ask(question: object): Promise<Answer> {
    if (this.#closed) return Promise.reject(new StoreError('Closed', 'the view is closed'));
    const answer = this.#before.then(async () => {
      await this.#lines.write(JSON.stringify(question)).catch((error: unknown) => {
        throw lost(reasonOf(error));
      });
      return heard(this.#lines);
    });
    this.#before = answer.catch(() => {});
    return answer;
  }
}

/** The next answer. Throws `ViewLost` when none comes, and `RequestFailed` when the world could not do it. */
async function heard(lines: Lines): Promise<Answer> {
  let line: string | undefined;
  try {
    line = await lines.next();
  } catch (error) {
    throw lost(reasonOf(error));
  }
  if (line === undefined) throw lost('the world has closed');
  const answer = JSON.parse(line) as Answer;
  if (answer.ok === false) throw new PortalError('RequestFailed', answer.text ?? 'the world failed');
  return answer;
}

function lost(why: string): PortalError {
  return new PortalError(
    'ViewLost',
    `The world ended before everything in it had been read (${why}). Try again.`,
  );
}

async function runningView(
  data: string,
  workingFolder: string,
  signal: AbortSignal | undefined,
): Promise<OpenedView | undefined> {
  let lines: Lines;
  try {
    const begin = (): Promise<Lines> => converse(data, workingFolder, { t: 'view' }, signal);
    lines = await whileItComesBack(data, workingFolder, begin, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (codeOf(error) !== 'NoWorld') throw error;
    return undefined;
  }
  return RunningView.open(lines);
}

/**
 * Looks into the world of a data folder, whether a process runs it or not: a running one answers through its socket from
 * a snapshot, a stopped one is opened, and cannot start until the view is closed.
 *
 * Throws what `openStoppedView` throws for a folder that no world answers for (`Missing`, `InUse` and the others), and
 * `RequestFailed` when the running world cannot. Reading rejects with `ViewLost` when the running world has ended. When
 * the signal aborts, no world is waited for any more: what reads a running one rejects, also where it would not answer.
 */
export async function openView(
  data: string,
  workingFolder: string,
  waiting: Waiting = {},
): Promise<OpenedView> {
  const running = await runningView(data, workingFolder, waiting.signal);
  if (running !== undefined) return running;
  const stopped = await openStoppedView(data, waiting);
  return {
    running: false,
    seq: stopped.seq,
    get: (key) => stopped.get(key),
    range: (range) => stopped.range(range),
    close: () => stopped.close(),
  };
}
