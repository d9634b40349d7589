/** Reads a number of LevelDB's: seven bits to a byte, the lowest first. Throws an ordinary Error where there is none. */
export function varint(bytes: Buffer, at: number): [value: number, next: number] {
  let value = 0;
  // Numbers of changes have up to 56 bits; nobody will see the last three of them.
  for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
    const byte = bytes[at];
    if (byte === undefined) break;
    at += 1;
    value += (byte & 127) * factor;
    if (byte < 128) return [value, at];
  }
  throw new Error('a number in it has no end');
}
