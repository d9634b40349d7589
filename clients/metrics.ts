import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';

/** What `/metrics` shows of the portal. */
export interface Counts {
  readonly linesIn: Tally;
  readonly chunksOut: Tally;
  readonly refusedLines: Counter;
  readonly refusedHandshakes: Counter<'code'>;
  readonly refusedLogins: Counter<'code'>;
  readonly brokenFrames: Counter;
  readonly notReading: Counter;
  readonly worldRestarts: Counter;
}

/** Numbers that are asked for when `/metrics` is read. */
export interface Gauged {
  readonly connections: () => number;
  readonly sessions: () => number;
  readonly lingering: () => number;
  readonly worldReady: () => boolean;
}

/** A counter on the way of every line: a plain number, read when asked for. */
class Tally {
  count = 0;

  inc(): void {
    this.count += 1;
  }
}

export class Metrics {
  readonly counts: Counts;
  readonly #registry = new Registry();
  #told = false;

  constructor() {
    const registers = [this.#registry];
    const counter = (name: string, help: string) => new Counter({ name, help, registers });
    const counterByCode = (name: string, help: string) =>
      new Counter({ name, help, registers, labelNames: ['code'] });
    const tally = (name: string, help: string) => {
      const read = new Tally();
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read.count);
        },
      });
      return read;
    };
    this.counts = {
      linesIn: tally('keystead_lines_in_total', 'Command lines taken from players'),
      chunksOut: tally('keystead_chunks_out_total', 'Chunks of output passed on to players'),
      refusedLines: counter('keystead_lines_refused_total', 'Command lines refused by a limit'),
      refusedHandshakes: counterByCode('keystead_handshakes_refused_total', 'WebSocket handshakes refused'),
      refusedLogins: counterByCode('keystead_logins_refused_total', 'Log-in attempts refused'),
      brokenFrames: counter(
        'keystead_broken_frames_total',
        'Connections ended for a frame that is against the protocol',
      ),
      notReading: counter('keystead_not_reading_total', 'Connections ended because the client did not read'),
      worldRestarts: counter('keystead_world_restarts_total', 'Times the world process was started again'),
    };
  }

  /** Whether the world process has told its figures for this reading. */
  worldTold(told: boolean): void {
    this.#told = told;
  }

  /** Adds the numbers that are asked for, and those of the process itself. Called once. */
  watch(gauged: Gauged): void {
    const registers = [this.#registry];
    const gauge = (name: string, help: string, read: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    gauge('keystead_connections', 'Open WebSockets', gauged.connections);
    gauge('keystead_sessions', 'Sessions that are logged in over a connection', gauged.sessions);
    gauge(
      'keystead_sessions_lingering',
      'Sessions that wait for their client to come back',
      gauged.lingering,
    );
    gauge('keystead_world_ready', '1 while the world process takes commands', () =>
      gauged.worldReady() ? 1 : 0,
    );
    gauge(
      'keystead_world_told',
      '1 if the world process told its figures for this reading; 0: they are left out',
      () => (this.#told ? 1 : 0),
    );
    collectDefaultMetrics({ register: this.#registry, prefix: 'keystead_portal_' });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All numbers in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
