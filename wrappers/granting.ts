import { openCall, type CallContext } from './call-context.ts';
import { Capabilities, stateOf, type CapabilityState } from './capability.ts';
import { isGenuine, printable, raise } from './errors.ts';
import type { ClassSpec } from './class-spec.ts';
import { isWithin, type Grant } from './grant.ts';
import { mintToken, type ObjectId, type SlotParts } from './names.ts';
import type { Shape, Shapes } from './shape.ts';
import type { Wrapper } from './wrapper.ts';

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

const NOTHING: ReadonlySet<string> = new Set();

/** Characters of a label, which is stored with its grant. */
const LABEL_LENGTH = 200;

export interface GrantingHost {
  /** 22 characters of base64url from a cryptographic source. */
  readonly random: () => string;
  /** The wrapper of an object, faulted in if need be. Raises `Gone` or `Damaged`. */
  readonly find: (id: ObjectId) => Wrapper;
  /** Grants that one object may have: they are stored with it, and anybody who holds one can derive more. */
  readonly objectGrants: number;
}

/** From a capability to its object and its grant, and all that makes and ends grants. */
export class Granting {
  readonly shapes: Shapes;
  readonly #host: GrantingHost;
  readonly #capabilities = new Capabilities();
  readonly #facetShapes = new WeakMap<ReadonlySet<string>, Shape>();
  readonly #pickedShapes = new WeakMap<Shape, Shape>();

  constructor(host: GrantingHost, shapes: Shapes) {
    this.#host = host;
    this.shapes = shapes;
  }

  /** The one value for a slot. */
  capability({ id, token, shape }: SlotParts): object {
    return this.#capabilities.of(id, token, this.shapes.current(this.shapes.get(shape)));
  }

  /** A capability for a facet of an object: the standing grant when there are no terms, else a new one. */
  facet(wrapper: Wrapper, facet: string, terms: GrantTerms): object {
    const fresh = terms.for !== undefined || terms.expiresIn !== undefined || terms.uses !== undefined;
    const standing = fresh ? undefined : wrapper.grants.standing(facet);
    if (standing !== undefined) {
      return this.#capabilities.of(wrapper.id, standing.token, this.shapes.current(standing.shape));
    }
    const shape = this.facetShape(wrapper.spec, facet);
    if (shape === undefined)
      return raise('NoSuchMethod', `${wrapper.spec.name} has no facet "${printable(facet.slice(0, 64))}".`);
    return this.#grant(wrapper, shape, null, fresh ? null : facet, terms);
  }

  /** A child of the capability's grant that admits only `methods` (all of them when undefined). */
  attenuate(capability: unknown, methods: readonly string[] | undefined, terms: GrantTerms): object {
    const { wrapper, grant } = this.grantOf(capability);
    // It follows its class first: what the capability shows may be more than the grant has admitted so far.
    const call = openCall();
    if (wrapper.attention && !wrapper.aside && wrapper.mark !== call.mark) {
      if (wrapper.spec.metered) call.admit(wrapper);
      call.note(wrapper);
    }
    if (methods !== undefined && !Array.isArray(methods))
      raise('BadArgument', 'Name the methods in an array.');
    for (const method of methods ?? []) {
      if (!grant.shape.methods.has(method)) refuseMethod(grant.shape, method);
    }
    const shape = this.#picked(grant.shape, methods);
    return this.#grant(wrapper, shape, grant, null, terms);
  }

  /** Ends the grant of `capability` and everything derived from it. Raises `NotYours` unless the owner is above it. */
  revoke(owner: GrantOwner, capability: unknown): void {
    const call = openCall();
    const state = capabilityState(capability);
    const wrapper = this.resident(state);
    const grant = wrapper.grants.get(state.token);
    if (grant === undefined) return; // ended already
    if ('self' in owner) {
      if (owner.self !== wrapper) raise('NotYours', 'An object can revoke only grants on itself.');
    } else {
      const above = this.grantOf(owner.holder);
      if (above.grant === grant || !isWithin(grant, above.grant)) {
        raise('NotYours', 'The capability to revoke was not derived from the one you hold.');
      }
    }
    if (wrapper.gone) return; // they have ended with it, and who paid for them has got that back
    touch(call, wrapper);
    giveBack(call, wrapper.grants.revoke(call, grant));
    this.#changed(call, wrapper);
  }

  /** Ends a grant on an object and everything derived from it, whoever asks. For wizardry. */
  end(wrapper: Wrapper, grant: Grant): void {
    if (wrapper.gone) return;
    const call = openCall();
    touch(call, wrapper);
    giveBack(call, wrapper.grants.revoke(call, grant));
    this.#changed(call, wrapper);
  }

  /** False once the object is gone, or the grant ended; a damaged object may come back. Raises `NotACapability`. */
  isLive(capability: unknown): boolean {
    const call = openCall();
    const state = capabilityState(capability);
    try {
      const grant = this.alive(state, this.resident(state), call);
      for (let at: Grant | null = grant; at !== null; at = at.parent) if (at.uses === 0) return false;
      return true;
    } catch (thrown) {
      if (isGenuine(thrown)) return thrown.code === 'Damaged';
      throw thrown;
    }
  }

  /** The wrapper behind a capability, in memory. */
  resident(state: CapabilityState): Wrapper {
    const known = state.wrapper;
    if (known !== null && known.loaded) return known;
    const wrapper = this.#host.find(state.id);
    state.wrapper = wrapper;
    state.grant = null;
    return wrapper;
  }

  /** The grant behind a capability. Raises why it admits nothing any more. */
  alive(state: CapabilityState, wrapper: Wrapper, call: CallContext): Grant {
    if (wrapper.gone) raise('Gone', `That ${state.shape.className} is gone.`);
    let grant = state.grant;
    if (grant === null || grant.ended !== null) {
      grant = wrapper.grants.get(state.token) ?? null;
      // The grant decides what is admitted; a capability that looks otherwise is none of its.
      if (grant !== null && grant.shape !== state.shape && !isSameFacet(grant.shape, state.shape))
        grant = null;
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
  countUse(call: CallContext, wrapper: Wrapper, grant: Grant): void {
    for (let at: Grant | null = grant; at !== null; at = at.parent) {
      if (at.uses !== null && at.uses <= 0) {
        raise('UsedUp', `The capability on a ${grant.shape.className} has been used up.`);
      }
    }
    touch(call, wrapper);
    for (let at: Grant | null = grant; at !== null; at = at.parent) {
      if (at.uses !== null) wrapper.grants.use(call, at);
    }
    this.#changed(call, wrapper);
  }

  /** Both, for a capability that must be alive. */
  grantOf(capability: unknown): { wrapper: Wrapper; grant: Grant } {
    const call = openCall();
    const state = capabilityState(capability);
    const wrapper = this.resident(state);
    return { wrapper, grant: this.alive(state, wrapper, call) };
  }

  /**
   * The shape of a whole facet of a class, or undefined if it has none of that name. Remembered: finding it by its method
   * names sorts and joins them.
   */
  facetShape(spec: ClassSpec, facet: string): Shape | undefined {
    const methods = spec.facets.get(facet);
    if (methods === undefined) return undefined;
    const known = this.#facetShapes.get(methods);
    if (known !== undefined && this.shapes.has(known)) return known;
    const shape = this.#shape(spec.name, methods, facet);
    this.#facetShapes.set(methods, shape);
    return shape;
  }

  /** Whether an object has grants of whole facets that have become others. */
  isBehind({ grants }: Wrapper): boolean {
    return grants.inOrder().some(({ shape }) => this.shapes.current(shape) !== shape);
  }

  /** The grants of whole facets follow an object into another version of its class. */
  reshape(call: CallContext, wrapper: Wrapper): void {
    for (const grant of wrapper.grants.inOrder()) {
      const { facet } = grant.shape;
      const shape = facet === null ? grant.shape : this.shapeNow(wrapper.spec, facet);
      if (shape !== grant.shape) wrapper.grants.reshape(call, grant, shape);
    }
  }

  /** What a whole facet looks like in a version of its class: one that the class no longer has admits nothing. */
  shapeNow(spec: ClassSpec, facet: string): Shape {
    return this.facetShape(spec, facet) ?? this.#shape(spec.name, NOTHING, facet);
  }

  /** A set of methods that was picked out of another: it stays as it is when the class changes. */
  #picked(from: Shape, methods: readonly string[] | undefined): Shape {
    if (methods !== undefined) return this.#shape(from.className, new Set(methods), null);
    if (from.facet === null) return from;
    const known = this.#pickedShapes.get(from);
    if (known !== undefined && this.shapes.has(known)) return known;
    const shape = this.#shape(from.className, from.methods, null);
    this.#pickedShapes.set(from, shape);
    return shape;
  }

  /** A shape that a turn made and failed with is forgotten by `Shapes.truncate`, at the turn's end. */
  #shape(className: string, methods: ReadonlySet<string>, facet: string | null): Shape {
    const before = this.shapes.count;
    const shape = this.shapes.intern(className, methods, facet);
    if (shape === undefined)
      return raise('TooLarge', 'The world has no room for another set of method names.');
    if (this.shapes.count > before) openCall().shapeMade(shape);
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
    call.grantMade();
    // Whoever derives a grant on somebody else's object pays for it.
    const maker = parent === null ? null : call.current;
    const payer = maker === null || maker === wrapper ? null : maker.bank;
    this.#makeRoom(call, wrapper, payer);
    // A use-limited parent limits its children: they carry a count so that the quick test on a call sees it.
    const uses = terms.uses ?? (hasUseLimit(parent) ? Number.MAX_SAFE_INTEGER : null);
    const grant: Grant = {
      token: mintToken(this.#host.random),
      shape,
      parent,
      label: terms.for ?? '',
      standing,
      // Who means "for ever" names the largest number there is: no later time could be written down and read again.
      expires:
        terms.expiresIn === undefined ? null : Math.min(call.now + terms.expiresIn, Number.MAX_SAFE_INTEGER),
      uses,
      payer,
      ended: null,
    };
    if (payer !== null) call.owe(payer, 1);
    wrapper.grants.add(call, grant);
    this.#changed(call, wrapper);
    return this.#capabilities.of(wrapper.id, grant.token, this.shapes.current(shape));
  }

  /** An object's own grants and those that others derived have room of their own: nobody can take the object's. */
  #makeRoom(call: CallContext, wrapper: Wrapper, payer: ObjectId | null): void {
    const most = this.#host.objectGrants;
    const many = (): number => (payer === null ? wrapper.grants.own : wrapper.grants.derived);
    if (many() < most) return;
    giveBack(call, wrapper.grants.prune(call, call.now));
    if (many() >= most) raise('TooMany', `This ${wrapper.spec.name} has as many grants as it may, ${most}.`);
  }

  #changed(call: CallContext, wrapper: Wrapper): void {
    call.grantsChanged(wrapper);
  }
}

/** Who paid for a grant that others derived gets that back when it ends. */
function giveBack(call: CallContext, ended: readonly Grant[]): void {
  for (const { payer } of ended) if (payer !== null) call.owe(payer, -1);
}

function hasUseLimit(grant: Grant | null): boolean {
  return grant !== null && grant.uses !== null;
}

/** Two versions of one facet of one class. */
function isSameFacet(a: Shape, b: Shape): boolean {
  return a.facet !== null && a.facet === b.facet && a.className === b.className;
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

/** Runs nothing of the object: it may be busy, or damaged, and its grants can be taken back all the same. */
function touch(call: CallContext, wrapper: Wrapper): void {
  if (wrapper.mark !== call.mark) call.take(wrapper);
}

/** Raises `NotACapability`. */
export function capabilityState(value: unknown): CapabilityState {
  const state = typeof value === 'object' && value !== null ? stateOf(value) : undefined;
  return state ?? raise('NotACapability', 'A capability is needed here.');
}

export function refuseMethod(shape: Shape, name: unknown): never {
  const what = typeof name === 'string' ? `"${printable(name.slice(0, 64))}"` : 'what is no name';
  return raise('NoSuchMethod', `This capability on a ${shape.className} does not admit ${what}.`);
}
