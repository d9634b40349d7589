import type { ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { blocksOf, dueFor } from './charge.ts';
import type { Undoable } from './counters.ts';
import { refuse } from './errors.ts';
import type { TurnHost } from './turn-host.ts';

/** What banks are to pay for what a turn does, or get back. They do so once, at its end. */
export class Dues {
  readonly #host: TurnHost;
  /** For grants on objects of others. */
  readonly #owed = new Map<ObjectId, number>();
  /** What each object will have been paid for. */
  readonly #paid = new Map<Wrapper, number>();
  readonly #dues = new Map<Wrapper, number>();

  constructor(host: TurnHost) {
    this.#host = host;
  }

  /** What is owed by now, to be tried without taking anything. */
  copy(): Dues {
    const copy = new Dues(this.#host);
    for (const [bank, owed] of this.#owed) copy.#owed.set(bank, owed);
    return copy;
  }

  /** A bank pays so many blocks for grants, or gets them back. What takes it back is told before anything is done. */
  owe(turn: Undoable, bank: ObjectId, blocks: number): void {
    const before = this.#owed.get(bank) ?? 0;
    turn.onUndo(() => this.#owed.set(bank, before));
    this.#owed.set(bank, before + blocks);
  }

  /** Notes what the bank of an object owes for its size, or gets back. One that is gone pays for nothing more. */
  charge(wrapper: Wrapper, characters: number): void {
    const due = dueFor(wrapper, blocksOf(wrapper, characters));
    if (due === 0) return;
    const bank = this.#host.bankOf(wrapper);
    if (bank === null) {
      if (due < 0) return;
      refuse('BankDry', `The bank that paid for ${wrapper.spec.name} ${wrapper.id} is gone: it cannot grow.`);
    }
    this.#dues.set(bank, (this.#dues.get(bank) ?? 0) + due);
    this.#paid.set(wrapper, wrapper.paid + due);
  }

  /** Has the banks pay. Raises `BankDry`. */
  collect(): void {
    for (const [id, owed] of this.#owed) {
      const bank = this.#host.bank(id);
      if (bank !== null) this.#dues.set(bank, (this.#dues.get(bank) ?? 0) + owed);
      else if (owed > 0) refuse('BankDry', 'The bank that is to pay for a grant is gone.');
    }
    for (const [bank, due] of this.#dues) {
      if (due === 0) continue;
      this.#host.membrane.invokeInternally(bank, due > 0 ? 'pay' : 'refund', [Math.abs(due)]);
    }
  }

  /** The turn has succeeded. */
  settle(): void {
    for (const [wrapper, paid] of this.#paid) wrapper.paid = paid;
  }
}
