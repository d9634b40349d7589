import { deadKey, metaKey } from '../storage/keys.ts';
import { genuineError, isGenuine } from '../wrappers/errors.ts';
import { parseObjectId } from '../wrappers/names.ts';
import type { Blame } from './blame.ts';
import type { Commits } from './commits.ts';
import type { ObjectTable } from './object-table.ts';
import { parseRunning, type RunningJob } from './running-job.ts';
import type { Sessions } from './sessions.ts';

/** Deaths with the same message running: it may have been chance the first time. */
const DEATHS = 2;

interface Suspicion {
  readonly running: string;
  readonly deaths: number;
}

export interface SuspectsOptions {
  readonly commits: Commits;
  readonly sessions: Sessions;
  readonly table: ObjectTable;
  readonly blame: Blame;
  readonly report: (job: string, id: string) => void;
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

  /**
   * `lastRunning` is what the meter noted last, or null when the process ended between turns; `messages` are those that
   * wait, by their key and number. Gives the keys of messages that are not to be delivered.
   */
  examine(
    lastRunning: string | null,
    messages: ReadonlyMap<number, readonly [key: string, text: string]>,
  ): string | null {
    const { commits, sessions } = this.#options;
    const before = commits.get(metaKey('suspect'));
    const parsed = lastRunning === null ? undefined : parseRunning(lastRunning);
    if (lastRunning === null || parsed === undefined || !this.#waits(parsed.job, messages)) {
      if (before !== undefined) commits.delete(metaKey('suspect'));
      return null;
    }
    const known = before === undefined ? null : (JSON.parse(before) as Suspicion);
    const deaths = (known !== null && sameJob(known.running, lastRunning) ? known.deaths : 0) + 1;
    if (deaths < DEATHS) {
      commits.put(metaKey('suspect'), JSON.stringify({ running: lastRunning, deaths } satisfies Suspicion));
      return null;
    }
    commits.delete(metaKey('suspect'));
    this.#options.report(lastRunning, parsed.object);
    const { job } = parsed;
    let notTo: string | null = null;
    if (job.kind === 'message') {
      const waiting = messages.get(job.number);
      if (waiting !== undefined) {
        const [key, text] = waiting;
        commits.put(deadKey(job.number), text);
        commits.delete(key);
        notTo = key;
      }
    } else if (job.kind === 'input') {
      const session = sessions.get(job.sid);
      if (session !== undefined) {
        sessions.advance(session, job.n);
        sessions.tell(session, 'What you typed stopped the whole world twice, and was not done. [SetAside]');
      }
    }
    this.#setAside(parsed.object, deaths);
    return notTo;
  }

  #setAside(object: string, deaths: number): void {
    const id = parseObjectId(object);
    if (id === undefined) return;
    const why = genuineError('SetAside', `its code was running when the world died ${deaths} times`);
    try {
      this.#options.blame.setAside(this.#options.table.find(id), why);
    } catch (thrown) {
      if (!isGenuine(thrown)) throw thrown; // it was created by the turn that died
    }
  }

  /** Whether the message has still to be delivered; otherwise its turn was over, and something else killed the process. */
  #waits(job: RunningJob, messages: ReadonlyMap<number, unknown>): boolean {
    if (job.kind === 'message') return messages.has(job.number);
    if (job.kind === 'host') return false;
    const session = this.#options.sessions.get(job.sid);
    return session !== undefined && job.n > session.in;
  }
}

/** The object may be another one: the message is what is tried again. */
function sameJob(a: string, b: string): boolean {
  return a.slice(0, a.lastIndexOf(' ')) === b.slice(0, b.lastIndexOf(' '));
}
