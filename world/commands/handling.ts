import { attempt, fail, isLive } from '../../engine/authoring.ts';
import { inADeed } from '../audience.ts';
import { contentsOf } from './looking.ts';
import { splitAt } from '../parse.ts';
import type { Entry, Holder } from '../place.ts';
import type { Player } from '../player.ts';
import { meant, meantHere, meantPerson, type Reached } from '../reach.ts';
import { Sorry } from '../sorry.ts';
import { strangerBehind } from '../stranger.ts';
import { a, capital, the } from '../words.ts';
import type { Commands } from './command.ts';

export const HANDLING: Commands = {
  get: { usage: 'get THING (take)', does: 'takes it; "get all", "get THING from BOX"', run: get },
  drop: {
    usage: 'drop THING',
    does: 'lets go of it; "drop all"; "drop THING for good", if a stranger wrote it and it will not be dropped',
    run: drop,
  },
  put: { usage: 'put THING in BOX', does: 'puts it in', run: put },
  give: { usage: 'give THING to PERSON', does: 'gives it, if it is taken', run: give },
};

function get(me: Player, rest: string): void {
  if (rest === '') throw new Sorry('Take what?');
  const sides = splitAt(rest, ['from', 'out'], 'last');
  if (sides !== undefined) {
    getFrom(me, sides.left, sides.right.replace(/^of /, ''));
    return;
  }
  const { here } = me;
  const takeOne = (noun: Noun): void => {
    takeInto(me, noun, (hands) => {
      here.take(here, noun.thing, hands);
    });
    me.say(`You take ${the(noun.name)}.`);
  };
  if (rest.toLowerCase() === 'all') {
    eachOf(me, me.view.things, 'There is nothing here to take.', takeOne);
    return;
  }
  const noun = meantHere(me, rest);
  if (noun.where === 'hands') throw new Sorry(`You have ${the(noun.name)} already.`);
  if (noun.where !== 'floor') throw new Sorry(`You cannot pick up ${the(noun.name)}.`);
  takeOne(noun);
}

function getFrom(me: Player, typed: string, boxTyped: string): void {
  const { here } = me;
  const box = meantHere(me, boxTyped, 'hands', 'floor');
  const all = typed.toLowerCase() === 'all';
  const inside = contentsOf(me, box, all ? undefined : typed)?.some;
  if (inside === undefined) throw new Sorry(`Nothing comes out of ${the(box.name)}.`);
  const takeOne = (noun: Noun, out: string): void => {
    takeInto(me, noun, (hands) => {
      if (box.holder === undefined) here.takeFrom(here, box.thing, noun.thing, hands);
      else box.holder.takeOut(noun.thing, hands);
    });
    if (box.holder === undefined) me.shows(`takes something out of ${inADeed(box.name)}`);
    me.say(`You take ${the(noun.name)}${out}.`);
  };
  if (all) {
    eachOf(me, inside, `There is nothing in ${the(box.name)}.`, (noun) => {
      takeOne(noun, '');
    });
    return;
  }
  const noun = meant(typed, inside, (words) => `There is no "${words}" in ${the(box.name)}.`);
  me.remember(noun.thing);
  takeOne(noun, ` out of ${the(box.name)}`);
}

function drop(me: Player, rest: string): void {
  if (rest === '') throw new Sorry('Drop what?');
  const forGood = /^(.+) for good$/i.exec(rest)?.[1]?.trim();
  const typed = forGood ?? rest;
  const { here } = me;
  const dropOne = ({ thing, name }: Noun): void => {
    const { holder } = me.inHand(thing);
    try {
      outOfHand(me, { thing, name }, () => here.floor());
    } catch (problem) {
      if (!(problem instanceof Sorry) || !me.carries(thing) || !isStrangers(me, holder)) throw problem;
      if (forGood === undefined)
        throw new Sorry(`${problem.message} "drop ${name} for good" lets go of it: nobody has it then.`);
      me.letGo(thing);
      me.say(`You let go of ${the(name)}, which is nowhere now.`);
      return;
    }
    me.shows(`drops ${inADeed(name)}`);
    me.say(`You drop ${the(name)}.`);
  };
  if (typed.toLowerCase() === 'all') eachOf(me, me.carried, 'You carry nothing.', dropOne);
  else dropOne(meantHere(me, typed, 'hands'));
}

/** Whether a stranger wrote what acts for a thing, or has ended that: it may fill hands, and never leave them. */
function isStrangers(me: Player, holder: Holder): boolean {
  const stranger = attempt(() => strangerBehind(holder, me.name()));
  return !stranger.ok || stranger.value !== null;
}

function put(me: Player, rest: string): void {
  const sides = splitAt(rest, ['in', 'into', 'inside'], 'last');
  if (sides === undefined) throw new Sorry('Put what in what? Like this: put lamp in box.');
  const noun = meantHere(me, sides.left, 'hands');
  const box = meantHere(me, sides.right, 'hands', 'floor');
  const { here, self } = me;
  outOfHand(me, noun, () =>
    box.holder === undefined ? here.mouthOf(here, box.thing) : box.holder.opening(self),
  );
  me.shows(`puts ${inADeed(noun.name)} in ${inADeed(box.name)}`);
  me.say(`You put ${the(noun.name)} in ${the(box.name)}.`);
}

function give(me: Player, rest: string): void {
  const sides = splitAt(rest, ['to'], 'last');
  if (sides === undefined) throw new Sorry('Give what to whom? Like this: give lamp to Ada.');
  const noun = meantHere(me, sides.left, 'hands');
  const person = meantPerson(me, sides.right, ({ name }) => `You cannot give anything to ${the(name)}.`);
  const { here } = me;
  outOfHand(me, noun, () => here.mouthOf(here, person.thing));
  const { name } = noun;
  me.shows(`gives ${inADeed(name)} to ${person.name}`, person.thing, `gives you ${inADeed(name, a)}`);
  me.say(`You give ${the(noun.name)} to ${person.name}.`);
}

/** Moves one thing out of his hands, or throws Sorry. */
function outOfHand(me: Player, { thing, name }: Noun, into: () => Entry): void {
  me.tryingOn(thing, () => {
    const entry = into();
    const { holder, spot } = me.inHand(thing);
    holder.moveTo(entry);
    // Where it has gone it may have been given back at once.
    if (me.carries(thing) && me.inHand(thing).spot === spot)
      throw fail('Refused', `${capital(the(name))} does not leave your hands.`);
  });
}

/** Takes one thing into his hands, or throws Sorry. */
function takeInto(me: Player, noun: Noun, take: (hands: Entry) => void): void {
  me.withHands((hands) => {
    me.tryingOn(noun.thing, () => {
      take(hands);
    });
  });
  // A box strikes out what has ceased to exist, and one that somebody wrote may give something else or nothing.
  if (me.carries(noun.thing)) return;
  throw new Sorry(isLive(noun.thing) ? 'You do not get hold of it.' : 'There is nothing left of it.');
}

type Noun = Pick<Reached, 'thing' | 'name'>;

/** Does it with each with which it can be done, and says of each what came of it. */
function eachOf(me: Player, nouns: readonly Noun[], none: string, act: (noun: Noun) => void): void {
  if (nouns.length === 0) throw new Sorry(none);
  for (const noun of nouns) {
    try {
      act(noun);
    } catch (problem) {
      if (!(problem instanceof Sorry)) throw problem;
      me.say(`${capital(the(noun.name))}: ${problem.message}`);
    }
  }
}
