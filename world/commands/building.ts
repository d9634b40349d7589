import { classOf, create, fail, isLive, type AnyCap, type FacetOf } from '../../engine/authoring.ts';
import { directionOf, DIRECTIONS, whereIs } from '../directions.ts';
import { Exit } from '../exit.ts';
import { admits } from '../keyring.ts';
import { findNoun } from '../nouns.ts';
import { splitAt, unquoted } from '../parse.ts';
import type { Player } from '../player.ts';
import { meant, meantTruly, refuseMisnamed, type Reached } from '../reach.ts';
import type { Room } from '../room.ts';
import type { Building } from '../room-record.ts';
import { Sorry } from '../sorry.ts';
import type { Thing } from '../thing.ts';
import { a, capital, the } from '../words.ts';
import { needed, owned, type Owned } from './asking.ts';
import { destroyAside } from './banking.ts';
import type { Commands } from './command.ts';
import { makerOf, parseMaking, parseRoom } from './making.ts';

type OwnThing = FacetOf<typeof Thing, 'owner'>;
type OwnRoom = FacetOf<typeof Room, 'owner'>;
type OwnExit = FacetOf<typeof Exit, 'owner'>;

export const BUILDING: Commands = {
  '@dig': {
    usage: '@dig WAY to "NAME" [as CLASS]',
    does: 'makes a room there, with a way back; of a class that you may use, if you name one',
    run: dig,
  },
  '@create': {
    usage: '@create NAME [as KIND]',
    does:
      'makes a thing; as a box, something to put things in; as a class that you may use, one of these. ' +
      '"@create Kiosk named tea stall" is the same as "@create tea stall as Kiosk"',
    run: make,
  },
  '@describe': { usage: '@describe THING as TEXT', does: 'changes what people read about it', run: describe },
  '@rename': { usage: '@rename THING to NAME', does: 'changes what it is called', run: rename },
  '@teleport': {
    usage: '@teleport THING to PLACE',
    does: 'moves what is yours, or you, to what is yours: "here", "me", a room',
    run: teleport,
  },
  '@destroy': {
    usage: '@destroy THING',
    does: 'unmakes what is yours; your bank gets back what it cost',
    run: destroyOwn,
  },
};

function make(me: Player, rest: string): void {
  const { kind, name } = parseMaking(rest);
  const maker = makerOf(me, kind);
  me.withHands((hands) => {
    const [own, front] = me.trying(() => {
      const it = maker({ name });
      if (!admits(it, 'front') || !admits(it, 'bring') || admits(it, 'doorway')) {
        throw fail('Refused', `One does not hold ${a(kind)} in one's hands.`);
      }
      const seen = frontOf(me, it);
      it.bring(hands);
      return [it, seen] as const;
    });
    me.keepOwn(front, own);
    me.remember(front);
  });
  me.say(`You make ${a(name)} out of nothing much. It is yours, and in your hands.`);
}

function dig(me: Player, rest: string): void {
  const sides = splitAt(rest, ['to']);
  if (sides === undefined) throw new Sorry('Dig where, to what? Like this: @dig north to "The Attic".');
  const way = directionOf(sides.left.toLowerCase()) ?? unquoted(sides.left).toLowerCase();
  const { kind, name } = parseRoom(sides.right);
  const back = DIRECTIONS[way]?.opposite ?? 'out';
  const { bank, view } = me;
  const ground = me.holding(view.at, 'addExit') as Building | undefined;
  if (ground === undefined) {
    throw new Sorry(
      `You have no leave to build on ${view.name}. There are places that give it: ask here for leave to build.`,
    );
  }
  refuseMisnamed(me, { thing: view.at, name: view.name, where: 'here' });
  const maker = makerOf(me, kind);
  const made = me.trying(() => {
    const room = maker({ name, description: 'Four bare walls and the smell of sawdust.' }) as OwnRoom;
    if (!admits(room, 'doorway')) throw fail('Refused', `${capital(a(kind))} is no room.`);
    const there = create(bank, Exit, { name: way, door: room.doorway() });
    const home = create(bank, Exit, { name: back, door: ground.doorway() });
    ground.addExit(way, [], name, there.front(), there.passage());
    room.addExit(back, [], view.name, home.front(), home.passage());
    return { room, there, home, fronts: [frontOf(me, room), there.front(), home.front()] as const };
  });
  const [room, there, home] = made.fronts;
  me.keepOwn(room, made.room);
  me.keepOwn(there, made.there);
  me.keepOwn(home, made.home);
  me.shows(`knocks through a new way ${way}`);
  me.say(`You make ${name}, ${whereIs(way)}, with a way ${back} again. All of it is yours.`);
}

/**
 * What something that he has just made is known by. Its class says so: it must not say the name of what is there already, for
 * then what he does with that would go to what he has made. Throws `Refused`.
 */
function frontOf(me: Player, made: Pick<OwnThing, 'front'>): AnyCap {
  const front = made.front();
  const [own, shown] = [classOf(made), classOf(front)];
  if (own.name !== shown.name || (me.ring?.list() ?? []).some(({ on }) => on === front))
    throw fail('Refused', `What ${own.name} says of itself is not true.`);
  return front;
}

function describe(me: Player, rest: string): void {
  const sides = splitAt(rest, ['as']);
  if (sides === undefined)
    throw new Sorry('Describe what, and how? Like this: @describe boat as A boat folded from an old bill.');
  const noun = meantTruly(me, sides.left);
  const own = needed<Pick<OwnThing, 'redescribe'>>(me, noun, 'redescribe');
  me.trying(() => {
    own.redescribe(unquoted(sides.right));
  });
  me.say(`That is what people will read about ${noun.where === 'self' ? 'you' : the(noun.name)}.`);
}

function rename(me: Player, rest: string): void {
  const sides = splitAt(rest, ['to']);
  if (sides === undefined) throw new Sorry('Rename what to what? Like this: @rename boat to paper ship.');
  const noun = meantTruly(me, sides.left);
  if (noun.where === 'self') throw new Sorry('Your name is yours for good.');
  const name = unquoted(sides.right);
  if (noun.where === 'exit') {
    renameWay(me, noun, directionOf(name.toLowerCase()) ?? name.toLowerCase());
    return;
  }
  const own = needed<Pick<OwnThing, 'rename'>>(me, noun, 'rename');
  me.trying(() => {
    own.rename(name);
  });
  me.say(`${noun.where === 'here' ? 'The place' : 'It'} is called "${name}" from now on.`);
}

/** A way is taken by the name that the room has for it, not by what it calls itself: it is taken out, and put in again. */
function renameWay(me: Player, noun: Reached, name: string): void {
  const { view } = me;
  const own = needed<OwnExit>(me, noun, 'passage');
  const ground = needed<Building>(me, { thing: view.at, name: view.name }, 'removeExit');
  const to = view.exits.find(({ thing }) => thing === noun.thing)?.to ?? '';
  me.trying(() => {
    const passage = own.passage();
    own.rename(name);
    ground.removeExit(passage);
    ground.addExit(name, noun.also, to, noun.thing, passage);
  });
  me.say(`The way is called "${name}" from now on.`);
}

function teleport(me: Player, rest: string): void {
  const sides = splitAt(rest, ['to'], 'last');
  if (sides === undefined)
    throw new Sorry(
      'Teleport what to where? Like this: @teleport boat to here, or @teleport me to The Attic.',
    );
  const where = unquoted(sides.right);
  if (sides.left.toLowerCase() === 'me') {
    const door =
      where.toLowerCase() === 'home'
        ? me.home
        : me.trying(() => (ownRoom(me, where).capability as OwnRoom).doorway());
    if (door === null) throw new Sorry('You have no home to go to.');
    me.appear(door);
    return;
  }
  const noun = meantOwned(me, sides.left, 'bring', (words) => `You have no "${words}" of your own.`);
  const thing = noun.capability as OwnThing;
  const { here } = me;
  if (where.toLowerCase() === 'me') {
    me.withHands((hands) => {
      me.trying(() => {
        thing.bring(hands);
      });
    });
  } else {
    const room = where.toLowerCase() === 'here' ? here : (ownRoom(me, where).capability as OwnRoom);
    me.trying(() => {
      thing.bring(room.floor());
    });
  }
  me.say(capital(`${the(noun.name)} is there.`));
}

function ownRoom(me: Player, typed: string): Owned {
  return meantOwned(me, typed, 'floor', (words) => `You have no room "${words}" of your own.`);
}

/** What he means of all that he keeps. Of what has the same name, what is his own counts: others give him what they like. */
function meantOwned(me: Player, typed: string, method: string, missing?: (words: string) => string): Owned {
  const all = owned(me, method);
  const his = all.filter(({ own }) => own);
  return meant(typed, findNoun(typed, his).kind === 'none' ? all : his, missing);
}

function destroyOwn(me: Player, rest: string): void {
  if (/^\d+$/.test(rest)) {
    destroyAside(me, Number(rest));
    return;
  }
  const noun = own(me, rest);
  const mine = needed<Pick<OwnThing, 'dispose'>>(me, noun, 'dispose');
  const { view } = me;
  const way = view.exits.some(({ thing }) => thing === noun.thing);
  me.trying(() => {
    if (way && admits(mine, 'passage')) {
      const ground = needed<Building>(me, { thing: view.at, name: view.name }, 'removeExit');
      ground.removeExit((mine as unknown as OwnExit).passage());
    }
    mine.dispose();
    if (isLive(mine)) throw fail('Refused', `${the(noun.name)} does not let itself be destroyed.`);
  });
  me.ring?.drop(noun.thing);
  me.say(capital(`${way ? `the way ${noun.name}` : the(noun.name)} is no more.`));
}

/** Something of his, near or far. */
function own(me: Player, typed: string): Pick<Reached, 'thing' | 'name'> {
  if (typed === '') throw new Sorry('Destroy what?');
  const far = owned(me, 'dispose');
  try {
    return meantTruly(me, typed);
  } catch (problem) {
    if (!(problem instanceof Sorry) || far.length === 0) throw problem;
    return meantOwned(me, typed, 'dispose');
  }
}
