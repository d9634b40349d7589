import { facet, fail, M, type FacetOf } from '../engine/authoring.ts';
import { arrivingBy } from './directions.ts';
import type { Door } from './place.ts';
import { Thing, type ThingRecord, type ThingSpec } from './thing.ts';

export interface ExitSpec extends ThingSpec {
  /** Lets people into the place that this leads to. */
  readonly door: Door;
  /** What people are told while they pass. */
  readonly passing?: string;
  /** How they come in on the other side, like "from the south". */
  readonly arriving?: string;
}

export interface ExitRecord extends ThingRecord {
  readonly door: Door;
  readonly passing: string;
  readonly arriving: string;
}

/** What the room learns that wants to send somebody through. */
export interface Way {
  readonly door: Door;
  readonly to: string;
  readonly passing: string;
  readonly arriving: string;
}

export type Passage = FacetOf<typeof Exit, 'passage'>;

/**
 * A way out of a room. It moves nobody: the room that has its `passage` asks it for the door on the other side,
 * and moves who wants to go by means of its own. So an exit learns nothing about who passes, and holds nothing on him.
 */
export class Exit extends Thing {
  static override facets = {
    ...Thing.facets,
    passage: { lead: M.call().returns(M.any()) },
    owner: { ...Thing.facets.owner, passage: M.call().returns(M.remotable()) },
  };

  #door: Door | null = null;
  #passing = '';
  #arriving = '';

  override init(spec: ExitSpec): void {
    super.init(spec);
    if ((spec.door as Door | undefined) === undefined)
      throw fail('Incomplete', 'A way out needs the door that it leads to: { name, door }.');
    this.#door = spec.door;
    this.#passing = spec.passing ?? '';
    this.#arriving = spec.arriving ?? arrivingBy(spec.name);
  }

  override toRecord(): ExitRecord {
    return { ...super.toRecord(), door: this.door(), passing: this.#passing, arriving: this.#arriving };
  }

  override fromRecord(record: ExitRecord): void {
    super.fromRecord(record);
    this.#door = record.door;
    this.#passing = record.passing;
    this.#arriving = record.arriving;
  }

  passage(): Passage {
    return facet<typeof Exit, 'passage'>(this, 'passage');
  }

  /** Opens, or throws to say why it does not. */
  lead(): Way {
    const door = this.door();
    return { door, to: door.name(), passing: this.#passing, arriving: this.#arriving };
  }

  protected door(): Door {
    if (this.#door === null) throw new Error('This exit leads nowhere.');
    return this.#door;
  }
}
