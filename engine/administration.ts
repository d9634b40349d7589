import type { KeysteadError } from '../wrappers/errors.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import type { AnyCap } from './authoring.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Account } from './meter.ts';

/** What the engine's own classes (Storage, Bank, ClassObject, ClassRegistry) can have done that no other object can. */
export interface Administration {
  /** The class object of that name, as the running turn sees it; null if none was written in the world. */
  readonly classNamed: (name: string) => ObjectId | null;
  /** Every class object. */
  readonly classObjects: () => readonly ObjectId[];
  readonly isClassObject: (wrapper: Wrapper) => boolean;
  /** Whether an admin has read and approved the code of that hash. */
  readonly isApproved: (hash: string) => boolean;
  /** Only when a turn has succeeded: a class has another version, and all that is in memory is read anew. */
  readonly classChanged: () => void;
  /** Only when a turn has succeeded: it takes no calls until an admin lets it go on. */
  readonly stop: (id: ObjectId, why: string) => void;
  /** Only when a turn has succeeded: the object takes calls again. */
  readonly mended: (id: ObjectId) => void;
  /** Only when a turn has succeeded: tells whoever owns the object's bank what is wrong with it. It goes on as before. */
  readonly advise: (wrapper: Wrapper, error: KeysteadError) => void;
  /** Whether all objects of a class are being upgraded. */
  readonly isUpgrading: (classObject: ObjectId) => boolean;
  /** Only when a turn has succeeded: upgrades all objects of a class, and sends `method` of `to` what became of it. */
  readonly upgradeAll: (classObject: ObjectId, to: AnyCap, method: string) => void;
  /** Only when a turn has succeeded: searches the store, and sends `method` of `to` the objects that hold a grant. */
  readonly findHolders: (slot: string, to: AnyCap, method: string) => void;
  /** Only when a turn has succeeded: all code is loaded anew once that is durable. */
  readonly reload: () => void;
  readonly accounts: () => readonly Account[];
  readonly letters: DeadLetters;
  /** Only when a turn has succeeded: has a dead letter delivered once more, if it is there. */
  readonly retryLetter: (number: number) => void;
}
