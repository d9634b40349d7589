/**
 * A bucket of tokens: `size` at most, one more every `everyMs`. It starts full.
 * The time is passed in, so that a bucket is a plain value; time that runs backwards counts as standing still.
 */
export class TokenBucket {
  readonly #size: number;
  readonly #everyMs: number;
  #tokens: number;
  #at: number;

  constructor(size: number, everyMs: number, now: number) {
    this.#size = size;
    this.#everyMs = everyMs;
    this.#tokens = size;
    this.#at = now;
  }

  /** Takes a token if there is one. */
  take(now: number): boolean {
    if (this.#tokens < 1) {
      this.#refill(now);
      if (this.#tokens < 1) return false;
    }
    this.#tokens -= 1;
    return true;
  }

  /** Gives one token back. */
  give(): void {
    this.#tokens = Math.min(this.#size, this.#tokens + 1);
  }

  /** Milliseconds until there is a token; 0 when there is one. */
  wait(now: number): number {
    this.#refill(now);
    return this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) * this.#everyMs);
  }

  #refill(now: number): void {
    if (now <= this.#at) return;
    this.#tokens = Math.min(this.#size, this.#tokens + (now - this.#at) / this.#everyMs);
    this.#at = now;
  }
}
