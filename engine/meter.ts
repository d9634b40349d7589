import type { KeysteadError } from '../wrappers/errors.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { NOBODY } from './running-job.ts';
import type { Shares } from './shares.ts';

export interface MeterOptions {
  /** Milliseconds with fractions, that only ever go up. */
  readonly stopwatch: () => number;
  /**
   * Says what is running where it survives the death of this process, or null when it has ended: so that a message that
   * kills the process is known afterwards.
   */
  readonly note: (running: string | null) => void;
  /**
   * Notes every turn until then, by the stopwatch, also those in which only built-in code runs: the last process died, and
   * what killed it may come again. That costs about 1.5 us a turn, too much for all days.
   */
  readonly carefulUntil?: number;
  readonly shares: Shares;
}

/** What the code of one class has used since the world was opened. */
export interface Account {
  readonly className: string;
  readonly author: string;
  readonly milliseconds: number;
  readonly calls: number;
}

/** What it has used in one turn. */
export interface TurnAccount {
  readonly className: string;
  readonly milliseconds: number;
}

interface Activation {
  readonly wrapper: Wrapper;
  readonly since: number;
}

interface Benched {
  readonly job: string;
  readonly id: ObjectId;
  readonly error: KeysteadError;
}

interface Used {
  milliseconds: number;
  calls: number;
  /** What `milliseconds` was when the turn `turn` began to use it. */
  turn: number;
  before: number;
}

/** Where only the program runs when the time is over: whoever took so much of it before, and no less, is to blame. */
const WORTH_BLAME = 1 / 4;

/**
 * What runs now, and what it costs, for classes that were written in the world. The time that built-in classes use while
 * such a class has called them counts as its own.
 */
export class Meter {
  readonly #options: MeterOptions;
  readonly #used = new Map<string, Used>();
  #stack: Activation[] = [];
  /** The longest of those in this turn that are through; one that called it only if most of the time was its own. */
  #longest: (Activation & { readonly took: number }) | null = null;
  /** Since when the activation on top has been running, or running again. */
  #mark = 0;
  #job = '';
  /** The activation that pays for itself and all that it called; -1 for none. Those below it the world itself pays for. */
  #paying = -1;
  /** The bank of who sent the message that is being delivered: whoever asks for work answers for it. */
  #payer: ObjectId | null = null;
  /** Whose share was asked for in this turn, where that is done once for each; null: at each call. */
  #asked: Set<ObjectId | null> | null = null;
  /** What the engine is doing for somebody who pays for it. */
  #work: { readonly bank: ObjectId | null; readonly since: number } | null = null;
  /** Since when the turn has been running, if somebody pays for all of it. */
  #began = 0;
  #turn = 0;
  #benched: Benched | null = null;
  #noted = '';
  #careful: boolean;

  constructor(options: MeterOptions) {
    this.#options = options;
    this.#careful = options.carefulUntil !== undefined;
  }

  /**
   * A turn begins; `job` names what it does, and `payer` is the bank of whoever asked for it, if an object did. `patient`: it has
   * used up somebody's share before it was through, and would each time. Who has some of his share when it calls one of his
   * goes on having it until it ends.
   */
  begin(job: string, payer: ObjectId | null, patient = false): void {
    this.#job = job;
    this.#turn += 1;
    // What the world itself pays for has no bound: whoever it calls answers for himself.
    this.#payer = this.#isBounded(payer) ? payer : null;
    if (this.#payer !== null) this.#began = this.#options.stopwatch();
    this.#asked = patient ? new Set() : null;
    if (this.#stack.length > 0) this.#stack = [];
    this.#longest = null;
    this.#paying = -1;
    if (this.#benched !== null && this.#benched.job !== job) this.#benched = null;
    if (this.#careful) this.#noteTurn();
  }

  /** Whether the bank of whoever sent a message has used up its share: the message waits. */
  mustWait(payer: ObjectId | null): boolean {
    const { shares, stopwatch } = this.#options;
    return payer !== null && shares.isUsedUp(payer, stopwatch());
  }

  /**
   * The job that was just stopped is going to be run once more. None of this object's code runs in it, and whoever calls it
   * is told `error`: so that those who only had it in the room are not held up by it.
   */
  bench(wrapper: Wrapper, error: KeysteadError): void {
    this.#benched = { job: this.#job, id: wrapper.id, error };
  }

  /** Whether the turn is run without somebody already. */
  get hasBenched(): boolean {
    return this.#benched !== null;
  }

  /** What calls on an object that is benched are answered; null if it is not. */
  refusal({ id }: Wrapper): KeysteadError | null {
    return this.#benched !== null && this.#benched.id === id ? this.#benched.error : null;
  }

  /** Raises why the object may not run: `TooBusy` if nobody else pays for it, and its bank has used up its share. */
  admit(wrapper: Wrapper): void {
    this.#refuseBenched(wrapper);
    if (this.#payer === null ? this.#paying === -1 : this.#stack.length === 0)
      this.#ask(this.#payer ?? wrapper.bank, this.#options.stopwatch());
  }

  /**
   * Raises an error, and counts nothing, for an object that is benched. Where the call stack runs out in here, nothing has been
   * entered: who is on the list of what runs is blamed for what others do.
   */
  enter(wrapper: Wrapper): void {
    this.#refuseBenched(wrapper);
    const now = this.#options.stopwatch();
    this.#charge(now);
    const used = this.#used.get(wrapper.spec.name);
    if (used === undefined) {
      this.#used.set(wrapper.spec.name, { milliseconds: 0, calls: 1, turn: this.#turn, before: 0 });
    } else {
      used.calls += 1;
      if (used.turn !== this.#turn) {
        used.turn = this.#turn;
        used.before = used.milliseconds;
      }
    }
    this.#note(wrapper);
    if (this.#payer === null && this.#paying === -1 && this.#isBounded(wrapper.bank))
      this.#paying = this.#stack.length;
    this.#stack.push({ wrapper, since: now });
  }

  leave(): void {
    const now = this.#options.stopwatch();
    this.#charge(now);
    const left = this.#stack.pop();
    if (left !== undefined) this.#isThrough(left, now - left.since);
    const below = this.#stack.at(-1);
    if (below !== undefined) this.#note(below.wrapper);
    if (left === undefined || this.#paying !== this.#stack.length) return;
    this.#paying = -1;
    this.#spend(left, now);
  }

  /**
   * What the engine does from here on counts as work of what `bank` pays for, unless somebody pays for it already: until
   * `worked`, or until the turn ends, also if it is stopped. Raises `TooBusy`.
   */
  work(bank: ObjectId | null): void {
    if (this.#payer !== null || this.#paying !== -1) return;
    const since = this.#options.stopwatch();
    this.#ask(bank, since);
    this.#work = { bank, since };
  }

  worked(): void {
    if (this.#work === null) return;
    const { bank, since } = this.#work;
    this.#work = null;
    const now = this.#options.stopwatch();
    this.#options.shares.spend(bank, now - since, now);
  }

  /** How many activations there are. */
  get entered(): number {
    return this.#stack.length;
  }

  /** An attempt has failed that began with so many: those that it has not left, its stack having run out there, are over. */
  leaveTo(entered: number): void {
    while (this.#stack.length > entered) this.leave();
  }

  /** Output counts as work of whoever has it shown. */
  emitted(characters: number): void {
    // To read an element of a list at -1 takes longer than all the rest.
    const paying = this.#paying === -1 ? undefined : this.#stack[this.#paying];
    const bank = this.#payer ?? paying?.wrapper.bank ?? null;
    const { shares, stopwatch } = this.#options;
    if (bank !== null) shares.spendOutput(bank, characters, stopwatch());
  }

  /** The turn has ended, whichever way. `again`: the same job is run once more, and whoever is benched for it still is. */
  end(again = false): void {
    if (!again) this.#benched = null;
    this.worked();
    const [first] = this.#stack;
    if (this.#payer !== null) {
      const now = this.#options.stopwatch();
      this.#options.shares.spend(this.#payer, now - this.#began, now);
      this.#payer = null;
    } else {
      const paying = this.#stack[this.#paying];
      if (paying !== undefined) this.#spend(paying, this.#options.stopwatch()); // its stack ran out when it was to leave
    }
    if (first !== undefined) this.#stack = [];
    this.#paying = -1;
    if (this.#noted === '') return;
    this.#noted = '';
    this.#options.note(null);
  }

  /**
   * Whom to blame for a turn that was stopped after `budget` milliseconds: the innermost object that had been running, with
   * all that it called, for half of them. Whoever is called when the time is nearly over is not at fault, and neither is
   * one that is called a thousand times. If there is none, it is who took longest, also if that one is through.
   */
  blamed(budget: number): Wrapper | null {
    const now = this.#options.stopwatch();
    this.#charge(now);
    const first = this.#stack[0];
    const paying = this.#stack[this.#paying];
    if (paying !== undefined) this.#spend(paying, now);
    this.#paying = -1;
    // What the turn has made goes with it: whoever had it made answers for it, if that is an object.
    const lasting = this.#stack.filter(({ wrapper }) => wrapper.record !== undefined);
    const guilty = lasting.findLast(({ since }) => now - since >= budget / 2);
    this.#stack = []; // paid for
    const running = guilty ?? lasting[0] ?? first;
    const longest = this.#longest;
    if (guilty !== undefined || longest === null) return running?.wrapper ?? null;
    const took = running === undefined ? budget * WORTH_BLAME : now - running.since;
    return (longest.took > took ? longest : running)?.wrapper ?? null;
  }

  /** The most expensive class first. */
  accounts(authorOf: (className: string) => string): readonly Account[] {
    return [...this.#used]
      .map(([className, { milliseconds, calls }]) => ({
        className,
        author: authorOf(className),
        milliseconds: Math.round(milliseconds * 1000) / 1000,
        calls,
      }))
      .sort((a, b) => b.milliseconds - a.milliseconds);
  }

  /** The same for the turn that began last: the most expensive first. */
  turnAccounts(): readonly TurnAccount[] {
    return [...this.#used]
      .filter(([, { turn }]) => turn === this.#turn)
      .map(([className, { milliseconds, before }]) => ({ className, milliseconds: milliseconds - before }))
      .sort((a, b) => b.milliseconds - a.milliseconds);
  }

  #ask(bank: ObjectId | null, now: number): void {
    const { shares } = this.#options;
    const account = this.#asked === null ? null : shares.accountOf(bank);
    if (this.#asked?.has(account) === true) return;
    shares.check(bank, now);
    this.#asked?.add(account);
  }

  #isThrough({ wrapper, since }: Activation, took: number): void {
    if (wrapper.record === undefined) return;
    const before = this.#longest;
    const hasCalledIt = before !== null && before.since >= since;
    if (took > (before?.took ?? 0) * (hasCalledIt ? 2 : 1)) this.#longest = { wrapper, since, took };
  }

  #isBounded(bank: ObjectId | null): boolean {
    return this.#options.shares.accountOf(bank) !== null;
  }

  /** Whoever pays for the whole turn does so when it ends. */
  #spend({ wrapper, since }: Activation, now: number): void {
    if (this.#payer === null) this.#options.shares.spend(wrapper.bank, now - since, now);
  }

  #refuseBenched(wrapper: Wrapper): void {
    const refusal = this.refusal(wrapper);
    if (refusal !== null) throw refusal;
  }

  #charge(now: number): void {
    const running = this.#stack.at(-1);
    if (running !== undefined) {
      const used = this.#used.get(running.wrapper.spec.name);
      if (used !== undefined) used.milliseconds += now - this.#mark;
    }
    this.#mark = now;
  }

  #noteTurn(): void {
    const { stopwatch, carefulUntil = 0, note } = this.#options;
    this.#careful = stopwatch() < carefulUntil;
    this.#noted = NOBODY;
    note(`${this.#job} ${NOBODY}`);
  }

  /** What the turn has made goes with it: whoever pays for it answers, if he is bound by a share. */
  #note({ id: own, bank, record }: Wrapper): void {
    const id = record === undefined ? (this.#options.shares.accountOf(bank) ?? own) : own;
    if (id === this.#noted) return;
    this.#options.note(`${this.#job} ${id}`);
    this.#noted = id;
  }
}
