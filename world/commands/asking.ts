import { attempt, attenuate, revoke, type AnyCap } from '../../engine/authoring.ts';
import type { KeyHolder } from '../key.ts';
import { admits, type Kept } from '../keyring.ts';
import type { Unlocking } from '../lock.ts';
import type { Locked } from '../locked-exit.ts';
import { splitAt, unquoted } from '../parse.ts';
import type { Player } from '../player.ts';
import { meantHere, type Reached } from '../reach.ts';
import { Sorry } from '../sorry.ts';
import type { Front } from '../thing.ts';
import { line, list, page, the } from '../words.ts';
import type { Commands } from './command.ts';

export const ASKING: Commands = {
  ask: {
    usage: 'ask THING for CAPABILITY',
    does: 'asks it for one; what it gives goes on your keyring',
    run: ask,
  },
  keyring: { usage: 'keyring', does: 'tells what capabilities you keep', run: keyring },
  forget: { usage: 'forget THING', does: 'lets go of all capabilities that you keep on it', run: forget },
  unlock: { usage: 'unlock DOOR [with KEY]', does: 'tries what you have that unlocks', run: unlock },
  '@lend': {
    usage: '@lend VERB on THING to PERSON',
    does: 'gives a part of what you may do with it: describe, rename, teleport, build',
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
    const name = attempt(() => (each.on as Front).name());
    if (name.ok) named.push({ ...each, thing: each.on, name: line(name.value), also: [] });
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
  const given = me.tryingOn(noun.thing, () => (noun.thing as Front).requestCapability(what, self));
  me.keep(noun.thing, given, what);
  me.say(
    `${noun.where === 'here' ? 'The place' : `You ask ${the(noun.name)}, which`} gives you "${what}". It is on your keyring.`,
  );
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
    ({ name, note, lentTo }) => `  ${name}: ${line(note)}${lentTo === '' ? '' : `, lent to ${lentTo}`}`,
  );
  me.say(`On your keyring:\n${lines.join('\n')}`);
}

function forget(me: Player, rest: string): void {
  const first = owned(me).find(({ name }) => name.toLowerCase() === unquoted(rest).toLowerCase());
  if (first === undefined) throw new Sorry(`There is nothing called "${rest}" on your keyring.`);
  me.ring?.drop(first.on);
  me.say(`You let go of what you kept on ${the(first.name)}.`);
}

/** A door opens to a capability, wherever one comes from: off the ring, or out of a key that he carries. */
function unlock(me: Player, rest: string): void {
  const sides = splitAt(rest, ['with'], 'last');
  const door = meantHere(me, sides?.left ?? rest);
  if (!admits(door.thing, 'present')) throw new Sorry(`${the(door.name)} has no lock.`);
  const keys = sides === undefined ? keysOf(me) : [lentBy(me, meantHere(me, sides.right, 'hands'))];
  if (keys.length === 0) throw new Sorry('You have nothing that unlocks anything.');
  let told = '';
  for (const key of keys) {
    told = page(me.tryingOn(door.thing, () => (door.thing as Locked).present(key)));
    if (!(door.thing as Locked).isLocked()) break;
  }
  me.say(told);
}

/** All that may unlock something: what it unlocks shows when it is tried. */
function keysOf(me: Player): readonly Unlocking[] {
  const kept = owned(me, 'unlock').map(({ capability }) => capability as Unlocking);
  const carried = me.carried.filter(({ holder }) => admits(holder, 'lend')).map((noun) => lentBy(me, noun));
  return [...carried, ...kept];
}

function lentBy(me: Player, noun: Pick<Reached, 'thing' | 'name'>): Unlocking {
  const holder = me.inHand(noun.thing).holder as unknown as KeyHolder;
  if (!admits(holder, 'lend')) throw new Sorry(`${the(noun.name)} is no key.`);
  return me.tryingOn(noun.thing, () => holder.lend(me.self));
}

function lend(me: Player, rest: string): void {
  const help = `Lend what on what to whom? Like this: @lend describe on lamp to Ada. You can lend: ${list(Object.keys(LENDABLE))}.`;
  const to = splitAt(rest, ['to'], 'last');
  const on = to === undefined ? undefined : splitAt(to.left, ['on']);
  if (to === undefined || on === undefined) throw new Sorry(help);
  const verb = on.left.toLowerCase();
  const methods = Object.hasOwn(LENDABLE, verb) ? LENDABLE[verb] : undefined;
  if (methods === undefined) throw new Sorry(help);
  const noun = meantHere(me, on.right);
  const person = meantHere(me, to.right, 'person');
  const [method = ''] = methods;
  const mine = needed<Record<string, () => void>>(me, noun, method);
  const { here } = me;
  const lent = me.trying(() => {
    const made = attenuate(mine, { only: methods, for: person.name });
    here.deliver(here, person.thing, noun.thing, made, `${verb}, lent`);
    return made;
  });
  me.lent(noun.thing, lent, verb, person.name);
  here.show(here, '', person.thing, `lets you ${verb} ${the(noun.name)}. It is on your keyring`);
  me.say(`You let ${person.name} ${verb} ${the(noun.name)}. "@recall ${noun.name}" ends it.`);
}

function recall(me: Player, rest: string): void {
  const noun = meantHere(me, rest);
  const lent = owned(me).filter(({ on, lentTo }) => on === noun.thing && lentTo !== '');
  if (lent.length === 0) throw new Sorry(`You lent nothing on ${the(noun.name)}.`);
  for (const each of lent) {
    const above = owned(me).filter(({ on, lentTo }) => on === noun.thing && lentTo === '');
    for (const { capability } of above) attempt(() => revoke(capability, each.capability));
    me.ring?.drop(each.capability);
  }
  me.say(
    `You take back what you lent on ${the(noun.name)}: ${list([...new Set(lent.map(({ lentTo }) => lentTo))])} can use it no more.`,
  );
}
