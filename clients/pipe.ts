import type { Duplex } from 'node:stream';
import { PortalError } from './errors.ts';

export interface PipeOptions<In> {
  /** Checks one parsed line; undefined when it is no message. */
  readonly read: (alleged: unknown) => In | undefined;
  /** Called for each message, in order. It must not throw. */
  readonly onMessage: (message: In) => void;
  /** Called once, when the other side is gone, or with the error that made this side give up. No message follows. */
  readonly onClosed: (error: Error | undefined) => void;
  /** Called after all messages of one read have been passed on. */
  readonly onBatchEnd?: () => void;
  /** Characters in one line, not counting its end. */
  readonly maxLine?: number;
}

/**
 * One end of the pipe between portal and world: messages as JSON, one a line.
 *
 * Owns the stream that it is given: ends it in `close`, destroys it when what arrives is garbage. Messages leave in
 * order, those of one turn of the event loop in as few writes as `AT_ONCE` allows. Errors never quote what arrived,
 * which may hold a password.
 */
export class Pipe<In, Out> {
  readonly #stream: Duplex;
  readonly #options: PipeOptions<In>;
  readonly #maxLine: number;
  #unsent = '';
  #flushing: NodeJS.Immediate | undefined;
  #partial = '';
  #closed = false;

  constructor(stream: Duplex, options: PipeOptions<In>) {
    this.#stream = stream;
    this.#options = options;
    this.#maxLine = options.maxLine ?? MAX_PIPE_LINE;
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#receive(text));
    stream.on('end', () => this.#end(undefined));
    stream.on('close', () => this.#end(undefined));
    stream.on('error', (error) => this.#end(error));
  }

  /** Queues a message. After the pipe is closed it goes nowhere: whoever needs it kept keeps it. */
  send(message: Out): void {
    this.sendJson(JSON.stringify(message));
  }

  /** The same for a message that has been written as JSON already. */
  sendJson(message: string): void {
    if (this.#closed) return;
    this.#unsent += `${message}\n`;
    if (this.#unsent.length >= AT_ONCE) this.flush();
    else this.#flushing ??= setImmediate(() => this.flush());
  }

  /** Writes what is queued now instead of at the end of this turn of the event loop. */
  flush(): void {
    if (this.#flushing !== undefined) clearImmediate(this.#flushing);
    this.#flushing = undefined;
    if (this.#unsent === '' || this.#closed) return;
    const text = this.#unsent;
    this.#unsent = '';
    this.#stream.write(text);
  }

  /** Bytes (about) that the other side has not taken yet. */
  get backlog(): number {
    return this.#stream.writableLength + this.#unsent.length;
  }

  /** Writes what is queued and closes this side; resolves when it has been handed over or cannot be. */
  close(): Promise<void> {
    this.flush();
    this.#closed = true;
    return new Promise((resolve) => {
      if (this.#stream.destroyed || this.#stream.writableFinished) return resolve();
      this.#stream.once('close', () => resolve());
      this.#stream.end(() => resolve());
    });
  }

  #receive(text: string): void {
    let start = 0;
    for (;;) {
      const end = text.indexOf('\n', start);
      if (end < 0) break;
      const line = this.#partial === '' ? text.slice(start, end) : this.#partial + text.slice(start, end);
      this.#partial = '';
      start = end + 1;
      if (line.length > this.#maxLine) return this.#tooLong(line.length);
      this.#deliver(line);
      if (this.#closed) return;
    }
    if (start < text.length) this.#partial += text.slice(start);
    if (this.#partial.length > this.#maxLine) return this.#tooLong(this.#partial.length);
    this.#options.onBatchEnd?.();
  }

  #deliver(line: string): void {
    let alleged: unknown;
    try {
      alleged = JSON.parse(line);
    } catch {
      return this.#giveUp(new PortalError('PipeGarbage', `a line of ${line.length} characters is no JSON`));
    }
    const message = this.#options.read(alleged);
    if (message !== undefined) return this.#options.onMessage(message);
    const kind = (alleged as { t?: unknown } | null)?.t;
    const named =
      typeof kind === 'string' && /^[a-z]{1,16}$/.test(kind) ? `a '${kind}' message` : 'a message';
    this.#giveUp(
      new PortalError('PipeGarbage', `${named} of ${line.length} characters does not have the shape it must`),
    );
  }

  #tooLong(length: number): void {
    this.#giveUp(
      new PortalError(
        'PipeLineTooLong',
        `a line of ${length} characters or more; at most ${this.#maxLine} may come`,
      ),
    );
  }

  #giveUp(error: PortalError): void {
    this.#end(error);
    this.#stream.destroy();
  }

  #end(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#flushing !== undefined) clearImmediate(this.#flushing);
    this.#flushing = undefined;
    this.#options.onClosed(error);
  }
}

/**
 * Characters in one line on the pipe. Room for the largest output that one turn may have and for a `hello` with
 * ten thousand sessions; a peer that has gone wild cannot make the other side fill its memory.
 */
const MAX_PIPE_LINE = 16 * 1024 * 1024;

/**
 * Characters that are written at once, without waiting for the turn of the event loop to end: about 40 commands, or 30
 * answers. While two hundred players are read or answered the other process can begin with the first ones; it had nothing
 * to do meanwhile when all of them went together, and a tenth of the commands per second was lost. Fewer at a time cost more
 * in system calls than they gain.
 */
export const AT_ONCE = 3_000;
