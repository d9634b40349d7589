import { deadKey } from '../storage/keys.ts';
import type { KeysteadError } from '../wrappers/errors.ts';
import type { CapData, Marshal } from '../wrappers/marshal.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Commits } from './commits.ts';
import { readMessage, storedMessage } from './stored-message.ts';
import type { Message } from './turn-effects.ts';

/** Why a message could not be delivered, and when that was. */
interface Failure {
  readonly code: string;
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly when: number;
  /** How often it has been tried. */
  readonly tries: number;
  /** The bank whose letters it counts among, null for the world's own. */
  readonly account: string | null;
  /** Where the code is `SetAside`: whether that is because it killed the process, and not what it called that is set aside. */
  readonly killed?: boolean;
}

/** As stored: the message, and beside it what has become of it. */
interface StoredLetter extends CapData, Partial<Failure> {}

export interface DeadLetter extends Failure {
  readonly message: Message;
}

export interface DeadLettersOptions {
  readonly commits: Commits;
  readonly marshal: Marshal;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** The bank that answers for whoever sends at the cost of `payer`. */
  readonly accountOf: (payer: ObjectId | null) => ObjectId | null;
  readonly limits: {
    readonly deadLetters: number;
    readonly accountDeadLetters: number;
    readonly accountDeadLetterCharacters: number;
  };
  /** An old letter made room for a new one. */
  readonly onDropped: (number: number) => void;
}

/** What older letters, which do not say what they are, were kept for. */
const SET_ASIDE = 'SetAside';

interface Kept {
  readonly account: string | null;
  readonly characters: number;
  /** Milliseconds since the epoch. */
  readonly when: number;
}

/**
 * Messages that could not be delivered and whose sender named nobody to tell. They stay in the store until an admin has
 * them tried again or drops them. The oldest of an account makes room when it has more than its share, so that nobody can
 * push out the letters of others.
 */
export class DeadLetters {
  readonly #options: DeadLettersOptions;
  /** In the order in which they came. */
  readonly #kept = new Map<number, Kept>();
  readonly #sums = new Map<string | null, { letters: number; characters: number }>();

  constructor(options: DeadLettersOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** A letter from the store, when the world starts; `sortRestored` follows the last one. */
  restore(number: number, text: string): void {
    const { account = null, when = 0 } = JSON.parse(text) as StoredLetter;
    this.#add(number, { account, characters: text.length, when });
  }

  /** They count as old in the order in which they came, as they did before the world was stopped. */
  sortRestored(): void {
    const restored = [...this.#kept].sort(([, a], [, b]) => a.when - b.when);
    this.#kept.clear();
    for (const [number, kept] of restored) this.#kept.set(number, kept);
  }

  /** Keeps a message that has had its turn. */
  keep(message: Message, { code, message: text }: KeysteadError): void {
    const { marshal, clock, accountOf } = this.#options;
    const account = accountOf(message.payer as ObjectId | null);
    const failure: Failure = { code, text, when: clock(), tries: message.tries + 1, account };
    const killed = code === SET_ASIDE ? { killed: false } : {};
    this.#put(message.number, { ...marshal.encode(storedMessage(message)), ...failure, ...killed });
  }

  /** Keeps the text of a message that killed the process, as it is stored: it may be what nobody could read. */
  keepText(number: number, message: string, { code, message: text }: KeysteadError, tries: number): void {
    const { body, slots } = JSON.parse(message) as CapData;
    const when = this.#options.clock();
    this.#put(number, { body, slots, code, text, when, tries, account: null, killed: true });
  }

  has(number: number): boolean {
    return this.#kept.has(number);
  }

  /** Whether there is one of that number that killed the process. Reads no message: one that cannot be read counts, too. */
  isSetAside(number: number): boolean {
    const stored = this.#kept.has(number) ? this.#options.commits.get(deadKey(number)) : undefined;
    if (stored === undefined) return false;
    const { code = SET_ASIDE, killed = code === SET_ASIDE } = JSON.parse(stored) as StoredLetter;
    return killed;
  }

  /** At most `most` of them, those after the number `after`, in the order of their numbers. */
  numbers(after: number, most: number): readonly number[] {
    return [...this.#kept.keys()]
      .filter((number) => number > after)
      .sort((a, b) => a - b)
      .slice(0, most);
  }

  /** Undefined if there is none of that number. Throws if it cannot be read. */
  read(number: number): DeadLetter | undefined {
    if (!this.#kept.has(number)) return undefined;
    const stored = this.#options.commits.get(deadKey(number));
    if (stored === undefined) return undefined;
    const { body, slots, ...rest } = JSON.parse(stored) as StoredLetter;
    const { code = SET_ASIDE, text = '', when = 0, tries = 1, account = null } = rest;
    const message = readMessage(this.#options.marshal, { body, slots }, body.length);
    return { message, code, text, when, tries, account };
  }

  /** Whether there was one of that number. */
  drop(number: number): boolean {
    if (!this.#forget(number)) return false;
    this.#options.commits.delete(deadKey(number));
    return true;
  }

  #put(number: number, letter: StoredLetter): void {
    const text = JSON.stringify(letter);
    this.#forget(number); // a timer that repeats has one letter, its last
    this.#options.commits.put(deadKey(number), text);
    this.#options.commits.weigh(text.length); // nobody else has: it is no turn that writes it
    const { account = null, when = 0 } = letter;
    this.#add(number, { account, characters: text.length, when });
    this.#makeRoom(account);
  }

  #add(number: number, kept: Kept): void {
    this.#kept.set(number, kept);
    const { letters, characters } = this.#sums.get(kept.account) ?? { letters: 0, characters: 0 };
    this.#sums.set(kept.account, { letters: letters + 1, characters: characters + kept.characters });
  }

  #forget(number: number): boolean {
    const kept = this.#kept.get(number);
    if (kept === undefined) return false;
    this.#kept.delete(number);
    const sum = this.#sums.get(kept.account);
    if (sum === undefined || sum.letters <= 1) this.#sums.delete(kept.account);
    else {
      sum.letters -= 1;
      sum.characters -= kept.characters;
    }
    return true;
  }

  #makeRoom(account: string | null): void {
    const { deadLetters, accountDeadLetters, accountDeadLetterCharacters } = this.#options.limits;
    for (const [number, kept] of this.#kept) {
      const sum = this.#sums.get(account);
      const tooMany = sum !== undefined && sum.letters > accountDeadLetters;
      const tooLarge = sum !== undefined && sum.letters > 1 && sum.characters > accountDeadLetterCharacters;
      const full = this.#kept.size > deadLetters;
      if (!tooMany && !tooLarge && !full) return;
      if (!full && kept.account !== account) continue;
      this.drop(number);
      this.#options.onDropped(number);
    }
  }
}
