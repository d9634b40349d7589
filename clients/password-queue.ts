import { PortalError } from './errors.ts';
import type { Limit } from './limits.ts';

/** What may wait for its password to be checked. It does in the world process: `keystead start --limit` has none of these. */
export const PASSWORD_LIMITS = {
  loginsWaitingPerAddress: {
    unit: 'log-ins',
    value: 64,
    why: 'two classes behind one address; each takes some 0.15 s',
  },
  addressesWaiting: {
    unit: 'addresses',
    value: 1_000,
    why: 'they take turns: whoever has as many can hold up all others for so long',
  },
} as const satisfies Readonly<Record<string, Limit>>;

/**
 * Has one password after the other checked: a flood of log-ins takes one core at most, and none from the turns. The places that
 * they come from take turns: one that sends a thousand keeps nobody of another waiting for more than one of them.
 */
export class PasswordQueue {
  /** Never empty ones; the place whose turn it is comes first. */
  readonly #lanes = new Map<string, (() => Promise<void>)[]>();
  #busy = false;

  /** Resolves or rejects as `work` does when it has had its turn. Rejects with `TooManyLogins`, at once, where too many wait. */
  run<T>(place: string, work: () => Promise<T>): Promise<T> {
    const { loginsWaitingPerAddress, addressesWaiting } = PASSWORD_LIMITS;
    const lane = this.#lanes.get(place) ?? [];
    if (
      lane.length >= loginsWaitingPerAddress.value ||
      (lane.length === 0 && this.#lanes.size >= addressesWaiting.value)
    )
      return Promise.reject(
        new PortalError('TooManyLogins', 'Too many people are logging in at this moment; try again soon.'),
      );
    return new Promise((resolve, reject) => {
      lane.push(() => work().then(resolve, reject));
      this.#lanes.set(place, lane);
      if (!this.#busy) void this.#workOff();
    });
  }

  async #workOff(): Promise<void> {
    this.#busy = true;
    for (const [place, lane] of this.#lanes) {
      // Set again it comes last, and is come to again.
      this.#lanes.delete(place);
      const work = lane.shift();
      if (lane.length > 0) this.#lanes.set(place, lane);
      await work?.();
    }
    this.#busy = false;
  }
}
