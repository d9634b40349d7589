/** A process of its own: plays the players. It gets its orders (load-orders.ts) over the channel to its parent. */
import { quantile } from './figures.ts';
import type { Answer, Load, Order, Phase, Step } from './load-orders.ts';
import { frame, LoadSocket } from './websocket.ts';

/** How long answers are waited for after an open phase, in milliseconds. */
const PATIENCE = 5_000;

/** Most players that go through their steps at the same time: a room holds so many people. */
const AT_ONCE = 50;

let sockets: LoadSocket[] = [];

process.on('message', (order: Order) => {
  obey(order).then(
    (load) => reply(load === undefined ? { ok: true } : { ok: true, load }),
    (error: unknown) => reply({ ok: false, message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit());

function reply(answer: Answer): void {
  process.send?.(answer);
}

async function obey(order: Order): Promise<Load | undefined> {
  switch (order.t) {
    case 'connect':
      for (let n = 0; n < order.players; n += 1) sockets.push(await LoadSocket.open(order.port));
      break;
    case 'prepare':
      for (let from = 0; from < order.steps.length; from += AT_ONCE) {
        const some = order.steps.slice(from, from + AT_ONCE);
        await Promise.all(some.map((steps, n) => prepare(socket(from + n), steps)));
      }
      break;
    case 'closed':
      return new Measurement(order).closed();
    case 'open':
      return new Measurement(order).open(order.rate, order.players);
    case 'hall':
      return hall(order);
    case 'disconnect':
      for (const each of sockets) each.close();
      sockets = [];
      break;
  }
  return undefined;
}

function socket(n: number): LoadSocket {
  const found = sockets[n];
  if (found === undefined) throw new Error(`There is no player ${n}.`);
  return found;
}

async function prepare(player: LoadSocket, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    await new Promise<void>((resolve, reject) => {
      let heard = '';
      player.onText = (payload) => {
        heard = payload.toString();
        if (heard.includes(step.await)) resolve();
      };
      const last = () => new Error(`No "${step.await}" after "${step.send}"; the last frame was: ${heard}`);
      player.onClosed = () => reject(last());
      setTimeout(() => reject(last()), 60_000).unref();
      player.send(frame(step.send));
    });
  }
}

/** How long it takes until the last of all has heard what the first one says. */
async function hall(order: Order & { t: 'hall' }): Promise<Load> {
  const times: number[] = [];
  const began = performance.now();
  let own = process.cpuUsage();
  let from = began;
  for (let n = 0, now = began; now < began + (order.warmUpSeconds + order.seconds) * 1000; n += 1) {
    if (now < began + order.warmUpSeconds * 1000) {
      from = now;
      own = process.cpuUsage();
      times.length = 0;
    }
    await heardByAll(order.says.replace('#', String(n)), order.hears.replace('#', String(n)));
    const after = performance.now();
    times.push(after - now);
    now = after;
  }
  const seconds = (performance.now() - from) / 1000;
  const { user, system } = process.cpuUsage(own);
  const lines = times.length * (sockets.length - 1);
  return {
    seconds,
    commands: times.length,
    perSecond: times.length / seconds,
    lines,
    linesPerSecond: lines / seconds,
    median: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    longest: quantile(times, 1),
    unanswered: 0,
    ownShare: (user + system) / 1e6 / seconds,
  };
}

function heardByAll(says: string, hears: string): Promise<void> {
  const text = Buffer.from(hears);
  return new Promise((resolve, reject) => {
    let missing = sockets.length - 1;
    sockets.forEach((each, n) => {
      each.onClosed = (why) => reject(new Error(`A listener lost the connection: ${why}`));
      each.onText = (payload) => {
        if (n === 0 || payload.indexOf(text) < 0) return;
        missing -= 1;
        if (missing === 0) resolve();
      };
    });
    socket(0).send(frame(says));
  });
}

/** One phase: counts what is answered after the warming up. */
class Measurement {
  readonly #phase: Phase;
  readonly #lines: readonly Buffer[];
  readonly #answer: Buffer;
  readonly #times: number[] = [];
  #heard = 0;
  #unanswered = 0;
  #counting = false;
  #own = process.cpuUsage();
  #began = 0;

  constructor(phase: Phase) {
    this.#phase = phase;
    this.#lines = [phase.line].flat().map(frame);
    this.#answer = Buffer.from(phase.answer);
  }

  /** Every player sends the next command when it has the answer to the last one. */
  async closed(): Promise<Load> {
    const lost = this.#lost();
    let going = true;
    for (const player of sockets) {
      let sent = performance.now();
      let at = 0;
      player.onText = (payload) => {
        this.#hear(payload);
        if (payload.indexOf(this.#answer) < 0) return;
        const now = performance.now();
        if (this.#counting) this.#times.push(now - sent);
        if (!going) return;
        sent = now;
        at += 1;
        player.send(this.#line(at));
      };
      player.send(this.#line(0));
    }
    await Promise.race([pause(this.#phase.warmUpSeconds), lost]);
    this.#begin();
    await Promise.race([pause(this.#phase.seconds), lost]);
    const load = this.#end();
    going = false;
    await pause(0.3); // what is still under way belongs to no later phase
    return load;
  }

  /** Commands leave at their time, by the first `players` in turn. An answer counts from when its command was due. */
  async open(rate: number, players: number): Promise<Load> {
    const lost = this.#lost();
    const due: { times: number[]; next: number }[] = [];
    for (let n = 0; n < players; n += 1) {
      const mine = { times: [] as number[], next: 0 };
      due.push(mine);
      socket(n).onText = (payload) => {
        this.#hear(payload);
        const now = performance.now();
        let at = payload.indexOf(this.#answer);
        while (at >= 0) {
          const time = mine.times[mine.next];
          mine.next += 1;
          this.#unanswered -= 1;
          if (time !== undefined && time >= this.#began && this.#counting) this.#times.push(now - time);
          at = payload.indexOf(this.#answer, at + this.#answer.length);
        }
      };
    }
    const start = performance.now();
    const measureFrom = start + this.#phase.warmUpSeconds * 1000;
    const total = Math.round(rate * (this.#phase.warmUpSeconds + this.#phase.seconds));
    let sent = 0;
    const sending = new Promise<void>((resolve) => {
      const tick = () => {
        const now = performance.now();
        if (!this.#counting && now >= measureFrom) this.#begin();
        for (; sent < total && start + (sent * 1000) / rate <= now; sent += 1) {
          due[sent % players]?.times.push(start + (sent * 1000) / rate);
          this.#unanswered += 1;
          socket(sent % players).send(this.#line(Math.floor(sent / players)));
        }
        if (sent < total) setTimeout(tick, 1);
        else resolve();
      };
      tick();
    });
    await Promise.race([sending, lost]);
    const until = performance.now() + PATIENCE;
    while (this.#unanswered > 0 && performance.now() < until) await Promise.race([pause(0.005), lost]);
    return this.#end();
  }

  /** What a player sends as his command of this number. */
  #line(number: number): Buffer {
    return this.#lines[number % this.#lines.length] as Buffer;
  }

  #hear(payload: Buffer): void {
    if (!this.#counting) return;
    for (let at = 0; at >= 0; at = payload.indexOf(LINE_END, at + 1)) this.#heard += 1;
  }

  #begin(): void {
    this.#counting = true;
    this.#began = performance.now();
    this.#own = process.cpuUsage();
  }

  #end(): Load {
    this.#counting = false;
    const seconds = (performance.now() - this.#began) / 1000;
    const { user, system } = process.cpuUsage(this.#own);
    const commands = this.#times.length;
    return {
      seconds,
      commands,
      perSecond: commands / seconds,
      lines: this.#heard,
      linesPerSecond: this.#heard / seconds,
      median: quantile(this.#times, 0.5),
      p99: quantile(this.#times, 0.99),
      longest: quantile(this.#times, 1),
      unanswered: this.#unanswered,
      ownShare: (user + system) / 1e6 / seconds,
    };
  }

  #lost(): Promise<never> {
    const lost = new Promise<never>((_, reject) => {
      for (const player of sockets)
        player.onClosed = (why) => reject(new Error(`A player lost the connection: ${why}`));
    });
    lost.catch(() => {});
    return lost;
  }
}

const LINE_END = 10;

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
  });
}
