import type { AnyCap } from '../../engine/authoring.ts';
import { Thing, type ThingRecord } from '../thing.ts';
import type { Verbs } from '../verb-patterns.ts';

export interface CatRecord extends ThingRecord {
  readonly strokes: number;
}

const ANSWERS = [
  'The cat opens one eye, the yellow one, and closes it again.',
  'The cat leans into your hand, as if it had thought of it first.',
  'The cat purrs. You feel it more than hear it, like a mill under the floor.',
  'The cat has had enough, and tells you so with one claw.',
] as const;

/** Has a limit, like everybody. */
export class Cat extends Thing {
  static override verbs: Verbs = { 'pet|stroke': 'stroke' };

  #strokes = 0;

  override toRecord(): CatRecord {
    return { ...super.toRecord(), strokes: this.#strokes };
  }

  override fromRecord(record: CatRecord): void {
    super.fromRecord(record);
    this.#strokes = record.strokes;
  }

  stroke(by: AnyCap): string {
    const answer = ANSWERS[this.#strokes % ANSWERS.length] ?? ANSWERS[0];
    this.#strokes += 1;
    if (this.#strokes % ANSWERS.length === 3)
      this.sound('Somewhere in the room, the cat begins to purr.', by);
    return answer;
  }
}
