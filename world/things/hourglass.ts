import { after, cancel, facet, M } from '../../engine/authoring.ts';
import { Thing, type ThingRecord, type ThingSpec } from '../thing.ts';
import type { Verbs } from '../verb-patterns.ts';
import { capital, the } from '../words.ts';

export interface HourglassSpec extends ThingSpec {
  /** Milliseconds from one end to the other. */
  readonly runsFor: number;
}

export interface HourglassRecord extends ThingRecord {
  readonly runsFor: number;
  readonly timer: number | null;
}

/** Runs out some time after it was turned. Turned again while it runs, it begins anew. */
export class Hourglass extends Thing {
  static override facets = { ...Thing.facets, self: { runOut: M.call().returns() } };
  static override verbs: Verbs = { turn: 'turn' };

  #runsFor = 0;
  #timer: number | null = null;

  override init(spec: HourglassSpec): void {
    super.init(spec);
    this.#runsFor = spec.runsFor;
  }

  override toRecord(): HourglassRecord {
    return { ...super.toRecord(), runsFor: this.#runsFor, timer: this.#timer };
  }

  override fromRecord(record: HourglassRecord): void {
    super.fromRecord(record);
    this.#runsFor = record.runsFor;
    this.#timer = record.timer;
  }

  override describe(): string {
    const now =
      this.#timer === null ? 'All the sand is at the bottom.' : 'A thread of sand is falling in it.';
    return `${super.describe()} ${now}`;
  }

  runOut(): void {
    this.#timer = null;
    this.sound(`The last grain falls in ${the(this.label)}, with a tick that you would swear you heard.`);
  }

  turn(): string {
    if (this.#timer !== null) cancel(this.#timer);
    this.#timer = after(this.#runsFor, facet<typeof Hourglass, 'self'>(this, 'self'), 'runOut', []);
    return `${capital(the(this.label))} goes over, and time begins again at the top.`;
  }
}
