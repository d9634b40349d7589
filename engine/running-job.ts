/**
 * What is running, as it is written where the death of the process is survived. The grammar:
 *
 *   running = JOB " " OBJECT-ID       code of that object, of a class written in the world, is running
 *                                     (a bank: of an object that it pays for, and that this very turn has made)
 *           | JOB " -"                no such code, as far as is known
 *   JOB     = "in " SID " " N         a session's input
 *           | "m " N                  a message
 *           | "host"                  something else, which nobody asked for by a message
 */
type RunningJob =
  | { readonly kind: 'input'; readonly sid: string; readonly n: number }
  | { readonly kind: 'message'; readonly number: number }
  | { readonly kind: 'host' };

export interface Running {
  readonly job: RunningJob;
  /** Null: no code that was written in the world, as far as is known. */
  readonly object: string | null;
}

export const HOST_JOB = 'host';
/** In the place of an object. */
export const NOBODY = '-';

export function inputJob(sid: string, n: number): string {
  return `in ${sid} ${n}`;
}

export function messageJob(number: number): string {
  return `m ${number}`;
}

/** Undefined for what the functions above did not write: the file may be torn. */
export function parseRunning(alleged: string): Running | undefined {
  const parts = alleged.split(' ');
  const last = parts.pop() ?? '';
  if (!/^(?:-|o[1-9][0-9]{0,15})$/.test(last)) return undefined;
  const object = last === NOBODY ? null : last;
  const [kind, first = '', second = ''] = parts;
  if (kind === 'host' && parts.length === 1) return { job: { kind: 'host' }, object };
  if (kind === 'm' && parts.length === 2 && isNumber(first))
    return { job: { kind: 'message', number: Number(first) }, object };
  if (kind === 'in' && parts.length === 3 && isNumber(second))
    return { job: { kind: 'input', sid: first, n: Number(second) }, object };
  return undefined;
}

function isNumber(text: string): boolean {
  return /^[1-9][0-9]{0,15}$/.test(text);
}
