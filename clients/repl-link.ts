import { whileItComesBack } from './coming-back.ts';
import type { Lines } from './control-lines.ts';
import { WHOLE_OR_NOTHING, converse } from './control.ts';
import { PortalError } from './errors.ts';
import { asReplAnswer, type ReplAnswer, type ReplAsked } from './repl-protocol.ts';

/** The client's end of a conversation with a console of a running world. */
export class ReplLink {
  readonly #lines: Lines;
  /**
   * The line of the world's that answers what is asked next, which is always waited for: so its going away is known at once.
   * Lines come in the order of what was asked.
   */
  #next: Promise<string | undefined>;
  #gone = false;

  private constructor(lines: Lines) {
    this.#lines = lines;
    this.#next = this.#listen();
  }

  /**
   * Waits for one that is being started again. Throws `NoWorld` when there is none on that folder, and
   * `RequestFailed` when it has no console.
   */
  static async open(data: string, workingFolder: string): Promise<ReplLink> {
    const begin = (): Promise<Lines> => converse(data, workingFolder, { t: 'repl' });
    return new ReplLink(await whileItComesBack(data, workingFolder, begin));
  }

  /** Throws `NoWorld` if the world had gone before it was asked, and `NoAnswer` if it went meanwhile. */
  async ask(asked: ReplAsked): Promise<ReplAnswer> {
    const nothing = (): PortalError =>
      new PortalError(
        'NoWorld',
        'The world had gone away before this was sent: nothing of it has been done.',
      );
    if (this.#gone) throw nothing();
    const mine = this.#next;
    this.#next = mine.then(() => this.#listen());
    try {
      await this.#lines.write(JSON.stringify(asked));
    } catch {
      this.#gone = true; // what was written of it has no end of line, so the world cannot have read it
      throw nothing();
    }
    const line = await mine;
    if (line === undefined) {
      throw new PortalError('NoAnswer', `The world went away before it answered: ${WHOLE_OR_NOTHING}.`);
    }
    const answer = asReplAnswer(line);
    if (answer?.t === 'closing') {
      this.#gone = true;
      throw new PortalError('NoWorld', 'The world is closing: nothing of this has been done.');
    }
    if (answer !== undefined) return answer;
    throw new PortalError('RequestFailed', 'What answers on the control socket is no REPL of this version.');
  }

  /** Idempotent. */
  close(): void {
    this.#gone = true;
    this.#lines.end();
  }

  async #listen(): Promise<string | undefined> {
    const line = await this.#lines.next().catch(() => undefined);
    if (line === undefined) this.#gone = true;
    return line;
  }
}
