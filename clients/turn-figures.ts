import type { DurableTurns, EndedTurn } from '../engine/turn-log.ts';
import { Histogram, type Metric } from './exposition.ts';
import { kindOf, TURN_KINDS, type TurnKind } from './turn-log/line.ts';

/** How a turn can end. */
const OUTCOMES = ['done', 'failed', 'stopped', 'put off'] as const;
type Outcome = (typeof OUTCOMES)[number];

/** Milliseconds. A typical turn takes 0.03. */
const TURN_BOUNDS = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 300];
const WAIT_BOUNDS = [0.1, 0.5, 1, 2, 5, 10, 20, 50, 100, 250, 500, 1_000, 5_000];
const COMMIT_BOUNDS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 250, 1_000, 5_000];
const GROUP_BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500];

const SECONDS = 0.001;

/** Counts turns and commits, and how long they took. This is done for every turn: plain numbers, no look-ups by name. */
export class TurnFigures {
  readonly #ended = byKind(() => ({ done: 0, failed: 0, stopped: 0, 'put off': 0 }));
  readonly #ran = byKind(() => new Histogram(TURN_BOUNDS));
  readonly #waited = new Histogram(WAIT_BOUNDS);
  readonly #committed = new Histogram(COMMIT_BOUNDS);
  readonly #grouped = new Histogram(GROUP_BOUNDS);

  turn(turn: EndedTurn): void {
    const kind = kindOf(turn);
    this.#ended[kind][outcomeOf(turn)] += 1;
    this.#ran[kind].add(turn.milliseconds);
    if (turn.waited !== null) this.#waited.add(turn.waited);
  }

  commit({ seq, turns, milliseconds }: DurableTurns): void {
    if (seq === null) return;
    this.#committed.add(milliseconds);
    this.#grouped.add(turns);
  }

  metrics(): readonly Metric[] {
    const histogram = (name: string, help: string, samples: Metric['samples']): Metric => {
      return { name, help, kind: 'histogram', samples };
    };
    return [
      {
        name: 'keystead_turns_total',
        help: 'Turns that have ended, by what they were for (kind) and how they ended (outcome)',
        kind: 'counter',
        samples: TURN_KINDS.flatMap((kind) =>
          OUTCOMES.map((outcome) => ({ labels: { kind, outcome }, value: this.#ended[kind][outcome] })),
        ),
      },
      histogram(
        'keystead_turn_seconds',
        'How long turns ran, by kind',
        TURN_KINDS.flatMap((kind) => this.#ran[kind].samples({ kind }, SECONDS)),
      ),
      histogram(
        'keystead_turn_wait_seconds',
        'How long turns waited in the queue before they ran',
        this.#waited.samples({}, SECONDS),
      ),
      histogram(
        'keystead_commit_seconds',
        'How long commits took, from when they were begun until they were on disk',
        this.#committed.samples({}, SECONDS),
      ),
      histogram('keystead_commit_turns', 'Turns in one commit', this.#grouped.samples({}, 1)),
    ];
  }
}

function outcomeOf({ error }: EndedTurn): Outcome {
  if (error === null) return 'done';
  if (error.code === 'OutOfTime') return 'stopped';
  return error.code === 'TooBusy' ? 'put off' : 'failed';
}

function byKind<T>(make: () => T): Readonly<Record<TurnKind, T>> {
  return Object.fromEntries(TURN_KINDS.map((kind) => [kind, make()])) as Record<TurnKind, T>;
}
