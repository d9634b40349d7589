import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8_192;
const TEXT_BYTES = 16;

/**
 * Makes a source of texts of 128 cryptographically random bits each, in base64url. The operating system is asked for
 * many at a time: asking for each costs more than all else that a grant does.
 */
export function randomTexts(): () => string {
  const pool = Buffer.alloc(POOL_BYTES);
  let at = POOL_BYTES;
  return () => {
    if (at === POOL_BYTES) {
      randomFillSync(pool);
      at = 0;
    }
    const text = pool.toString('base64url', at, at + TEXT_BYTES);
    pool.fill(0, at, at + TEXT_BYTES); // what has been given out stays nowhere else
    at += TEXT_BYTES;
    return text;
  };
}
