import type { Whereabouts } from './audit.ts';
import { isDen } from './atlas.ts';

/** A room that somebody set out to dig. */
export interface Dig {
  readonly den: string;
  readonly way: string;
  /** Where the way in begins. */
  readonly room: string;
  readonly client: string;
  readonly session: number;
  readonly n: number;
}

export type DigOutcome = 'open' | 'done' | 'refused' | 'unknown';

/** The book of rooms: one that was dug is there with both of its exits, and one that was not is not there at all. */
export class Digs {
  readonly #digs = new Map<string, Dig & { outcome: DigOutcome }>();

  begin(dig: Dig): void {
    this.#digs.set(dig.den, { ...dig, outcome: 'open' });
  }

  end(den: string, outcome: DigOutcome): void {
    const dig = this.#digs.get(den);
    if (dig?.outcome === 'open') dig.outcome = outcome;
  }

  /** Holds the book against a world as it was found. `happened`: whether a dig's line had its turn before that. */
  compare({ rooms }: Whereabouts, happened: (dig: Dig) => boolean, wrong: (what: string) => void): void {
    for (const dig of this.#digs.values()) {
      const { den, room, way, client, outcome } = dig;
      const there = rooms.has(den);
      if (!happened(dig)) {
        if (there) wrong(`there is ${den}, which was dug only later`);
      } else if (outcome === 'done' && !there) wrong(`there is no ${den}, which ${client} dug`);
      else if (outcome === 'refused' && there) wrong(`there is ${den}, which ${client} was refused`);
      if (!there) continue;
      const [out, ...more] = rooms.get(den) ?? [];
      if (out?.[1] !== room && more.every(([, to]) => to !== room))
        wrong(`there is no way from ${den} to ${room}`);
      if (rooms.get(room)?.get(way) !== den) wrong(`there is no way from ${room} to ${den}`);
    }
    for (const name of rooms.keys()) {
      if (isDen(name) && !this.#digs.has(name)) wrong(`there is ${name}, which nobody dug`);
    }
  }
}
