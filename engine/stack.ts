/**
 * An error as the host should print it. Under lockdown `error.stack` is empty, for the world's code
 * and for us; SES leaves the host one function that still has the frames.
 */

import { findSourceMap } from 'node:module';
import { types } from 'node:util';

// Present on the host's global object only, once lockdown() has run.
const frames = globalThis as { getStackString?: (error: Error) => string };

const PLACE = /(file:\/\/[^\s()]+?|\/[^\s():]+):(\d+):(\d+)/g;

/**
 * The error's name and message, and below them its frames, with places in TypeScript files where
 * Node runs with source maps on. Takes whatever was thrown. Reads own data properties only, so
 * that printing an error from the world's code runs nothing of the world's; what it returns may
 * name files, and is for the console and the log, never for a player or the world.
 */
export function stackOf(thrown: unknown): string {
  if (!types.isNativeError(thrown)) return `thrown: ${typeof thrown === 'string' ? thrown : typeof thrown}`;
  const message = ownText(thrown, 'message');
  const name = ownText(thrown, 'name') || nameOf(thrown);
  const head = message === '' ? name : `${name}: ${message}`;
  const below = framesOf(thrown);
  const cause = Object.getOwnPropertyDescriptor(thrown, 'cause');
  const why = cause && 'value' in cause ? `\nbecause of ${stackOf(cause.value)}` : '';
  return head + below.replace(PLACE, original) + why;
}

/** A frame in a class that was written in the world: those are named by their class. */
const CLASS_FRAME = /\n\s+at (?:[^\n]*\()?([A-Z][A-Za-z0-9]{0,63}):(\d+):\d+\)?(?=\n|$)/;

/**
 * Where in the source of a class that was written in the world something was thrown, as ' (line 12 of Kiosk)'; '' if
 * nothing says so. Runs nothing of the world's, and names no file: whoever is told may read that source anyway.
 */
export function placeOf(thrown: unknown): string {
  if (!types.isNativeError(thrown)) return '';
  const found = CLASS_FRAME.exec(framesOf(thrown));
  return found === null ? '' : ` (line ${found[2]} of ${found[1]})`;
}

function framesOf(error: Error): string {
  return frames.getStackString ? frames.getStackString(error) : framesIn(ownText(error, 'stack'));
}

function ownText(error: Error, key: string): string {
  const found: unknown = Object.getOwnPropertyDescriptor(error, key)?.value;
  return typeof found === 'string' ? found : '';
}

/** The name that the error inherits, from the class when the prototype does not say. */
function nameOf(error: Error): string {
  for (let at: object | null = Object.getPrototypeOf(error); at !== null; at = Object.getPrototypeOf(at)) {
    if (types.isProxy(at)) break;
    const held: unknown = Object.getOwnPropertyDescriptor(at, 'constructor')?.value;
    if (typeof held !== 'function') continue;
    const name: unknown = Object.getOwnPropertyDescriptor(held, 'name')?.value;
    if (typeof name === 'string' && name !== '') return name;
  }
  return 'Error';
}

/** The frames of a stack string that begins with the error's message. */
function framesIn(stack: string): string {
  const at = stack.search(/\n\s+at /);
  return at < 0 ? '' : stack.slice(at);
}

function original(place: string, file: string, line: string, column: string): string {
  const origin = findSourceMap(file)?.findOrigin(Number(line), Number(column));
  if (origin === undefined || !('fileName' in origin)) return place;
  return `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
}
