import type { Logger } from 'pino';
import type { EndedTurn } from '../engine/turn-log.ts';
import type { World } from '../engine/world.ts';
import type { LogCode } from './log-codes.ts';
import { kindOf, ranIn } from './turn-log/line.ts';

/**
 * Tells of turns that ran for too long. What was typed or said is not told: it is in the log of turns, which is for the
 * owner of the data folder only.
 */
export function tellSlowTurn(log: Logger, world: World, turn: EndedTurn): void {
  const { cause, waited, milliseconds, error, blamed } = turn;
  const object = ranIn(turn) ?? null;
  const className = object === null ? null : (world.classNameOf(object) ?? null);
  const method = cause.what === 'message' ? cause.message.method : cause.what;
  const spent = world
    .turnAccounts()
    .slice(0, CLASSES)
    .map((account) => ({ className: account.className, ms: rounded(account.milliseconds) }));
  log.warn(
    {
      code: 'SlowTurn' satisfies LogCode,
      kind: kindOf(turn),
      object,
      className,
      method,
      ms: rounded(milliseconds),
      ...(waited === null ? {} : { waitedMs: rounded(waited) }),
      ...(error === null ? {} : { error: error.code }),
      ...(blamed === null ? {} : { blamed }),
      ...(cause.what === 'message' ? { number: cause.message.number } : {}),
      ...(spent.length === 0 ? {} : { spent }),
    },
    'a turn ran for long: keystead log --slow shows it whole',
  );
}

/** How many classes are named that used its time. */
const CLASSES = 5;

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
