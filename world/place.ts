/**
 * How anything comes to be in exactly one place. Three capabilities meet on each move:
 *
 *   entry  (or door, for people)   lets something in. Whoever holds it may try; the place may refuse.
 *   holder                         on what is moved, held by the place where it is and by nobody else.
 *   spot   (or inside, for people) on the place, held by what is in it and by nobody else.
 *
 * A move is one call, `holder.moveTo(entry)`, and happens within one turn:
 *
 *   1. what is moved agrees or throws
 *   2. it makes a new holder capability for the place it goes to, and presents it with `entry.enter`
 *   3. that place agrees or throws; it notes the newcomer and answers with a new spot
 *   4. the newcomer revokes the holder capability of the place it was in, and keeps the new spot in place of the old
 *   5. it says goodbye with `oldSpot.vacate(oldSpot)`: the old place strikes it out and revokes the spot
 *
 * Whatever throws on the way undoes all of it. Since the grants go with the move, a place that keeps what it held
 * holds dead capabilities, and nobody can speak or act in a place that he has left. For the same reason no way in may pass on
 * what another place gave: see `ownSpot`.
 *
 * A spot is also its own proof: a place does not see who calls it, so who acts in it passes the capability that
 * he was given there, and the place looks it up. Nobody else can have that one.
 */
import { M, type AnyCap } from '../engine/authoring.ts';

/** Lets a thing in. */
export interface Entry {
  enter(thing: AnyCap, holder: Holder, name: string, also: readonly string[], listens: boolean): Spot;
}

/** Lets a person in. To be a person somewhere is to have come through such a door. */
export interface Door {
  name(): string;
  arrive(person: AnyCap, holder: Holder, name: string, awake: boolean, manner: string): Inside;
}

/** What a place gives to each thing that is in it. */
export interface Spot {
  /** It is somewhere else now. `manner` is what people see of it, like "vanishes"; without it nothing is said. */
  vacate(spot: Spot, manner?: string): void;
  relabel(spot: Spot, name: string, also: readonly string[]): void;
  /** Everybody around hears `text`, but for `except`. */
  tell(spot: Spot, text: string, except?: AnyCap): void;
  /** Whether this place is `thing` or inside it. Throws `TooDeep` when it is nested in more than `levels` others. */
  isWithin(thing: AnyCap, levels: number): boolean;
}

/** What a room gives to each person in it. `me` is always that same capability. */
export interface Inside extends Spot {
  look(): View;
  go(me: Inside, way: string): void;
  take(me: Inside, thing: AnyCap, hands: Entry): void;
  takeFrom(me: Inside, box: AnyCap, thing: AnyCap, hands: Entry): void;
  /** `about`: what is meant, in words; what is too much to be told of at once tells of that. */
  lookInto(box: AnyCap, about?: string): readonly Seen[] | Inventory | undefined;
  handle(me: Inside, thing: AnyCap, verb: string, rest: string): string | undefined;
  /** A way into something here: a box, or somebody's hands. */
  mouthOf(me: Inside, thing: AnyCap): Entry;
  /** A way onto the floor, for a moment. */
  floor(): Entry;
  /** Passes a capability to a person here, who may refuse it. */
  deliver(me: Inside, person: AnyCap, on: AnyCap, capability: AnyCap, note: string): void;
  say(me: Inside, text: string): void;
  /** The others see `<name> <text>`; `to`, if given, sees `<name> <toText>` instead. */
  show(me: Inside, text: string, to?: AnyCap, toText?: string): void;
  /** Falls asleep or wakes up. */
  stir(me: Inside, awake: boolean, text: string): void;
  /** Strikes out a thing that no longer exists, or a way out that leads nowhere any more. */
  sweep(thing: AnyCap): void;
}

/** What the place where something is can do with it. */
export interface Holder {
  /**
   * Whether this is `thing`, called `name`, and asks to be let in at this moment. Who says what `spot` it will be given is the only
   * one who is told so: it takes that one, or does not move.
   */
  coming(thing: AnyCap, name: string, spot?: Spot): boolean;
  moveTo(entry: Entry): void;
  /** A person walks through a door, having asked to. `arriving` is for who is there, `passing` for himself. */
  depart(door: Door, arriving: string, passing: string): void;
  /** A line to be heard; for speech also what was said, and by whom. */
  hear(text: string, said?: string, by?: AnyCap): void;
  /** Something changed to the eye: whoever wants to know what is to be seen now looks. `text` may be empty. */
  witness(text: string): void;
  /** Tries a verb of the thing's own; undefined if it has none like that. */
  use(verb: string, by: AnyCap, rest: string): string | undefined;
  /** What is in it; undefined if nothing can be. `about` as with `lookInto`. */
  peek(about?: string): readonly Seen[] | Inventory | undefined;
  takeOut(thing: AnyCap, hands: Entry): void;
  /** A way into it, for a moment. */
  opening(by: AnyCap): Entry;
  receive(on: AnyCap, capability: AnyCap, note: string): void;
}

/** What the public is told of something by the place where it is. */
export interface Seen {
  readonly thing: AnyCap;
  readonly name: string;
  readonly also: readonly string[];
}

/** Some of what is in something, and how many there are in all. */
export interface Inventory {
  readonly some: readonly Seen[];
  readonly all: number;
}

/** What somebody in a room sees; what it reads like, the room's own `describe` tells. */
export interface View {
  readonly at: AnyCap;
  readonly name: string;
  readonly exits: readonly (Seen & { readonly to: string })[];
  readonly people: readonly (Seen & { readonly awake: boolean })[];
  readonly things: readonly Seen[];
}

/** What a client can make buttons of. */
export interface Scene {
  readonly room: string;
  readonly exits: readonly { readonly name: string; readonly to: string }[];
  readonly people: readonly string[];
  readonly things: readonly string[];
}

/** How deep boxes go into boxes; every question upwards takes that many calls. */
export const NEST_LEVELS = 8;
/** Things in one box, room or pair of hands. They are stored in one record, and listed in one sentence. */
export const ROOM_FOR = { box: 30, room: 200, hands: 30 } as const;
/** People, and things, that a scene names at most: whoever has a client that shows it is shown each change. */
export const SCENE_LENGTH = 24;
/** How long an opening stays open, in milliseconds: long enough for the turn it was made for. */
export const OPENING_LASTS = 5_000;

const capability = M.remotable();
const text = M.string();
const names = M.arrayOf(text);

export const ENTRY = {
  enter: M.call(capability, capability, text, names, M.boolean()).returns(capability),
};

export const SPOT = {
  vacate: M.call(capability).optional(text).returns(),
  relabel: M.call(capability, text, names).returns(),
  tell: M.call(capability, text).optional(capability).returns(),
  isWithin: M.call(capability, M.number()).returns(M.boolean()),
};

export const ARRIVE = M.call(capability, capability, text, M.boolean(), text).returns(capability);

export const INSIDE = {
  ...SPOT,
  look: M.call().returns(M.any()),
  go: M.call(capability, text).returns(),
  take: M.call(capability, capability, capability).returns(),
  takeFrom: M.call(capability, capability, capability, capability).returns(),
  lookInto: M.call(capability).optional(text).returns(M.any()),
  handle: M.call(capability, capability, text, text).returns(M.or(text, M.undefined())),
  mouthOf: M.call(capability, capability).returns(capability),
  floor: M.call().returns(capability),
  deliver: M.call(capability, capability, capability, capability, text).returns(),
  say: M.call(capability, text).returns(),
  show: M.call(capability, text).optional(capability, text).returns(),
  stir: M.call(capability, M.boolean(), text).returns(),
  sweep: M.call(capability).returns(),
};

export const HOLDER = {
  coming: M.call(capability, text).optional(capability).returns(M.boolean()),
  moveTo: M.call(capability).returns(),
  depart: M.call(capability, text, text).returns(),
  hear: M.call(text).optional(text, capability).returns(),
  witness: M.call(text).returns(),
  use: M.call(text, capability, text).returns(M.or(text, M.undefined())),
  peek: M.call().optional(text).returns(M.any()),
  takeOut: M.call(capability, capability).returns(),
  opening: M.call(capability).returns(capability),
  receive: M.call(capability, capability, text).returns(),
};
