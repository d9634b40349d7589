import type { Client } from './client.ts';
import type { Victim } from './trouble.ts';

/** What was shown between a question and its end. `lost`: the session ended before that. */
export interface Reply {
  readonly lines: readonly string[];
  readonly lost: boolean;
}

interface Question {
  readonly lines: string[];
  readonly end: RegExp;
  readonly asked: readonly string[];
  readonly answered: (reply: Reply) => void;
}

interface Awaited {
  readonly what: RegExp;
  readonly enough: () => boolean;
  readonly heard: (line: string | undefined) => void;
}

/**
 * One client's lines and what it is shown for them. Answers come in the order of the lines, so what is shown until a
 * line that only answers the end of a question belongs to that question, with whatever else happened meanwhile.
 */
export class Dialogue implements Victim {
  readonly client: Client;
  #open: Question[] = [];
  #awaited: Awaited[] = [];
  #asked = 0;
  #mayAct = true;
  #resumed: () => void = () => {};
  /** Lines that were sent, and questions that were answered. */
  sent = 0;
  replies = 0;

  constructor(client: Client) {
    this.client = client;
  }

  get name(): string {
    return this.client.name;
  }

  /** What it still waits for, for people. */
  get waitsFor(): string {
    const awaited = this.#awaited.map(({ what }) => String(what));
    return [...this.#open.map(({ asked }) => asked.at(-1)?.slice(0, 60)), ...awaited].join(', ');
  }

  /** Asks, and whatever the answer is, it is over when the line behind it is answered, which nobody else can bring about. */
  ask(...lines: string[]): Promise<Reply> {
    this.#asked += 1;
    const fence = `q${this.#asked}`;
    return this.askUntil(new RegExp(`^There is no command "${fence}"\\.`), ...lines, `help ${fence}`);
  }

  /** Asks, and takes what is shown until a line like `end`. */
  async askUntil(end: RegExp, ...asked: string[]): Promise<Reply> {
    while (!this.#mayAct) {
      const before = this.#resumed;
      await new Promise<void>((resolve) => {
        this.#resumed = () => {
          before();
          resolve();
        };
      });
    }
    const reply = new Promise<Reply>((answered) => {
      this.#open.push({ lines: [], end, asked, answered });
    });
    for (const line of asked) {
      this.client.say(line);
      this.sent += 1;
    }
    return reply;
  }

  /** A line that comes at some time, whatever else is asked; undefined when `enough` is true before it has come. */
  hear(what: RegExp, enough: () => boolean): Promise<string | undefined> {
    return new Promise((heard) => {
      this.#awaited.push({ what, enough, heard });
    });
  }

  /** Looks again whether those who wait for a line have waited enough. */
  poke(): void {
    this.#settle((each) => (each.enough() ? { line: undefined } : undefined));
  }

  /** A line of output, in order. */
  shown(text: string): void {
    this.#settle((each) => (each.what.test(text) ? { line: text } : undefined));
    const [first] = this.#open;
    if (first === undefined) return;
    first.lines.push(text);
    if (!first.end.test(text)) return;
    this.#open.shift();
    this.replies += 1;
    first.answered({ lines: first.lines, lost: false });
  }

  lose(): void {
    this.#mayAct = false;
    for (const { lines, answered } of this.#open.splice(0)) answered({ lines, lost: true });
  }

  resume(): void {
    this.#mayAct = true;
    this.#resumed();
    this.#resumed = () => {};
  }

  #settle(outcome: (awaited: Awaited) => { readonly line: string | undefined } | undefined): void {
    this.#awaited = this.#awaited.filter((each) => {
      const found = outcome(each);
      if (found !== undefined) each.heard(found.line);
      return found === undefined;
    });
  }
}
