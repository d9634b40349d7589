import { send, type AnyCap } from '../../engine/authoring.ts';
import { Thing, type ThingRecord, type ThingSpec } from '../thing.ts';
import type { Verbs } from '../verb-patterns.ts';
import type { Resounding } from './echo.ts';

export interface BellSpec extends ThingSpec {
  /** What it sounds like beside it, and from afar. */
  readonly peal: string;
  readonly afar: string;
  readonly echoes?: readonly Resounding[];
}

export interface BellRecord extends ThingRecord {
  readonly peal: string;
  readonly afar: string;
  readonly echoes: readonly Resounding[];
}

/** A bell that is heard in other places a moment later. */
export class Bell extends Thing {
  static override verbs: Verbs = { 'ring|pull': 'ring' };

  #peal = '';
  #afar = '';
  #echoes: readonly Resounding[] = [];

  override init(spec: BellSpec): void {
    super.init(spec);
    this.#peal = spec.peal;
    this.#afar = spec.afar;
    this.#echoes = spec.echoes ?? [];
  }

  override toRecord(): BellRecord {
    return { ...super.toRecord(), peal: this.#peal, afar: this.#afar, echoes: this.#echoes };
  }

  override fromRecord(record: BellRecord): void {
    super.fromRecord(record);
    this.#peal = record.peal;
    this.#afar = record.afar;
    this.#echoes = record.echoes;
  }

  ring(by: AnyCap): string {
    this.sound(this.#peal, by);
    for (const echo of this.#echoes) send(echo, 'resound', [this.#afar]);
    return this.#peal;
  }
}
