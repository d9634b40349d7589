import { isGenuine } from '../wrappers/errors.ts';
import type { ClassSpec, ObjectClass } from '../wrappers/class-spec.ts';
import { Grants } from '../wrappers/grant.ts';
import type { Membrane } from '../wrappers/membrane.ts';
import { objectId, type ObjectId } from '../wrappers/names.ts';
import { Wrapper } from '../wrappers/wrapper.ts';
import type { Administration } from './administration.ts';
import type { Asides } from './asides.ts';
import { Proofs } from './proofs.ts';
import type { Classes } from './classes.ts';
import { dropCollections } from './collections.ts';
import { refuse } from './errors.ts';
import type { Counters, Undoable } from './counters.ts';
import type { WorldLimits } from './limits.ts';
import type { Meter } from './meter.ts';
import type { ObjectTable } from './object-table.ts';
import { mayPass } from './unreadable.ts';
import type { Renewals } from './renew.ts';
import { dropRestarts } from './restarts.ts';
import type { SavedClasses } from './saved-classes.ts';
import type { Sessions } from './sessions.ts';
import type { Shares } from './shares.ts';
import type { Turn } from './turn.ts';
import type { WaitingMessages } from './waiting.ts';
import { dropWatches } from './watches.ts';

/** What a turn needs from the world it runs in. */
export interface TurnHost {
  readonly membrane: Membrane;
  readonly limits: WorldLimits;
  readonly isProxy: (value: object) => boolean;
  readonly digest: (text: string) => string;
  readonly classes: Classes;
  readonly saved: SavedClasses;
  readonly asides: Asides;
  readonly proofs: Proofs;
  /** Why an object could not be brought to its class's version, if that was tried and failed. */
  readonly whyNotUpgraded: (id: ObjectId) => string | undefined;
  /** An upgrade that has failed is tried again at the next use of the object. */
  readonly tryUpgradeAgain: (id: ObjectId) => void;
  readonly meter: Meter;
  /** What a key of the store holds, without what the running turn has written. */
  readonly stored: (key: string) => string | undefined;
  /** An object, faulted in if need be. Raises `Gone` or `Damaged`. */
  readonly find: (id: ObjectId) => Wrapper;
  /** A turn uses the wrapper: it moves to the young end of the order of eviction, and is noted where garbage is sought. */
  readonly touched: (wrapper: Wrapper) => void;
  /** Brings an object up to date with its class. */
  readonly renew: (turn: Turn, wrapper: Wrapper) => void;
  /**
   * The class of a constructor, for the object that is running: a shared class, or one of its own. Built-in classes create
   * any. Raises `NotAClass`.
   */
  readonly creatable: (running: Wrapper | null, objectClass: ObjectClass) => ClassSpec;
  /** A blank object of a class, with a new id and no instance yet, for the turn to adopt. */
  readonly blank: (undo: Undoable, spec: ClassSpec, bank: Wrapper | null) => Wrapper;
  /** Destroys an object and gives its bank back what it cost. Does nothing to one that is gone. */
  readonly end: (turn: Turn, wrapper: Wrapper) => void;
  /** Whether the class is the engine's own of that name. */
  readonly isBank: (wrapper: Wrapper) => boolean;
  /** The bank that paid for an object, if both are still there. Raises `Damaged` if it could be read another time. */
  readonly bankOf: (wrapper: Wrapper) => Wrapper | null;
  /** An object, if it is there and can be read. */
  readonly ifThere: (id: ObjectId) => Wrapper | null;
  readonly shares: Shares;
  /** A bank, if it is there. Raises `Damaged` if it could be read another time. */
  readonly bank: (id: ObjectId) => Wrapper | null;
  /** The bank that a bank was split off from. */
  readonly bankAbove: (bank: ObjectId) => ObjectId | null;
  /** Whether somebody who is attached to an object takes output that has a kind. */
  readonly takesKinds: (wrapper: Wrapper) => boolean;
  /** How many sessions are attached to an object. */
  readonly listenersOf: (wrapper: Wrapper) => number;
  /** What an object has sent that waits to be delivered. */
  readonly waiting: WaitingMessages;
  /** A number for a message; given back if the turn fails. */
  readonly messageNumber: (undo: Undoable) => number;
  /** For the engine's own classes only. */
  readonly administration: Administration;
  /** A turn was stopped, perhaps in the middle of changing the order of eviction. */
  readonly relink: () => void;
  /** Puts a new object into the table. */
  readonly adopted: (wrapper: Wrapper) => void;
  /** Takes an object that was created in a failed turn, or destroyed in a good one, out of the table. */
  readonly discard: (wrapper: Wrapper) => void;
}

export interface TurnHostParts extends Pick<
  TurnHost,
  | 'membrane'
  | 'limits'
  | 'isProxy'
  | 'digest'
  | 'classes'
  | 'saved'
  | 'asides'
  | 'meter'
  | 'stored'
  | 'administration'
  | 'waiting'
  | 'shares'
> {
  readonly table: ObjectTable;
  readonly sessions: Sessions;
  readonly counters: Counters;
  readonly renewals: Renewals;
}

/** The one host of all turns of a world. */
export function turnHost({ table, sessions, counters, renewals, ...rest }: TurnHostParts): TurnHost {
  const { classes, membrane, saved } = rest;
  const isBank = (wrapper: Wrapper): boolean => wrapper.spec.name === 'Bank' && wrapper.spec.origin === null;
  const find = (id: ObjectId): Wrapper => table.find(id);
  /** A bank that is gone or damaged gets nothing back; that must not keep what it paid for in the world. */
  const ifThere = (id: ObjectId | null): Wrapper | null => {
    if (id === null) return null;
    try {
      return table.find(id);
    } catch (thrown) {
      if (isGenuine(thrown)) return null;
      throw thrown;
    }
  };
  /** The same for one that is to pay or to get something back: if the disk does not give it now, the turn fails instead. */
  const bank = (id: ObjectId | null): Wrapper | null => {
    try {
      return id === null ? null : table.find(id);
    } catch (thrown) {
      if (isGenuine(thrown) && !mayPass(thrown)) return null;
      throw thrown;
    }
  };
  classes.named('Bank');
  return {
    ...rest,
    find,
    touched: (wrapper) => {
      table.use(wrapper);
      membrane.marshal.noting?.add(wrapper.id);
    },
    adopted: (wrapper) => {
      table.add(wrapper);
    },
    discard: (wrapper) => {
      table.discard(wrapper);
    },
    relink: () => {
      table.relink();
    },
    proofs: new Proofs(),
    whyNotUpgraded: (id) => renewals.whyNot(id),
    tryUpgradeAgain: (id) => {
      renewals.tryAgain(id);
    },
    renew: (turn, wrapper) => {
      renewals.renew(turn, wrapper);
    },
    creatable: (running, objectClass) => {
      const id = saved.classObjectOf(objectClass);
      if (id !== undefined) return saved.specFor(id);
      const spec = classes.specOf(objectClass);
      const mayAny = running === null || !running.spec.metered;
      if (spec !== undefined && (mayAny || classes.shared(spec.name) === objectClass)) return spec;
      return refuse('NotAClass', 'What is to be created is not a class that this object may create.');
    },
    blank: (undo, spec, bank) => {
      const id = objectId(counters.takeObject(undo));
      return new Wrapper(id, spec, bank?.id ?? null, new Grants(), undefined);
    },
    end: (turn, wrapper) => {
      turn.whole(() => {
        if (!turn.destroy(wrapper)) return; // it has had its refund
        dropCollections(turn, wrapper);
        dropWatches(turn, wrapper);
        dropRestarts(turn, wrapper);
        const payer = bank(wrapper.bank);
        if (payer !== null) membrane.invokeInternally(payer, 'refund', [wrapper.paid]);
      });
    },
    isBank,
    takesKinds: ({ id }) => sessions.takesKinds(id),
    listenersOf: ({ id }) => sessions.listenersOf(id),
    bankOf: (wrapper) => bank(wrapper.bank),
    bank,
    ifThere,
    bankAbove: (id) => ifThere(id)?.bank ?? null,
    messageNumber: (undo) => counters.takeMessage(undo),
  };
}
