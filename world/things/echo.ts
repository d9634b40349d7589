import { facet, M, type FacetOf } from '../../engine/authoring.ts';
import { Thing } from '../thing.ts';
import { line } from '../words.ts';

/** Where a sound from elsewhere comes out: a crack in a wall, the sky over a garden. */
export class Echo extends Thing {
  static override facets = {
    ...Thing.facets,
    sounding: { resound: M.call(M.string()).returns() },
    owner: { ...Thing.facets.owner, sounding: M.call().returns(M.remotable()) },
  };

  sounding(): FacetOf<typeof Echo, 'sounding'> {
    return facet<typeof Echo, 'sounding'>(this, 'sounding');
  }

  resound(text: string): void {
    this.sound(line(text));
  }
}
