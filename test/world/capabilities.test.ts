import { attenuate, only, type FacetOf } from '../../engine/authoring.ts';
import type { Key } from '../../world/key.ts';
import type { Lock } from '../../world/lock.ts';
import type { LockedExit } from '../../world/locked-exit.ts';
import type { Room } from '../../world/room.ts';
import type { Thing } from '../../world/thing.ts';
import type { Veil } from '../../world/things/veil.ts';

// oxlint-disable-next-line typescript/no-generated-empty-object-type -- that it is empty is the point
type VeilFront = FacetOf<typeof Veil, 'public'>;

/** Never run: that it compiles is the test, and that each line marked so does not. */
export function misuse(
  inside: FacetOf<typeof Room, 'inside'>,
  front: FacetOf<typeof Thing, 'public'>,
  bolt: FacetOf<typeof Lock, 'bolt'>,
  veil: VeilFront,
  door: FacetOf<typeof LockedExit, 'public'>,
  key: FacetOf<typeof Key, 'holder'>,
): void {
  const eyes = only(inside, 'look');
  eyes.look();
  // @ts-expect-error what can only look cannot take
  eyes.take(inside, front, inside.floor());
  // @ts-expect-error nor can it be narrowed to what it does not have
  only(eyes, 'take');
  const turn = attenuate(bolt, { only: ['unlock'], uses: 1 });
  turn.unlock();
  // @ts-expect-error a key does not tell whether the door is locked
  turn.isLocked();
  // @ts-expect-error what everybody may have of a thing does not rename it
  front.rename('mine');
  // @ts-expect-error nor move it
  front.moveTo(inside.floor());
  // @ts-expect-error of something veiled one learns nothing
  veil.describe();
  // @ts-expect-error a door opens to a capability, not to a name
  door.present('iron key');
  door.present(key.lend(front));
  // @ts-expect-error who holds the key does not hold what made it
  key.rename('mine');
}

test('misuse of a facet does not compile', () => {
  expect(typeof misuse).toBe('function');
});
