import { sessionKey, unreadKeysOf, type Key } from '../storage/keys.ts';
import type { Marshal } from '../wrappers/marshal.ts';
import { slotOf } from '../wrappers/marshal.ts';
import { parseSlot, type ObjectId } from '../wrappers/names.ts';
import type { Commits } from './commits.ts';
import { mayPass } from './unreadable.ts';
import type { OutputItem } from './turn-effects.ts';

/** What the portal tells about a new session. */
export interface SessionTerms {
  /** Chosen at random by the portal; the session's name everywhere. */
  readonly sid: string;
  /** SHA-256, base64url, of the key that resumes it. */
  readonly keyHash: string;
  /** Whether it may be resumed after its socket was lost. */
  readonly keep: boolean;
  /** The name of the player. */
  readonly name: string;
  /** Whether the client takes text alone: of what has a kind nothing is kept for it. Left out: no. */
  readonly textOnly?: boolean | undefined;
}

/**
 * A connection of somebody to an object of theirs, known by its numbers on both sides: `in` is the last input
 * whose turn is committed, `out` the last output chunk. Both survive everything.
 */
export interface Session extends SessionTerms {
  /** The capability that takes `attached`, `command` and `detached`. */
  readonly capability: object;
  readonly object: ObjectId;
  in: number;
  /** The last input that is on disk: whoever typed it may forget it only then. */
  durableIn: number;
  out: number;
  /** The last chunk that is on disk: later ones are told when theirs is. */
  durable: number;
  acknowledged: number;
  /** Hung up, and to be ended once its last output is out. */
  closing: boolean;
  /** Inputs that are not to be done when they come again. */
  refused?: readonly number[] | undefined;
  /** The beginning of its stored form, which never changes: a session is stored with every turn of its own. */
  readonly constantText: string;
  readonly key: Key<'session'>;
  readonly unreadKey: (chunk: number) => Key<'unread'>;
  /** Characters of the chunks that are not acknowledged, about: never less, and none when there are none. */
  unread: number;
  /** How many each of them has, from the one after `acknowledged`: for those that came, or were told, since the world was opened. */
  readonly sizes: (number | undefined)[];
}

/** What a session is to be told once the commit is durable. */
export interface SessionOut {
  readonly sid: string;
  readonly in: number;
  /** The number of the chunk; 0 when there is only `in` to tell. */
  readonly n: number;
  /** What it is shown, as JSON: a list of `OutputItem`; '' if there is nothing to show. */
  readonly text: string;
  readonly close: boolean;
}

/** As stored under the session's key. */
interface StoredSession {
  readonly slot: string;
  readonly name: string;
  readonly keyHash: string;
  readonly keep: boolean;
  readonly textOnly?: boolean | undefined;
  readonly in: number;
  readonly out: number;
  readonly acknowledged: number;
  readonly unread?: number;
  readonly closing: boolean;
  readonly refused?: readonly number[] | undefined;
}

export interface UnreadLimits {
  readonly unreadChunks: number;
  readonly unreadCharacters: number;
}

/** The sessions of a world. Output gathers per session and becomes one numbered chunk per commit, or several where it is much. */
export class Sessions {
  readonly #commits: Commits;
  readonly #limits: UnreadLimits;
  readonly #onDamaged: (key: string, error: Error) => void;
  readonly #byId = new Map<string, Session>();
  readonly #byObject = new Map<ObjectId, Set<Session>>();
  #gathering = new Map<Session, OutputItem[]>();
  /** What is to be told to whoever is still at a session that has ended. */
  #ended: SessionOut[] = [];

  /** `onDamaged` is told of output that cannot be read: it is shown to nobody, and its session goes on without it. */
  constructor(commits: Commits, limits: UnreadLimits, onDamaged: (key: string, error: Error) => void) {
    this.#commits = commits;
    this.#limits = limits;
    this.#onDamaged = onDamaged;
  }

  get size(): number {
    return this.#byId.size;
  }

  get(sid: string): Session | undefined {
    return this.#byId.get(sid);
  }

  all(): readonly Session[] {
    return [...this.#byId.values()];
  }

  /** Whether somebody hears what the object puts out. */
  isHeard(object: ObjectId): boolean {
    return this.#byObject.has(object);
  }

  /** How many hear what the object puts out. */
  listenersOf(object: ObjectId): number {
    return this.#byObject.get(object)?.size ?? 0;
  }

  /** Whether one of those who hear what the object puts out takes more than text. */
  takesKinds(object: ObjectId): boolean {
    for (const { textOnly } of this.#byObject.get(object) ?? []) if (textOnly !== true) return true;
    return false;
  }

  of(object: ObjectId): readonly Session[] {
    return [...(this.#byObject.get(object) ?? [])];
  }

  restore(sid: string, text: string, marshal: Marshal): void {
    const { slot, unread = 0, ...stored } = JSON.parse(text) as StoredSession;
    const capability = marshal.decode({ body: '#"$0"', slots: [slot] }) as object;
    const object = objectOf(slot);
    const made = { ...constants(sid, slot, stored), unread, sizes: [] };
    this.#insert({ sid, ...stored, durableIn: stored.in, durable: stored.out, capability, object, ...made });
  }

  /** A new session; stored with the turn that begins it. */
  begin(terms: SessionTerms, capability: object): Session {
    const slot = slotOf(capability);
    const numbers = { in: 0, durableIn: 0, out: 0, durable: 0, acknowledged: 0 };
    const session = {
      ...terms,
      capability,
      object: objectOf(slot),
      ...numbers,
      closing: false,
      unread: 0,
      sizes: [],
      ...constants(terms.sid, slot, terms),
    };
    this.#insert(session);
    this.#touch(session);
    return session;
  }

  /** Takes a session and its unread output out of the world. */
  end(session: Session): void {
    this.#byId.delete(session.sid);
    const others = this.#byObject.get(session.object);
    others?.delete(session);
    if (others?.size === 0) this.#byObject.delete(session.object);
    this.#gathering.delete(session);
    const { sid, in: input, closing } = session;
    if (!closing) this.#ended.push({ sid, in: input, n: 0, text: '', close: true });
    for (let n = session.acknowledged + 1; n <= session.out; n += 1)
      this.#commits.forget(session.unreadKey(n));
    this.#commits.weigh(PER_CHUNK_GONE * (session.out - session.acknowledged));
    this.#commits.delete(session.key);
  }

  /** Output of an object, for whoever is attached to it. */
  put(object: ObjectId, item: OutputItem): void {
    const listeners = this.#byObject.get(object);
    if (listeners === undefined) return;
    for (const session of listeners) this.tell(session, item);
  }

  tell(session: Session, item: OutputItem): void {
    if (session.textOnly !== true || typeof item === 'string') this.#touch(session).push(item);
  }

  /** The input's turn is over, whichever way. */
  advance(session: Session, n: number): void {
    session.in = n;
    this.#touch(session);
  }

  /** The input is not to be done: it stopped the world. Those before it, which were not on disk yet, are. */
  refuse(session: Session, n: number): void {
    session.refused = [...(session.refused ?? []), n];
    this.#touch(session);
  }

  /** `destroyed`: those that are not closing yet are told that it is why they end. Gives those that are to be ended. */
  hangUp(object: ObjectId, destroyed = false): readonly Session[] {
    const ended = this.of(object).filter(({ closing }) => !(closing && destroyed));
    for (const session of ended) {
      session.closing = true;
      this.#touch(session);
      if (destroyed) this.tell(session, DESTROYED);
    }
    return ended;
  }

  /** The client has all chunks up to `n`. */
  acknowledge(session: Session, n: number): void {
    const upTo = Math.min(n, session.out);
    this.#commits.weigh(PER_CHUNK_GONE * Math.max(0, upTo - session.acknowledged));
    const before = session.acknowledged;
    const sizes = session.sizes.splice(0, Math.max(0, upTo - before));
    for (let at = before + 1; at <= upTo; at += 1) {
      const key = session.unreadKey(at);
      session.unread -= sizes[at - before - 1] ?? this.#sizeOf(key);
      this.#commits.forgetLater(key);
      session.acknowledged = at;
    }
    // After a crash a chunk may be gone that the session, as it was stored, still counts.
    if (session.acknowledged === session.out || session.unread < 0) session.unread = 0;
  }

  /**
   * The durable chunks after `have` that are kept, up to `last`. One that is damaged is told of, and left out. Throws where the store
   * does not give one now, and may do so later.
   */
  unread(session: Session, have: number, last = session.durable): readonly SessionOut[] {
    const outs: SessionOut[] = [];
    for (let n = Math.max(have, session.acknowledged) + 1; n <= Math.min(last, session.durable); n += 1) {
      const text = this.#stored(session.unreadKey(n));
      if (text === undefined) continue;
      session.sizes[n - session.acknowledged - 1] = text.length; // need not be read once more when it is acknowledged
      const close = session.closing && n === session.out;
      outs.push({ sid: session.sid, in: session.durableIn, n, text, close });
    }
    return outs;
  }

  /** True if the session has left more unread than the limits. */
  isOverfull(session: Session): boolean {
    const { unreadChunks, unreadCharacters } = this.#limits;
    return session.out - session.acknowledged > unreadChunks || session.unread > unreadCharacters;
  }

  /** The commit of these is on disk. */
  nowDurable(outs: readonly SessionOut[]): void {
    for (const { sid, in: input, n } of outs) {
      const session = this.#byId.get(sid);
      if (session === undefined) continue;
      session.durableIn = input;
      if (n > 0) session.durable = n;
    }
  }

  /** Puts what gathered into the commit, and gives what to tell each session when it is durable. */
  stage(): readonly SessionOut[] {
    const outs: SessionOut[] = [];
    let only: OutputItem | undefined;
    let textsOfOnly: readonly string[] = [];
    for (const [session, items] of this.#gathering) {
      const [first] = items;
      const texts = items.length === 1 && first === only ? textsOfOnly : chunksOf(items);
      if (items.length === 1) {
        // One text for all who hear it, which is kept until the last of them has acknowledged it.
        only = first;
        textsOfOnly = texts;
      }
      texts.forEach((text, at) => {
        let n = 0;
        if (text !== '') {
          session.out += 1;
          n = session.out;
          session.unread += text.length;
          session.sizes[n - session.acknowledged - 1] = text.length;
          this.#commits.putFresh(session.unreadKey(n), text);
        }
        const close = session.closing && at === texts.length - 1;
        outs.push({ sid: session.sid, in: session.in, n, text, close });
      });
      this.#commits.put(session.key, store(session));
    }
    this.#gathering = new Map(); // not emptied: see Overlay
    outs.push(...this.#ended);
    this.#ended = [];
    return outs;
  }

  /** Characters of a chunk from before the last start: none where it cannot be read, which its client need not care for any more. */
  #sizeOf(key: Key<'unread'>): number {
    try {
      return this.#commits.get(key)?.length ?? 0;
    } catch {
      return 0;
    }
  }

  /** A chunk that is kept, as JSON in one line; undefined if there is none, or none that could ever be shown. */
  #stored(key: Key<'unread'>): string | undefined {
    try {
      const text = this.#commits.get(key);
      if (text === undefined) return undefined;
      const items: unknown = JSON.parse(text);
      if (!Array.isArray(items) || !items.every(isItem)) throw new Error('It is no output.');
      return JSON.stringify(items);
    } catch (error) {
      if (mayPass(error)) throw error;
      this.#onDamaged(key, error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  }

  #touch(session: Session): OutputItem[] {
    let items = this.#gathering.get(session);
    if (items === undefined) {
      items = [];
      this.#gathering.set(session, items);
    }
    return items;
  }

  #insert(session: Session): void {
    this.#byId.set(session.sid, session);
    const others = this.#byObject.get(session.object);
    if (others === undefined) this.#byObject.set(session.object, new Set([session]));
    else others.add(session);
  }
}

const DESTROYED = 'What you were in this world has been destroyed: your session is over.';

/**
 * What a chunk that goes counts towards what a commit may gather: its key, and the time that it takes. All who were lost
 * together end together, each with thousands of them.
 */
const PER_CHUNK_GONE = 200;

/** What is made once for a session, because every turn of its own needs it. */
function constants(
  sid: string,
  slot: string,
  { name, keyHash, keep, textOnly }: Pick<StoredSession, 'name' | 'keyHash' | 'keep' | 'textOnly'>,
): Pick<Session, 'constantText' | 'key' | 'unreadKey'> {
  const text = JSON.stringify({ slot, name, keyHash, keep, textOnly } satisfies Partial<StoredSession>);
  return { constantText: text.slice(0, -1), key: sessionKey(sid), unreadKey: unreadKeysOf(sid) };
}

/**
 * Characters of one chunk. What turns put out is counted as it is said, and a control character takes six as JSON: a commit's
 * worth could be more than a line of the pipe to the portal may have, which would end the process, and the next one that
 * tells it again.
 */
const CHUNK_MOST = 4 * 1024 * 1024;

/** Items as JSON, in as few texts as may be; one that is larger is a text of its own. No items are an empty text. */
function chunksOf(items: readonly OutputItem[]): readonly string[] {
  if (items.length === 0) return [''];
  const text = JSON.stringify(items);
  if (text.length <= CHUNK_MOST || items.length === 1) return [text];
  const middle = items.length >> 1;
  return [...chunksOf(items.slice(0, middle)), ...chunksOf(items.slice(middle))];
}

/** A `StoredSession` as JSON. */
function store({ constantText, in: input, out, acknowledged, unread, closing, refused }: Session): string {
  const numbers = `"in":${input},"out":${out},"acknowledged":${acknowledged},"unread":${unread}`;
  const still = refused?.filter((n) => n > input) ?? [];
  const rest = still.length === 0 ? '' : `,"refused":[${still.join(',')}]`;
  return `${constantText},${numbers},"closing":${closing}${rest}}`;
}

function isItem(alleged: unknown): alleged is OutputItem {
  if (typeof alleged === 'string') return true;
  return Array.isArray(alleged) && alleged.length === 2 && typeof alleged[0] === 'string';
}

function objectOf(slot: string): ObjectId {
  const parts = parseSlot(slot);
  if (parts === undefined) throw new Error('A session names no object.');
  return parts.id;
}
