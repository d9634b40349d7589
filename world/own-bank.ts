import type { BankCap } from '../engine/authoring.ts';

/** A bank with all that its owner may do: he splits it, and answers for what it paid for. */
export type OwnBank = ReturnType<BankCap['split']>;
