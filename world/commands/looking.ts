import { attempt, type AnyCap } from '../../engine/authoring.ts';
import { pageInOwnVoice } from '../audience.ts';
import { directionOf } from '../directions.ts';
import { descriptionOf, phrasesFrom } from '../front.ts';
import { findNoun } from '../nouns.ts';
import { following, splitAt } from '../parse.ts';
import type { Holder, Inventory } from '../place.ts';
import type { Player } from '../player.ts';
import { meantHere, reach, type Reached } from '../reach.ts';
import { clearContents, inventoryInWords } from '../sight.ts';
import { Sorry } from '../sorry.ts';
import type { Front } from '../thing.ts';
import { capital, list, the } from '../words.ts';
import type { Commands } from './command.ts';

const NOTHING: Inventory = { some: [], all: 0 };

export const LOOKING: Commands = {
  look: { usage: 'look (l)', does: 'describes where you are; "look in BOX" looks into it', run: look },
  examine: { usage: 'examine THING (x)', does: 'describes a thing, a person, a way out', run: examine },
  inventory: {
    usage: 'inventory (i)',
    does: 'tells what you carry',
    run: (me) => {
      me.say(me.inventory());
    },
  },
};

/**
 * What is in a box within reach; undefined if it is no box. Of a box with more than can be told of at once, what
 * `about` may mean. Throws Sorry if it cannot be looked into.
 */
export function contentsOf(me: Player, box: Reached, about?: string): Inventory | undefined {
  if (box.where === 'self' || box.where === 'here' || box.where === 'exit' || box.where === 'person')
    return undefined;
  return me.tryingOn(box.thing, () => {
    const told = peekInto(me, box, about);
    return told === undefined ? undefined : clearContents(told);
  });
}

function peekInto(me: Player, { thing, holder }: Reached, about?: string): ReturnType<Holder['peek']> {
  if (holder !== undefined) return about === undefined ? holder.peek() : holder.peek(about);
  return about === undefined ? me.here.lookInto(thing) : me.here.lookInto(thing, about);
}

function look(me: Player, rest: string): void {
  if (rest === '' || rest.toLowerCase() === 'around') {
    me.lookAround(me.view);
    return;
  }
  const into = following(rest, 'in', 'into', 'inside');
  if (into === undefined) {
    examine(me, following(rest, 'at') ?? rest);
    return;
  }
  const box = meantHere(me, into);
  const inside = contentsOf(me, box);
  if (inside === undefined) throw new Sorry(`You cannot look into ${the(box.name)}.`);
  me.say(
    inside.some.length === 0
      ? `${capital(the(box.name))} is empty.`
      : `In ${the(box.name)}: ${inventoryInWords(inside)}.`,
  );
}

function examine(me: Player, rest: string): void {
  if (rest === '') throw new Sorry('Examine what?');
  const from = splitAt(rest, ['in', 'inside'], 'last');
  // A name may have such a word in it: the page's buttons say it whole.
  if (from !== undefined && findNoun(rest, reach(me)).kind === 'none') {
    const box = meantHere(me, from.right, 'hands', 'floor');
    throw new Sorry(`You have to get it out of ${the(box.name)} first.`);
  }
  const noun = meantHere(me, directionOf(rest.toLowerCase()) ?? rest);
  if (noun.where === 'here') {
    me.lookAround();
    return;
  }
  const told = descriptionOf(noun.thing);
  if (!told.ok && told.error.code === 'Gone') me.tryingOn(noun.thing, () => (noun.thing as Front).describe());
  const text =
    told.ok && told.value !== ''
      ? pageInOwnVoice(told.value, noun.name)
      : `There is nothing to be learnt about ${the(noun.name)}.`;
  me.say([text, ...waysToUse(noun.thing), ...insideOf(me, noun)].join('\n'));
}

/** What else can be done with it, if it tells: "(You can pull or lift it; buy something from it.)" */
function waysToUse(thing: AnyCap): readonly string[] {
  const verbsBehind = new Map<string, string[]>();
  for (const phrase of phrasesFrom(thing)) {
    const [verb = '', ...behind] = phrase.split(' ');
    const rest = behind.join(' ');
    const verbs = verbsBehind.get(rest);
    if (verbs === undefined) verbsBehind.set(rest, [verb]);
    else verbs.push(verb);
  }
  if (verbsBehind.size === 0) return [];
  const groups = [...verbsBehind].map(([rest, verbs]) => `${list(verbs, 'or')} ${rest}`.trim());
  return [`(You can ${groups.join('; ')}.)`];
}

function insideOf(me: Player, noun: Reached): readonly string[] {
  if (noun.where !== 'hands' && noun.where !== 'floor') return [];
  const inside = attempt(() => {
    const told = peekInto(me, noun);
    return told === undefined ? NOTHING : clearContents(told);
  });
  if (!inside.ok || inside.value.some.length === 0) return [];
  return [`It holds ${inventoryInWords(inside.value)}.`];
}
