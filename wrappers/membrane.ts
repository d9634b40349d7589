import { openCall, type CallContext } from './call-context.ts';
import { stateOf } from './capability.ts';
import type { MethodSpec, Persistent } from './class-spec.ts';
import {
  crossing,
  MAX_ARGUMENTS,
  newBudget,
  type Budget,
  type CrossingContext,
  type CrossingLimits,
} from './crossing.ts';
import { CALL_FAILED, errorFrom, genuineError, raise } from './errors.ts';
import { capabilityState, Granting, refuseMethod, type GrantingHost } from './granting.ts';
import { Marshal } from './marshal.ts';
import type { ObjectId } from './names.ts';
import { sameData } from './same-data.ts';
import { Shapes } from './shape.ts';
import type { Wrapper } from './wrapper.ts';

/** What the membrane needs from the engine. */
export interface MembraneHost extends GrantingHost {
  /** True for a proxy, without running any of its traps. */
  readonly isProxy: (value: object) => boolean;
  readonly valueLimits: CrossingLimits;
  readonly recordLimits: CrossingLimits;
  /** Where in the code of a class something was thrown, for its author: ' (line 12 of Kiosk)', or ''. Runs none of it. */
  readonly placeOf: (thrown: unknown) => string;
}

/** A class's `static upgrade`. */
export interface UpgradeHook {
  readonly call: (record: unknown, fromVersion: number) => unknown;
  readonly where: string;
  readonly metered: boolean;
}

/** Whether what has crossed may be what an object keeps. */
export function isRecord(copied: unknown): boolean {
  return (
    typeof copied === 'object' && copied !== null && !Array.isArray(copied) && stateOf(copied) === undefined
  );
}

/** No instance may become its public facet here. */
function nobodys({ isProxy }: MembraneHost): CrossingContext {
  return { isProxy, publicFacet: () => undefined };
}

/** Strings below this length cross without a further look: no limit can be smaller. */
const PLAIN_LENGTH = 1_024;

function isPlain(value: unknown): boolean {
  return (
    (typeof value === 'string' && value.length < PLAIN_LENGTH) ||
    value === undefined ||
    value === true ||
    value === false
  );
}

/**
 * All capabilities of one world and the only way through them. A call on a capability ends up in `#call`, which
 * checks the grant, the arguments and the result, and runs the method on the instance with the object as `current`.
 */
export class Membrane {
  readonly shapes: Shapes;
  readonly granting: Granting;
  readonly marshal: Marshal;
  readonly #host: MembraneHost;
  readonly #instances = new WeakMap<object, Wrapper>();
  readonly #valueContext: CrossingContext;
  readonly #recordContext: CrossingContext;
  /** Whose instance may become its public facet in the value that is crossing now. */
  #sender: Wrapper | null = null;

  constructor(host: MembraneHost) {
    this.#host = host;
    const call = this.#call.bind(this);
    this.shapes = new Shapes(function forward(this: object, name, args) {
      return call(this, name, args);
    });
    this.granting = new Granting(host, this.shapes);
    this.marshal = new Marshal((parts) => this.granting.capability(parts));
    this.#valueContext = {
      isProxy: host.isProxy,
      publicFacet: (value) => {
        const wrapper = this.#instances.get(value);
        return wrapper !== undefined && wrapper === this.#sender
          ? this.granting.facet(wrapper, 'public', {})
          : undefined;
      },
    };
    this.#recordContext = {
      ...this.#valueContext,
      stillSame: (value, old) => {
        const wrapper = this.#sender;
        return wrapper !== null && this.#isSame(openCall(), wrapper, value, old);
      },
    };
  }

  /** Calls a method by name, for messages and for the host: the same checks as a call written in code. */
  invoke(capability: object, method: string, args: readonly unknown[]): unknown {
    return this.#call(capability, method, [...args]);
  }

  /**
   * Runs a method on an object for the engine itself: no grant is asked, everything else is checked.
   * Only for what the engine owes its own classes (a bank's refund).
   */
  invokeInternally(wrapper: Wrapper, method: string, args: readonly unknown[]): unknown {
    const spec = wrapper.spec.methods.get(method);
    if (spec === undefined) throw new Error(`${wrapper.spec.name} has no method ${method}.`);
    const call = openCall();
    try {
      return this.#run(call, wrapper, spec, [...args]);
    } catch (thrown) {
      const error = errorFrom(thrown, method, this.#host.isProxy);
      // The turn fails with what went wrong, also where no capability was called.
      if (call.failure === CALL_FAILED) call.failure = error;
      throw error;
    }
  }

  /** Runs a new object's `init`, if its class has one, with arguments from the object that is running. */
  initialise(wrapper: Wrapper, args: readonly unknown[]): void {
    if (wrapper.spec.init !== null) this.#run(openCall(), wrapper, wrapper.spec.init, [...args]);
  }

  isCapability(value: object): boolean {
    return stateOf(value) !== undefined;
  }

  /** Raises `NotACapability` or `NoSuchMethod` unless the capability has the method. Does not look at the object. */
  admits(capability: unknown, method: string): void {
    const { shape } = capabilityState(capability);
    if (!shape.methods.has(method)) refuseMethod(shape, method);
  }

  /** The wrapper of the instance, if it is the object that is running now; for the verbs that take `this`. */
  running(instance: unknown): Wrapper {
    const call = openCall();
    const wrapper =
      typeof instance === 'object' && instance !== null ? this.#instances.get(instance) : undefined;
    if (wrapper === undefined || wrapper !== call.current || wrapper.instance !== instance) {
      return raise('NotYours', 'This must be given the `this` of the object that is running.');
    }
    return wrapper;
  }

  /** A turn was stopped from outside. */
  abandon(): void {
    this.#sender = null;
  }

  /** The object that a capability is on, whatever has become of it. Raises `NotACapability`. */
  idOf(capability: unknown): ObjectId {
    return capabilityState(capability).id;
  }

  /** The object behind a capability that the caller holds, whatever the grant admits; for the engine's own use. */
  objectOf(capability: unknown): Wrapper {
    return this.granting.grantOf(capability).wrapper;
  }

  /** A new instance for `wrapper`, restored from `record`, or blank when `record` is undefined. */
  instantiate(call: CallContext, wrapper: Wrapper, record: unknown): Persistent {
    const before = call.closed;
    const { metered } = wrapper.spec;
    if (metered) call.enter(wrapper);
    call.closed = true;
    try {
      const instance = new wrapper.spec.make();
      // A constructor may return whatever it likes: a proxy, a capability, an instance of another object.
      const { isProxy } = this.#host;
      if (isProxy(instance) || Object.getPrototypeOf(instance) !== wrapper.spec.make.prototype) {
        throw new Error('its constructor returned something else');
      }
      if (this.#instances.has(instance))
        throw new Error('its constructor returned an instance that is in use');
      if (record !== undefined) instance.fromRecord(record as never);
      this.#instances.set(instance, wrapper);
      return instance;
    } catch (thrown) {
      const error = errorFrom(thrown, wrapper.spec.name, this.#host.isProxy);
      if (error === CALL_FAILED) throw error; // that says nothing about the object
      throw genuineError('Damaged', `${wrapper.id} cannot be brought back: ${error.message}`);
    } finally {
      call.closed = before;
      if (metered) call.leave();
    }
  }

  /** What the instance's record is now: `base` itself if nothing changed, else a new frozen copy. Raises `NotStorable`. */
  recordOf(call: CallContext, wrapper: Wrapper, base: unknown): unknown {
    const instance = wrapper.instance;
    if (instance === null) return base;
    const before = call.closed;
    const sender = this.#sender;
    const { metered } = wrapper.spec;
    if (metered) call.enter(wrapper);
    call.closed = true;
    const where = `${wrapper.spec.name}.toRecord()`;
    try {
      const fresh: unknown = instance.toRecord();
      if (sameData(fresh, base, (value, old) => this.#isItself(wrapper, value, old))) return base;
      call.closed = before;
      this.#sender = wrapper;
      const { recordLimits } = this.#host;
      const copied = crossing(fresh, where, this.#recordContext, recordLimits, undefined, base);
      return isRecord(copied)
        ? copied
        : raise('NotStorable', `${where} of ${wrapper.id} must give a record.`);
    } catch (thrown) {
      const error = errorFrom(thrown, where, this.#host.isProxy);
      if (error === CALL_FAILED || error.code === 'TooLarge') throw error;
      throw genuineError('NotStorable', `${wrapper.id} cannot be stored: ${error.message}`);
    } finally {
      call.closed = before;
      this.#sender = sender;
      if (metered) call.leave();
    }
  }

  /**
   * What the hooks of an object's class lose of its record, in words for their author; null if they keep all of it. Asks an
   * instance that is made for this and thrown away. Raises what stops the turn only.
   */
  lostBy(call: CallContext, wrapper: Wrapper, record: object): string | null {
    const { name, make, metered } = wrapper.spec;
    const before = call.closed;
    if (metered) call.enter(wrapper);
    call.closed = true;
    try {
      const again = new make();
      again.fromRecord(record as never);
      const fresh = again.toRecord() as Readonly<Record<string, unknown>>;
      for (const [key, value] of Object.entries(record)) {
        const isItself = (found: object, old: object): boolean =>
          found === again && this.#isItself(wrapper, wrapper.instance ?? found, old);
        if (sameData(fresh[key], value, isItself)) continue;
        return `${name}.fromRecord() does not bring back "${key}" as toRecord() gave it: it is lost when the object is next read from the store.`;
      }
      const above = Object.getPrototypeOf(make.prototype) as Partial<Persistent>;
      if (typeof above.toRecord !== 'function' || wrapper.instance === null) return null;
      for (const key of Object.keys(above.toRecord.call(wrapper.instance) as object)) {
        if (Object.hasOwn(record, key)) continue;
        return `${name}.toRecord() leaves out "${key}" of the class that it is built on: it is to begin with ...super.toRecord().`;
      }
      return null;
    } catch (thrown) {
      const error = errorFrom(thrown, name + this.#host.placeOf(thrown), this.#host.isProxy);
      if (error === CALL_FAILED) throw error;
      return `It cannot be brought back from its own record: ${error.message}`;
    } finally {
      call.closed = before;
      if (metered) call.leave();
    }
  }

  /**
   * What a class's own hook makes of a record of an older version; a frozen copy. Raises `NotStorable` for what cannot be
   * a record, and `Threw` for what the hook throws.
   */
  upgraded(call: CallContext, wrapper: Wrapper, hook: UpgradeHook, record: unknown, from: number): unknown {
    const before = call.closed;
    const where = `${hook.where}.upgrade()`;
    if (hook.metered) call.enter(wrapper);
    call.closed = true;
    try {
      const fresh = hook.call(record, from);
      const copied = crossing(fresh, where, nobodys(this.#host), this.#host.recordLimits);
      return isRecord(copied) ? copied : raise('NotStorable', `${where} must give a record.`);
    } catch (thrown) {
      throw errorFrom(thrown, where, this.#host.isProxy);
    } finally {
      call.closed = before;
      if (hook.metered) call.leave();
    }
  }

  /** Passes a value out of the object `from` (null: the host) as a call's argument would, for messages. */
  cross(value: unknown, where: string, from: Wrapper | null, budget?: Budget): unknown {
    const before = this.#sender;
    this.#sender = from;
    try {
      return crossing(value, where, this.#valueContext, this.#host.valueLimits, budget);
    } finally {
      this.#sender = before;
    }
  }

  #call(capability: object, name: string, args: unknown[]): unknown {
    const call = openCall();
    try {
      const state = capabilityState(capability);
      const shape = state.shape;
      if (!shape.methods.has(name)) refuseMethod(shape, name);
      const wrapper = this.granting.resident(state);
      const grant = this.granting.alive(state, wrapper, call);
      if (wrapper.attention) call.attend(wrapper);
      if (grant.shape !== shape && !grant.shape.methods.has(name)) refuseMethod(grant.shape, name);
      const method = wrapper.spec.methods.get(name);
      if (method === undefined) {
        return raise('NoSuchMethod', `${wrapper.spec.name} no longer has a method "${name}".`);
      }
      if (grant.uses !== null) {
        if (wrapper.spec.metered) call.admit(wrapper);
        this.granting.countUse(call, wrapper, grant);
      }
      return this.#run(call, wrapper, method, args);
    } catch (thrown) {
      if (call.failure === null) call.failedIn = call.current;
      call.failure ??= CALL_FAILED; // before anything that is a call: the stack may be all but gone
      const error = errorFrom(thrown, name, this.#host.isProxy);
      if (call.failure === CALL_FAILED) call.failure = error;
      throw error;
    }
  }

  /** `args` is this call's own array: what has crossed is put back into it. */
  #run(call: CallContext, wrapper: Wrapper, method: MethodSpec, args: unknown[]): unknown {
    const caller = call.current;
    const depth = call.depth;
    if (depth >= call.maxDepth)
      raise('TooDeep', `${method.where}: calls are nested more than ${call.maxDepth} deep.`);
    this.#crossArguments(args, method, caller);
    const { metered } = wrapper.spec;
    if (metered && !method.guard.quick) this.#guardArguments(call, wrapper, method, args);
    else method.guard.arguments(args, method.where);
    if (metered) call.admit(wrapper); // before it is brought back from its record
    if (wrapper.mark !== call.mark) call.note(wrapper);
    if (!method.reads && wrapper.active > 0) call.reenter(wrapper);
    let result: unknown;
    // It may run out of stack: before anything that only the `finally` takes back.
    if (metered) call.enter(wrapper);
    if (!method.reads) wrapper.mayDiffer = true;
    wrapper.active += 1;
    call.current = wrapper;
    call.depth = depth + 1;
    try {
      result = Reflect.apply(method.call, wrapper.instance, args as never[]);
      if (!isPlain(result)) result = this.cross(result, method.whereResult, wrapper);
      method.guard.result(result, method.where);
    } catch (thrown) {
      if (call.failure === null) call.failedIn = wrapper;
      call.failure ??= CALL_FAILED;
      const place = metered ? this.#host.placeOf(thrown) : '';
      throw errorFrom(thrown, method.where + place, this.#host.isProxy);
    } finally {
      call.current = caller;
      call.depth = depth;
      wrapper.active -= 1;
      if (metered) call.leave();
    }
    return result;
  }

  /** What its author has looked at costs the object, not who calls it. */
  #guardArguments(call: CallContext, wrapper: Wrapper, { guard, where }: MethodSpec, args: unknown[]): void {
    call.admit(wrapper);
    call.enter(wrapper);
    try {
      guard.arguments(args, where);
    } finally {
      call.leave();
    }
  }

  #crossArguments(args: unknown[], method: MethodSpec, caller: Wrapper | null): void {
    const limits = this.#host.valueLimits;
    if (args.length > MAX_ARGUMENTS) {
      raise(
        'TooLarge',
        `${method.where} was called with ${args.length} arguments, at most ${MAX_ARGUMENTS}.`,
      );
    }
    let budget: Budget | undefined;
    for (let at = 0; at < args.length; at += 1) {
      const value = args[at];
      if (isPlain(value)) continue;
      budget ??= newBudget(limits);
      const where = method.whereArguments[at] ?? `An argument of ${method.where}`;
      args[at] = this.cross(value, where, caller, budget);
    }
  }

  /** As `sameData`; code of the class that it may run can do nothing meanwhile. */
  #isSame(call: CallContext, wrapper: Wrapper, value: object, old: object): boolean {
    const before = call.closed;
    call.closed = true;
    try {
      return sameData(value, old, (instance, standing) => this.#isItself(wrapper, instance, standing));
    } finally {
      call.closed = before;
    }
  }

  /** Whether `value` is the instance, and `old` what it was stored as: its standing public facet. */
  #isItself(wrapper: Wrapper, value: object, old: object): boolean {
    const standing = wrapper.grants.standing('public');
    return value === wrapper.instance && standing !== undefined && stateOf(old)?.token === standing.token;
  }
}
