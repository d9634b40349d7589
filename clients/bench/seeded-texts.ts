import { createCipheriv, createHash } from 'node:crypto';

const POOL_BYTES = 8_192;
const TEXT_BYTES = 16;

/** Texts of 128 bits in base64url, as `randomTexts`, but the same for the same seed: for whoever knows it they are no secret. */
export function seededTexts(seed: number): () => string {
  const key = createHash('sha256').update(`keystead bench world ${seed}`).digest();
  const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(POOL_BYTES);
  let pool = zeros;
  let at = POOL_BYTES;
  return () => {
    if (at === POOL_BYTES) {
      pool = stream.update(zeros);
      at = 0;
    }
    at += TEXT_BYTES;
    return pool.toString('base64url', at - TEXT_BYTES, at);
  };
}
