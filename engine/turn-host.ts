import { objectKey } from '../storage/keys.ts';
import type { ObjectClass } from '../wrappers/class-spec.ts';
import { Grants } from '../wrappers/grant.ts';
import type { Membrane } from '../wrappers/membrane.ts';
import { objectId } from '../wrappers/names.ts';
import { Wrapper } from '../wrappers/wrapper.ts';
import type { Classes } from './classes.ts';
import type { Commits } from './commits.ts';
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
  /** A blank object of a class, in the table, with a new id and no instance yet. Raises `NotAClass`. */
  readonly blank: (undo: Undoable, objectClass: ObjectClass, bank: Wrapper | null) => Wrapper;
  /** Whether the class is the engine's own of that name. */
  readonly isBank: (wrapper: Wrapper) => boolean;
  /** The bank that paid for an object, if both are still there. */
  readonly bankOf: (wrapper: Wrapper) => Wrapper | null;
  /** A number for a message; given back if the turn fails. */
  readonly messageNumber: (undo: Undoable) => number;
  /** For the Storage object only. */
  readonly administration: Administration;
  /** Takes an object that was created in a failed turn, or destroyed in a good one, out of the table. */
  readonly discard: (wrapper: Wrapper) => void;
}

/** What the Storage object can do that no other object can. */
export interface Administration {
  readonly classNames: () => readonly string[];
  readonly classNamed: (name: string) => ObjectClass;
  /** Begins a checkpoint once the turn is durable. */
  readonly checkpoint: () => void;
}

export interface TurnHostParts {
  readonly membrane: Membrane;
  readonly limits: WorldLimits;
  readonly isProxy: (value: object) => boolean;
  readonly classes: Classes;
  readonly table: ObjectTable;
  readonly commits: Commits;
  readonly counters: Counters;
  readonly onCheckpoint: () => void;
}

/** The one host of all turns of a world. */
export function turnHost({ classes, table, commits, counters, onCheckpoint, ...rest }: TurnHostParts): TurnHost {
  const bankSpec = classes.specNamed('Bank');
  return {
    ...rest,
    touched: (wrapper) => {
      table.use(wrapper);
    },
    discard: (wrapper) => {
      table.discard(wrapper);
    },
    blank: (undo, objectClass, bank) => {
      const spec = classes.specOf(objectClass);
      const id = objectId(counters.takeObject(undo));
      const wrapper = new Wrapper(id, spec, bank?.id ?? null, new Grants(), undefined);
      table.add(wrapper);
      return wrapper;
    },
    isBank: (wrapper) => wrapper.spec === bankSpec,
    bankOf: (wrapper) => {
      if (wrapper.bank === null) return null;
      return commits.get(objectKey(wrapper.bank)) === undefined ? null : table.find(wrapper.bank);
    },
    messageNumber: (undo) => counters.takeMessage(undo),
    administration: {
      classNames: () => classes.names(),
      classNamed: (name) => classes.named(name),
      checkpoint: () => {
        commits.whenDurable(onCheckpoint);
      },
    },
  };
}
