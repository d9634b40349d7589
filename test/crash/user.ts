import { pause } from './author.ts';
import type { Chance } from './chance.ts';
import type { Dialogue } from './dialogue.ts';
import type { Guild } from './guild.ts';
import { Hand } from './hand.ts';

/** Questions that one client has under way at the same time, at most. */
const MOST_OPEN = 3;
/** Milliseconds that it thinks between them, at most. */
const THINKS = 60;

/** Whoever uses objects, in one hall, all the time. */
export class User {
  readonly hand: Hand;
  readonly hall: string;
  readonly #guild: Guild;
  readonly #chance: Chance;

  constructor(dialogue: Dialogue, guild: Guild, hall: string, chance: Chance) {
    this.hand = new Hand(dialogue, guild);
    this.#guild = guild;
    this.hall = hall;
    this.#chance = chance;
  }

  get dialogue(): Dialogue {
    return this.hand.dialogue;
  }

  async live(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      const objects = this.#guild.objectsIn(this.hall);
      const many = this.#chance.whole(1, MOST_OPEN);
      await Promise.all(
        Array.from({ length: many }, () => {
          const object = this.#chance.one(objects);
          return this.#chance.happens(0.95) ? this.hand.stamp(object) : this.hand.report(object);
        }),
      );
      await pause(this.#chance.whole(0, THINKS));
    }
  }
}
