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

/** Sealed bytes before the value, at most: 7 characters of the checksum, and the colon. */
const HEAD = 8;
/** Bytes that are kept to write the next value into: most commits of a busy world are smaller. */
const KEPT = 1_048_576;
/** Bytes that a UTF-16 unit takes at most. */
const WIDEST = 3;

let kept = Buffer.allocUnsafeSlow(65_536);

/**
 * As `seal`, of a value in parts, as bytes. They are true until the next call. The parts are not joined into one text, which
 * would be copied as one, and turned into bytes twice.
 */
export function sealParts(key: string, parts: readonly string[]): Buffer {
  let bytes = kept;
  let end = HEAD;
  for (const part of parts) {
    const most = end + WIDEST * part.length;
    if (most > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(most, 2 * bytes.length));
      bytes.copy(larger, 0, 0, end);
      bytes = larger;
      if (larger.length <= KEPT) kept = larger;
    }
    end += bytes.write(part, end);
  }
  const head = `${checksum(key, bytes.subarray(HEAD, end))}:`;
  bytes.write(head, HEAD - head.length, 'latin1');
  return bytes.subarray(HEAD - head.length, end);
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
