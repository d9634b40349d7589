import { facet, type AnyCap } from '../engine/authoring.ts';
import { Room } from './room.ts';

/** Ground that gives leave to build on it to everybody who asks. */
export class Common extends Room {
  override requestCapability(what: string, by: AnyCap): AnyCap {
    if (!/\bbuild(?:ing)?\b/.test(what)) return super.requestCapability(what, by);
    // One and the same for all: a grant for each who asks would be stored with the ground for ever.
    return facet<typeof Common, 'builder'>(this, 'builder');
  }
}
