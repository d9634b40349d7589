import { isExpiry, isObjectId, isToken, type StoredGrant } from '../../engine/stored-forms.ts';
import { lookOf, NOT_REGULAR, type CapabilityReader, type CapabilityWriter } from './capability-text.ts';
import { LineError, quoted, type Line } from './tree.ts';

/*
 * A grant of an object, in a line of its own:
 *
 *   GRANT  = "grant " N " " TOKEN " " SHAPE " " LOOK { " " TERM }
 *   TERM   = "under " N | "facet " STRING | "for " STRING | "expires " N | "uses " N | "payer " ID
 *
 * N counts the object's grants from 1. Terms stand in that order, each at most once.
 */

const GRANT = /^grant ([1-9][0-9]*) (\S+) (0|[1-9][0-9]{0,8}) (\S+)/;
const TERM = / (under|facet|for|expires|uses|payer) ("(?:[^"\\]|\\.)*"|\S+)/y;
const WHOLE = /^(?:0|[1-9][0-9]{0,15})$/;

export function printGrant(grant: StoredGrant, at: number, { shapes, token }: CapabilityWriter): string {
  if (!isRegular(grant, at)) throw NOT_REGULAR;
  const [name, shape, parent, label, standing, expires, uses, payer] = grant;
  const look = lookOf(shapes, shape);
  if (look === undefined) throw NOT_REGULAR;
  let out = `  grant ${at + 1} ${token(name)} ${shape} ${look}`;
  if (parent !== -1) out += ` under ${parent + 1}`;
  if (standing !== null) out += ` facet ${quoted(standing)}`;
  if (label !== '') out += ` for ${quoted(label)}`;
  if (expires !== null) out += ` expires ${expires}`;
  if (uses !== null) out += ` uses ${uses}`;
  if (payer !== undefined) out += ` payer ${payer}`;
  return `${out}\n`;
}

function isRegular(grant: unknown, at: number): grant is StoredGrant {
  if (!Array.isArray(grant) || (grant.length !== 7 && grant.length !== 8)) return false;
  const [token, shape, parent, label, standing, expires, uses, payer] = grant as unknown[];
  return (
    isToken(token) &&
    Number.isSafeInteger(shape) &&
    Number.isSafeInteger(parent) &&
    Number(parent) >= -1 &&
    Number(parent) < at &&
    typeof label === 'string' &&
    (standing === null || typeof standing === 'string') &&
    (expires === null || isExpiry(expires)) &&
    (uses === null || (Number.isSafeInteger(uses) && Number(uses) >= 0)) &&
    (grant.length === 7 || (typeof payer === 'string' && isObjectId(payer)))
  );
}

/** Gives the stored grant as JSON. `at`: how many stand before it. Throws `LineError`. */
export function readGrant({ text, number: line }: Line, at: number, { shapes }: CapabilityReader): string {
  const { token, shape, look, length } = readGrantName({ text, number: line }, at);
  const expected = lookOf(shapes, shape);
  if (expected === undefined) throw new LineError(line, `there is no shape ${shape} in this file`);
  if (look !== expected) throw new LineError(line, `shape ${shape} is a ${expected}, not a ${look}`);
  const terms = new Map<string, string>();
  TERM.lastIndex = length;
  for (let from = length; from < text.length; from = TERM.lastIndex) {
    const [, name = '', value = ''] = TERM.exec(text) ?? [];
    if (name === '' || terms.has(name))
      throw new LineError(
        line,
        'expected under, facet, for, expires, uses or payer, each once, with its value',
      );
    terms.set(name, value);
  }
  const whole = (name: string): number | null => {
    const value = terms.get(name);
    if (value === undefined) return null;
    const isFit = name === 'expires' ? isExpiry : Number.isSafeInteger;
    if (!WHOLE.test(value) || !isFit(Number(value)))
      throw new LineError(line, `"${name}" needs a whole number from 0`);
    return Number(value);
  };
  const words = (name: string): string | null => {
    const value = terms.get(name);
    if (value === undefined) return null;
    try {
      return String(JSON.parse(value));
    } catch {
      throw new LineError(line, `"${name}" needs a text in quotes`);
    }
  };
  const under = whole('under') ?? 0;
  if (under < 0 || under > at) throw new LineError(line, `grant ${under} does not stand before this one`);
  const row = [token, shape, under - 1, words('for') ?? '', words('facet'), whole('expires'), whole('uses')];
  const payer = terms.get('payer');
  if (payer !== undefined && !isObjectId(payer))
    throw new LineError(line, '"payer" needs the bank that pays for the grant, like o17');
  return JSON.stringify(payer === undefined ? row : [...row, payer]);
}

/** Its token and shape only. Throws `LineError`. */
export function readGrantName(
  { text, number }: Line,
  at: number,
): { readonly token: string; readonly shape: number; readonly look: string; readonly length: number } {
  const [all = '', count, token, shape, look = ''] = GRANT.exec(text) ?? [];
  if (all === '') throw new LineError(number, 'expected grant NUMBER TOKEN SHAPE CLASS.FACET');
  if (Number(count) !== at + 1) throw new LineError(number, `the next grant of this object is ${at + 1}`);
  if (!isToken(token)) throw new LineError(number, 'expected a token of 22 characters');
  return { token, shape: Number(shape), look, length: all.length };
}
