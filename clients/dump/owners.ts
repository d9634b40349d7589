import { partsOf, slotsIn } from '../../engine/stored-slots.ts';
import { objectKey, parseKey, prefixRange } from '../../storage/keys.ts';
import { isObjectId } from '../../engine/stored-forms.ts';
import type { View } from '../../storage/view.ts';

/** Banks above one another that are looked through: more than a world lets anybody split off. */
const DEEPEST = 64;

/** Whose banks are whose, as far as accounts and banks say so. */
export class Owners {
  readonly #view: View;
  readonly #players: ReadonlyMap<string, string>;
  readonly #known = new Map<string, string | null>();

  private constructor(view: View, players: ReadonlyMap<string, string>) {
    this.#view = view;
    this.#players = players;
  }

  /** Reads the accounts, which a world has as many of as players. */
  static async read(view: View): Promise<Owners> {
    const players = new Map<string, string>();
    for await (const [key, value] of view.range({ ...prefixRange('a'), onDamaged: () => {} })) {
      const id = firstTarget(key, value);
      if (id !== undefined) players.set(id, nameIn(value));
    }
    return new Owners(view, players);
  }

  /** The name of the player whose body an object is. */
  playerNamed(id: string): string | undefined {
    return this.#players.get(id);
  }

  /**
   * The name of the player whom a bank belongs to: the one that it reports to, or that the nearest bank does that it was
   * split off from. Null where there is none: it is the world's own, or cannot be told.
   */
  async ofBank(bank: string | null): Promise<string | null> {
    const passed: string[] = [];
    let owner: string | null = null;
    for (let at = bank; at !== null && passed.length < DEEPEST;) {
      const known = this.#known.get(at);
      if (known !== undefined) {
        owner = known;
        break;
      }
      passed.push(at);
      if (!isObjectId(at)) break; // what an object says of its bank may be anything
      const key = objectKey(at);
      const text: string | undefined = await this.#view.get(key).catch(() => undefined);
      if (text === undefined) break;
      const told = firstTarget(key, text);
      const name = told === undefined ? undefined : this.#players.get(told);
      if (name !== undefined) {
        owner = name;
        break;
      }
      at = bankIn(text);
    }
    for (const id of passed) this.#known.set(id, owner);
    return owner;
  }
}

/** The object that the first capability in a value is on. In a bank that is whom it reports to. */
export function firstTarget(key: string, value: string): string | undefined {
  const parsed = parseKey(key);
  try {
    const [slot] = parsed === undefined ? [] : slotsIn(parsed, value);
    return slot === undefined ? undefined : partsOf(slot)?.id;
  } catch {
    return undefined;
  }
}

/** Of an account that could be read. */
function nameIn(value: string): string {
  return String((JSON.parse(value) as { readonly name?: unknown }).name);
}

function bankIn(value: string): string | null {
  try {
    const { bank } = JSON.parse(value) as { readonly bank?: unknown };
    return typeof bank === 'string' ? bank : null;
  } catch {
    return null;
  }
}
