import { attempt, type AnyCap } from '../../engine/authoring.ts';
import { namesOf } from '../contents.ts';
import { directionOf } from '../directions.ts';
import { following, splitAt } from '../parse.ts';
import { SCENE_LENGTH, type Scene, type Seen, type View } from '../place.ts';
import type { Player } from '../player.ts';
import { meantHere, type Reached } from '../reach.ts';
import { Sorry } from '../sorry.ts';
import type { Front } from '../thing.ts';
import { a, capital, list, page, the } from '../words.ts';
import type { Commands } from './command.ts';

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

/** A room as `viewer` sees it. */
export function describeRoom(view: View, description: string, viewer: AnyCap): string {
  const parts = [capital(view.name), description];
  if (view.things.length > 0) parts.push(`You see ${list(view.things.map(({ name }) => a(name)))}.`);
  const others = view.people.filter(({ thing }) => thing !== viewer);
  const awake = others.filter((each) => each.awake).map(({ name }) => name);
  const asleep = others.filter((each) => !each.awake).map(({ name }) => name);
  if (awake.length > 0) parts.push(`${list(awake)} ${awake.length === 1 ? 'is' : 'are'} here.`);
  if (asleep.length > 0) parts.push(`${list(asleep)} ${asleep.length === 1 ? 'is' : 'are'} here, asleep.`);
  parts.push(
    view.exits.length === 0
      ? 'There is no way out.'
      : `Ways out: ${view.exits.map(({ name, to }) => (to === '' ? name : `${name} (${to})`)).join(', ')}.`,
  );
  return parts.filter((part) => part !== '').join('\n');
}

/** The same for clients. */
export function sceneOf(view: View): Scene {
  return {
    room: view.name,
    exits: view.exits.map(({ name, to }) => ({ name, to })),
    people: view.people.slice(0, SCENE_LENGTH).map(({ name }) => name),
    things: namesOf(view.things.slice(0, SCENE_LENGTH)),
  };
}

/** What is in a box within reach; undefined if it is no box. Throws Sorry if it cannot be looked into. */
export function contentsOf(me: Player, box: Reached): readonly Seen[] | undefined {
  if (box.where === 'self' || box.where === 'here' || box.where === 'exit' || box.where === 'person')
    return undefined;
  return me.tryingOn(box.thing, () =>
    box.holder === undefined ? me.here.lookInto(box.thing) : box.holder.peek(),
  );
}

function look(me: Player, rest: string): void {
  if (rest === '' || rest.toLowerCase() === 'around') {
    me.lookAround();
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
    inside.length === 0
      ? `${capital(the(box.name))} is empty.`
      : `In ${the(box.name)}: ${list(inside.map(({ name }) => a(name)))}.`,
  );
}

function examine(me: Player, rest: string): void {
  if (rest === '') throw new Sorry('Examine what?');
  const from = splitAt(rest, ['in', 'inside'], 'last');
  if (from !== undefined && directionOf(rest) === undefined) {
    const box = meantHere(me, from.right, 'hands', 'floor');
    throw new Sorry(`You have to get it out of ${the(box.name)} first.`);
  }
  const noun = meantHere(me, directionOf(rest.toLowerCase()) ?? rest);
  if (noun.where === 'here') {
    me.lookAround();
    return;
  }
  const front = noun.thing as Front;
  const told = attempt(() => front.describe());
  if (!told.ok && told.error.code === 'Gone') me.tryingOn(noun.thing, () => front.describe());
  const text =
    told.ok && told.value !== ''
      ? page(told.value)
      : `There is nothing to be learnt about ${the(noun.name)}.`;
  const sentences = [text, ...verbsOf(front), ...insideOf(me, noun)];
  me.say(sentences.join('\n'));
}

/** What else can be done with it, if it tells. */
function verbsOf(front: Front): readonly string[] {
  const verbs = attempt(() => front.verbs());
  return verbs.ok && verbs.value.length > 0
    ? [`(You can ${list([...verbs.value].slice(0, 12), 'or')} it.)`]
    : [];
}

function insideOf(me: Player, noun: Reached): readonly string[] {
  if (noun.where !== 'hands' && noun.where !== 'floor') return [];
  const { here } = me;
  const inside = attempt(() => (noun.holder === undefined ? here.lookInto(noun.thing) : noun.holder.peek()));
  if (!inside.ok || inside.value === undefined || inside.value.length === 0) return [];
  return [`It holds ${list(inside.value.map(({ name }) => a(name)))}.`];
}
