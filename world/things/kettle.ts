import { after, facet, M } from '../../engine/authoring.ts';
import { Thing, type ThingRecord } from '../thing.ts';
import type { Verbs } from '../verb-patterns.ts';

/** From the hook to the whistle, in milliseconds. */
const KETTLE_BOILS_AFTER = 20_000;

type State = 'cold' | 'heating' | 'boiling';

export interface KettleRecord extends ThingRecord {
  readonly state: State;
}

/** Comes to the boil by itself, once somebody has hung it over the fire. */
export class Kettle extends Thing {
  static override facets = { ...Thing.facets, self: { boil: M.call().returns() } };
  static override verbs: Verbs = { 'boil|hang': 'hang', pour: 'pour' };

  #state: State = 'cold';

  override toRecord(): KettleRecord {
    return { ...super.toRecord(), state: this.#state };
  }

  override fromRecord(record: KettleRecord): void {
    super.fromRecord(record);
    this.#state = record.state;
  }

  override describe(): string {
    const now: Record<State, string> = {
      cold: 'It is stone cold, and half full.',
      heating: 'It has begun to tick and mutter to itself.',
      boiling: 'It is boiling its head off.',
    };
    return `${super.describe()} ${now[this.#state]}`;
  }

  boil(): void {
    if (this.#state !== 'heating') return;
    this.#state = 'boiling';
    this.sound('The kettle whistles: a rising, affronted shriek, like a small train that has seen a mouse.');
  }

  hang(): string {
    if (this.#state !== 'cold') return 'It is over the fire already.';
    this.#state = 'heating';
    after(KETTLE_BOILS_AFTER, facet<typeof Kettle, 'self'>(this, 'self'), 'boil', []);
    return 'You swing the kettle over the fire on its crane. Now there is nothing for it but not to watch.';
  }

  pour(): string {
    const was = this.#state;
    this.#state = 'cold';
    if (was === 'boiling')
      return 'You wet the leaves in the brown pot. The kitchen smells of smoke and bergamot.';
    return was === 'heating'
      ? 'Lukewarm. You pour it back and swing the kettle off the fire.'
      : 'Cold water. You think better of it.';
  }
}
