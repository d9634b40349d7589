import type { AnyCap } from '../../engine/authoring.ts';
import { Thing, type ThingRecord, type ThingSpec } from '../thing.ts';
import type { Verbs } from '../verb-patterns.ts';

export interface MechanismSpec extends ThingSpec {
  /** What people do to it: patterns. */
  readonly verbs?: readonly string[];
  /** What comes of it, in turn. */
  readonly answers?: readonly string[];
  /** What the others see of it. */
  readonly seen?: string;
}

export interface MechanismRecord extends ThingRecord {
  readonly does: readonly string[];
  readonly answers: readonly string[];
  readonly seen: string;
  readonly turn: number;
}

/** Answers a few verbs with one text after the other. What a place needs, and no more. */
export class Mechanism extends Thing {
  #does: readonly string[] = [];
  #answers: readonly string[] = [];
  #seen = '';
  #turn = 0;

  override init(spec: MechanismSpec): void {
    super.init(spec);
    this.#does = spec.verbs ?? [];
    this.#answers = spec.answers ?? [];
    this.#seen = spec.seen ?? '';
  }

  override toRecord(): MechanismRecord {
    return {
      ...super.toRecord(),
      does: this.#does,
      answers: this.#answers,
      seen: this.#seen,
      turn: this.#turn,
    };
  }

  override fromRecord(record: MechanismRecord): void {
    super.fromRecord(record);
    this.#does = record.does;
    this.#answers = record.answers;
    this.#seen = record.seen;
    this.#turn = record.turn;
  }

  work(by: AnyCap): string {
    const answer = this.#answers[this.#turn] ?? '';
    this.#turn = (this.#turn + 1) % Math.max(1, this.#answers.length);
    if (this.#seen !== '') this.sound(this.#seen, by);
    return answer;
  }

  protected override patterns(): Verbs {
    return { ...super.patterns(), ...Object.fromEntries(this.#does.map((pattern) => [pattern, 'work'])) };
  }
}
