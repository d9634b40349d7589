import { runningCall, type CallContext } from './call-context.ts';
import { Capabilities, stateOf, type CapabilityState } from './capability.ts';
import type { MethodSpec, Persistent } from './class-spec.ts';
import {
  crossing,
  MAX_ARGUMENTS,
  newBudget,
  sameData,
  type Budget,
  type CrossingContext,
  type CrossingLimits,
} from './crossing.ts';
import { CALL_FAILED, errorFrom, genuineError, isGenuine, printable, raise } from './errors.ts';
import { isWithin, type Grant } from './grant.ts';
import { Marshal } from './marshal.ts';
import { mintToken, type ObjectId } from './names.ts';
import { Shapes, type Shape } from './shape.ts';
import type { Wrapper } from './wrapper.ts';

/** What the membrane needs from the engine. */
export interface MembraneHost {
  readonly isProxy: (value: object) => boolean;
  /** 22 characters of base64url from a cryptographic source. */
  readonly random: () => string;
  /** The wrapper of an object, faulted in if need be. Raises `Gone` or `Damaged`. */
  readonly find: (id: ObjectId) => Wrapper;
  /** Grants that one object may have: they are stored with it, and anybody who holds one can derive more. */
  readonly objectGrants: number;
  readonly valueLimits: CrossingLimits;
  readonly recordLimits: CrossingLimits;
}

/** How a grant is narrowed when it is made. */
export interface GrantTerms {
  /** Whom it is for; people read it. */
  readonly for?: string;
  /** Milliseconds from now. */
  readonly expiresIn?: number;
  /** Calls it admits. */
  readonly uses?: number;
}

/** Who asks to make or end a grant: the object itself, or whoever holds the capability. */
export type GrantOwner = { readonly self: Wrapper } | { readonly holder: object };

const LABEL_LENGTH = 200;

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
  readonly marshal: Marshal;
  readonly #host: MembraneHost;
  readonly #capabilities = new Capabilities();
  readonly #instances = new WeakMap<object, Wrapper>();
  readonly #facetShapes = new WeakMap<ReadonlySet<string>, Shape>();
  readonly #valueContext: CrossingContext;
  /** Whose instance may become its public facet in the value that is crossing now. */
  #sender: Wrapper | null = null;

  constructor(host: MembraneHost) {
    this.#host = host;
    const call = this.#call.bind(this);
    this.shapes = new Shapes(function forward(this: object, name, args) {
      return call(this, name, args);
    });
    this.marshal = new Marshal(({ id, token, shape }) =>
      this.#capabilities.of(id, token, this.shapes.get(shape)),
    );
    this.#valueContext = {
      isProxy: host.isProxy,
      publicFacet: (value) => {
        const wrapper = this.#instances.get(value);
        return wrapper !== undefined && wrapper === this.#sender
          ? this.facet(wrapper, 'public', {})
          : undefined;
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
    return this.#run(openCall(), wrapper, spec, [...args]);
  }

  /** Runs a new object's `init`, if its class has one, with arguments from the object that is running. */
  initialise(wrapper: Wrapper, args: readonly unknown[]): void {
    if (wrapper.spec.init !== null) this.#run(openCall(), wrapper, wrapper.spec.init, [...args]);
  }

  /** False once the object is gone, or the grant ended; a damaged object may come back. Raises `NotACapability`. */
  isLive(capability: unknown): boolean {
    const call = openCall();
    const state = capabilityState(capability);
    try {
      const grant = this.#alive(state, this.#resident(state), call);
      for (let at: Grant | null = grant; at !== null; at = at.parent) if (at.uses === 0) return false;
      return true;
    } catch (thrown) {
      if (isGenuine(thrown)) return thrown.code === 'Damaged';
      throw thrown;
    }
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

  /** The object behind a capability that the caller holds, whatever the grant admits; for the engine's own use. */
  objectOf(capability: unknown): Wrapper {
    return this.#grantOf(capability).wrapper;
  }

  /** A new instance for `wrapper`, restored from `record`, or blank when `record` is undefined. */
  instantiate(call: CallContext, wrapper: Wrapper, record: unknown): Persistent {
    const before = call.closed;
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
      throw genuineError('Damaged', `${wrapper.id} cannot be brought back: ${error.message}`);
    } finally {
      call.closed = before;
    }
  }

  /** What the instance's record is now: `base` itself if nothing changed, else a new frozen copy. Raises `NotStorable`. */
  recordOf(call: CallContext, wrapper: Wrapper, base: unknown): unknown {
    const instance = wrapper.instance;
    if (instance === null) return base;
    const before = call.closed;
    const sender = this.#sender;
    call.closed = true;
    const where = `${wrapper.spec.name}.toRecord()`;
    try {
      const fresh: unknown = instance.toRecord();
      if (sameData(fresh, base, (value, old) => this.#isItself(wrapper, value, old))) return base;
      call.closed = before;
      this.#sender = wrapper;
      const copied = crossing(fresh, where, this.#valueContext, this.#host.recordLimits);
      if (
        typeof copied !== 'object' ||
        copied === null ||
        Array.isArray(copied) ||
        stateOf(copied) !== undefined
      ) {
        return raise('NotStorable', `${where} of ${wrapper.id} must give a record.`);
      }
      return copied;
    } catch (thrown) {
      const error = errorFrom(thrown, where, this.#host.isProxy);
      if (error === CALL_FAILED || error.code === 'TooLarge') throw error;
      throw genuineError('NotStorable', `${wrapper.id} cannot be stored: ${error.message}`);
    } finally {
      call.closed = before;
      this.#sender = sender;
    }
  }

  /** A capability for a facet of an object: the standing grant when there are no terms, else a new one. */
  facet(wrapper: Wrapper, facet: string, terms: GrantTerms): object {
    const fresh = terms.for !== undefined || terms.expiresIn !== undefined || terms.uses !== undefined;
    const standing = fresh ? undefined : wrapper.grants.standing(facet);
    if (standing !== undefined) return this.#capabilities.of(wrapper.id, standing.token, standing.shape);
    const methods = wrapper.spec.facets.get(facet);
    if (methods === undefined) return raise('NoSuchMethod', `${wrapper.spec.name} has no facet "${facet}".`);
    const shape = this.#facetShape(wrapper, methods);
    return this.#grant(wrapper, shape, null, fresh ? null : facet, terms);
  }

  /** A child of the capability's grant that admits only `methods` (all of them when undefined). */
  attenuate(capability: unknown, methods: readonly string[] | undefined, terms: GrantTerms): object {
    const { wrapper, grant } = this.#grantOf(capability);
    if (methods !== undefined && !Array.isArray(methods))
      raise('BadArgument', 'Name the methods in an array.');
    for (const method of methods ?? []) {
      if (!grant.shape.methods.has(method)) refuseMethod(grant.shape, method);
    }
    const shape = methods === undefined ? grant.shape : this.#shape(wrapper, new Set(methods));
    return this.#grant(wrapper, shape, grant, null, terms);
  }

  /** Ends the grant of `capability` and everything derived from it. Raises `NotYours` unless the owner is above it. */
  revoke(owner: GrantOwner, capability: unknown): void {
    const call = openCall();
    const state = capabilityState(capability);
    const wrapper = this.#resident(state);
    const grant = wrapper.grants.get(state.token);
    if (grant === undefined) return; // ended already
    if ('self' in owner) {
      if (owner.self !== wrapper) raise('NotYours', 'An object can revoke only grants on itself.');
    } else {
      const above = this.#grantOf(owner.holder);
      if (above.grant === grant || !isWithin(grant, above.grant)) {
        raise('NotYours', 'The capability to revoke was not derived from the one you hold.');
      }
    }
    touch(call, wrapper);
    call.onUndo(wrapper.grants.revoke(grant));
    this.#changed(call, wrapper);
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
      const wrapper = this.#resident(state);
      const grant = this.#alive(state, wrapper, call);
      const method = wrapper.spec.methods.get(name);
      if (method === undefined) {
        return raise('NoSuchMethod', `${wrapper.spec.name} no longer has a method "${name}".`);
      }
      if (grant.uses !== null) this.#countUse(call, wrapper, grant);
      return this.#run(call, wrapper, method, args);
    } catch (thrown) {
      call.failure ??= CALL_FAILED; // first, and without a call: the stack may be all but gone
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
    method.guard.arguments(args, method.where);
    if (wrapper.mark !== call.mark) call.note(wrapper);
    let result: unknown;
    if (!method.reads) wrapper.mayDiffer = true;
    wrapper.active += 1;
    call.current = wrapper;
    call.depth = depth + 1;
    try {
      result = Reflect.apply(method.call, wrapper.instance, args as never[]);
      if (!isPlain(result)) result = this.cross(result, method.whereResult, wrapper);
      method.guard.result(result, method.where);
    } catch (thrown) {
      call.failure ??= CALL_FAILED;
      throw errorFrom(thrown, method.where, this.#host.isProxy);
    } finally {
      call.current = caller;
      call.depth = depth;
      wrapper.active -= 1;
    }
    return result;
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

  #resident(state: CapabilityState): Wrapper {
    const known = state.wrapper;
    if (known !== null && known.loaded) return known;
    const wrapper = this.#host.find(state.id);
    state.wrapper = wrapper;
    state.grant = null;
    return wrapper;
  }

  #alive(state: CapabilityState, wrapper: Wrapper, call: CallContext): Grant {
    if (wrapper.gone) raise('Gone', `That ${state.shape.className} is gone.`);
    let grant = state.grant;
    if (grant === null || grant.ended !== null) {
      grant = wrapper.grants.get(state.token) ?? null;
      // The grant decides what is admitted; a capability that looks otherwise is none of its.
      if (grant !== null && grant.shape !== state.shape) grant = null;
      state.grant = grant;
      if (grant === null)
        return raise('Revoked', `The capability on a ${state.shape.className} has been revoked.`);
    }
    for (let at: Grant | null = grant; at !== null; at = at.parent) {
      if (at.expires !== null && at.expires <= call.now) {
        return raise('Expired', `The capability on a ${state.shape.className} has expired.`);
      }
    }
    return grant;
  }

  /** The uses of a grant are its own: a child's call counts on every limited ancestor too. */
  #countUse(call: CallContext, wrapper: Wrapper, grant: Grant): void {
    for (let at: Grant | null = grant; at !== null; at = at.parent) {
      if (at.uses !== null && at.uses <= 0) {
        raise('UsedUp', `The capability on a ${grant.shape.className} has been used up.`);
      }
    }
    touch(call, wrapper);
    for (let at: Grant | null = grant; at !== null; at = at.parent) {
      if (at.uses !== null) call.onUndo(wrapper.grants.use(at));
    }
    this.#changed(call, wrapper);
  }

  #grantOf(capability: unknown): { wrapper: Wrapper; grant: Grant } {
    const call = openCall();
    const state = capabilityState(capability);
    const wrapper = this.#resident(state);
    return { wrapper, grant: this.#alive(state, wrapper, call) };
  }

  /** The shape of a whole facet, remembered: finding it by its method names sorts and joins them. */
  #facetShape(wrapper: Wrapper, methods: ReadonlySet<string>): Shape {
    const known = this.#facetShapes.get(methods);
    if (known !== undefined && this.shapes.has(known)) return known;
    const shape = this.#shape(wrapper, methods);
    this.#facetShapes.set(methods, shape);
    return shape;
  }

  #shape(wrapper: Wrapper, methods: ReadonlySet<string>): Shape {
    const call = openCall();
    const before = this.shapes.count;
    const shape = this.shapes.intern(wrapper.spec.name, methods);
    if (shape === undefined)
      return raise('TooLarge', 'The world has no room for another set of method names.');
    if (this.shapes.count > before) {
      // A capability of this shape may outlive a failed attempt in its maker's hands, but not a failed turn.
      call.onRollBack(() => {
        this.shapes.truncate(before);
      });
      call.count('shapes');
    }
    return shape;
  }

  #grant(
    wrapper: Wrapper,
    shape: Shape,
    parent: Grant | null,
    standing: string | null,
    terms: GrantTerms,
  ): object {
    const call = openCall();
    if (wrapper.gone) raise('Gone', `That ${wrapper.spec.name} is gone.`);
    checkTerms(terms);
    touch(call, wrapper);
    call.count('grants');
    this.#makeRoom(call, wrapper);
    // A use-limited parent limits its children: they carry a count so that the quick test on a call sees it.
    const uses = terms.uses ?? (hasUseLimit(parent) ? Number.MAX_SAFE_INTEGER : null);
    const grant: Grant = {
      token: mintToken(this.#host.random),
      shape,
      parent,
      label: terms.for ?? '',
      standing,
      expires: terms.expiresIn === undefined ? null : call.now + terms.expiresIn,
      uses,
      ended: null,
    };
    call.onUndo(wrapper.grants.add(grant));
    this.#changed(call, wrapper);
    return this.#capabilities.of(wrapper.id, grant.token, shape);
  }

  /** Whether `value` is the instance, and `old` what it was stored as: its standing public facet. */
  #isItself(wrapper: Wrapper, value: object, old: object): boolean {
    const standing = wrapper.grants.standing('public');
    return value === wrapper.instance && standing !== undefined && stateOf(old)?.token === standing.token;
  }

  #makeRoom(call: CallContext, wrapper: Wrapper): void {
    const most = this.#host.objectGrants;
    if (wrapper.grants.size < most) return;
    call.onUndo(wrapper.grants.prune(call.now));
    if (wrapper.grants.size >= most)
      raise('TooMany', `This ${wrapper.spec.name} has as many grants as it may, ${most}.`);
  }

  #changed(call: CallContext, wrapper: Wrapper): void {
    call.grantsChanged(wrapper);
  }
}

function hasUseLimit(grant: Grant | null): boolean {
  return grant !== null && grant.uses !== null;
}

function checkTerms(terms: GrantTerms): void {
  if (terms.for !== undefined && (typeof terms.for !== 'string' || terms.for.length > LABEL_LENGTH)) {
    raise('BadArgument', `A grant's label must be text of at most ${LABEL_LENGTH} characters.`);
  }
  if (terms.uses !== undefined && !(Number.isSafeInteger(terms.uses) && terms.uses > 0)) {
    raise('BadArgument', 'A number of uses must be a whole number above 0.');
  }
  if (terms.expiresIn !== undefined && !(Number.isSafeInteger(terms.expiresIn) && terms.expiresIn >= 0)) {
    raise('BadArgument', 'A grant must expire in a whole number of milliseconds, 0 or more.');
  }
}

/** The running turn, if calls are allowed at this moment. */
function openCall(): CallContext {
  const call = runningCall();
  if (call === null) return raise('NoTurn', 'Capabilities can be called only inside a turn.');
  if (call.closed)
    return raise('NoCallsHere', 'toRecord, fromRecord and constructors may not call anything outside.');
  return call;
}

function touch(call: CallContext, wrapper: Wrapper): void {
  if (wrapper.mark !== call.mark) call.note(wrapper);
}

function capabilityState(value: unknown): CapabilityState {
  const state = typeof value === 'object' && value !== null ? stateOf(value) : undefined;
  return state ?? raise('NotACapability', 'A capability is needed here.');
}

function refuseMethod(shape: Shape, name: unknown): never {
  const what = typeof name === 'string' ? `"${printable(name.slice(0, 64))}"` : 'what is no name';
  return raise('NoSuchMethod', `This capability on a ${shape.className} does not admit ${what}.`);
}
