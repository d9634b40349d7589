import { nameOf } from './front.ts';
import { findNoun, wordsOfNoun } from './nouns.ts';
import type { Holder, Seen, View } from './place.ts';
import type { Player } from './player.ts';
import { Sorry } from './sorry.ts';
import { strangerBehind } from './stranger.ts';
import { list, the } from './words.ts';

/** Where something is that a player can mean. */
export type Where = 'hands' | 'floor' | 'person' | 'exit' | 'self' | 'here';

/** Something that a player can mean. */
export interface Reached extends Seen {
  readonly where: Where;
  /** Only for what he holds himself. */
  readonly holder?: Holder;
}

/** All that a player can mean where he is, in the order in which "first" and "second" count. */
export function reach(me: Player, view: View = me.view): readonly Reached[] {
  return [
    ...hands(me),
    ...view.things.map(({ thing, name, also }): Reached => ({ thing, name, also, where: 'floor' })),
    ...view.people.map(({ thing, name, also }): Reached =>
      thing === me.self
        ? { thing, name, also: ['me', 'myself', 'self'], where: 'self' }
        : { thing, name, also, where: 'person' },
    ),
    ...view.exits.map(({ thing, name, also }): Reached => ({ thing, name, also, where: 'exit' })),
    { thing: view.at, name: view.name, also: ['here', 'room'], where: 'here' },
  ];
}

function hands(me: Player): readonly Reached[] {
  return me.carried.map(({ thing, name, also, holder }) => ({ thing, name, also, holder, where: 'hands' }));
}

/** The one of `pool` that is meant. Throws Sorry with what is wrong, saying `missing` if there is none. */
export function meant<T extends Seen>(
  typed: string,
  pool: readonly T[],
  missing?: (words: string) => string,
): T {
  const found = findNoun(typed, pool);
  if (found.kind === 'one') return found.noun;
  if (found.kind === 'none')
    throw new Sorry(missing?.(found.words) ?? `You see no "${found.words}" here.`, 'NotFound');
  throw new Sorry(`I don't know which ${found.words} you mean: ${choices(found.nouns)}?`, 'Ambiguous');
}

/** Words that mean nothing else, whatever things and people may be called. */
const OWN_WORDS: ReadonlyMap<string, Where> = new Map([
  ['me', 'self'],
  ['myself', 'self'],
  ['here', 'here'],
]);

/** What is meant out of all in reach; from then on it is "it". */
export function meantHere(me: Player, typed: string, ...wheres: readonly Where[]): Reached {
  if (typed === '') throw new Sorry('What do you mean?');
  const inHands = wheres.length === 1 && wheres[0] === 'hands';
  const all = inHands ? hands(me) : reach(me);
  const pool = wheres.length === 0 ? all : all.filter(({ where }) => wheres.includes(where));
  if (typed.toLowerCase() === 'it') {
    const same = pool.find(({ thing }) => thing === me.it);
    if (same === undefined) throw new Sorry('I don\'t know what you mean by "it".');
    return same;
  }
  const own = OWN_WORDS.get(typed.toLowerCase());
  const mine = own === undefined ? undefined : pool.find(({ where }) => where === own);
  if (mine !== undefined) {
    me.remember(mine.thing);
    return mine;
  }
  const missing =
    wheres.length === 1 && wheres[0] === 'hands' ? (words: string) => `You have no "${words}".` : undefined;
  const found = meant(typed, pool, missing);
  refuseInPlaceOf(me, typed, found);
  me.remember(found.thing);
  return found;
}

/** Throws Sorry for somebody who is called otherwise than what was typed, where that is a player's name: he is not here. */
function refuseInPlaceOf(me: Player, typed: string, { where, name }: Reached): void {
  if (where !== 'person') return;
  const words = wordsOfNoun(typed);
  const absent = name.toLowerCase() === words ? undefined : me.known(words);
  if (absent !== undefined) throw new Sorry(`${absent} is not here.`, 'NotFound');
}

/**
 * The same for what he does with the thing itself, and not by way of the room: one that a stranger wrote shows what it likes under
 * any name, and would have him unmake, or stop, what he did not mean. Throws Sorry where that calls itself something else.
 */
export function meantTruly(me: Player, typed: string): Reached {
  const noun = meantHere(me, typed);
  refuseMisnamed(me, noun);
  return noun;
}

/** Throws Sorry for what a stranger's room shows by a name that is not its own. What tells no name is taken for what it is called. */
export function refuseMisnamed(
  me: Player,
  { thing, name, where }: Pick<Reached, 'thing' | 'name' | 'where'>,
): void {
  if (where === 'hands' || where === 'self' || strangerBehind(me.here, me.name()) === null) return;
  const own = nameOf(thing)?.toLowerCase();
  const shown = name.toLowerCase();
  if (own === undefined || own === shown || (where === 'person' && shown.startsWith(`${own} (`))) return;
  throw new Sorry(
    `What is shown here as ${the(name)} calls itself "${own}". Nobody has approved this room: do that somewhere else.`,
  );
}

/**
 * A person who is meant: neither a thing of the same name comes between, nor somebody whose name only begins so, or has an article.
 * Throws Sorry, with `instead` for what is no person.
 */
export function meantPerson(me: Player, typed: string, instead: (noun: Reached) => string): Reached {
  const people = typed.toLowerCase() === 'it' ? [] : reach(me).filter(({ where }) => where === 'person');
  const words = wordsOfNoun(typed);
  const called = people.filter(({ name }) => name.toLowerCase() === words);
  const named = findNoun(typed, called.length > 0 ? called : people);
  const noun = named.kind === 'one' ? named.noun : meantHere(me, typed);
  if (noun.where !== 'person') throw new Sorry(instead(noun));
  if (named.kind === 'one') refuseInPlaceOf(me, typed, noun);
  me.remember(noun.thing);
  return noun;
}

/** Names that one question asks about: a hundred could be meant where many sleep. */
const MOST_CHOICES = 10;

function choices(nouns: readonly Seen[]): string {
  const distinct = [...new Set(nouns.map(({ name }) => the(name)))];
  const others = distinct.length - MOST_CHOICES;
  const named =
    others > 1
      ? list([...distinct.slice(0, MOST_CHOICES), `one of ${others} others`], 'or')
      : list(distinct, 'or');
  return distinct.length === nouns.length ? named : `${named} (say "first" or "second" with it)`;
}
