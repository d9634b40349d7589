const RETURN = 13;
const NEWLINE = 10;
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * The bytes of an export as one writes them, of a file that some editor or transfer has given a byte order mark or lines that end
 * with "\r\n". Nothing is lost by it: an export writes no such bytes.
 */
export async function* plainBytes(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let begun = false;
  let held = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let bytes =
      held.length === 0
        ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
        : Buffer.concat([held, chunk]);
    held = Buffer.alloc(0);
    if (!begun) {
      if (bytes.length < MARK.length) {
        held = Buffer.from(bytes);
        continue;
      }
      begun = true;
      if (bytes.subarray(0, MARK.length).equals(MARK)) bytes = bytes.subarray(MARK.length);
    }
    if (bytes.at(-1) === RETURN) {
      held = Buffer.from([RETURN]);
      bytes = bytes.subarray(0, -1);
    }
    yield withoutReturns(bytes);
  }
  if (held.length > 0) yield held;
}

function withoutReturns(bytes: Buffer): Buffer {
  if (!bytes.includes(RETURN)) return bytes;
  const out = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === RETURN && bytes[at + 1] === NEWLINE) continue;
    out[length] = bytes[at] ?? 0;
    length += 1;
  }
  return out.subarray(0, length);
}
