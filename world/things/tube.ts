import { facet, M, send, type AnyCap, type FacetOf } from '../../engine/authoring.ts';
import { Thing, type ThingRecord } from '../thing.ts';
import type { Verbs } from '../verb-patterns.ts';
import { line } from '../words.ts';

type FarEnd = FacetOf<typeof Tube, 'mouthpiece'>;

export interface TubeRecord extends ThingRecord {
  readonly farEnd: FarEnd | null;
}

/** One end of a speaking tube. What goes into it comes out of the other, a moment later. */
export class Tube extends Thing {
  static override facets = {
    ...Thing.facets,
    mouthpiece: { carry: M.call(M.string()).returns() },
    owner: {
      ...Thing.facets.owner,
      mouthpiece: M.call().returns(M.remotable()),
      join: M.call(M.remotable()).returns(),
    },
  };
  static override verbs: Verbs = { 'blow into': 'blow', 'shout|speak * into': 'speak' };

  #farEnd: FarEnd | null = null;

  override toRecord(): TubeRecord {
    return { ...super.toRecord(), farEnd: this.#farEnd };
  }

  override fromRecord(record: TubeRecord): void {
    super.fromRecord(record);
    this.#farEnd = record.farEnd;
  }

  mouthpiece(): FarEnd {
    return facet<typeof Tube, 'mouthpiece'>(this, 'mouthpiece');
  }

  join(farEnd: FarEnd): void {
    this.#farEnd = farEnd;
  }

  carry(text: string): void {
    this.sound(line(text));
  }

  blow(): string {
    this.#send('The speaking tube lets out a thin, dusty whistle.');
    return 'You blow into the tube. Far off, something whistles.';
  }

  speak(_by: AnyCap, text: string): string {
    this.#send(`A small brass voice comes out of the speaking tube: "${line(text)}"`);
    return `You put your mouth to the brass and say, "${line(text)}" The tube swallows it.`;
  }

  #send(text: string): void {
    if (this.#farEnd !== null) send(this.#farEnd, 'carry', [text]);
  }
}
