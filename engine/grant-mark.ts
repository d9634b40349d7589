/** Digits of a mark: of ten thousand grants on one object hardly two have the same. */
const MARK_LENGTH = 10;

/**
 * What a grant is called by whoever looks at it, and ends it. Nothing leads from there to its token, and it stays what it is
 * when grants beside it come and go. `digest`: SHA-256 in hexadecimal.
 */
export function grantMark(token: string, digest: (text: string) => string): string {
  return digest(token).slice(0, MARK_LENGTH);
}
