import { create, only, type BankCap, type Cap, type ClassCap, type FacetOf } from '../../engine/authoring.ts';
import { Container } from '../container.ts';
import { Exit } from '../exit.ts';
import { Gate, type SessionCap } from '../gate.ts';
import { Hoard } from '../hoard.ts';
import { Key } from '../key.ts';
import { Lock } from '../lock.ts';
import { LockedExit } from '../locked-exit.ts';
import { Stock, type Approving } from '../map/stock.ts';
import type { OwnRoom, Placeable } from '../map/site.ts';
import type { Entry } from '../place.ts';
import { Room } from '../room.ts';
import { Thing, type ThingSpec } from '../thing.ts';
import type { ClassShelf } from '../written-class.ts';
import { draws, look, looks, prose } from './draw.ts';
import {
  hasBoard,
  hasLock,
  HOARD,
  hoarded,
  homeOf,
  kindOf,
  LANTERN,
  lettersOf,
  looseIn,
  playerName,
  roomBefore,
  roomName,
  route,
  thingMark,
  thingName,
  thingsInChest,
  wayTo,
  type Plan,
} from './layout.ts';
import { SOURCES } from './sources.ts';

/** What stands in the place of an author. */
const AUTHOR = 'The bench';
/** Notices on each board. */
const NOTICES = 20;
/** What the great container may cost, in blocks of its bank: about 40 a drawer. */
const HOARD_BLOCKS = 100_000;
/** How long a lock that was opened stays open, in milliseconds: five years, so that its timer waits. */
const STAYS_OPEN = 5 * 365 * 86_400_000;

type Made = Placeable & { front(): object };
type Board = Made & { pin(by: string, text: string): void };
type Box = Cap<Container, 'front' | 'bring' | 'entry'>;

/** What genesis has of a new world. */
interface Beginning {
  readonly bank: BankCap;
  readonly storage: Approving;
  readonly classes: ClassShelf;
  readonly sources: Readonly<Record<string, string>>;
}

/**
 * Makes a world of a plan, a part in each turn that the host runs for it: all of the real classes, by what anybody in the world
 * could do. The same plan and seed give the same world. What is drawn for a room is the same whatever was made before it.
 */
export class Maker {
  readonly #plan: Plan;
  readonly #seed: number;
  readonly #bank: BankCap;
  readonly #stock: Stock;
  readonly #written = new Map<string, ClassCap>();
  readonly #rooms: OwnRoom[] = [];
  #hoard: Entry | null = null;
  readonly #gate: FacetOf<typeof Gate, 'door'>;

  /** In the first turn of the world. `gate` is what the host keeps. */
  constructor(plan: Plan, seed: number, { bank, storage, classes, sources }: Beginning) {
    this.#plan = plan;
    this.#seed = seed;
    this.#bank = bank;
    this.#stock = new Stock(bank, classes, storage, sources);
    for (const [name, [first, ...later]] of Object.entries(SOURCES)) {
      const made = classes.define(bank, AUTHOR, name, first, {});
      for (const source of later) made.save(source, {});
      made.open(true);
      storage.approve(name, classes.describe(name).hash);
      this.#written.set(name, made);
    }
    this.#rooms[0] = create(bank, Room, { name: roomName(0), description: looks(this.#drawsFor(0)) });
    this.#gate = create(bank, Gate, { bank, start: this.#rooms[0].doorway(), classes }).door();
  }

  get gate(): FacetOf<typeof Gate, 'door'> {
    return this.#gate;
  }

  /** A room that is there, with all that its owner can do. */
  ownRoom(number: number): OwnRoom {
    const found = this.#rooms[number];
    if (found === undefined) throw new Error(`Room ${number} is not there yet.`);
    return found;
  }

  /** A room from 1 on, after the one before it: with its ways and all that belongs to it. */
  room(number: number): void {
    const draw = this.#drawsFor(number);
    const before = this.ownRoom(roomBefore(number));
    const room = create(this.#bank, Room, { name: roomName(number), description: looks(draw) });
    this.#rooms[number] = room;
    this.#way(before, wayTo(number), room, roomName(number));
    this.#way(room, 'back', before, roomName(roomBefore(number)));
    const floor = room.floor();
    this.#thing({ name: LANTERN, description: looks(draw) }).bring(floor);
    const chest = create(this.#bank, Container, {
      name: 'chest',
      description: looks(draw),
      fixed: 'It is too heavy.',
      lid: 'open',
    });
    chest.bring(floor);
    const inside = chest.entry();
    for (let n = 0; n < thingsInChest(); n += 1)
      this.#thing({ name: `spoon${n}`, description: looks(draw) }).bring(inside);
    for (let n = 0; n < looseIn(this.#plan, number); n += 1) {
      const description = `${looks(draw)} ${thingMark(number, n)}`;
      this.#loose(kindOf(n), { name: thingName(n), description }).bring(floor);
    }
    if (hasLock(number)) this.#lock(room, inside);
    if (hasBoard(number)) this.#board(floor, draw);
  }

  /** A player, asleep at home with a coin in his hands, once the rooms are there. Gives what his sessions command. */
  player(number: number): SessionCap {
    const name = playerName(number);
    const home = homeOf(this.#plan, number);
    const session = this.#gate.newPlayer(name);
    for (const room of route(home)) session.command(`go ${wayTo(room)}`);
    session.command(`@create Coin named penny of ${name}`);
    const neighbour = number - 1;
    if (number % 2 === 1) session.command(`@lend describe on penny of ${name} to ${playerName(neighbour)}`);
    this.#mailbox(session, name, number, this.ownRoom(home).floor());
    return session;
  }

  /** So many things into the great container, from that number on; the first time it is made as well. */
  fillHoard(from: number, to: number): void {
    const draw = this.#drawsFor(-1 - this.#plan.players - from);
    if (this.#hoard === null) {
      const bank = this.#bank.split(HOARD_BLOCKS);
      const hoard = create(this.#bank, Hoard, {
        name: HOARD,
        description: looks(draw),
        fixed: 'It is too heavy.',
        bank,
      });
      hoard.bring(this.ownRoom(0).floor());
      this.#hoard = hoard.entry();
    }
    for (let n = from; n < to; n += 1)
      this.#thing({ name: `${look(draw)} ${hoarded(n)}`, description: looks(draw) }).bring(this.#hoard);
  }

  #mailbox(session: SessionCap, name: string, number: number, floor: Entry): void {
    const draw = this.#drawsFor(-1 - number);
    const box = this.#make<Box>('Mailbox', { name: `mailbox of ${name}` });
    box.bring(floor);
    const slot = box.entry();
    for (let n = 0; n < lettersOf(number); n += 1) {
      const from = playerName(Math.floor(draw() * this.#plan.players));
      this.#make('Letter', { name: `letter ${n + 1}`, from, text: prose(draw) }).bring(slot);
    }
    session.entrust(box.front(), box, 'your mailbox');
  }

  #lock(room: OwnRoom, chest: Entry): void {
    const bolt = create(this.#bank, Lock, STAYS_OPEN).bolt();
    const way = create(this.#bank, LockedExit, {
      name: 'hatch',
      door: this.ownRoom(0).doorway(),
      lock: only(bolt, 'isLocked'),
    });
    room.addExit('hatch', [], roomName(0), way.front(), way.passage());
    create(this.#bank, Key, { name: 'hatch key', turns: only(bolt, 'unlock') }).bring(chest);
    bolt.unlock();
  }

  #board(floor: Entry, draw: () => number): void {
    const board = this.#make<Board>('Board', { name: 'board', fixed: 'It is screwed to the wall.' });
    board.bring(floor);
    for (let n = 0; n < NOTICES; n += 1) board.pin(playerName(n), prose(draw));
  }

  #way(from: OwnRoom, name: string, to: OwnRoom, called: string): void {
    const exit = create(this.#bank, Exit, { name, door: to.doorway() });
    from.addExit(name, [], called, exit.front(), exit.passage());
  }

  #loose(kind: ReturnType<typeof kindOf>, spec: ThingSpec): Placeable {
    if (kind === 'coin') return this.#make('Coin', spec);
    if (kind === 'lamp') return create(this.#bank, this.#stock.class('Lamp'), spec) as Placeable;
    return this.#thing(spec);
  }

  #thing(spec: ThingSpec): Placeable {
    return create(this.#bank, Thing, spec);
  }

  #make<T extends Placeable = Placeable>(
    className: keyof typeof SOURCES,
    spec: ThingSpec & { readonly from?: string; readonly text?: string },
  ): T {
    const made = this.#written.get(className);
    if (made === undefined) throw new Error(`There is no class ${className}.`);
    return create(this.#bank, made, spec) as T;
  }

  #drawsFor(number: number): () => number {
    return draws(Math.imul(this.#seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
  }
}
