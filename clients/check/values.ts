import { accountKey, sessionKey, type KeyKind, type ParsedKey } from '../../storage/keys.ts';
import { WORLD_LIMITS } from '../../engine/limits.ts';
import { COUNTED, isObjectId, partsOfSlot, type CapData } from '../../engine/stored-forms.ts';
import { DONE_BY_ANOTHER, removal } from './findings.ts';
import { slotIn, type Inspection } from './inspection.ts';
import { jsonIn, shapeIn } from './surroundings.ts';

type Of<K extends KeyKind> = Extract<ParsedKey, { readonly kind: K }>;
type Judge<K extends KeyKind> = (key: Of<K>, text: string, value: string) => void;

/** What a session has said, for its unread output. */
interface KnownSession {
  readonly out: number;
}

/** Pieces that a session may have unread: some more than the world keeps for one before it ends it. */
const UNREAD_MOST = 10 * WORLD_LIMITS.unreadChunks;

const NOT_DELIVERED = 'it is not delivered; nothing else is held up';
const NO_START = 'the world does not start: go back to a checkpoint (keystead restore), or to a backup';

/** Judges the values of all kinds but objects, collections and what follows from others. */
export class Values {
  readonly #inspection: Inspection;
  readonly #sessions = new Map<string, KnownSession>();
  readonly #judges: { readonly [K in KeyKind]?: Judge<K> };
  counters: { readonly object: number; readonly message: number } | undefined;
  #roots = false;
  #classes = false;

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
    this.#judges = {
      meta: (key, text, value) => {
        this.#meta(key, text, value);
      },
      shape: (_, text, value) => {
        if (shapeIn(value) === undefined)
          inspection.unusable(text, 'it is no method set', NO_START, DONE_BY_ANOTHER);
      },
      account: (_, text, value) => {
        this.#account(text, value);
      },
      session: (key, text, value) => {
        this.#session(key, text, value);
      },
      unread: (key, text, value) => {
        this.#unread(key, text, value);
      },
      send: ({ seq }, text, value) => {
        this.#message(text, value, seq, null);
      },
      timer: ({ due, seq }, text, value) => {
        this.#message(text, value, seq, due);
      },
      dead: ({ seq }, text, value) => {
        this.#dead(text, value, seq);
      },
      aside: ({ id }, text, value) => {
        this.#aside(id, text, value);
      },
      safe: (_, text, value) => {
        if (typeof (this.#object(value)?.['className'] ?? null) !== 'string')
          inspection.unusable(text, 'it does not say which class was approved', 'that code is not approved');
      },
      watched: ({ id }, text, value) => {
        this.#owned(id, text, value, watchesProblem, 'what it publishes is told to nobody');
      },
      restart: ({ id }, text, value) => {
        const means = 'nothing is told to it when the world starts again';
        this.#owned(id, text, value, restartsProblem, means);
      },
      garbage: ({ id }, text, value) => {
        this.#garbage(id, text, value);
      },
    };
  }

  check(key: ParsedKey, text: string, value: string): void {
    const judge = this.#judges[key.kind] as Judge<KeyKind> | undefined;
    judge?.(key, text, value);
  }

  /** At the end: what there has to be in every world. */
  finish(): void {
    const { counters } = this;
    const { highestObject, highestMessage } = this.#inspection;
    if (!this.#roots)
      this.#inspection.report({ key: 'meta/roots', what: 'the roots are not there', means: NO_START });
    const { builtIn, format } = this.#inspection.around;
    // The first worlds had none, and are given them when they are started.
    if (builtIn === undefined && (this.#classes || format > 1))
      this.#inspection.report({
        key: 'meta/classes',
        what: 'the versions of the built-in classes are not there, or are none',
        means: NO_START,
      });
    const { object = 0, message = 0 } = counters ?? {};
    if (isAbove(object, highestObject) && isAbove(message, highestMessage)) return;
    const raised = {
      object: isAbove(object, highestObject) ? object : highestObject + 1,
      message: isAbove(message, highestMessage) ? message : highestMessage + 1,
    };
    this.#inspection.report({
      key: 'meta/counters',
      what:
        counters === undefined
          ? 'the counters are not there'
          : `the counters stand at object ${counters.object} and message ${counters.message}, and ${highestObject} and ${highestMessage} are in use`,
      means: 'a new object or message would take the place of one that is there, or have no number',
      fix: {
        said: `set the counters to object ${raised.object} and message ${raised.message}`,
        ops: [{ put: 'meta/counters', value: JSON.stringify(raised) }],
        keep: ['meta/counters'],
      },
    });
  }

  #meta({ name }: Of<'meta'>, text: string, value: string): void {
    const known = jsonIn(value);
    this.#classes ||= name === 'classes';
    if (name === 'counters') {
      const { object, message } = (known ?? {}) as Readonly<Record<string, unknown>>;
      if (isNatural(object) && isNatural(message)) this.counters = { object, message };
    } else if (name === 'roots') {
      const examined = this.#inspection.examine(known ?? {});
      this.#roots = true;
      const problem = 'problem' in examined ? examined.problem : rootsProblem(examined.tree);
      const { slots = [] } = 'slots' in examined ? examined : {};
      const dead = slots.find((slot) => this.#inspection.follow(slot)?.live !== true);
      if (problem !== undefined) this.#inspection.report({ key: text, what: problem, means: NO_START });
      else if (dead !== undefined)
        this.#badRoot(text, `a root, on the object ${dead.split('.')[0]}, leads nowhere`);
      else if ('tree' in examined) this.#rootClasses(text, examined.tree as Fields, slots);
    } else if (known === undefined && name !== 'classes' && name !== 'name') {
      // The name by which backups know the world is a bare text, and losing it would make them refuse the world.
      this.#inspection.unusable(text, 'it is no JSON', 'what it told the world is forgotten');
    }
  }

  #rootClasses(text: string, tree: Fields, slots: readonly string[]): void {
    for (const [name, className] of Object.entries(ROOT_CLASSES)) {
      const { id, shape = -1 } = partsOfSlot(slotIn(tree[name], slots) ?? '') ?? {};
      const found = this.#inspection.around.shapes.get(shape);
      if (found !== undefined && found.className !== className)
        this.#badRoot(
          text,
          `the root ${name} is on ${id}, which is no ${className} but a ${found.className}`,
        );
    }
  }

  #badRoot(key: string, what: string): void {
    const means =
      'the world starts, and nobody comes in, or nothing can be made: go back to a checkpoint, or to a backup';
    this.#inspection.report({ key, what, means });
  }

  #account(text: string, value: string): void {
    const means = 'nobody can log in by that name; once it is out of the way, anybody can create it anew';
    const { name, salt, hash, cost, capability } = this.#object(value) ?? {};
    if (typeof name !== 'string' || name === '' || accountKeyOf(name) !== text) {
      this.#inspection.unusable(text, 'the account does not fit its name', means);
      return;
    }
    if (typeof salt !== 'string' || typeof hash !== 'string' || typeof cost !== 'object') {
      this.#inspection.unusable(text, 'the account has no password', means);
      return;
    }
    const examined = this.#inspection.examine(jsonIn(typeof capability === 'string' ? capability : '') ?? {});
    const [slot] = 'slots' in examined ? examined.slots : [];
    if (this.#inspection.follow(slot)?.exists !== true)
      this.#inspection.unusable(text, 'the player that the account leads to is not there', means);
  }

  #session({ sid }: Of<'session'>, text: string, value: string): void {
    const session = this.#object(value) ?? {};
    const { slot, name, keyHash, keep, closing } = session;
    const numbers = ['in', 'out', 'acknowledged'].map((each) => session[each]);
    const [, out, acknowledged] = numbers;
    const means = 'whoever is connected by it has to log in again';
    const well =
      typeof name === 'string' &&
      typeof keyHash === 'string' &&
      typeof keep === 'boolean' &&
      typeof closing === 'boolean' &&
      numbers.every(isNatural) &&
      Number(acknowledged) <= Number(out) &&
      // The world goes through all of them when the session is acknowledged or ends.
      Number(out) - Number(acknowledged) <= UNREAD_MOST;
    if (!well) this.#inspection.unusable(text, 'it is no session', means);
    else if (this.#inspection.follow(slot)?.exists !== true && !closing)
      // One that ends because its object did is there until its last words are out.
      this.#inspection.unusable(text, 'the session leads to an object that is not there', means);
    else this.#sessions.set(sid, { out: Number(out) });
  }

  #unread({ sid, number }: Of<'unread'>, text: string, value: string): void {
    const session = this.#sessions.get(sid);
    const means = 'those lines are not shown to anybody';
    const items = jsonIn(value);
    if (!Array.isArray(items) || !items.every(isItem))
      this.#inspection.unusable(text, 'it is no output', means);
    else if (session === undefined)
      this.#inspection.unusable(text, `there is no session ${sessionKey(sid)} that could read it`, means);
    else if (number > session.out)
      this.#inspection.unusable(text, `its session has been told ${session.out} pieces only`, means);
  }

  #message(text: string, value: string, seq: number, due: number | null): void {
    this.#inspection.usesMessage(seq);
    const problem = this.#messageProblem(this.#object(value) ?? {}, seq, due);
    if (problem !== undefined)
      this.#inspection.unusable(text, `the message cannot be read: ${problem}`, NOT_DELIVERED);
  }

  #dead(text: string, value: string, seq: number): void {
    this.#inspection.usesMessage(seq);
    const stored = this.#object(value) ?? {};
    const problem = this.#messageProblem(stored, seq, undefined);
    if (problem !== undefined)
      this.#inspection.unusable(text, `the dead letter cannot be read: ${problem}`, NOT_DELIVERED);
  }

  /** `due`: undefined where it may be anything. */
  #messageProblem(stored: Partial<CapData>, seq: number, due: number | null | undefined): string | undefined {
    const examined = this.#inspection.examine(stored);
    if ('problem' in examined) return examined.problem;
    const message = (examined.tree ?? {}) as Readonly<Record<string, unknown>>;
    const { to, method, args, number, due: own, failed = null, every = null, missed, tries = 0 } = message;
    if (!isCapability(to, examined.slots)) return 'it is to nobody';
    if (typeof method !== 'string' || !Array.isArray(args)) return 'it names no method';
    if (number !== seq) return 'its number is not that of its key';
    const isDue = due === undefined ? own === null || isNatural(own) : own === due;
    if (!isDue) return due === undefined ? 'it is due at no time' : 'it is not due when its key says';
    const objects = [message['from'] ?? null, message['payer'] ?? null];
    if (!objects.every((each) => each === null || (typeof each === 'string' && isObjectId(each))))
      return 'it does not say who sent it, or pays for it';
    const [told, how, ...more] = Array.isArray(failed) ? (failed as readonly unknown[]) : [];
    const isTold = slotIn(told, examined.slots) !== undefined && typeof how === 'string' && more.length === 0;
    if (failed !== null && !isTold) return 'it does not say who is told when it fails';
    const isTimed = every === null || (isNatural(every) && every > 0);
    if (!isTimed || !['late', 'skip', undefined].includes(missed as string | undefined) || !isNatural(tries))
      return 'it does not say how often it is to be delivered';
    return undefined;
  }

  #aside(id: string, text: string, value: string): void {
    if (!this.#inspection.around.grants.has(id)) {
      this.#inspection.unusable(text, 'the object that is set aside is not there', 'nothing');
      return;
    }
    this.#inspection.note('aside');
    const { className, code, message, when } = this.#object(value) ?? {};
    const well = [className, code, message].every((each) => typeof each === 'string') && isNatural(when);
    if (well) return;
    const fix = this.#inspection.setAside(id, {
      className: 'An object',
      bank: null,
      why: 'why it was set aside is lost',
    });
    this.#inspection.unusable(
      text,
      'it does not say why the object is set aside',
      'its owner is not told why',
      {
        ...fix,
        keep: [text],
      },
    );
  }

  /**
   * What stands beside an object. Watches and registrations for restarts are numbered as messages are: a restart sends one of
   * that number each time.
   */
  #owned(id: string, text: string, value: string, problemOf: typeof watchesProblem, means: string): void {
    const examined = this.#inspection.examine(this.#object(value) ?? {});
    const problem = 'problem' in examined ? examined.problem : problemOf(examined.tree, examined.slots);
    if (problem !== undefined) this.#inspection.unusable(text, problem, means);
    else if (!this.#inspection.around.grants.has(id))
      this.#inspection.unusable(text, 'its object is not there', means);
    if ('problem' in examined || typeof examined.tree !== 'object') return;
    for (const each of Object.values(examined.tree ?? {}) as (Fields | null)[])
      if (isNatural(each?.['number'])) this.#inspection.usesMessage(each['number']);
  }

  #garbage(id: string, text: string, value: string): void {
    const means = 'how long nobody could reach it is counted anew';
    if (!isNatural(this.#object(value)?.['since']))
      this.#inspection.unusable(text, 'it does not say since when', means);
    else if (!this.#inspection.around.grants.has(id))
      this.#inspection.unusable(text, 'its object is not there', 'nothing', removal(text));
  }

  #object(value: string): Readonly<Record<string, unknown>> | undefined {
    const known = jsonIn(value);
    return typeof known === 'object' && known !== null && !Array.isArray(known)
      ? (known as Readonly<Record<string, unknown>>)
      : undefined;
  }
}

/** The roots that are of our own classes; what the gate is each world says itself. */
const ROOT_CLASSES = { bank: 'Bank', storage: 'Storage', classes: 'ClassRegistry' };

function rootsProblem(tree: unknown): string | undefined {
  const names = ['gate', 'bank', 'storage', 'classes'];
  const missing = names.find((name) => (tree as Record<string, unknown> | null)?.[name] === undefined);
  return missing === undefined ? undefined : `the roots have no ${missing}`;
}

type Fields = Readonly<Record<string, unknown>>;

function watchesProblem(tree: unknown, slots: readonly string[]): string | undefined {
  if (!Array.isArray(tree)) return 'it is no list of watches';
  const well = (tree as readonly (Fields | null)[]).every((each) => {
    const { name, through, by } = each ?? {};
    const isBy = typeof by === 'string' && isObjectId(by);
    return isCall(each, slots) && isBy && typeof name === 'string' && isCapability(through, slots);
  });
  return well ? undefined : 'a watch in it is none';
}

function restartsProblem(tree: unknown, slots: readonly string[]): string | undefined {
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return 'it is no record';
  const well = (Object.values(tree) as (Fields | null)[]).every((each) => {
    const { args, caps, after } = each ?? {};
    const hasCaps = typeof caps === 'object' && caps !== null; // a list of them is a record too
    return (
      isCall(each, slots) &&
      Array.isArray(args) &&
      hasCaps &&
      Object.values(caps).every((cap) => isCapability(cap, slots)) &&
      Array.isArray(after) &&
      after.every((what) => typeof what === 'string')
    );
  });
  return well ? undefined : 'a registration in it is none';
}

/** What a watch and a registration have of a message. */
function isCall(call: Fields | null, slots: readonly string[]): boolean {
  const { to, method, number, payer } = call ?? {};
  const isPayer = payer === null || (typeof payer === 'string' && isObjectId(payer));
  return isCapability(to, slots) && typeof method === 'string' && isNatural(number) && isPayer;
}

function isCapability(value: unknown, slots: readonly string[]): boolean {
  return slotIn(value, slots) !== undefined;
}

/** A piece of output, as a session is told it. */
function isItem(value: unknown): boolean {
  return (
    typeof value === 'string' || (Array.isArray(value) && value.length === 2 && typeof value[0] === 'string')
  );
}

/** Whether numbers can go on from a counter. */
function isAbove(counter: number, highest: number): boolean {
  return counter > highest && counter < COUNTED;
}

function isNatural(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function accountKeyOf(name: string): string | undefined {
  try {
    return accountKey(name);
  } catch {
    return undefined;
  }
}
