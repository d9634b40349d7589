import type { AnyCap } from '../../engine/authoring.ts';
import { Thing, type ThingRecord } from '../thing.ts';
import type { Verbs } from '../verb-patterns.ts';
import { capital, the } from '../words.ts';

export interface LampRecord extends ThingRecord {
  readonly lit: boolean;
}

/** Burns or does not. */
export class Lamp extends Thing {
  static override verbs: Verbs = { light: 'light', 'douse|extinguish': 'putOut' };

  #lit = false;

  override toRecord(): LampRecord {
    return { ...super.toRecord(), lit: this.#lit };
  }

  override fromRecord(record: LampRecord): void {
    super.fromRecord(record);
    this.#lit = record.lit;
  }

  override describe(): string {
    return `${super.describe()} ${this.#lit ? 'It burns with a steady flame.' : 'It is not lit.'}`;
  }

  light(by: AnyCap): string {
    if (this.#lit) return 'It is burning already.';
    this.#lit = true;
    this.sound(`${capital(the(this.label))} begins to burn.`, by);
    return `You strike a spark, and ${the(this.label)} begins to burn.`;
  }

  putOut(by: AnyCap): string {
    if (!this.#lit) return 'It is dark already.';
    this.#lit = false;
    this.sound(`${capital(the(this.label))} goes out.`, by);
    return `You pinch the flame, and ${the(this.label)} goes out.`;
  }
}
