import { getMethodGuardPayload, matches, type MethodGuard } from '@endo/patterns';
import { raise } from './errors.ts';

/** Checks arguments that have already been copied and frozen; throws `BadArgument` or `BadResult` if they do not fit. */
export interface Guard {
  readonly arguments: (args: readonly unknown[], where: string) => void;
  /** Looking at the arguments takes no time to speak of, whatever they are. */
  readonly quick: boolean;
  readonly result: (value: unknown, where: string) => void;
}

/** Says whether a frozen value fits. */
type Check = (value: unknown) => boolean;

type Pattern = Parameters<typeof matches>[1];

/** The default limit of `M.string()` in `@endo/patterns`. */
const STRING_LENGTH = 100_000;

/**
 * A guard in the shape language of `@endo/patterns`, made into plain code once. The common shapes are checked by a
 * `typeof`; all others, and any that is not known here, by `matches` of the library (tens of microseconds), which is
 * also the oracle that the tests hold the plain code to.
 */
export function compileGuard(guard: MethodGuard): Guard {
  const payload = getMethodGuardPayload(guard);
  if (payload.callKind !== 'sync')
    throw new TypeError('A guard must be M.call(...): there are no asynchronous calls.');
  const required = (payload.argGuards as readonly Pattern[]).map(compilePattern);
  const optional = ((payload.optionalArgGuards ?? []) as readonly Pattern[]).map(compilePattern);
  const rest = payload.restArgGuard === undefined ? null : compileRest(payload.restArgGuard as Pattern);
  const result = compilePattern(payload.returnGuard as Pattern);
  const most = required.length + optional.length;

  const checkArguments = (args: readonly unknown[], where: string): void => {
    if (args.length < required.length) {
      raise('BadArgument', `${where} takes ${count(required.length)}, not ${args.length}.`);
    }
    if (args.length > most && rest === null)
      raise('BadArgument', `${where} takes ${count(most)}, not ${args.length}.`);
    for (let at = 0; at < args.length && at < most; at += 1) {
      const check = at < required.length ? required[at] : optional[at - required.length];
      if (at >= required.length && args[at] === undefined) continue;
      if (check !== undefined && !check(args[at])) {
        raise('BadArgument', `${where}: argument ${at + 1} does not fit; it is ${kind(args[at])}.`);
      }
    }
    if (rest !== null && args.length > most && !rest(Object.freeze(args.slice(most)))) {
      raise('BadArgument', `${where}: the arguments from ${most + 1} on do not fit.`);
    }
  };
  const checkResult = (value: unknown, where: string): void => {
    if (!result(value))
      raise('BadResult', `${where} returned ${kind(value)}, which its guard does not admit.`);
  };
  const all = [...payload.argGuards, ...(payload.optionalArgGuards ?? [])] as readonly Pattern[];
  const quick = all.every(isQuick) && (payload.restArgGuard === undefined || isQuick(payload.restArgGuard));
  return { arguments: checkArguments, quick, result: checkResult };
}

function compileRest(pattern: Pattern): Check {
  return compilePattern(pattern);
}

/** Whether a pattern is checked by a `typeof` or two; or by a few of these. */
function isQuick(pattern: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) return pattern === undefined;
  const { tag, payload } = tagged(pattern);
  if (tag === 'match:or' && Array.isArray(payload)) return payload.length <= FEW && payload.every(isPlain);
  return isPlain(pattern);
}

const FEW = 4;

function isPlain(pattern: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) return pattern === undefined;
  const { tag, payload } = tagged(pattern);
  if (tag === 'match:kind') return typeof payload === 'string' && KINDS.includes(payload);
  return tag === 'match:any' || tag === 'match:remotable' || (tag === 'match:string' && noLimits(payload));
}

const KINDS: readonly string[] = ['number', 'boolean', 'undefined', 'remotable'];

/** Exported for the test that holds it to the library. */
export function compilePattern(pattern: Pattern): Check {
  if (typeof pattern !== 'object' || pattern === null) {
    if (pattern === undefined) return (value) => value === undefined;
    return (value) => matches(value as never, pattern);
  }
  const { tag, payload } = tagged(pattern);
  if (tag === 'match:any') return () => true;
  if (tag === 'match:string' && noLimits(payload)) {
    return (value) => typeof value === 'string' && value.length <= STRING_LENGTH;
  }
  if (tag === 'match:kind') {
    if (payload === 'number') return (value) => typeof value === 'number';
    if (payload === 'boolean') return (value) => typeof value === 'boolean';
    if (payload === 'undefined') return (value) => value === undefined;
    if (payload === 'remotable') return isRemotable;
  }
  if (tag === 'match:remotable') return isRemotable;
  if (tag === 'match:or' && Array.isArray(payload)) {
    const checks = payload.map((each) => compilePattern(each as Pattern));
    return (value) => checks.some((check) => check(value));
  }
  if (tag === 'match:arrayOf' && Array.isArray(payload) && noLimits(payload.slice(1))) {
    const each = compilePattern(payload[0] as Pattern);
    return (value) =>
      Array.isArray(value) && value.length <= ARRAY_LENGTH && value.every((member) => each(member));
  }
  return (value) => matches(value as never, pattern);
}

/** The default limit of `M.arrayOf` in `@endo/patterns`. */
const ARRAY_LENGTH = 10_000;

const PASS_STYLE = Symbol.for('passStyle');

/** True of capabilities only: a value that has crossed a wrapper is plain data or a capability. */
const isRemotable: Check = (value) =>
  typeof value === 'object' &&
  value !== null &&
  (value as Record<symbol, unknown>)[PASS_STYLE] === 'remotable';

function tagged(pattern: object): { tag: string; payload: unknown } {
  const known = pattern as { [Symbol.toStringTag]?: unknown; payload?: unknown } & Record<symbol, unknown>;
  if (known[PASS_STYLE] !== 'tagged') return { tag: '', payload: undefined };
  return { tag: String(known[Symbol.toStringTag]), payload: known.payload };
}

/** M.string() and M.arrayOf(x) carry their limits as an array that is empty when none were given. */
function noLimits(payload: unknown): boolean {
  return (
    Array.isArray(payload) && (payload.length === 0 || (payload.length === 1 && payload[0] === undefined))
  );
}

function count(number: number): string {
  return number === 1 ? '1 argument' : `${number} arguments`;
}

function kind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (isRemotable(value)) return 'a capability';
  if (typeof value === 'object') return 'a record';
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}
