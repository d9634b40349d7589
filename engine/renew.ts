import { brokenSpec, type ClassSpec, type ObjectClass } from '../wrappers/class-spec.ts';
import { errorFrom, type KeysteadError } from '../wrappers/errors.ts';
import type { Membrane, UpgradeHook } from '../wrappers/membrane.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import type { Classes } from './classes.ts';
import { mayPass } from './unreadable.ts';
import type { SavedClasses } from './saved-classes.ts';
import { isStackShort } from './stack-left.ts';
import type { Turn } from './turn.ts';

export interface RenewalsOptions {
  readonly classes: Classes;
  readonly saved: SavedClasses;
  readonly membrane: Membrane;
  readonly isProxy: (value: object) => boolean;
  /** An object stays as it is: its class's `upgrade` failed. */
  readonly onFailed: (wrapper: Wrapper, to: number, error: KeysteadError) => void;
}

/**
 * Brings objects from one version of their class to another, at their first use in a turn and as a part of that turn. One
 * whose upgrade fails keeps its record, its version and the code of that version, until there is another one to try, or it is to be
 * tried again.
 */
export class Renewals {
  readonly #options: RenewalsOptions;
  /** The version that each object could not be brought to, and why. */
  readonly #failed = new Map<ObjectId, { readonly to: string; readonly why: string }>();

  constructor(options: RenewalsOptions) {
    this.#options = options;
  }

  /** Marks an object that has just been read from the store if it has to be looked at before it is used. */
  notice(wrapper: Wrapper): void {
    const { spec, version } = wrapper;
    if (spec.origin !== null) {
      wrapper.attention =
        spec.broken !== null || version !== this.#options.saved.settled(spec.origin).current;
    } else if (version !== spec.version) {
      const hooks = this.#hooks(spec, this.#lineage(wrapper));
      if (hooks.length > 0 || this.#options.membrane.granting.isBehind(wrapper)) wrapper.attention = true;
      else wrapper.version = spec.version;
    }
  }

  renew(turn: Turn, wrapper: Wrapper): void {
    if (wrapper.aside) return;
    const { spec, version } = wrapper;
    const { classes, saved } = this.#options;
    // What the running turn makes of the class counts from the next turn on: all that is held now looks as it did.
    const target =
      spec.origin === null
        ? classes.named(spec.name)
        : saved.specFor(spec.origin, saved.settled(spec.origin).current);
    if (target.version === version && target === spec) {
      wrapper.attention = target.broken !== null;
      return;
    }
    if (target.broken !== null) return;
    const failed = this.#failed.get(wrapper.id);
    if (failed?.to === keyOf(target)) {
      this.#stay(turn, wrapper, failed.why);
      return;
    }
    // Whoever is benched for this one turn cannot run its hooks: that says nothing about them.
    const refusal = turn.host.meter.refusal(wrapper);
    if (refusal !== null) throw refusal;
    let record = wrapper.working ?? wrapper.record;
    try {
      for (const { from, ...hook } of this.#hooks(target, this.#lineage(wrapper))) {
        record = this.#options.membrane.upgraded(turn, wrapper, hook, record, from);
      }
    } catch (thrown) {
      const error = errorFrom(thrown, spec.name, this.#options.isProxy);
      // That says nothing about the object, if it was the caller who used up the stack.
      if (error.code === 'Overflow' && isStackShort()) throw error;
      if (mayPass(thrown)) throw thrown;
      const why = `it could not be upgraded to version ${target.version}: ${error.message}`;
      this.#failed.set(wrapper.id, { to: keyOf(target), why });
      this.#options.onFailed(wrapper, target.version, error);
      this.#stay(turn, wrapper, why);
      return;
    }
    this.#exchange(turn, wrapper, target, target.version);
    if (record !== wrapper.record) wrapper.working = record;
    turn.grantsChanged(wrapper); // it is stored with its new version, whether its record is another or not
    this.#options.membrane.granting.reshape(turn, wrapper);
  }

  /** Why an object stays in its version, if an upgrade was tried. */
  whyNot(id: ObjectId): string | undefined {
    return this.#failed.get(id)?.why;
  }

  /** Another try for an object: its record may be another, or somebody wants to know. */
  tryAgain(id: ObjectId): void {
    this.#failed.delete(id);
  }

  /** Another try for all: a class has changed. */
  forget(): void {
    this.#failed.clear();
  }

  /** It stays in its version. Of a built-in class there is no older code: its objects take no calls meanwhile. */
  #stay(turn: Turn, wrapper: Wrapper, why: string): void {
    const { spec, version } = wrapper;
    if (spec.origin !== null) return;
    this.#exchange(turn, wrapper, brokenSpec(spec.name, spec, why), version);
    wrapper.attention = true;
  }

  #exchange(turn: Turn, wrapper: Wrapper, spec: ClassSpec, version: number): void {
    const before = { spec: wrapper.spec, version: wrapper.version };
    turn.onUndo(() => {
      wrapper.spec = before.spec;
      wrapper.version = before.version;
      wrapper.instance = null;
      wrapper.attention = true;
    });
    wrapper.instance = null;
    wrapper.spec = spec;
    wrapper.version = version;
    wrapper.attention = false;
  }

  #lineage({ spec, version }: Wrapper): Readonly<Record<string, number>> {
    if (spec.origin === null) return this.#options.classes.lineageAt(spec.name, version);
    return this.#options.saved.state(spec.origin).versions[version - 1]?.lineage ?? {};
  }

  /**
   * The hooks that lead from one lineage to that of `target`, the base's first. A class whose own code is what it was has
   * nothing to do: its version is another one because its base's is, or because it went back.
   */
  #hooks(
    target: ClassSpec,
    from: Readonly<Record<string, number>>,
  ): readonly (UpgradeHook & { readonly from: number })[] {
    const hooks: (UpgradeHook & { readonly from: number })[] = [];
    for (let at: unknown = target.make; typeof at === 'function'; at = Object.getPrototypeOf(at)) {
      const found = Object.getOwnPropertyDescriptor(at, 'upgrade');
      const { name } = at;
      const before = from[name] ?? 0;
      if (typeof found?.value !== 'function' || this.#isSame(at as ObjectClass, before, target)) continue;
      const hook = found.value as UpgradeHook['call'];
      const holder = at;
      hooks.unshift({
        from: before,
        where: name,
        metered: target.metered,
        call: (record, version) => Reflect.apply(hook, holder, [record, version]),
      });
    }
    return hooks;
  }

  /** Whether a class has the same code of its own in two of its versions. */
  #isSame(objectClass: ObjectClass, before: number, { lineage }: ClassSpec): boolean {
    const { name } = objectClass;
    const now = lineage[name] ?? 0;
    if (before === now) return true;
    const { saved, classes } = this.#options;
    const id = saved.classObjectOf(objectClass);
    const sourceAt = (version: number): string | undefined =>
      id === undefined ? classes.sourceAt(name, version) : saved.state(id).versions[version - 1]?.source;
    const source = sourceAt(now);
    return source !== undefined && sourceAt(before) === source;
  }
}

function keyOf({ origin, version, hash }: ClassSpec): string {
  return `${origin} ${version} ${hash}`;
}
