import type { Wrapper } from '../wrappers/wrapper.ts';
import type { Allowance } from './allowance.ts';
import type { WorldLimits } from './limits.ts';
import type { Message, OutputItem, TurnEffects } from './turn-effects.ts';

/** What a piece of output costs each further session that hears it, however short it is. */
const PER_PIECE = 16;

/** How far each list went at some moment. */
export interface DoingsMark {
  readonly outputs: number;
  readonly characters: number;
  readonly messages: number;
  readonly sent: number;
  readonly sentOwn: number;
  readonly told: number;
  readonly cancelled: number;
  readonly hangUps: number;
  readonly checkpoints: number;
}

/**
 * What a turn does to others, and which has not happened before the turn has ended: it says, sends, takes back, hangs up.
 * Invariant: the lists only grow, but for `undoTo`, which cuts them to where they were.
 */
export class Doings {
  readonly #allowance: Allowance;
  readonly #limits: WorldLimits;
  readonly #emitted: (characters: number) => void;
  readonly #outputs: { from: Wrapper; item: OutputItem }[] = [];
  readonly #messages: Message[] = [];
  /** `sent`: how many messages there were by then. */
  readonly #cancelled: { number: number; owner: string; sent: number }[] = [];
  readonly #hangUps: Wrapper[] = [];
  #characters = 0;
  #sent = 0;
  /** Without what watchers are told. */
  #sentOwn = 0;
  #told = 0;
  #checkpoints = 0;

  /** `emitted` is told of all output, also of what is taken back. */
  constructor(allowance: Allowance, emitted: (characters: number) => void) {
    this.#allowance = allowance;
    this.#limits = allowance.limits;
    this.#emitted = emitted;
  }

  /** `listeners`: the sessions that hear it. Each has it stored by itself, so that it counts for all of them. */
  emit(from: Wrapper, item: OutputItem, characters: number, listeners: number): void {
    this.#allowance.bound(this.#outputs.length, this.#limits.turnOutputs, 'put out', 'pieces');
    this.#characters += characters + Math.max(0, listeners - 1) * (characters + PER_PIECE);
    this.#allowance.bound(this.#characters - 1, this.#limits.turnOutputCharacters, 'put out', 'characters');
    this.#emitted(characters);
    this.#outputs.push({ from, item });
  }

  send(message: Message): void {
    this.#allowance.bound(this.#messages.length - this.#told, this.#limits.turnSends, 'send', 'messages');
    this.#sent += message.size;
    this.#sentOwn += message.size;
    this.#allowance.bound(this.#sentOwn - 1, this.#limits.turnSendCharacters, 'send', 'characters');
    this.#messages.push(message);
  }

  /** Sends what a watcher is to be told. False if there are too many already: it is not the fault of who publishes. */
  tell(message: Message): boolean {
    if (this.#told >= this.#limits.turnPublished) return false;
    this.#told += 1;
    this.#sent += message.size;
    this.#messages.push(message);
    return true;
  }

  /** Takes back a timer of `owner`. */
  cancel(number: number, owner: string): void {
    this.#allowance.bound(this.#cancelled.length, this.#limits.turnSends, 'cancel', 'timers');
    this.#cancelled.push({ number, owner, sent: this.#messages.length });
  }

  hangUp(wrapper: Wrapper): void {
    if (this.#hangUps.at(-1) !== wrapper) {
      this.#allowance.bound(this.#hangUps.length, this.#limits.turnOutputs, 'hang up', 'times');
      this.#hangUps.push(wrapper);
    }
  }

  checkpoint(): void {
    this.#checkpoints += 1;
  }

  mark(): DoingsMark {
    return {
      outputs: this.#outputs.length,
      characters: this.#characters,
      messages: this.#messages.length,
      sent: this.#sent,
      sentOwn: this.#sentOwn,
      told: this.#told,
      cancelled: this.#cancelled.length,
      hangUps: this.#hangUps.length,
      checkpoints: this.#checkpoints,
    };
  }

  undoTo(mark: DoingsMark): void {
    this.#outputs.length = mark.outputs;
    this.#characters = mark.characters;
    this.#messages.length = mark.messages;
    this.#sent = mark.sent;
    this.#sentOwn = mark.sentOwn;
    this.#told = mark.told;
    this.#cancelled.length = mark.cancelled;
    this.#hangUps.length = mark.hangUps;
    this.#checkpoints = mark.checkpoints;
  }

  /** Characters of all of it. */
  get weight(): number {
    return this.#characters + this.#sent;
  }

  effects(): Pick<TurnEffects, 'outputs' | 'messages' | 'cancelled' | 'hangUps' | 'checkpoint'> {
    return {
      outputs: this.#outputs,
      messages: this.#messages,
      cancelled: this.#cancelledNow(),
      hangUps: this.#hangUps,
      checkpoint: this.#checkpoints > 0,
    };
  }

  /** Without those of an attempt that was undone: the number of such a timer may be another one's, which was set later. */
  #cancelledNow(): TurnEffects['cancelled'] {
    if (this.#cancelled.length === 0) return this.#cancelled;
    const places = new Map(this.#messages.map(({ number }, at) => [number, at] as const));
    return this.#cancelled.filter(({ number, sent }) => (places.get(number) ?? -1) < sent);
  }
}
