import { create, type BankCap, type FacetOf } from '../../engine/authoring.ts';
import { DIRECTIONS } from '../directions.ts';
import { Exit, type ExitSpec } from '../exit.ts';
import type { Entry } from '../place.ts';
import { Common } from '../common.ts';
import { Room } from '../room.ts';
import type { ThingSpec } from '../thing.ts';
import { ROOMS, type RoomName } from './rooms.ts';
import type { Stock } from './stock.ts';

export type OwnRoom = FacetOf<typeof Room, 'owner'>;

/** What can be set down somewhere: the owner facet of any thing. */
export interface Placeable {
  bring(entry: Entry): void;
}

/** The building site of a new world: its rooms by the names of the map, owned by whoever builds. */
export class Site {
  readonly bank: BankCap;
  readonly #stock: Stock;
  readonly #rooms = new Map<RoomName, OwnRoom>();

  constructor(bank: BankCap, stock: Stock) {
    this.bank = bank;
    this.#stock = stock;
    for (const [name, { name: title, text }] of Object.entries(ROOMS)) {
      const kind = name === 'common' ? Common : Room;
      this.#rooms.set(name as RoomName, create(bank, kind, { name: title, description: text }));
    }
  }

  room(name: RoomName): OwnRoom {
    const found = this.#rooms.get(name);
    if (found === undefined) throw new Error(`The map has no room "${name}".`);
    return found;
  }

  /** A way from one room to another; not back. */
  exit(from: RoomName, way: string, to: RoomName, more: Partial<ExitSpec> = {}): void {
    const exit = create(this.bank, Exit, { name: way, door: this.room(to).doorway(), ...more });
    this.room(from).addExit(way, [], ROOMS[to].name, exit.front(), exit.passage());
  }

  both(from: RoomName, way: string, to: RoomName): void {
    const back = DIRECTIONS[way]?.opposite;
    if (back === undefined) throw new Error(`"${way}" has no way back.`);
    this.exit(from, way, to);
    this.exit(to, back, from);
  }

  /** An object of a class that the world keeps in its own store. `T` is what its owner facet has. */
  make<T extends Placeable = Placeable>(className: string, spec: ThingSpec & Record<string, unknown>): T {
    return create(this.bank, this.#stock.class(className), spec) as T;
  }

  /** Sets something down in a room. */
  put<T extends Placeable>(name: RoomName, made: T): T {
    made.bring(this.room(name).floor());
    return made;
  }
}
