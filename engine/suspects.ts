import { metaKey, parseKey } from '../storage/keys.ts';
import { genuineError, isGenuine } from '../wrappers/errors.ts';
import { parseObjectId, type ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import type { Blame } from './blame.ts';
import type { Commits } from './commits.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { ObjectTable } from './object-table.ts';
import type { Penalties } from './penalties.ts';
import { parseRunning, type Running } from './running-job.ts';
import type { Sessions } from './sessions.ts';
import type { Shares } from './shares.ts';

/** Deaths with the same message running: it may have been chance the first time. */
const DEATHS = 2;

const WHY = genuineError('SetAside', `It was running when the world died ${DEATHS} times.`);

interface Suspicion {
  readonly running: string;
  readonly deaths: number;
}

export interface SuspectsOptions {
  readonly commits: Commits;
  readonly sessions: Sessions;
  readonly table: ObjectTable;
  readonly blame: Blame;
  readonly penalties: Penalties;
  readonly shares: Shares;
  readonly letters: DeadLetters;
  readonly report: (job: string, id: string | null) => void;
}

/** How the last process ended, if it was not by closing the world. */
export interface LastRun {
  /** What the meter noted last; '' if nothing was running, as far as is known. */
  readonly running: string;
  /** It crashed, or hung: nobody else killed it. */
  readonly ownDoing: boolean;
}

/**
 * Looks into what was running when the process of this world died the last time. A message that has been running at two
 * deaths is not tried again: it is set aside, and so is the object whose code was running.
 */
export class Suspects {
  readonly #options: SuspectsOptions;

  constructor(options: SuspectsOptions) {
    this.#options = options;
  }

  /** `waiting` has the message that was running, if it waits still. Gives the key of one that is not to be delivered. */
  examine(last: LastRun | null, waiting: readonly (readonly [key: string, text: string])[]): string | null {
    const messages = byNumber(waiting);
    const { commits, sessions, letters } = this.#options;
    const before = commits.get(metaKey('suspect'));
    const parsed = last === null ? undefined : parseRunning(last.running);
    if (last === null || parsed === undefined || !this.#isOpen(parsed, messages)) {
      if (before !== undefined) commits.delete(metaKey('suspect'));
      return null;
    }
    const known = before === undefined ? null : (JSON.parse(before) as Suspicion);
    const { running, ownDoing } = last;
    const isSame = known !== null && this.#isSameAgain(known.running, last, parsed);
    let deaths = (isSame ? known.deaths : 0) + 1;
    // Turns without code of the world are noted only after a death, so this is the second; if it was killed from outside,
    // nothing is known against such a turn.
    if (parsed.object === null) deaths = ownDoing ? DEATHS : 0;
    if (deaths < DEATHS) {
      commits.put(metaKey('suspect'), JSON.stringify({ running, deaths } satisfies Suspicion));
      return null;
    }
    commits.delete(metaKey('suspect'));
    this.#options.report(running, parsed.object);
    const { job } = parsed;
    let notTo: string | null = null;
    if (job.kind === 'message') {
      const waiting = messages.get(job.number);
      if (waiting !== undefined) {
        const [key, text] = waiting;
        letters.keepText(job.number, text, WHY, DEATHS);
        commits.delete(key);
        notTo = key;
      }
    } else if (job.kind === 'input') {
      const session = sessions.get(job.sid);
      if (session !== undefined) sessions.refuse(session, job.n);
    }
    this.#setAside(parsed.object, deaths);
    return notTo;
  }

  #setAside(object: string | null, deaths: number): void {
    const id = object === null ? undefined : parseObjectId(object);
    if (id === undefined) return;
    const why = genuineError('SetAside', `its code was running when the world died ${deaths} times`);
    const { blame, penalties } = this.#options;
    try {
      const wrapper = this.#options.table.find(id);
      if (!isBank(wrapper)) blame.setAside(wrapper, why);
    } catch (thrown) {
      if (!isGenuine(thrown)) throw thrown;
    }
    penalties.add(this.#payerOf(id));
  }

  /** The bank that answers for an object: its own, if it is one, which is noted for what the turn that died had made. */
  #payerOf(object: string): ObjectId | null {
    const id = parseObjectId(object);
    if (id === undefined) return null;
    try {
      const wrapper = this.#options.table.find(id);
      return isBank(wrapper) ? id : wrapper.bank;
    } catch (thrown) {
      if (isGenuine(thrown)) return null;
      throw thrown;
    }
  }

  /**
   * Whether the message has still to be delivered; otherwise its turn was over, and something else killed the process. Of a turn
   * of the host's own nothing is kept: the object whose code was running is all that can be set aside.
   */
  #isOpen({ job, object }: Running, messages: ReadonlyMap<number, unknown>): boolean {
    if (job.kind === 'message') return messages.has(job.number);
    if (job.kind === 'host') return object !== null;
    const session = this.#options.sessions.get(job.sid);
    return session !== undefined && job.n > session.in;
  }

  /**
   * Whether it is what was running at the death before. The object may be another one: the message is what is tried again. If
   * nobody else killed the process, it is enough that the same bank answers for it: whoever types one line that does may come
   * back and type another, to another object. Who came in comes in again, which has no number.
   */
  #isSameAgain(before: string, { running, ownDoing }: LastRun, { job, object }: Running): boolean {
    const [jobBefore, objectBefore] = split(before);
    const isSameJob = jobBefore === split(running)[0];
    if (!ownDoing) return job.kind === 'host' ? before === running : isSameJob;
    if (isSameJob || objectBefore === object) return true;
    if (object === null) return false;
    const [account, accountBefore] = [object, objectBefore].map((each) =>
      this.#options.shares.accountOf(this.#payerOf(each)),
    );
    return account !== null && account === accountBefore;
  }
}

/** It cannot be set aside: others need it. */
function isBank({ spec }: Wrapper): boolean {
  return spec.name === 'Bank' && spec.origin === null;
}

function byNumber(
  messages: readonly (readonly [key: string, text: string])[],
): ReadonlyMap<number, readonly [key: string, text: string]> {
  const found = new Map<number, readonly [string, string]>();
  for (const entry of messages) {
    const key = parseKey(entry[0]);
    if (key?.kind === 'send' || key?.kind === 'timer') found.set(key.seq, entry);
  }
  return found;
}

function split(running: string): readonly [job: string, object: string] {
  const at = running.lastIndexOf(' ');
  return [running.slice(0, at), running.slice(at + 1)];
}
