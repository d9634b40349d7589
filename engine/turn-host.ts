import { isGenuine } from '../wrappers/errors.ts';
import type { ObjectClass } from '../wrappers/class-spec.ts';
import { Grants } from '../wrappers/grant.ts';
import type { Membrane } from '../wrappers/membrane.ts';
import { objectId } from '../wrappers/names.ts';
import { Wrapper } from '../wrappers/wrapper.ts';
import type { Classes } from './classes.ts';
import type { Counters, Undoable } from './counters.ts';
import type { WorldLimits } from './limits.ts';
import type { ObjectTable } from './object-table.ts';

/** What a turn needs from the world it runs in. */
export interface TurnHost {
  readonly membrane: Membrane;
  readonly limits: WorldLimits;
  readonly isProxy: (value: object) => boolean;
  /** The wrapper is in use: it moves to the young end of the order of eviction. */
  readonly touched: (wrapper: Wrapper) => void;
  /** A blank object of a class, with a new id and no instance yet, for the turn to adopt. Raises `NotAClass`. */
  readonly blank: (undo: Undoable, objectClass: ObjectClass, bank: Wrapper | null) => Wrapper;
  /** Whether the class is the engine's own of that name. */
  readonly isBank: (wrapper: Wrapper) => boolean;
  /** The bank that paid for an object, if both are still there. */
  readonly bankOf: (wrapper: Wrapper) => Wrapper | null;
  /** A number for a message; given back if the turn fails. */
  readonly messageNumber: (undo: Undoable) => number;
  /** For the Storage object only. */
  readonly administration: Administration;
  /** Puts a new object into the table. */
  readonly adopted: (wrapper: Wrapper) => void;
  /** Takes an object that was created in a failed turn, or destroyed in a good one, out of the table. */
  readonly discard: (wrapper: Wrapper) => void;
}

/** What the Storage object can do that no other object can. */
interface Administration {
  readonly classNames: () => readonly string[];
  readonly classNamed: (name: string) => ObjectClass;
}

export interface TurnHostParts {
  readonly membrane: Membrane;
  readonly limits: WorldLimits;
  readonly isProxy: (value: object) => boolean;
  readonly classes: Classes;
  readonly table: ObjectTable;
  readonly counters: Counters;
}

/** The one host of all turns of a world. */
export function turnHost({ classes, table, counters, ...rest }: TurnHostParts): TurnHost {
  const bankSpec = classes.specNamed('Bank');
  return {
    ...rest,
    touched: (wrapper) => {
      table.use(wrapper);
    },
    adopted: (wrapper) => {
      table.add(wrapper);
    },
    discard: (wrapper) => {
      table.discard(wrapper);
    },
    blank: (undo, objectClass, bank) => {
      const spec = classes.specOf(objectClass);
      const id = objectId(counters.takeObject(undo));
      return new Wrapper(id, spec, bank?.id ?? null, new Grants(), undefined);
    },
    isBank: (wrapper) => wrapper.spec === bankSpec,
    bankOf: (wrapper) => {
      if (wrapper.bank === null) return null;
      try {
        return table.find(wrapper.bank);
      } catch (thrown) {
        // A bank that is gone or damaged gets nothing back; that must not keep what it paid for in the world.
        if (isGenuine(thrown)) return null;
        throw thrown;
      }
    },
    messageNumber: (undo) => counters.takeMessage(undo),
    administration: {
      classNames: () => classes.names(),
      classNamed: (name) => classes.named(name),
    },
  };
}
