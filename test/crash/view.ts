/** What is known of one client's place in the world, from nothing but the lines that it was shown, in their order. */
export interface Heard {
  /** Who said it, and its number. */
  readonly speaker: string;
  readonly number: number;
  /** Everybody who was awake in the room, as this client knew it at that moment, the speaker and itself included. */
  readonly there: ReadonlySet<string>;
}

/** What a line turned out to be. */
export type Read =
  | { readonly is: 'heard'; readonly heard: Heard }
  | { readonly is: 'arrived'; readonly room: string }
  | { readonly is: 'floor'; readonly things: readonly string[] }
  | { readonly is: 'hands'; readonly things: readonly string[] }
  | { readonly is: 'other' };

const OTHER: Read = { is: 'other' };
const SAID = /^(You say|(\w+) says), "\[(\w+) #(\d+)\]"$/;
const COMES = / (?:arrives .*|wakes up\.|is here, new to the place\.)$/;
const LEAVES = / (?:goes .*|is not here any more\.|falls asleep\.)$/;
const PEOPLE = /^(.+) (?:is|are) here\.$/;
const FLOOR = /^You see (.+)\.$/;
const HANDS = /^You carry (.+)\.$/;

/** How the harness marks what a client says. */
export function marked(speaker: string, number: number): string {
  return `say [${speaker} #${number}]`;
}

/** One client's view. Things and people that the harness did not name do not show in it. */
export class View {
  readonly #me: string;
  readonly #players: ReadonlySet<string>;
  readonly #isRoom: (name: string) => boolean;
  readonly #isThing: (name: string) => boolean;
  #room = '';
  #others = new Set<string>();

  constructor(
    me: string,
    players: ReadonlySet<string>,
    isRoom: (name: string) => boolean,
    isThing: (name: string) => boolean,
  ) {
    this.#me = me;
    this.#players = players;
    this.#isRoom = isRoom;
    this.#isThing = isThing;
  }

  get room(): string {
    return this.#room;
  }

  /** Who else is awake here. */
  get others(): ReadonlySet<string> {
    return this.#others;
  }

  read(line: string): Read {
    const said = SAID.exec(line);
    if (said !== null) {
      const speaker = said[3] as string;
      const there = new Set([...this.#others, this.#me]);
      return { is: 'heard', heard: { speaker, number: Number(said[4]), there } };
    }
    const [first = ''] = line.split(' ', 1);
    if (first !== this.#me && this.#players.has(first)) {
      if (COMES.test(line)) this.#others.add(first);
      else if (LEAVES.test(line)) this.#others.delete(first);
    }
    if (this.#isRoom(line)) {
      this.#room = line;
      this.#others = new Set();
      return { is: 'arrived', room: line };
    }
    const people = PEOPLE.exec(line)?.[1];
    if (people !== undefined) {
      for (const name of named(people)) if (this.#players.has(name)) this.#others.add(name);
      return OTHER;
    }
    const floor = FLOOR.exec(line)?.[1];
    if (floor !== undefined) return { is: 'floor', things: named(floor).filter(this.#isThing) };
    const hands = HANDS.exec(line)?.[1];
    if (hands !== undefined) return { is: 'hands', things: named(hands).filter(this.#isThing) };
    return OTHER;
  }
}

/** The names in "Ada", "Ada and Bob", "Ada, Bob and Cleo". */
function named(list: string): readonly string[] {
  return list.split(/, | and /);
}
