import { WebSocket } from 'ws';
import type { ToPage } from '../../clients/web-protocol.ts';
import type { Item } from '../../clients/wire.ts';
import { Connected, type Client, type Sent, type Watcher } from './client.ts';

/** What a page has to keep to get its session back. */
interface Kept {
  readonly sid: string;
  readonly key: string;
}

/** What a page says: written down again here, since it is the other side that is under test. */
type FromPage =
  | { readonly t: 'line'; readonly n: number; readonly line: string }
  | { readonly t: 'ack'; readonly n: number }
  | { readonly t: 'resume'; readonly sid: string; readonly key: string; readonly have: number };

/** What such a client decides by chance. */
export interface WebHabits {
  /** Asked after each chunk: whether to acknowledge all that was shown so far. */
  readonly acksNow: () => boolean;
  /** Asked when it comes back: whether it comes back as a page that was loaded anew, and has only what it acknowledged. */
  readonly reloads: () => boolean;
}

/** A client of keystead.v1. It numbers its lines, sends again what was not committed, and acknowledges what it has. */
export class WebPlayer extends Connected implements Client {
  readonly kind = 'web';
  session = 0;
  /** The last chunk it has, and the last one that it acknowledged. */
  have = 0;
  acked = 0;
  #kept: Kept | undefined;
  #last = 0;
  #committedUpTo = 0;
  #unsent: { readonly n: number; readonly line: string }[] = [];
  #resuming = false;
  /** The last chunk that came: less than `have` while chunks come again to a page that was loaded anew. */
  #at = 0;
  /** What was shown and is not acknowledged, as it came. */
  readonly #shown = new Map<number, string>();
  readonly #habits: WebHabits;

  constructor(name: string, password: string, watcher: Watcher, habits: Partial<WebHabits> = {}) {
    super(name, password, watcher);
    this.#habits = { acksNow: () => true, reloads: () => false, ...habits };
  }

  async enter(url: string, how: 'create' | 'connect'): Promise<void> {
    this.#kept = undefined;
    await this.open(url, ['keystead.v1'], () => {
      this.#send({ t: 'line', n: 0, line: `${how} ${this.name} ${this.password}` });
    });
  }

  async comeBack(url: string): Promise<void> {
    const kept = this.#kept;
    if (kept === undefined) {
      await this.enter(url, 'connect');
      return;
    }
    this.#resuming = true;
    if (this.#habits.reloads()) this.#at = this.acked;
    await this.open(url, ['keystead.v1'], () => {
      this.#send({ t: 'resume', sid: kept.sid, key: kept.key, have: this.#at });
    });
  }

  say(line: string): Sent {
    this.#last += 1;
    const sent = { session: this.session, n: this.#last, line };
    this.#unsent.push(sent);
    if (!this.#resuming) this.#send({ t: 'line', n: sent.n, line });
    this.watcher.sent(this, sent);
    return sent;
  }

  override drop(): void {
    this.#resuming = this.#kept !== undefined;
    super.drop();
  }

  protected self(): Client {
    return this;
  }

  protected received(frame: string): void {
    const message = JSON.parse(frame) as ToPage;
    switch (message.t) {
      case 'text':
        this.watcher.notice(this, message.text);
        return;
      case 'session':
        this.#started(message);
        return;
      case 'out':
        this.#out(message);
        return;
      case 'in':
        this.#committed(message.n);
        return;
      case 'refused':
        this.#unsent = this.#unsent.filter(({ n }) => n !== message.n);
        this.watcher.refused(this, message.n, message.code);
        if (message.n === 0)
          this.waiting?.failed(new Error(`${this.name}: ${message.message} (${message.code})`));
        return;
      case 'gone':
        this.watcher.wrong(this, 'the session is gone');
        this.waiting?.failed(new Error(`${this.name}: the session is gone`));
        return;
      case 'world':
        return;
    }
  }

  #started({ sid, key, in: committed, out }: Extract<ToPage, { t: 'session' }>): void {
    if (this.#kept?.sid !== sid) {
      this.session += 1;
      this.#kept = { sid, key };
      this.have = 0;
      this.acked = 0;
      this.#at = 0;
      this.#shown.clear();
      this.#last = committed;
      this.#committedUpTo = committed;
      this.#unsent = [];
    }
    if (committed < this.#committedUpTo) {
      this.watcher.wrong(this, `line ${this.#committedUpTo} was committed, and now only ${committed} is`);
    }
    if (out < this.have)
      this.watcher.wrong(this, `chunk ${this.have} was shown, and the world has only ${out}`);
    this.#resuming = false;
    this.#committed(committed);
    for (const { n, line } of this.#unsent) this.#send({ t: 'line', n, line });
    this.waiting?.done();
  }

  #out({ n, in: committed, items, close }: Extract<ToPage, { t: 'out' }>): void {
    if (n <= this.#at) this.watcher.wrong(this, `chunk ${n} came twice`);
    else if (n > this.#at + 1) this.watcher.wrong(this, `after chunk ${this.#at} came chunk ${n}`);
    this.#at = n;
    const text = JSON.stringify(items);
    if (n <= this.have) {
      const before = this.#shown.get(n);
      if (before !== text) this.watcher.wrong(this, `chunk ${n} was ${before}, and came again as ${text}`);
    } else {
      this.have = n;
      this.#shown.set(n, text);
      for (const item of items) this.#item(item);
    }
    this.#committed(committed);
    if (close === true) this.watcher.wrong(this, 'the session was closed');
    if (this.#at === this.have && this.#habits.acksNow()) {
      this.acked = this.have;
      this.#shown.clear();
      this.#send({ t: 'ack', n: this.have });
    }
  }

  #item(item: Item): void {
    if (typeof item === 'string') this.lines(item);
    else this.watcher.structured(this, item[0], item[1]);
  }

  #committed(upTo: number): void {
    if (upTo > this.#last)
      this.watcher.wrong(this, `line ${upTo} is committed, and only ${this.#last} were sent`);
    this.#committedUpTo = Math.max(this.#committedUpTo, upTo);
    this.#unsent = this.#unsent.filter(({ n }) => n > upTo);
  }

  #send(message: FromPage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }
}
