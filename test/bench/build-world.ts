/**
 * A process of its own: builds a world out of the world's own classes, without the portal, and prints how long it took.
 * Arguments: its folder, how many things, how many rooms without things beside those that are needed, and 'gadgets' if
 * each of those is to have the two gadgets of room-tree.ts.
 */
import '../../engine/lockdown.ts';
import { create, type BankCap, type Cap } from '../../engine/authoring.ts';
import { classes, shared } from '../../world/classes.ts';
import { Exit } from '../../world/exit.ts';
import { Gate } from '../../world/gate.ts';
import { library } from '../../world/library.ts';
import { Room } from '../../world/room.ts';
import { Thing } from '../../world/thing.ts';
import { Mechanism } from '../../world/things/mechanism.ts';
import { openWorld } from './in-process-world.ts';
import {
  BUILT_IN_GADGET,
  GADGET_ANSWER,
  roomBefore,
  roomName,
  SAVED_GADGET,
  thingMark,
  thingName,
  THINGS_PER_ROOM,
  wayTo,
} from './room-tree.ts';
import { textOf } from './turn-classes.ts';

/** Rooms that are built before their commits are waited for. */
const AT_ONCE = 20;

const SEED = 20_240_229;

const [folder = '', things = '0', emptyRooms = '0', gadgets = ''] = process.argv.slice(2);

type BuiltRoom = Cap<Room, 'doorway' | 'addExit' | 'floor'>;
const rooms: BuiltRoom[] = [];

const random = seeded(SEED);
const started = performance.now();
const world = await openWorld(folder, {
  classes,
  shared,
  library,
  genesis: ({ bank }) => {
    const first = buildRoom(bank, 0);
    return { gate: create(bank, Gate, { bank, start: first.doorway() }).door() };
  },
});
const { bank } = world.roots;
const gadget = gadgets === '' ? null : await world.run(() => defineGadget());
const full = Math.ceil(Number(things) / THINGS_PER_ROOM);
const total = full + Number(emptyRooms);
for (let room = 1; room <= total;) {
  const some: Promise<void>[] = [];
  for (; room <= total && some.length < AT_ONCE; room += 1) {
    const number = room;
    some.push(
      world.run(() => {
        const built = buildRoom(bank, number);
        if (number <= full) fill(bank, built, (number - 1) * THINGS_PER_ROOM);
        else if (gadget !== null) equip(bank, built, gadget);
      }),
    );
  }
  await Promise.all(some);
}
await world.close();
process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - started) / 1000 })}\n`);

function buildRoom(payer: BankCap, number: number): BuiltRoom {
  const room = create(payer, Room, { name: roomName(number), description: describe() });
  rooms[number] = room;
  const before = number === 0 ? undefined : rooms[roomBefore(number)];
  if (before !== undefined) {
    const exit = create(payer, Exit, { name: wayTo(number), door: room.doorway() });
    before.addExit(wayTo(number), [], roomName(number), exit.front(), exit.passage());
  }
  return room;
}

function fill(payer: BankCap, room: BuiltRoom, from: number): void {
  const floor = room.floor();
  for (let thing = from; thing < Math.min(from + THINGS_PER_ROOM, Number(things)); thing += 1) {
    create(payer, Thing, { name: thingName(thing), description: `${describe()} ${thingMark(thing)}` }).bring(
      floor,
    );
  }
}

function defineGadget() {
  return world.roots.classes.define(bank, 'The bench', 'Gadget', textOf(Mechanism, 'Gadget'), {});
}

function equip(payer: BankCap, room: BuiltRoom, written: ReturnType<typeof defineGadget>): void {
  const spec = { verbs: ['turn'], answers: [`${GADGET_ANSWER} once.`, `${GADGET_ANSWER} twice.`] };
  create(payer, Mechanism, { ...spec, name: BUILT_IN_GADGET }).bring(room.floor());
  const made = written.make(payer, { ...spec, name: SAVED_GADGET }) as Cap<Mechanism, 'bring'>;
  made.bring(room.floor());
}

/** Two to nine words, the same for the same seed. */
function describe(): string {
  const words = ['grey', 'round', 'cold', 'smooth', 'speckled', 'heavy', 'worn', 'chipped', 'dull'];
  const some = Array.from(
    { length: 2 + Math.floor(random() * 8) },
    () => words[Math.floor(random() * words.length)],
  );
  return `It is ${some.join(' and ')}.`;
}

/** A row of numbers from 0 up to 1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
