import { Carrier } from './carrier.ts';
import { Common } from './common.ts';
import { Container } from './container.ts';
import { Exit } from './exit.ts';
import { Key } from './key.ts';
import { Lock } from './lock.ts';
import { LockedExit } from './locked-exit.ts';
import { Presence } from './presence.ts';
import { Room } from './room.ts';
import { Thing } from './thing.ts';
import { Echo } from './things/echo.ts';
import { Mechanism } from './things/mechanism.ts';

/**
 * The classes that anybody may build on, and make objects of. Whoever builds on one can override each of its methods and
 * call them with a `this` of his choice, so none of them knows more, or may do more, than its own object. What they keep
 * outside of their objects is frozen.
 */
export const shared = [
  Carrier,
  Common,
  Container,
  Echo,
  Exit,
  Key,
  Lock,
  LockedExit,
  Mechanism,
  Presence,
  Room,
  Thing,
] as const;
