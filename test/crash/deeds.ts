import { isBox, isDen, numbered, type Atlas } from './atlas.ts';
import type { Chance } from './chance.ts';
import { ANYWHERE, NOWHERE, type Place } from './moves.ts';

/** What one line is to do. */
export interface Deed {
  readonly line: string;
  /** The answer when it is done; every other answer says why not. Undefined: nothing depends on it. */
  readonly answer?: string;
  /** The move that it then was. */
  readonly thing?: string;
  readonly from?: Place;
  readonly to?: Place;
  /** The room that it makes. */
  readonly dig?: { readonly den: string; readonly way: string; readonly room: string };
  /** It goes somewhere else: nothing else may be under way. */
  readonly walks?: boolean;
  /** The number of what it says. */
  readonly says?: number;
}

/** What somebody knows who chooses what to do. */
export interface Situation {
  readonly me: string;
  readonly room: string;
  /** Who else is awake here. */
  readonly others: readonly string[];
  /** What was made by the one who chooses. */
  readonly mine: readonly string[];
  /** What is in a place, as far as is known, without what is being moved at the moment. */
  readonly at: (place: Place) => readonly string[];
  readonly atlas: Atlas;
  /** A number that no name has yet. */
  readonly number: () => number;
}

type Kind =
  'chat' | 'take' | 'drop' | 'put' | 'out' | 'give' | 'walk' | 'home' | 'make' | 'dig' | 'destroy' | 'bring';
type Chosen = Deed | undefined;

const WEIGHTS: Readonly<Record<Kind, number>> = {
  chat: 18,
  take: 16,
  drop: 12,
  put: 12,
  out: 12,
  give: 12,
  walk: 8,
  home: 1,
  make: 4,
  dig: 2,
  destroy: 1,
  bring: 4,
};
/** Things that one client keeps in the world at most. */
const MOST_THINGS = 10;

/** Something to do; undefined when what was chosen cannot be done here. */
export function chooseDeed(chance: Chance, situation: Situation): Chosen {
  const { me, room, atlas, at } = situation;
  const back = atlas.isOnStage(room) ? undefined : atlas.wayBack(room);
  if (back !== undefined) return { line: back, walks: true };
  const some = <T>(list: readonly T[], deed: (one: T) => Chosen): Chosen =>
    list.length === 0 ? undefined : deed(chance.one(list));
  const held = () => at(me);
  const boxes = () => [...at(me), ...at(room)].filter(isBox);
  const choices: Readonly<Record<Kind, () => Chosen>> = {
    chat: () => undefined,
    take: () => some(at(room), (it) => move(`take ${it}`, `You take ${it}.`, it, room, me)),
    drop: () => some(held(), (it) => move(`drop ${it}`, `You drop ${it}.`, it, me, room)),
    put: () =>
      some(held(), (it) =>
        some(
          boxes().filter((box) => box !== it),
          (box) => move(`put ${it} in ${box}`, `You put ${it} in ${box}.`, it, me, box),
        ),
      ),
    out: () =>
      some(boxes(), (box) =>
        some(at(box), (it) => move(`take ${it} from ${box}`, `You take ${it} out of ${box}.`, it, box, me)),
      ),
    give: () =>
      some(held(), (it) =>
        some(situation.others, (other) =>
          move(`give ${it} to ${other}`, `You give ${it} to ${other}.`, it, me, other),
        ),
      ),
    walk: () => {
      // Rather back than on: those who are alone have nobody to hear them.
      const home = chance.happens(0.5) ? atlas.wayBack(room) : undefined;
      if (home !== undefined) return { line: home, walks: true };
      const ways = atlas.waysFrom(room).filter(([, to]) => atlas.isOnStage(to));
      return some(ways, ([way]) => ({ line: way, walks: true }));
    },
    home: () => ({ line: 'home', walks: true }),
    make: () => (situation.mine.length < MOST_THINGS ? making(situation, chance.happens(0.25)) : undefined),
    dig: () => (room === atlas.meeting || isDen(room) ? digging(situation) : undefined),
    destroy: () =>
      some(
        held().filter((it) => situation.mine.includes(it)),
        (it) => move(`@destroy ${it}`, `${it} is no more.`, it, me, NOWHERE),
      ),
    bring: () =>
      some(situation.mine, (it) => {
        const [word, to] = chance.happens(0.5) ? ['me', me] : ['here', room];
        return move(`@teleport ${it} to ${word}`, `${it} is there.`, it, ANYWHERE, to);
      }),
  };
  return choices[chance.weighed(WEIGHTS)]();
}

export function making({ me, number }: Situation, box: boolean): Deed {
  const thing = numbered(box ? 'Box' : 'Gem', number());
  const answer = `You make ${thing} out of nothing much. It is yours, and in your hands.`;
  return move(`@create ${thing}${box ? ' as box' : ''}`, answer, thing, NOWHERE, me);
}

export function digging({ room, number }: Situation): Deed {
  const given = number();
  const dig = { den: numbered('Den', given), way: numbered('way', given), room };
  const answer = `You make ${dig.den}, by way of the ${dig.way}, with a way out again. All of it is yours.`;
  return { line: `@dig ${dig.way} to ${dig.den}`, answer, dig };
}

function move(line: string, answer: string, thing: string, from: Place, to: Place): Deed {
  return { line, answer, thing, from, to };
}
