import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Pipe } from '../../clients/pipe.ts';
import {
  asToPortal,
  type Item,
  type Out,
  type SessionId,
  type ToPortal,
  type ToWorld,
} from '../../clients/wire.ts';

const PROGRAM = fileURLToPath(new URL('./kill-at-write.js', import.meta.url));

/** Where a world process kills itself; null: nowhere. */
export type KillAt = `${'before' | 'after'}:${number}` | null;

interface Player {
  readonly name: string;
  readonly sid: SessionId;
  began: boolean;
  sent: number;
  in: number;
  have: number;
  readonly shown: string[];
}

interface Input {
  readonly player: Player;
  readonly n: number;
  readonly line: string;
}

/** The players of a world in a process of its own, at the other end of its pipe, as the portal has them. */
export class WireCompany {
  readonly players = new Map<string, Player>();
  readonly wrong: string[] = [];
  unanswered: Input[] = [];

  named(name: string): Player {
    const known = this.players.get(name);
    if (known !== undefined) return known;
    const sid = createHash('sha256').update(name).digest('base64url').slice(0, 22) as SessionId;
    const player = { name, sid, began: false, sent: 0, in: 0, have: 0, shown: [] };
    this.players.set(name, player);
    return player;
  }

  bySid(sid: string): Player | undefined {
    return [...this.players.values()].find((each) => each.sid === sid);
  }

  take(out: Out): void {
    const player = this.bySid(out.sid);
    if (player === undefined) return void this.wrong.push(`output for nobody: ${out.sid}`);
    if (out.in < player.in) this.wrong.push(`${player.name}: input ${player.in} is undone, it is ${out.in}`);
    this.#committed(player, out.in);
    if (out.n <= player.have) return; // a login that is asked again tells everything again
    if (out.n !== player.have + 1)
      this.wrong.push(
        `${player.name}: after chunk ${player.have} comes ${out.n}: ${JSON.stringify(out.items)}`,
      );
    player.have = Math.max(player.have, out.n);
    for (const item of out.items ?? []) player.shown.push(textOf(item));
  }

  /** A world says up to where it has committed the inputs of this player. */
  resumed(player: Player, committed: number): void {
    if (committed < player.in) this.wrong.push(`${player.name}: input ${player.in} is lost`);
    this.#committed(player, committed);
  }

  #committed(player: Player, upTo: number): void {
    player.in = Math.max(player.in, upTo);
    this.unanswered = this.unanswered.filter((each) => each.player !== player || each.n > player.in);
  }
}

function textOf(item: Item): string {
  return typeof item === 'string' ? item : JSON.stringify(item);
}

/** A world process on a folder. */
export class WorldChild {
  readonly #company: WireCompany;
  readonly #process: ChildProcess;
  readonly #pipe: Pipe<ToPortal, ToWorld>;
  #logged = '';
  /** Resolves with the signal or the exit code, when the pipe has been read to its end. */
  readonly gone: Promise<string>;
  #waiting: (() => void)[] = [];
  #isGone = false;
  #ready = false;

  constructor(data: string, company: WireCompany, killAt: KillAt) {
    this.#company = company;
    const options = {
      data,
      checkpointEvery: 0,
      checkpointsKept: 1,
      collectEvery: 0,
      garbageGrace: 0,
      evictAlways: false,
    };
    this.#process = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', KILL_AT: killAt ?? '' },
      detached: true,
    });
    this.#process.stderr?.on('data', (text: Buffer) => void (this.#logged += text.toString()));
    const exited = new Promise<string>((resolve) => {
      this.#process.once('exit', (code, signal) => resolve(signal ?? String(code)));
    });
    let readToEnd: () => void = () => {};
    const read = new Promise<void>((resolve) => (readToEnd = resolve));
    this.#pipe = new Pipe<ToPortal, ToWorld>(this.#process.stdio[3] as Duplex, {
      read: asToPortal,
      onMessage: (message) => this.#receive(message),
      onClosed: () => readToEnd(),
    });
    this.gone = Promise.all([exited, read]).then(([how]) => {
      this.#isGone = true;
      this.#wake();
      return how;
    });
    this.#pipe.send({
      t: 'hello',
      live: [...company.players.values()].map(({ sid, have }) => ({ sid, have })),
    });
  }

  /** What it wrote to standard error. */
  get logged(): string {
    return this.#logged;
  }

  /** Waits until the world is open and has told what these players missed; false: it died first. */
  open(): Promise<boolean> {
    return this.#until(() => this.#ready);
  }

  /** A new player, or one whose login was not answered; false: the world died first. */
  async enter(name: string): Promise<boolean> {
    const player = this.#company.named(name);
    this.#pipe.send({
      t: 'login',
      sid: player.sid,
      keyHash: createHash('sha256').update(name).digest('base64url'),
      place: '',
      how: 'create',
      name,
      password: `the password of ${name}`,
      keep: true,
    });
    return this.#until(() => player.began);
  }

  /** Sends lines at once, and waits for all that are unanswered; false: the world died first. */
  async type(lines: readonly (readonly [who: string, line: string])[]): Promise<boolean> {
    for (const [who, line] of lines) {
      const player = this.#company.named(who);
      player.sent += 1;
      const input = { player, n: player.sent, line };
      this.#company.unanswered.push(input);
      this.#pipe.send({ t: 'in', sid: player.sid, n: input.n, line });
    }
    return this.#until(() => this.#company.unanswered.length === 0);
  }

  acknowledge(): void {
    for (const { sid, have } of this.#company.players.values()) this.#pipe.send({ t: 'ack', sid, n: have });
  }

  /** Ends it as the portal does. */
  async stop(): Promise<string> {
    this.#pipe.send({ t: 'stop' });
    return this.gone;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #receive(message: ToPortal): void {
    const { players, wrong, unanswered } = this.#company;
    switch (message.t) {
      case 'ready':
        for (const player of players.values()) {
          const session = message.sessions.find(({ sid }) => sid === player.sid);
          if (session === undefined) {
            if (player.began) wrong.push(`the session of ${player.name} is lost`);
            continue;
          }
          player.began = true;
          this.#company.resumed(player, session.in);
        }
        for (const { player, n, line } of this.#company.unanswered)
          this.#pipe.send({ t: 'in', sid: player.sid, n, line });
        this.#ready = true;
        break;
      case 'login': {
        const player = this.#company.bySid(message.sid);
        if (player === undefined || !message.ok) wrong.push(`a login is answered ${JSON.stringify(message)}`);
        else player.began = true;
        break;
      }
      case 'out':
        this.#company.take(message);
        break;
      case 'refused':
        wrong.push(`${unanswered[0]?.line} is refused: ${message.message}`);
        break;
      case 'halt':
      case 'fatal':
        wrong.push(`${message.t}: ${message.message}`);
        break;
      case 'metrics':
      case 'pong':
      case 'resumed':
      case 'who':
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #until(done: () => boolean): Promise<boolean> {
    while (!done()) {
      if (this.#isGone) return false;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return true;
  }
}
