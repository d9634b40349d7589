import { createInterface, type Interface } from 'node:readline';
import { PortalError } from './errors.ts';
import type { ReplHistory } from './repl-history.ts';
import type { ReplLink } from './repl-link.ts';
import type { ReplAnswer, ReplAsked } from './repl-protocol.ts';
import { isCommand, isOpen } from './repl-source.ts';
import { shownOf } from './repl-show.ts';

export interface TerminalOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly history: ReplHistory;
  /** Opens a console of the world; throws `NoWorld` when there is none. */
  readonly open: () => Promise<ReplLink>;
  /** Does it after so many milliseconds, unless that is cancelled by the function it returns. */
  readonly after: (milliseconds: number, what: () => void) => () => void;
}

const PROMPT = 'keystead> ';
const MORE = '........> ';
const GREETING = 'Type JavaScript, or .help; Ctrl-D ends.\n';

/** How often a world that has gone away is looked for, and after how many milliseconds each: the portal starts it again. */
const LOOKS = 40;
const LOOK_EVERY = 250;

/** Milliseconds that a completion may take, while which no key is heard. */
const COMPLETE_WITHIN = 1_000;

/** `keystead repl` as a person meets it: prompt, history, completion, entries of several lines. */
export class ReplTerminal {
  readonly #options: TerminalOptions;
  readonly #lines: Interface;
  readonly #typed: string[] = [];
  #link: ReplLink;
  /** The line that the person types next, which may have come already. */
  #take: ((line: string | undefined) => void) | null = null;
  readonly #waiting: string[] = [];
  #ended = false;
  /** Ends the wait for the world's answer to what was typed, if there is one. */
  #giveUp: (() => void) | null = null;
  /** Ctrl-C was pressed since it was asked. */
  #urged = false;

  private constructor(options: TerminalOptions, link: ReplLink, history: string[]) {
    this.#options = options;
    this.#link = link;
    this.#lines = createInterface({
      input: options.input,
      output: options.output,
      terminal: true,
      history,
      historySize: 1_000,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        this.#complete(line).then(
          (found) => {
            done(null, found);
          },
          () => {
            done(null, [[], '']);
          },
        );
      },
    });
  }

  /** Runs until the person ends it. Throws `NoWorld` when there is no world, or when it has gone away for good. */
  static async run(options: TerminalOptions): Promise<void> {
    const link = await options.open();
    const terminal = new ReplTerminal(options, link, await options.history.read());
    try {
      await terminal.#run();
    } finally {
      terminal.#lines.close();
      terminal.#link.close();
    }
  }

  async #run(): Promise<void> {
    const lines = this.#lines;
    lines.on('line', (line) => {
      if (this.#take === null) this.#waiting.push(line);
      else this.#take(line);
    });
    lines.on('close', () => {
      this.#ended = true;
      this.#take?.(undefined);
    });
    lines.on('SIGINT', () => {
      this.#abandon();
    });
    lines.on('history', ([line]: string[]) => {
      if (line !== undefined) void this.#options.history.add(line);
    });
    this.#say(GREETING);
    for (;;) {
      lines.setPrompt(this.#typed.length === 0 ? PROMPT : MORE);
      if (!this.#ended) lines.prompt();
      const line = await this.#line();
      if (line === undefined || (this.#typed.length === 0 && /^\s*\.exit\s*$/.test(line))) return;
      await this.#heard(line);
    }
  }

  #line(): Promise<string | undefined> {
    const line = this.#waiting.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#take = (line) => {
        this.#take = null;
        resolve(line);
      };
    });
  }

  async #heard(line: string): Promise<void> {
    if (this.#typed.length === 0 && isCommand(line)) {
      await this.#ask({ t: 'command', line });
      return;
    }
    this.#typed.push(line);
    const source = this.#typed.join('\n');
    if (isOpen(source)) return;
    this.#typed.length = 0;
    if (source.trim() !== '') await this.#ask({ t: 'entry', source });
  }

  async #ask(asked: ReplAsked): Promise<void> {
    try {
      const answer = await this.#answerOf(asked);
      if (answer.t !== 'outcome') return;
      const { out, err } = shownOf(answer, null);
      this.#say(out + err);
    } catch (error) {
      if (!(error instanceof PortalError) || ['RequestFailed', 'Interrupted'].includes(error.code))
        throw error;
      this.#say(`${error.message}\n`);
      await this.#reconnect();
    }
  }

  /** Throws `Interrupted` where the person waits no longer. */
  async #answerOf(asked: ReplAsked): Promise<ReplAnswer> {
    const givenUp = new Promise<never>((_, reject) => {
      this.#giveUp = () => {
        const message =
          'You have not waited for the answer: what was typed is done all the same, once the world gets to it.';
        reject(new PortalError('Interrupted', message));
      };
    });
    try {
      return await Promise.race([this.#link.ask(asked), givenUp]);
    } finally {
      this.#giveUp = null;
      this.#urged = false;
    }
  }

  async #reconnect(): Promise<void> {
    this.#link.close();
    for (let look = 1; ; look += 1) {
      try {
        this.#link = await this.#options.open();
        this.#say(
          'The world is there again. Your variables are gone: they were in the process that ended.\n',
        );
        return;
      } catch (error) {
        if (look >= LOOKS || this.#ended) throw error;
      }
      await new Promise<void>((resolve) => void this.#options.after(LOOK_EVERY, resolve));
    }
  }

  /**
   * Ctrl-C: what has been typed of an entry is let go of, and whatever has been typed ahead. The second one while the world
   * does not answer ends all.
   */
  #abandon(): void {
    if (this.#urged) return this.#giveUp?.();
    const empty = this.#typed.length === 0 && this.#lines.line === '';
    this.#typed.length = 0;
    this.#waiting.length = 0;
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
    if (this.#giveUp !== null) {
      this.#urged = true;
      return this.#say(
        '\n(The world has not answered yet. Ctrl-C once more ends this without its answer.)\n',
      );
    }
    this.#say(empty ? '\n(Ctrl-D or .exit ends.)\n' : '\n');
    this.#lines.setPrompt(PROMPT);
    this.#lines.prompt();
  }

  async #complete(line: string): Promise<[string[], string]> {
    if (this.#giveUp !== null) return [[], '']; // it would have to wait for that answer
    const text = [...this.#typed, line].join('\n');
    let inTime = (): void => {};
    const late = new Promise<undefined>((resolve) => {
      inTime = this.#options.after(COMPLETE_WITHIN, () => resolve(undefined));
    });
    const answer = await Promise.race([this.#link.ask({ t: 'complete', text }).finally(inTime), late]);
    if (answer?.t !== 'names') return [[], ''];
    return [[...answer.names], line.slice(line.length - answer.begun)];
  }

  #say(text: string): void {
    if (text !== '') this.#options.output.write(text);
  }
}
