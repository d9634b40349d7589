import type { Wrapper } from '../wrappers/wrapper.ts';

/** A piece of output: a text of one or more lines, or structured data of a kind, which plain clients ignore. */
export type OutputItem = string | readonly [kind: string, data: unknown];

/** A call that a later turn makes. */
export interface Message {
  readonly to: object;
  readonly method: string;
  readonly args: readonly unknown[];
  /** Is told `{code, message}` when the call fails. */
  readonly failed: readonly [to: object, method: string] | null;
  /** Who sent it; null for the host. */
  readonly from: string | null;
  /** The bank of who sent it, whose share of the processor its delivery uses. */
  readonly payer: string | null;
  /** When it is due, in milliseconds since the epoch; null for at once. */
  readonly due: number | null;
  /** Names it; for timers, what `cancel` takes. */
  readonly number: number;
  /** Milliseconds from one time to the next, for a timer that repeats; else null. */
  readonly every: number | null;
  /** What becomes of a time that passes while the world is down, or too busy: it is kept late, or skipped. */
  readonly missed: 'late' | 'skip';
  /** Characters that it takes, about. */
  readonly size: number;
  /** How often its delivery has failed before an admin had it tried again. */
  readonly tries: number;
}

/** What a turn that succeeded asks to be made durable, all together. */
export interface TurnEffects {
  readonly changed: readonly { readonly wrapper: Wrapper; readonly record: unknown }[];
  /** Those of `changed` that the turn has made. */
  readonly created: readonly Wrapper[];
  readonly destroyed: readonly Wrapper[];
  /** All that have ended in this turn: those too that were made in it. */
  readonly ended: readonly Wrapper[];
  readonly outputs: readonly { readonly from: Wrapper; readonly item: OutputItem }[];
  readonly messages: readonly Message[];
  readonly cancelled: readonly { readonly number: number; readonly owner: string }[];
  readonly hangUps: readonly Wrapper[];
  /** Other keys of the store; null for one that goes. */
  readonly writes: ReadonlyMap<string, string | null>;
  /** How much of it there is to write, in characters, about. */
  readonly weight: number;
  /** Somebody with wizardry wants a checkpoint of what this turn leaves. */
  readonly checkpoint: boolean;
}

export type Attempt<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } };
