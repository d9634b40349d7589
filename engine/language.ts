/**
 * What of JavaScript a class in the world may name. All of it is frozen, shared by all classes, and holds no state; what
 * could wait (Promise), watch (Proxy), tell the time (Date), share memory (typed arrays) or make code (Function, eval)
 * is left out.
 */
export const LANGUAGE: readonly string[] = [
  'Array',
  'Boolean',
  'Error',
  'Infinity',
  'JSON',
  'Map',
  'Math',
  'NaN',
  'Number',
  'Object',
  'RangeError',
  'Reflect',
  'RegExp',
  'Set',
  'String',
  'TypeError',
  'WeakMap',
  'WeakSet',
  'decodeURI',
  'decodeURIComponent',
  'encodeURI',
  'encodeURIComponent',
  'harden',
  'isFinite',
  'isNaN',
  'parseFloat',
  'parseInt',
  'undefined',
];

const NO_WAITING = 'nothing here waits: send(...) or after(...) does something later';
const NO_HOST = 'a class reaches nothing but what it is given';
const NO_BYTES = 'keep numbers in an array';

/** What to say of names that a JavaScript programmer expects. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  ArrayBuffer: NO_BYTES,
  BigInt: 'numbers are exact up to 2 ** 53',
  Buffer: NO_HOST,
  Compartment: 'code is made of sources only',
  Date: 'there is no clock: after(...) counts the time, and who needs to know it asks an object that does',
  Function: 'code is made of sources only',
  Int32Array: NO_BYTES,
  Intl: NO_HOST,
  Promise: NO_WAITING,
  Proxy: 'write the methods that you need',
  Symbol: 'use a text as the key',
  Uint8Array: NO_BYTES,
  arguments: 'it belongs to a function: write (...args)',
  clearTimeout: 'cancel(...) takes back what after(...) gave',
  console: 'emit(...) shows something to whoever is attached to the object',
  eval: 'code is made of sources only',
  fetch: NO_HOST,
  global: NO_HOST,
  globalThis: NO_HOST,
  process: NO_HOST,
  queueMicrotask: NO_WAITING,
  require: 'what a class may use it simply names',
  setImmediate: NO_WAITING,
  setInterval: NO_WAITING,
  setTimeout: NO_WAITING,
  structuredClone: 'what crosses between objects is copied anyway',
  window: NO_HOST,
};
