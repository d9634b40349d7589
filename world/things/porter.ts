import { attempt, attenuate, fail, type AnyCap } from '../../engine/authoring.ts';
import type { Unlocking } from '../lock.ts';
import { Thing, type Front, type ThingRecord, type ThingSpec } from '../thing.ts';
import type { Verbs } from '../verb-patterns.ts';

export interface PorterSpec extends ThingSpec {
  readonly turns: Unlocking;
}

export interface PorterRecord extends ThingRecord {
  readonly turns: Unlocking | null;
}

/** How long a turn of the key that nobody took stays open, in milliseconds. */
const TURN_LASTS = 600_000;

/** Holds what a key holds, and gives it away for one turn of the lock. He does not ask who you are, but how you ask. */
export class Porter extends Thing {
  static override verbs: Verbs = { wake: 'wake', greet: 'greet' };

  #turns: Unlocking | null = null;

  override init(spec: PorterSpec): void {
    super.init(spec);
    this.#turns = spec.turns;
  }

  override toRecord(): PorterRecord {
    return { ...super.toRecord(), turns: this.#turns };
  }

  override fromRecord(record: PorterRecord): void {
    super.fromRecord(record);
    this.#turns = record.turns;
  }

  override requestCapability(what: string, by: AnyCap): AnyCap {
    const turns = this.#turns;
    if (turns === null || !/\b(?:passage|unlock|key)\b/.test(what)) {
      throw fail('Refused', '"Not mine to give," says the porter, without looking up.');
    }
    if (!/\bplease\b/.test(what)) {
      throw fail(
        'Refused',
        '"There is a key for that," says the porter. "Or there is a word. You seem to have neither."',
      );
    }
    const name = attempt(() => (by as Front).name());
    return attenuate(turns, {
      for: name.ok ? name.value.slice(0, 60) : 'somebody polite',
      uses: 1,
      expiresIn: TURN_LASTS,
    });
  }

  wake(): string {
    return 'The porter, who was not asleep, gives you the look of a man who was not asleep.';
  }

  greet(): string {
    return 'The porter lifts one finger from the newspaper, which for him is a great deal.';
  }
}
