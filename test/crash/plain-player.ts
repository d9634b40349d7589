import { WebSocket } from 'ws';
import { Connected, type Client, type Sent } from './client.ts';

/** Text that the portal says on its own; all else that a plain client is sent is output of the world. */
const PORTAL_SAYS =
  /^(Welcome to Keystead\. Type |\[The world holds its breath\.\]|\[\.\.\. and goes on\.\])/;
const PORTAL_REFUSES = / \(([A-Z][A-Za-z]+)\)$/;

/** A WebSocket without a subprotocol: lines in, lines out, and nothing kept on this side. */
export class PlainPlayer extends Connected implements Client {
  readonly kind = 'plain';
  session = 0;
  #last = 0;
  #entering = false;

  async enter(url: string, how: 'create' | 'connect'): Promise<void> {
    this.#entering = true;
    await this.open(url, [], () => {
      this.socket?.send(`${how} ${this.name} ${this.password}`);
    });
  }

  comeBack(url: string): Promise<void> {
    return this.enter(url, 'connect');
  }

  say(line: string): Sent {
    this.#last += 1;
    const sent = { session: this.session, n: this.#last, line };
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(line);
    this.watcher.sent(this, sent);
    return sent;
  }

  protected self(): Client {
    return this;
  }

  protected received(frame: string): void {
    if (PORTAL_SAYS.test(frame)) {
      this.watcher.notice(this, frame);
      return;
    }
    const refusal = PORTAL_REFUSES.exec(frame)?.[1];
    if (refusal !== undefined) {
      this.watcher.refused(this, 0, refusal);
      if (refusal === 'NoSession') this.watcher.wrong(this, 'the session is gone');
      if (this.#entering) this.waiting?.failed(new Error(`${this.name}: ${frame}`));
      return;
    }
    if (this.#entering) {
      this.#entering = false;
      this.session += 1;
      this.#last = 0;
    }
    this.lines(frame);
    this.waiting?.done();
  }
}
