import { fail } from '../../engine/authoring.ts';
import { Presence } from '../presence.ts';

/** It is there. Its public facet has no method at all, so nobody learns more than that by any means. */
export class Veil extends Presence {
  protected override agree(): void {
    throw fail('Refused', 'Your hands slide off it as if it were not quite there.');
  }
}
