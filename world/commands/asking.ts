import { attempt, attenuate, isLive, revoke, type AnyCap } from '../../engine/authoring.ts';
import { pageInOwnVoice } from '../audience.ts';
import { ownClass, writtenClass } from '../class-ring.ts';
import { nameOf } from '../front.ts';
import type { KeyHolder } from '../key.ts';
import { admits, type Kept } from '../keyring.ts';
import type { Unlocking } from '../lock.ts';
import type { Locked } from '../locked-exit.ts';
import { findNoun } from '../nouns.ts';
import { splitAt, unquoted } from '../parse.ts';
import type { Player } from '../player.ts';
import { meantHere, meantPerson, meantTruly, type Reached } from '../reach.ts';
import { isCapability } from '../sight.ts';
import { Sorry } from '../sorry.ts';
import { refuseToHandOver, strangerBehind } from '../stranger.ts';
import type { Front } from '../thing.ts';
import { keptWizardry, LENDABLE_WIZARDRY } from '../wizard.ts';
import { line, list, page, the } from '../words.ts';
import type { Commands } from './command.ts';

export const ASKING: Commands = {
  ask: {
    usage: 'ask THING for CAPABILITY',
    does: 'asks it for one; what it gives goes on your keyring',
    run: ask,
  },
  keyring: { usage: 'keyring', does: 'tells what capabilities you keep', run: keyring },
  forget: {
    usage: 'forget THING',
    does: 'lets go of the capabilities that you were given on it, and with "forget THING for good" of your own; "forget all", of all that you were given on anything',
    run: forget,
  },
  unlock: { usage: 'unlock DOOR [with KEY]', does: 'tries what you have that unlocks', run: unlock },
  '@lend': {
    usage: '@lend VERB on THING to PERSON',
    does: 'gives a part of what you may do with it: describe, rename, teleport, build; with a class of yours, make or extend; on Storage, what "help wizardry" lists',
    run: lend,
  },
  '@recall': { usage: '@recall THING', does: 'revokes all that you lent on it', run: recall },
};

/** What can be lent, and the methods that it needs. */
const LENDABLE: Readonly<Record<string, readonly string[]>> = {
  describe: ['redescribe'],
  rename: ['rename'],
  teleport: ['bring'],
  build: ['doorway', 'addExit', 'removeExit'],
};

/** What can be lent on a class. All of it can be read by everybody. */
const READING = ['name', 'author', 'current', 'versions', 'source', 'isOpen'];
const LENDABLE_CLASS: Readonly<Record<string, readonly string[]>> = {
  make: ['make', ...READING],
  extend: ['base', ...READING],
};

/** Something that is kept on the ring, with the name that it has now. */
export interface Owned extends Kept {
  readonly thing: AnyCap;
  readonly name: string;
  readonly also: readonly string[];
}

/** What he keeps, newest first, with their names. What has ceased to exist is left out. */
export function owned(me: Player, method?: string): readonly Owned[] {
  const kept = me.ring?.list() ?? [];
  const named: Owned[] = [];
  for (const each of kept) {
    if (method !== undefined && (each.lentTo !== '' || !admits(each.capability, method))) continue;
    const name = nameOf(each.on);
    if (name !== undefined) named.push({ ...each, thing: each.on, name, also: [] });
  }
  return named.toReversed();
}

/** The capability with `method` on something that he needs. Throws Sorry if he has none. */
export function needed<T extends AnyCap>(
  me: Player,
  noun: Pick<Reached, 'thing' | 'name'>,
  method: keyof T & string,
): T {
  const capability = me.holding(noun.thing, method);
  if (capability === undefined)
    throw new Sorry(`You hold nothing that lets you do that with ${the(noun.name)}.`);
  return capability as T;
}

function ask(me: Player, rest: string): void {
  const sides = splitAt(rest, ['for']);
  if (sides === undefined) throw new Sorry('Ask what for what? Like this: ask here for leave to build.');
  const noun = meantHere(me, sides.left);
  const what = unquoted(sides.right).toLowerCase();
  const { self } = me;
  const given = me.tryingOn(noun.thing, () => {
    const answer = (noun.thing as Front).requestCapability(what, self);
    return isCapability(answer)
      ? answer
      : nothing(`${the(noun.name)} gives you nothing that is a capability.`);
  });
  me.keepAsked(noun.thing, given, what);
  const gives = noun.where === 'here' ? 'The place gives you' : `You ask ${the(noun.name)}, and are given`;
  me.say(`${gives} "${what}". It is on your keyring.`);
}

function keyring(me: Player): void {
  const kept = owned(me);
  if (kept.length === 0) {
    me.say(
      'There is nothing on your keyring. Things give capabilities to those who ask: ask THING for CAPABILITY.',
    );
    return;
  }
  const lines = kept.map(
    (each) => `  ${each.name}: ${noteOf(each)}${isLive(each.capability) ? '' : ' (ended)'}`,
  );
  me.show(`On your keyring:\n${lines.join('\n')}`);
}

/** What others wrote must not look like what is his own. */
function noteOf({ own, lentTo, note }: Kept): string {
  if (lentTo !== '') return `${line(note)}, lent to ${lentTo}`;
  if (own) return 'yours';
  return /^yours/i.test(note) ? `given as "${line(note)}"` : line(note);
}

function forget(me: Player, rest: string): void {
  if (rest.toLowerCase() === 'all') {
    forgetAll(me);
    return;
  }
  const sides = splitAt(rest, ['for'], 'last');
  const forGood = sides?.right.toLowerCase() === 'good' ? sides.left : undefined;
  const found = onRing(me, forGood ?? rest);
  const { ring } = me;
  if (forGood !== undefined) {
    const lent = liveLoans(me, found.on);
    ring?.drop(found.on);
    const stays =
      lent.length === 0 ? '' : ` What you lent ${borrowersOf(lent)} you cannot take back any more.`;
    me.say(`You let go of all that you kept on ${the(found.name)}, for good.${stays}`);
    return;
  }
  const own = owned(me).some(({ on, own }) => on === found.on && own);
  if (isLentFromGiven(me, found.on))
    throw new Sorry(
      `You lent something of that on ${the(found.name)}, and could not take it back then: "@recall ${found.name}" first.`,
    );
  const gone = ring?.forget(found.on) ?? 0;
  if (gone === 0 && own) {
    throw new Sorry(
      `${the(found.name)} is your own: without what you keep on it nobody could change it any more. ` +
        `"forget ${found.name} for good" lets go of it all the same.`,
    );
  }
  if (gone === 0)
    throw new Sorry(`You lent something on ${the(found.name)}: "@recall ${found.name}" ends that.`);
  me.say(
    `You let go of what you were given on ${the(found.name)}.${own ? ' What is your own you keep.' : ''}`,
  );
}

/** What others have put there may have a name that nobody can type, or another one each time. */
function forgetAll(me: Player): void {
  const given = (me.ring?.list() ?? []).filter(({ own, lentTo }) => !own && lentTo === '');
  const things = [...new Set(given.map(({ on }) => on))];
  let gone = 0;
  for (const on of things) if (!isLentFromGiven(me, on)) gone += me.ring?.forget(on) ?? 0;
  if (given.length === 0)
    throw new Sorry('There is nothing on your keyring that you were given.', 'NotFound');
  const left = given.length - gone;
  const rest = left === 0 ? '' : ` Of what you have lent you keep ${left}: "@recall" it first.`;
  me.say(`You let go of ${gone} of the capabilities that you were given.${rest}`);
}

/** Whether he lent some of what he was given on something: what a loan was made from is all that can end it. */
function isLentFromGiven(me: Player, on: AnyCap): boolean {
  const isOwn = (me.ring?.list() ?? []).some((each) => each.on === on && each.own);
  return !isOwn && liveLoans(me, on).length > 0;
}

function liveLoans(me: Player, on: AnyCap): readonly Kept[] {
  return (me.ring?.list() ?? []).filter((each) => each.on === on && isLoan(each) && isLive(each.capability));
}

/** Something that is on the ring, by its whole name. */
function onRing(me: Player, typed: string): Owned {
  const words = unquoted(typed).toLowerCase();
  if (words === '') throw new Sorry('Which one on your keyring?');
  const found = owned(me).find(({ name }) => name.toLowerCase() === words);
  return found ?? nothing(`There is nothing called "${unquoted(typed)}" on your keyring.`);
}

/** A door opens to a capability, wherever one comes from: off the ring, or out of a key that he carries. */
function unlock(me: Player, rest: string): void {
  if (rest === '') throw new Sorry('Unlock what?');
  const sides = splitAt(rest, ['with'], 'last');
  const door = meantHere(me, sides?.left ?? rest);
  if (!admits(door.thing, 'present')) throw new Sorry(`${the(door.name)} has no lock.`);
  const keys = sides === undefined ? keysOf(me) : [lentBy(me, meantHere(me, sides.right, 'hands'))];
  if (keys.length === 0) throw new Sorry('You have nothing that unlocks anything.');
  if (sides === undefined && strangerBehind(door.thing, me.name()) !== null)
    throw new Sorry(
      `Nobody has approved ${the(door.name)}, and it might keep what it is shown. Say which key: unlock it with KEY.`,
    );
  let told = '';
  for (const key of keys) {
    const [text, locked] = me.tryingOn(door.thing, () => {
      const answer = pageInOwnVoice(page((door.thing as Locked).present(key)), door.name);
      return [answer, (door.thing as Locked).isLocked()] as const;
    });
    told = text;
    if (!locked) break;
  }
  me.say(told);
}

/** All that may unlock something: what it unlocks shows when it is tried. */
function keysOf(me: Player): readonly Unlocking[] {
  const kept = owned(me, 'unlock').map(({ capability }) => capability as Unlocking);
  const carried = me.carried
    .filter(({ holder }) => admits(holder, 'lend'))
    .map(({ holder }) => attempt(() => (holder as unknown as KeyHolder).lend(me.self)))
    .flatMap((lent) => (lent.ok && isCapability(lent.value) ? [lent.value] : []));
  return [...carried, ...kept];
}

function lentBy(me: Player, noun: Pick<Reached, 'thing' | 'name'>): Unlocking {
  const holder = me.inHand(noun.thing).holder as unknown as KeyHolder;
  if (!admits(holder, 'lend')) throw new Sorry(`${the(noun.name)} is no key.`);
  return me.tryingOn(noun.thing, () => holder.lend(me.self));
}

function lend(me: Player, rest: string): void {
  const help = `Lend what on what to whom? Like this: @lend describe on lamp to Ada. You can lend: ${list([...Object.keys(LENDABLE), ...Object.keys(LENDABLE_CLASS)])}.`;
  const to = splitAt(rest, ['to'], 'last');
  const on = to === undefined ? undefined : splitAt(to.left, ['on']);
  if (to === undefined || on === undefined) throw new Sorry(help);
  const verb = on.left.toLowerCase();
  const lending = lendingOf(me, verb, on.right);
  if (lending === undefined) throw new Sorry(help);
  const person = meantPerson(me, to.right, ({ name }) => `You cannot lend anything to ${the(name)}.`);
  const { here } = me;
  refuseToHandOver(here, me.name());
  const { thing, mine, methods, does } = lending;
  const lent = me.trying(() => {
    const made = attenuate(mine, { only: methods as never[], for: person.name });
    here.deliver(here, person.thing, thing, made, `${verb}, lent`);
    return made;
  });
  me.lent(thing, lent, verb, person.name);
  me.shows('', person.thing, `lets you ${does}. It is on your keyring`);
  me.say(`You let ${person.name} ${does}. "@recall ${lending.name}" ends it.`);
}

/** What is lent on, what of his own the loan is made from, and what may be done with it. */
interface Lending {
  readonly thing: AnyCap;
  readonly name: string;
  readonly mine: AnyCap;
  readonly methods: readonly string[];
  readonly does: string;
}

/** Undefined where nothing can be lent by that name. */
function lendingOf(me: Player, verb: string, typed: string): Lending | undefined {
  if (Object.hasOwn(LENDABLE_WIZARDRY, verb) && typed.toLowerCase() === 'storage') {
    const methods = LENDABLE_WIZARDRY[verb] ?? [];
    const { on, capability } = keptWizardry(me, ...methods);
    return { thing: on, name: 'Storage', mine: capability, methods, does: `use @${verb}` };
  }
  if (Object.hasOwn(LENDABLE_CLASS, verb)) {
    const mine = ownClass(me, typed);
    const methods = LENDABLE_CLASS[verb] ?? [];
    return { thing: writtenClass(me, typed), name: typed, mine, methods, does: `${verb} ${typed}` };
  }
  if (!Object.hasOwn(LENDABLE, verb)) return undefined;
  const methods = LENDABLE[verb] ?? [];
  const { thing, name } = meantHere(me, typed);
  const mine = needed<Record<string, () => void>>(me, { thing, name }, methods[0] ?? '');
  return { thing, name, mine, methods, does: `${verb} ${the(name)}` };
}

function recall(me: Player, rest: string): void {
  if (rest === '') throw new Sorry('Recall what you lent on what?');
  const noun = lentOn(me, rest);
  const kept = (me.ring?.list() ?? []).filter(({ on }) => on === noun.thing);
  const lent = kept.filter(isLoan);
  if (lent.length === 0) throw new Sorry(`You lent nothing on ${the(noun.name)}.`);
  const above = kept.filter(({ lentTo }) => lentTo === '');
  for (const each of lent) {
    for (const { capability } of above) attempt(() => revoke(capability, each.capability));
    if (!isLive(each.capability)) me.ring?.drop(each.capability);
  }
  const back = lent.filter(({ capability }) => !isLive(capability));
  const still = lent.filter(({ capability }) => isLive(capability));
  if (back.length > 0)
    me.say(`You take back what you lent on ${the(noun.name)}: ${borrowersOf(back)} can use it no more.`);
  if (still.length > 0)
    throw new Sorry(
      `You have let go of what you lent ${borrowersOf(still)} from, and cannot take it back without that.`,
    );
}

/** A bank is not revoked but taken back, with what is left in it. */
function isLoan({ lentTo, capability }: Kept): boolean {
  return lentTo !== '' && !admits(capability, 'spending');
}

/** Something near, or anything that he lent something on. */
function lentOn(me: Player, typed: string): Pick<Reached, 'thing' | 'name'> {
  const far = owned(me).filter(({ lentTo }) => lentTo !== '');
  const known = findNoun(
    typed,
    far.filter((each, at) => far.findIndex(({ on }) => on === each.on) === at),
  );
  return known.kind === 'one' ? known.noun : meantTruly(me, typed);
}

function nothing(why: string): never {
  throw new Sorry(why, 'NotFound');
}

function borrowersOf(loans: readonly Kept[]): string {
  return list([...new Set(loans.map(({ lentTo }) => lentTo))]);
}
