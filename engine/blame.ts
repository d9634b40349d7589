import type { KeysteadError } from '../wrappers/errors.ts';
import { isGenuine } from '../wrappers/errors.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import type { Asides } from './asides.ts';
import type { BankRecord } from './bank.ts';
import type { Counters } from './counters.ts';
import type { ObjectTable } from './object-table.ts';
import type { Post } from './post.ts';
import { hostMessage } from './stored-message.ts';
import type { SavedClasses } from './saved-classes.ts';
import type { WorldPowers } from './world-options.ts';

/** What the owner of a bank is told of an object that it pays for. */
interface BlameReport {
  readonly number: number;
  readonly className: string;
  readonly author: string;
  readonly code: string;
  readonly message: string;
  /** It is set aside from here on. */
  readonly aside: boolean;
}

export interface BlameOptions {
  readonly powers: WorldPowers;
  readonly asides: Asides;
  readonly table: ObjectTable;
  readonly saved: SavedClasses;
  readonly counters: Counters;
  readonly post: Post;
}

/** Names the object that was at fault: to the admin, and to whoever owns the bank that pays for it. Only between turns. */
export class Blame {
  readonly #options: BlameOptions;

  constructor(options: BlameOptions) {
    this.#options = options;
  }

  /** Counts one offence, and sets the object aside if that is one too many. */
  offence(wrapper: Wrapper, error: KeysteadError): void {
    const { asides, powers } = this.#options;
    // What the stopped turn had made is gone with it, and its number will be another object's.
    const aside = wrapper.loaded && asides.offend(wrapper, error, powers.clock());
    this.#tell(wrapper, error, aside);
  }

  /** It is not as its author means it; nothing happens to it. */
  advise(wrapper: Wrapper, error: KeysteadError): void {
    this.#tell(wrapper, error, false);
  }

  /** Sets it aside at once. */
  setAside(wrapper: Wrapper, error: KeysteadError): void {
    const { asides, powers } = this.#options;
    asides.put(wrapper, error, powers.clock());
    this.#tell(wrapper, error, true);
  }

  #tell(wrapper: Wrapper, { code, message }: KeysteadError, aside: boolean): void {
    const { powers, saved, counters, post } = this.#options;
    const { id, spec } = wrapper;
    const author = spec.origin === null ? '' : saved.state(spec.origin).author;
    powers.report({ what: 'blamed', id, className: spec.name, author, code, message, aside });
    const listener = this.#listener(wrapper);
    if (listener === null) return;
    const number = Number(id.slice(1));
    const report: BlameReport = Object.freeze({ number, className: spec.name, author, code, message, aside });
    post.accept(hostMessage(counters.takeMessage(null), listener[0], listener[1], [report]));
  }

  /** Whom the bank has named, or the one that it was split off from. */
  #listener(wrapper: Wrapper): BankRecord['reports'] {
    const { table } = this.#options;
    try {
      let bank = wrapper.bank;
      while (bank !== null) {
        const above = table.find(bank);
        const { reports = null } = above.record as Partial<BankRecord>;
        if (reports !== null) return reports;
        bank = above.bank;
      }
    } catch (thrown) {
      if (!isGenuine(thrown)) throw thrown; // a bank that is gone or damaged names nobody
    }
    return null;
  }
}
