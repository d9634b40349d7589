import { fail, M, type AnyCap, type FacetOf } from '../engine/authoring.ts';
import { Presence, type PresenceRecord, type PresenceSpec } from './presence.ts';
import { phrasesOf } from './verb-patterns.ts';
import { goodName, goodText, the } from './words.ts';

export interface ThingRecord extends PresenceRecord {
  readonly description: string;
  readonly fixed: string;
}

export interface ThingSpec extends PresenceSpec {
  readonly description?: string;
  /** Why it cannot be moved; left out for what can be. */
  readonly fixed?: string;
}

export type Front = FacetOf<typeof Thing, 'public'>;

/** Something with a name and a description, that can be asked for more. */
export class Thing extends Presence {
  static override reads: readonly string[] = ['name', 'describe', 'verbs'];
  static override facets = {
    ...Presence.facets,
    public: {
      name: M.call().returns(M.string()),
      describe: M.call().returns(M.string()),
      verbs: M.call().returns(M.arrayOf(M.string())),
      requestCapability: M.call(M.string(), M.remotable()).returns(M.remotable()),
    },
    owner: {
      ...Presence.facets.owner,
      rename: M.call(M.string()).returns(),
      redescribe: M.call(M.string()).returns(),
    },
  };

  protected description = '';
  protected fixed = '';

  override init(spec: ThingSpec): void {
    super.init(spec);
    this.description = goodText(spec.description ?? '');
    this.fixed = spec.fixed ?? '';
  }

  override toRecord(): ThingRecord {
    const { label: name, also, spot, held, description, fixed } = this;
    return { name, also, spot, held, description, fixed };
  }

  override fromRecord(record: ThingRecord): void {
    super.fromRecord(record);
    this.description = record.description;
    this.fixed = record.fixed;
  }

  name(): string {
    return this.label;
  }

  describe(): string {
    return this.description;
  }

  /** What can be done with it besides what can be done with everything, in words: "ring it", "buy something from it". */
  verbs(): readonly string[] {
    return phrasesOf(this.patterns());
  }

  /**
   * Asks this object for a capability, in words. It decides what it gives, and to whom: `by` is the public capability
   * of whoever asks. Throws `Refused` if it gives nothing.
   */
  requestCapability(what: string, _by: AnyCap): AnyCap {
    throw fail('Refused', `${the(this.label)} has no "${what.slice(0, 40)}" to give.`);
  }

  rename(name: string): void {
    this.label = goodName(name);
    this.relabelled();
  }

  redescribe(text: string): void {
    this.description = goodText(text);
  }

  protected override agree(): void {
    if (this.fixed !== '') throw fail('Refused', this.fixed);
  }
}
