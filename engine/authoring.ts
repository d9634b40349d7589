/**
 * The authoring interface: everything that a class in the world may use, and all that the world's own classes do use.
 * Each verb acts for the object whose method is running; there is nothing here that gives an object more than it holds.
 * All throw KeysteadError; outside a turn `NoTurn`, and `NoCallsHere` inside toRecord, fromRecord or a constructor.
 */
import { M } from '@endo/patterns';
import type { Facets, ObjectClass, Persistent } from '../wrappers/class-spec.ts';
import { genuineError, printable, raise } from '../wrappers/errors.ts';
import type { GrantTerms } from '../wrappers/granting.ts';
import { PART_OF_ATTEMPT } from './allowance.ts';
import type { Bank } from './bank.ts';
import { createFor } from './build.ts';
import { collectionOf, type Collection } from './collections.ts';
import { isOwnCode, refuse } from './errors.ts';
import { openTurn } from './open-turn.ts';
import { register, unregister, type RestartOptions } from './restarts.ts';
import { checkedTime, NO_OPTIONS, post, takenFrom, type SendOptions, type TimerOptions } from './sending.ts';
import type { Attempt, OutputItem } from './turn-effects.ts';
import * as watches from './watches.ts';

export { M };
export type { Attempt, Collection, Facets, GrantTerms, ObjectClass, OutputItem, Persistent };

/** Method names of `T`. */
type MethodOf<T> = { [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never }[keyof T];

/** A capability on a `T` that admits the methods `K` and nothing else. */
export type Cap<T, K extends MethodOf<T> = MethodOf<T>> = { readonly [P in K]: T[P] };

/** The capability for a facet of a class: `FacetOf<typeof Lamp, 'public'>`. */
export type FacetOf<C extends ObjectClass, F extends keyof C['facets']> = Cap<
  InstanceType<C>,
  Extract<keyof C['facets'][F], MethodOf<InstanceType<C>>>
>;

/** Any capability, where nothing is known of its methods. */
export type AnyCap = object;

/** What may be in a record or cross a wrapper. */
export type Data =
  | string
  | number
  | boolean
  | bigint
  | null
  | undefined
  | AnyCap
  | readonly Data[]
  | { readonly [key: string]: Data };

/** What `create` takes: a class's init arguments. */
type InitArguments<T> = T extends { init(...args: infer A): void } ? A : [];

/** What `create` gives: the owner facet, or the public one of a class that has none. */
type Created<C extends ObjectClass> = 'owner' extends keyof C['facets']
  ? FacetOf<C, 'owner'>
  : FacetOf<C, 'public'>;

export type BankCap = FacetOf<typeof Bank, 'spend'>;

/** What a facet's method takes. */
type ArgumentsOf<F> = F extends (...args: infer A) => unknown ? A : never;

/** The capability that makes objects of a class that was written in the world. */
export type ClassCap = Cap<{ make(bank: BankCap, ...args: readonly unknown[]): AnyCap }>;

/**
 * Makes an object, paid by `bank`, and gives its owner facet. Its `init` has run with `args`, which cross like any
 * arguments. The class is one that the source names, or a capability on one. Raises `NotABank`, `BankDry`, `NotAClass`,
 * `TooMany`, and what `init` throws.
 */
export function create<C extends ObjectClass>(
  bank: BankCap,
  objectClass: C,
  ...args: InitArguments<InstanceType<C>>
): Created<C>;
export function create(bank: BankCap, classCap: ClassCap, ...args: readonly unknown[]): AnyCap;
export function create(bank: BankCap, what: ObjectClass | ClassCap, ...args: readonly unknown[]): AnyCap {
  return createFor(null, bank, what, args);
}

/** What anybody may know of the class of an object that he holds a capability on. */
export interface ClassInfo {
  readonly name: string;
  /** Who wrote it; '' for a built-in class. */
  readonly author: string;
  readonly version: number;
  readonly hash: string;
  /** Built in, or approved by an admin at this very hash. */
  readonly safe: boolean;
  /** Written in the world. */
  readonly saved: boolean;
}

export function classOf(capability: AnyCap): ClassInfo {
  const turn = openTurn();
  const { host } = turn;
  const wrapper = host.membrane.objectOf(capability);
  // It follows its class first: what is said here must be true of its next call.
  if (wrapper.attention && !wrapper.aside && wrapper.mark !== turn.mark) {
    if (wrapper.spec.metered) turn.admit(wrapper);
    turn.note(wrapper);
  }
  const { spec, version } = wrapper;
  const { name, origin, hash } = spec;
  const saved = origin !== null;
  const author = saved ? host.saved.state(origin).author : '';
  const safe = !saved || host.administration.isApproved(hash);
  return Object.freeze({ name, author, version, hash, safe, saved });
}

/**
 * A durable collection of your own, by name: what is too much for a record. Each entry is stored by itself; it is there
 * again with the same name after any restart. See `Collection`.
 */
export function collection(self: object, name: string): Collection {
  const turn = openTurn();
  return collectionOf(turn, turn.host.membrane.running(self), name);
}

/** Destroys the object that is running; its bank gets the price back. Its capabilities answer `Gone` from here on. */
export function destroy(self: Persistent): void {
  const turn = openTurn();
  turn.host.end(turn, turn.host.membrane.running(self));
}

const STANDING: GrantTerms = Object.freeze({});

/**
 * A capability for one of your own facets, to give away. Without terms it is the facet's standing grant, the same
 * value every time; with terms (at least `for`) a new grant that can be revoked alone.
 */
export function facet<C extends ObjectClass, F extends keyof C['facets'] & string>(
  self: InstanceType<C>,
  name: F,
  terms: GrantTerms = STANDING,
): FacetOf<C, F> {
  const turn = openTurn();
  const { membrane } = turn.host;
  if (typeof name !== 'string') return raise('BadArgument', 'A facet is named by a text.');
  const own = terms === STANDING ? STANDING : takenFrom(turn, terms);
  return membrane.granting.facet(membrane.running(self), name, own) as FacetOf<C, F>;
}

/** A capability that admits only `methods` of the one you hold. Revoking yours kills it too. */
export function only<T extends object, K extends keyof T & string>(
  capability: T,
  ...methods: K[]
): Pick<T, K> {
  return openTurn().host.membrane.granting.attenuate(capability, methods, {}) as Pick<T, K>;
}

/** A weaker capability from the one you hold: fewer methods, a label, an end, a number of uses. */
export function attenuate<T extends object, K extends keyof T & string = keyof T & string>(
  capability: T,
  terms: GrantTerms & { readonly only?: readonly K[] },
): Pick<T, K> {
  const own = takenFrom(openTurn(), terms);
  return openTurn().host.membrane.granting.attenuate(capability, own.only, own) as Pick<T, K>;
}

/**
 * Ends a grant, all that was derived from it, and every stored copy. `owner` is your own `this` for a grant on
 * yourself, or a capability from which `capability` was derived. Revoking twice does nothing.
 */
export function revoke(owner: object, capability: AnyCap): void {
  const { membrane } = openTurn().host;
  if (membrane.isCapability(owner)) membrane.granting.revoke({ holder: owner }, capability);
  else membrane.granting.revoke({ self: membrane.running(owner) }, capability);
}

/**
 * False for good once the object behind a capability is gone, or its grant revoked, expired or used up. Ask this rather than
 * what a call answers: whoever is called can throw what it likes. A damaged object, which may be mended, counts as live.
 */
export function isLive(capability: AnyCap): boolean {
  return openTurn().host.membrane.granting.isLive(capability);
}

/** A call that a later turn makes, once, also after a crash. Sends from one object to another keep their order. */
export function send<T extends object, K extends keyof T & string>(
  to: T,
  method: K,
  args: ArgumentsOf<T[K]>,
  options: SendOptions = NO_OPTIONS,
): void {
  post(openTurn(), { after: null, every: null }, to, method, args, options);
}

/**
 * The same, `milliseconds` from now; late rather than never, unless the options say otherwise. Gives a number for `cancel`.
 * Time that the world spends stopped counts.
 */
export function after<T extends object, K extends keyof T & string>(
  milliseconds: number,
  to: T,
  method: K,
  args: ArgumentsOf<T[K]>,
  options: TimerOptions = NO_OPTIONS,
): number {
  const turn = openTurn();
  return post(turn, { after: checkedTime(turn, milliseconds, 0), every: null }, to, method, args, options);
}

/**
 * The same again and again, for the first time `milliseconds` from now, until it is cancelled, or you or what it calls is gone.
 * Times that are missed are skipped unless the options say `late`; then each has its call, one after the other, up to a
 * thousand. A call that fails does not end it.
 */
export function every<T extends object, K extends keyof T & string>(
  milliseconds: number,
  to: T,
  method: K,
  args: ArgumentsOf<T[K]>,
  options: TimerOptions = NO_OPTIONS,
): number {
  const turn = openTurn();
  const time = checkedTime(turn, milliseconds, turn.host.limits.timerEvery);
  return post(turn, { after: time, every: time }, to, method, args, options);
}

/** Takes back a timer that you set. One that is unknown, delivered or not yours is left alone. */
export function cancel(timer: number): void {
  const turn = openTurn();
  if (turn.current !== null) turn.doings.cancel(timer, turn.current.id);
}

/**
 * Tells what you have to publish to all who watch it: `method(value, name)` of each is called in a turn of its own, once, also
 * after a crash. Only who may call your method of that name may watch it, so name it after one. A watcher that has as much
 * waiting as it may is left out meanwhile.
 */
export function publish(name: string, value: Data): void {
  watches.publish(openTurn(), name, value);
}

/**
 * Has `method` of `to` called with `(value, name)` whenever the object behind a capability publishes something under a name
 * that is also a method which the capability admits. Gives a number for `unwatch`. It ends with the capability and with you.
 * The unit that it costs your bank comes back with `unwatch`, with the end of the object, or else when something of that name is
 * published next; some time after your own end at the latest. Raises `TooMany` if the object is watched by as many as may.
 */
export function watch<T extends object, K extends keyof T & string>(
  capability: T,
  name: K,
  to: AnyCap,
  method: string,
): number {
  return watches.watch(openTurn(), capability, name, to, method);
}

/** Ends a watch that you set up on that object. One that is over, or not yours, is left alone. */
export function unwatch(capability: AnyCap, number: number): void {
  watches.unwatch(openTurn(), capability, number);
}

/**
 * Registers you for restarts under a name: each time the world is started `method(name, args, caps)` of `to` is called, once, in
 * a turn of its own, after whatever `after` names: registrations of your own, or all those of an object. One that fails, or has to
 * wait for its share for more than a minute, keeps no other one from being called.
 */
export function onRestart(name: string, to: AnyCap, method: string, options: RestartOptions = {}): void {
  register(openTurn(), name, to, method, options);
}

/** Takes back what you registered under that name. */
export function offRestart(name: string): void {
  unregister(openTurn(), name);
}

/**
 * Runs `body`, and if it throws undoes all that it did and gives the error instead. The only way to survive
 * a failure of something that you call: an error that is caught otherwise still fails the whole turn.
 * What it leaves and that cannot be stored or paid for is a failure of it, too.
 * What cannot be undone alone is a change to an object that is waiting for the attempt: the turn runs once more, and a call that
 * would change that object in there is refused; so it is if what such calls have made of it cannot be stored or paid for. If it
 * was you who changed yourself, the turn fails.
 * A sixteenth of what the turn may do (say, send, write, make) is left for what comes after it.
 */
export function attempt<T>(body: () => T): Attempt<T> {
  const turn = openTurn();
  turn.attempted = true;
  return turn.attempt(body, PART_OF_ATTEMPT);
}

/** Says something to the sessions that are attached to the running object, once the turn is durable. */
export function emit(item: OutputItem): void {
  const turn = openTurn();
  const from = turn.current;
  if (from === null) return refuse('NotYours', 'Only an object can put something out.');
  const passed = turn.host.membrane.cross(item, 'What is put out', from) as OutputItem;
  if (typeof passed === 'string') {
    turn.doings.emit(from, passed, passed.length, turn.host.listenersOf(from));
    return;
  }
  if (!Array.isArray(passed) || passed.length !== 2 || typeof passed[0] !== 'string') {
    return raise('BadArgument', 'Put out a text, or a pair of a kind and data.');
  }
  const size = sizeOf(passed);
  turn.doings.emit(from, passed, size, turn.host.listenersOf(from));
}

/** Whether somebody who is attached to the running object takes output that has a kind; otherwise it is for nobody. */
export function takesKinds(): boolean {
  const turn = openTurn();
  return turn.current !== null && turn.host.takesKinds(turn.current);
}

/** Ends the sessions that are attached to the running object, after this turn's output. */
export function hangUp(): void {
  const turn = openTurn();
  if (turn.current !== null) turn.doings.hangUp(turn.current);
}

/** An error for people, to be thrown: `throw fail('Locked', 'The door is locked.')`. */
export function fail(code: string, message: string): Error {
  // Whoever catches the error gets these two: they must be the strings that they claim to be.
  if (typeof code !== 'string' || typeof message !== 'string' || !isOwnCode(code)) {
    return raise('BadArgument', 'fail() takes a code of your own, a word like "Locked", and a text.');
  }
  return genuineError(code, printable(message));
}

/** About the characters that structured output has as JSON. It goes to clients, so it may hold no capabilities. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 3;
  if (typeof value === 'bigint') return raise('BadArgument', 'Structured output may hold no bigint.');
  if (typeof value !== 'object' || value === null) return 8;
  if (openTurn().host.membrane.isCapability(value))
    return raise('BadArgument', 'Structured output may hold no capabilities.');
  let size = 2;
  if (Array.isArray(value)) for (const member of value) size += sizeOf(member);
  else for (const [key, member] of Object.entries(value)) size += key.length + 3 + sizeOf(member);
  return size;
}
