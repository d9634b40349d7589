import { attempt, facet, type AnyCap } from '../engine/authoring.ts';
import { Room } from './room.ts';
import type { Front } from './thing.ts';

/** Ground that gives leave to build on it to everybody who asks. */
export class Common extends Room {
  override requestCapability(what: string, by: AnyCap): AnyCap {
    if (!/\bbuild(?:ing)?\b/.test(what)) return super.requestCapability(what, by);
    const name = attempt(() => (by as Front).name());
    return facet<typeof Common, 'builder'>(this, 'builder', {
      for: name.ok ? name.value.slice(0, 60) : 'somebody',
    });
  }
}
