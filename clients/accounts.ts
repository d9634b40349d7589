import { scrypt, timingSafeEqual } from 'node:crypto';
import { accountKey } from '../storage/keys.ts';
import type { AnyCap } from '../engine/authoring.ts';
import type { Session, SessionTerms } from '../engine/sessions.ts';
import type { World } from '../engine/world.ts';
import { PortalError } from './errors.ts';
import { PasswordQueue } from './password-queue.ts';

/** The cost of one password, kept with it so that it can be raised. Memory: 128 · N · r bytes. */
interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's password storage cheat sheet, the scrypt setting with 16 MiB. */
const COST: Cost = { N: 2 ** 14, r: 8, p: 5 };
const HASH_BYTES = 32;

/** As stored: which capability a name and a password lead to. */
export interface Account {
  readonly name: string;
  readonly salt: string;
  readonly hash: string;
  readonly cost: Cost;
  /** The session facet of the player, as written by the world. */
  readonly capability: string;
}

/** The facet of the gate object that the host holds. */
type Invoke = (to: object, method: string, args: readonly unknown[]) => unknown;

/**
 * Names and passwords. They lead to a capability, and that is the last time that anybody asks who somebody is.
 */
export class Accounts {
  readonly #world: World;
  readonly #randomText: () => string;
  readonly #passwords = new PasswordQueue();

  /** `randomText`: 128 fresh random bits. */
  constructor(world: World, randomText: () => string) {
    this.#world = world;
    this.#randomText = randomText;
  }

  /** A new player with a new account, in one commit. `place`: where he comes from. Throws `NameTaken`, `TooManyLogins`. */
  async create(
    terms: Omit<SessionTerms, 'name'>,
    name: string,
    password: string,
    place: string,
  ): Promise<Session> {
    const key = accountKey(name);
    const isTaken = (): boolean => this.#world.stored(key) !== undefined;
    if (this.#world.session(terms.sid) === undefined && isTaken()) throw nameTaken(name);
    const salt = this.#randomText();
    const hash = await this.#passwords.run(place, () => hashPassword(password, salt, COST));
    const account = (capability: AnyCap): readonly (readonly [string, string])[] => {
      const stored: Account = { name, salt, hash, cost: COST, capability: this.#world.slotText(capability) };
      return [[key, JSON.stringify(stored)]];
    };
    let tooLate = false;
    const enter = (invoke: Invoke): AnyCap => {
      // Somebody may have had it while the password was worked on.
      tooLate = isTaken();
      if (tooLate) throw nameTaken(name);
      return invoke(this.#world.roots.gate, 'newPlayer', [name]) as AnyCap;
    };
    return this.#world.begin({ ...terms, name }, enter, account).catch((error: unknown) => {
      throw tooLate ? nameTaken(name) : error; // what a turn fails with has a code of the world's
    });
  }

  /** Throws `BadLogin` for a wrong name and a wrong password alike, after the same work, and `TooManyLogins`. */
  async connect(
    terms: Omit<SessionTerms, 'name'>,
    name: string,
    password: string,
    place: string,
  ): Promise<Session> {
    const text = this.#world.stored(accountKey(name));
    const account = text === undefined ? undefined : (JSON.parse(text) as Account);
    const { salt, cost } = account ?? { salt: 'nobody', cost: COST };
    const hash = await this.#passwords.run(place, () => hashPassword(password, salt, cost));
    if (account === undefined || !sameText(hash, account.hash)) {
      throw new PortalError('BadLogin', 'There is no player of that name with that password.');
    }
    return this.#world.begin({ ...terms, name: account.name }, () =>
      this.#world.capabilityFrom(account.capability),
    );
  }

  /** The session facet of a player, for the admin of the host. Throws `NoPlayer`. */
  playerNamed(name: string): AnyCap {
    const found = this.find(name);
    if (found === undefined) throw new PortalError('NoPlayer', `There is no player named "${name}".`);
    return found;
  }

  /** The same, or undefined. */
  find(name: string): AnyCap | undefined {
    const text = isNameText(name) ? this.#world.stored(accountKey(name)) : undefined;
    return text === undefined
      ? undefined
      : this.#world.capabilityFrom((JSON.parse(text) as Account).capability);
  }

  async guest(terms: Omit<SessionTerms, 'name'>): Promise<Session> {
    return this.#world.begin({ ...terms, name: 'guest' }, (invoke) => {
      return invoke(this.#world.roots.gate, 'newGuest', []) as AnyCap;
    });
  }
}

function nameTaken(name: string): PortalError {
  return new PortalError(
    'NameTaken',
    `The name "${name}" is taken: choose another, or connect with its password.`,
  );
}

/** Whether a key can be made of it. */
function isNameText(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(name);
}

export function hashPassword(password: string, salt: string, cost: Cost): Promise<string> {
  return new Promise((resolve, reject) => {
    // maxmem: what scrypt needs for this cost, and room to spare.
    const options = { N: cost.N, r: cost.r, p: cost.p, maxmem: 256 * cost.N * cost.r };
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, key) => {
      if (error === null) resolve(key.toString('base64url'));
      else reject(error);
    });
  });
}

export function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
