import { attempt, fail, M, type FacetOf } from '../engine/authoring.ts';
import { Exit, type ExitRecord, type ExitSpec, type Way } from './exit.ts';
import type { Sight, Unlocking } from './lock.ts';
import { capital, the } from './words.ts';

/** What a locked exit offers the public. */
export type Locked = FacetOf<typeof LockedExit, 'public'>;

export interface LockedExitSpec extends ExitSpec {
  readonly lock: Sight;
}

export interface LockedExitRecord extends ExitRecord {
  readonly lock: Sight | null;
}

/** A way out that leads on only while its lock is open. It holds no key of its own. */
export class LockedExit extends Exit {
  static override facets = {
    ...Exit.facets,
    public: {
      ...Exit.facets.public,
      present: M.call(M.remotable()).returns(M.string()),
      isLocked: M.call().returns(M.boolean()),
    },
  };

  #lock: Sight | null = null;

  override init(spec: LockedExitSpec): void {
    super.init(spec);
    if ((spec.lock as Sight | undefined) === undefined)
      throw fail('Incomplete', 'A locked way needs the lock that it looks at: { name, door, lock }.');
    this.#lock = spec.lock;
  }

  override toRecord(): LockedExitRecord {
    return { ...super.toRecord(), lock: this.#lock };
  }

  override fromRecord(record: LockedExitRecord): void {
    super.fromRecord(record);
    this.#lock = record.lock;
  }

  override describe(): string {
    return `${super.describe()} ${this.isLocked() ? 'It is locked.' : 'It is unlocked.'}`;
  }

  isLocked(): boolean {
    return this.#lock?.isLocked() ?? false;
  }

  /** Somebody tries a capability in the lock. What opens it is that it opens it. */
  present(key: Unlocking): string {
    if (!this.isLocked()) return `${capital(the(this.label))} is unlocked already.`;
    // What opens another lock has not been turned: that one stays shut, and a key for one use is not used up.
    const turned = attempt(() => {
      key.unlock();
      if (this.isLocked()) throw fail('Refused', 'It does not turn.');
    });
    return turned.ok
      ? `Something heavy gives way inside ${the(this.label)}. It is unlocked.`
      : 'It does not turn.';
  }

  override lead(): Way {
    if (this.isLocked()) throw fail('Locked', `${capital(the(this.label))} is locked.`);
    return super.lead();
  }
}
