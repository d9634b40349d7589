import { after, facet, M, type AnyCap } from '../../engine/authoring.ts';
import { Thing, type ThingRecord } from '../thing.ts';
import type { Verbs } from '../verb-patterns.ts';
import { line } from '../words.ts';

/** How long it turns a phrase over before it tries it, in milliseconds. */
const JACKDAW_THINKS = 3_000;
/** Words that it can hold in its head. */
const MOST_WORDS = 5;

export interface JackdawRecord extends ThingRecord {
  readonly phrase: string;
  readonly thinking: boolean;
}

/** Listens to what is said around it, and some time later says the end of it. */
export class Jackdaw extends Thing {
  static override facets = { ...Thing.facets, self: { speakUp: M.call().returns() } };
  static override verbs: Verbs = { feed: 'feed', pet: 'pet' };

  #phrase = '';
  #thinking = false;

  override toRecord(): JackdawRecord {
    return { ...super.toRecord(), phrase: this.#phrase, thinking: this.#thinking };
  }

  override fromRecord(record: JackdawRecord): void {
    super.fromRecord(record);
    this.#phrase = record.phrase;
    this.#thinking = record.thinking;
  }

  override hear(_text: string, said?: string, _by?: AnyCap): void {
    if (said === undefined || this.#thinking) return;
    this.#phrase = line(said).split(' ').slice(-MOST_WORDS).join(' ').slice(0, 80);
    this.#thinking = true;
    after(JACKDAW_THINKS, facet<typeof Jackdaw, 'self'>(this, 'self'), 'speakUp', []);
  }

  speakUp(): void {
    this.#thinking = false;
    this.sound(`The jackdaw puts its head on one side. "${this.#phrase}," it says, in a voice like a hinge.`);
  }

  protected override listens(): boolean {
    return true;
  }

  pet(): string {
    return 'It lets you, once, and checks your ring for shine.';
  }

  feed(): string {
    return this.#phrase === ''
      ? 'It takes the crumb, and looks at you as if you might be about to say something.'
      : `It takes the crumb. "${this.#phrase}," it confides.`;
  }
}
