import { crc32 } from 'node:zlib';
import { StoreError } from './errors.ts';

/*
 * What is stored for a value is `CRC ":" VALUE`. CRC is the CRC-32 of the key followed by the value, in base 36
 * without padding (1 to 7 characters). The key is part of it so that a value that turns up under another key is noticed.
 */

function checksum(key: string, value: string | Buffer): string {
  return crc32(value, crc32(key)).toString(36);
}

/** The value with what is needed to notice damage. */
export function seal(key: string, value: string): string {
  return `${checksum(key, value)}:${value}`;
}

/** Whether this is what `seal` gave for the key and some value. */
export function isSealed(key: string, stored: string): boolean {
  const colon = stored.indexOf(':');
  if (colon < 1 || colon > 7) return false;
  return stored.slice(0, colon) === checksum(key, stored.slice(colon + 1));
}

/** Takes a sealed value apart. Throws `Damaged`, naming the key, when it is not what `seal` gave for this key. */
export function unseal(key: string, stored: string): string {
  if (!isSealed(key, stored)) throw damagedValue(key);
  return stored.slice(stored.indexOf(':') + 1);
}

export function damagedValue(key: string): StoreError {
  return new StoreError('Damaged', `the value of key "${key}" is damaged: its checksum does not fit`);
}

/** As `unseal`, on bytes: who only looks whether a value is whole need not decode it. `undefined` when it is not. */
export function unsealBytes(key: string, sealed: Buffer): Buffer | undefined {
  const colon = sealed.subarray(0, 8).indexOf(':');
  const value = sealed.subarray(colon + 1);
  return colon >= 1 && sealed.toString('latin1', 0, colon) === checksum(key, value) ? value : undefined;
}
