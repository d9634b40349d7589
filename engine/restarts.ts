import { restartKey } from '../storage/keys.ts';
import { raise } from '../wrappers/errors.ts';
import type { CapData, Marshal } from '../wrappers/marshal.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { refuse } from './errors.ts';
import { hostMessage, isCall } from './stored-message.ts';
import type { Turn } from './turn.ts';
import type { Message } from './turn-effects.ts';

/** What an object may say when it registers for restarts. */
export interface RestartOptions {
  /** What it wants to be told: the start arguments. */
  readonly args?: readonly unknown[];
  /** The capabilities that it wants to be handed, by names of its own. */
  readonly caps?: Readonly<Record<string, object>>;
  /** What comes first: names of its own registrations, and objects of which all do. */
  readonly after?: readonly (string | object)[];
}

/** As stored, by its name, with the others of its object in one value. */
interface Registration {
  readonly to: object;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly caps: Readonly<Record<string, object>>;
  readonly after: readonly (string | object)[];
  /** Of its message, at every restart: one that was not delivered before the next one is not delivered twice. */
  readonly number: number;
  readonly payer: string | null;
}

type Registrations = Readonly<Record<string, Registration>>;

const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const NONE = Object.freeze({});
const NOTHING: readonly never[] = Object.freeze([]);
/** What is stored for a registration besides what it holds. */
const PER_REGISTRATION = 256;
/** What one registration may come after: all of it is looked at in each start. */
const MOST_AFTER = 32;

/**
 * Registers the running object: after each start of the world `method` of `to` is called with the name, the arguments and the
 * capabilities. Another registration of that name takes the place of this one.
 */
export function register(
  turn: Turn,
  name: string,
  to: object,
  method: string,
  options: RestartOptions,
): void {
  const { membrane, limits, messageNumber } = turn.host;
  const owner = turn.current;
  if (owner === null) return refuse('NotYours', 'Only an object can be told of a restart.');
  if (typeof name !== 'string' || !NAME.test(name))
    return raise('BadArgument', 'A registration is named by up to 40 small letters, digits and "-".');
  if (typeof method !== 'string') return raise('BadArgument', 'The method to call is named by a text.');
  const where = `The registration ${name}`;
  const own = membrane.cross(options, where, owner) as RestartOptions;
  const target = membrane.cross(to, where, owner) as object;
  membrane.admits(target, method);
  const { args = NOTHING, caps = NONE, after = NOTHING } = own;
  if (!Array.isArray(args)) return raise('BadArgument', '`args` is a list.');
  const isCapability = (what: unknown): boolean =>
    typeof what === 'object' && what !== null && membrane.isCapability(what);
  if (
    typeof caps !== 'object' ||
    caps === null ||
    isCapability(caps) ||
    !Object.values(caps).every(isCapability)
  )
    return raise('BadArgument', '`caps` is a record of capabilities.');
  const isBefore = (what: unknown): boolean => typeof what === 'string' || isCapability(what);
  if (!Array.isArray(after) || after.length > MOST_AFTER || !after.every(isBefore))
    return raise('BadArgument', `\`after\` is a list of at most ${MOST_AFTER} names and capabilities.`);
  if (owner.gone) return refuse('Gone', 'An object that has ended is told of no restart.');
  const all = registrationsOf(turn, owner);
  const old = Object.hasOwn(all, name) ? all[name] : undefined;
  const { [name]: _, ...others } = all;
  if (old === undefined && Object.keys(others).length >= limits.objectRestarts)
    refuse('TooMany', `An object may register for restarts ${limits.objectRestarts} times.`);
  const number = old?.number ?? messageNumber(turn);
  const registration = { to: target, method, args, caps, after, number, payer: owner.bank };
  store(turn, owner, { ...others, [name]: Object.freeze(registration) });
}

/** Takes back a registration of the running object; one that there is not is left alone. */
export function unregister(turn: Turn, name: string): void {
  const owner = turn.current;
  if (owner === null || owner.gone) return;
  const all = registrationsOf(turn, owner);
  if (typeof name !== 'string' || !Object.hasOwn(all, name)) return;
  const { [name]: _, ...others } = all;
  store(turn, owner, others);
}

/** For the end of an object. */
export function dropRestarts(turn: Turn, owner: Wrapper): void {
  if (turn.read(restartKey(owner.id)) !== undefined) turn.write(restartKey(owner.id), null);
}

function registrationsOf(turn: Turn, { id }: Wrapper): Registrations {
  const text = turn.read(restartKey(id));
  return text === undefined ? NONE : read(turn.host.membrane.marshal, text);
}

function store(turn: Turn, owner: Wrapper, registrations: Registrations): void {
  const key = restartKey(owner.id);
  const { marshal } = turn.host.membrane;
  const many = Object.keys(registrations).length;
  const text = many === 0 ? null : `{${marshal.write(Object.freeze({ ...registrations }))}}`;
  const before = turn.read(key)?.length ?? 0;
  turn.write(key, text);
  turn.keep(
    owner,
    (text === null ? 0 : text.length + PER_REGISTRATION) - (before === 0 ? 0 : before + PER_REGISTRATION),
  );
}

function read(marshal: Marshal, text: string): Registrations {
  return marshal.decode(JSON.parse(text) as CapData) as Registrations;
}

/** A message of a start, and the numbers of those before it that it comes after. */
export interface PlannedRestart {
  readonly message: Message;
  readonly after: readonly number[];
}

/** A registration and what it comes after, as the names of others. */
interface Planned {
  readonly message: Message;
  readonly after: readonly string[];
}

/**
 * The messages of a start, in the order in which they are to be delivered: each after those that it names, as far as there
 * are such; where they name one another in a circle, and otherwise, in the order of registering. What cannot be read is told
 * to `onDamaged` and left out.
 */
export function planRestarts(
  stored: readonly (readonly [id: string, text: string])[],
  marshal: Marshal,
  idOf: (capability: object) => ObjectId,
  onDamaged: (id: string, error: Error) => void,
): readonly PlannedRestart[] {
  const planned = new Map<string, Planned>();
  const namesOf = new Map<string, string[]>();
  for (const [id, text] of stored) {
    try {
      const all = Object.entries(read(marshal, text));
      const size = Math.ceil(text.length / all.length);
      for (const [name, registration] of all) {
        const { to, method, args, caps, after, number, payer } = registration;
        if (!isCall(registration)) throw new Error(`"${name}" in it is no registration.`);
        const message = { ...hostMessage(number, to, method, [name, args, caps], size), from: id, payer };
        const before = after.map((what) => (typeof what === 'string' ? `${id} ${what}` : idOf(what)));
        planned.set(`${id} ${name}`, { message: Object.freeze(message), after: before });
        namesOf.set(id, [...(namesOf.get(id) ?? []), `${id} ${name}`]);
      }
    } catch (error) {
      onDamaged(id, error instanceof Error ? error : new Error(String(error)));
    }
  }
  const order: PlannedRestart[] = [];
  const beforeOf = ({ after }: Planned): readonly string[] =>
    [...new Set(after)].flatMap((what) => namesOf.get(what) ?? [what]);
  const entered = new Set<string>();
  const left = new Set<string>();
  const byNumber = [...planned].sort(([, a], [, b]) => a.message.number - b.message.number);
  for (const [first] of byNumber) {
    // A path of its own, not the stack: whoever registers chooses how long a chain is.
    const path = [first];
    for (let name = path.at(-1); name !== undefined; name = path.at(-1)) {
      const each = planned.get(name);
      if (each === undefined || left.has(name)) {
        path.pop();
      } else if (entered.has(name)) {
        const before = new Set(beforeOf(each).filter((other) => left.has(other)));
        const after = [...before].flatMap((other) => planned.get(other)?.message.number ?? []);
        left.add(name);
        order.push({ message: each.message, after });
        path.pop();
      } else {
        entered.add(name);
        for (const other of beforeOf(each).toReversed()) if (!entered.has(other)) path.push(other);
      }
    }
  }
  return order;
}
