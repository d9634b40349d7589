import { M } from '@endo/patterns';
import type { AnyCap } from './authoring.ts';
import { build } from './build.ts';
import { openTurn } from './open-turn.ts';

/** What the Storage object tells of one grant. Tokens stay where they are. */
export interface GrantReport {
  readonly methods: readonly string[];
  readonly for: string;
  /** Position of the parent in the same list, or -1. */
  readonly parent: number;
  readonly expires: number | null;
  readonly uses: number | null;
}

/**
 * Wizardry: whoever holds the `full` facet can make objects of any class without a bank, list what there is, and have
 * a checkpoint taken. Nobody gets it but by being given it.
 */
export class Storage {
  static facets = {
    public: {},
    full: {
      classes: M.call().returns(M.arrayOf(M.string())),
      make: M.call(M.string()).rest(M.arrayOf(M.any())).returns(M.remotable()),
      grants: M.call(M.remotable()).returns(M.any()),
      checkpoint: M.call().returns(),
    },
  };

  toRecord(): Record<string, never> {
    return {};
  }

  fromRecord(): void {}

  /** The names of all classes. */
  classes(): readonly string[] {
    return openTurn().host.administration.classNames();
  }

  /** A new object of the class of that name, with its `init` arguments; gives its owner facet. Raises `NotAClass`. */
  make(className: string, ...args: readonly unknown[]): AnyCap {
    const turn = openTurn();
    return build(turn, turn.host.administration.classNamed(className), args, null);
  }

  /** All grants on the object behind a capability, parents before children. */
  grants(capability: AnyCap): readonly GrantReport[] {
    const grants = openTurn().host.membrane.objectOf(capability).grants.inOrder();
    return grants.map((grant) => ({
      methods: [...grant.shape.methods],
      for: grant.standing === null ? grant.label : `facet ${grant.standing}`,
      parent: grant.parent === null ? -1 : grants.indexOf(grant.parent),
      expires: grant.expires,
      uses: grant.uses,
    }));
  }

  /** Takes a checkpoint once this turn is durable. */
  checkpoint(): void {
    openTurn().checkpoint();
  }
}
