import { attempt, isLive, type BankCap } from '../../engine/authoring.ts';
import { nameOf } from '../front.ts';
import { admits, type Kept } from '../keyring.ts';
import { visible } from '../listing.ts';
import type { OwnBank } from '../own-bank.ts';
import type { Player } from '../player.ts';
import { meantPerson } from '../reach.ts';
import { Sorry } from '../sorry.ts';
import { byWayOf, refuseToHandOver } from '../stranger.ts';
import { line, the } from '../words.ts';
import type { Commands } from './command.ts';

export const BANKING: Commands = {
  '@bank': {
    usage: '@bank',
    does:
      'tells how much more your bank pays for. "@bank split 50 for PERSON" gives somebody here a bank with a part of it, ' +
      'and "@bank reclaim PERSON" takes back what is left there; ' +
      '"@bank use PERSON" lets a bank pay that somebody gave you, and "@bank use mine" your own again',
    run: bank,
  },
  '@aside': {
    usage: '@aside [N]',
    does: 'lists what your bank pays for and what was set aside because it ran too long again and again; with N, tells what is in it',
    run: aside,
  },
  '@mend': { usage: '@mend N', does: 'lets what was set aside go on; "@destroy N" unmakes it', run: mend },
};

function bank(me: Player, typed: string): void {
  const [, amount, receiver] = /^split (\d{1,9}) (?:for|to|with) (.+)$/i.exec(typed) ?? [];
  const [, what, person] = /^(reclaim|use) (?:from )?(.+)$/i.exec(typed) ?? [];
  if (receiver !== undefined) split(me, Number(amount), receiver);
  else if (person !== undefined && what?.toLowerCase() === 'reclaim') reclaim(me, person);
  else if (person !== undefined) use(me, person);
  else if (typed !== '')
    throw new Sorry('Like this: @bank, @bank split 50 for Ada, @bank reclaim Ada, @bank use Ada.');
  else tell(me);
}

/** As many as a bank tells of. */
const MOST_ASIDE = 100;

function tell(me: Player): void {
  const lines = [`Your bank pays for ${objects(me.ownBank.balance())}.`];
  for (const { name, capability } of given(me)) {
    const left = attempt(() => objects((capability as BankCap).balance()));
    const now = capability === me.payer ? ' It pays now.' : '';
    if (left.ok) lines.push(`The one that ${name} gave you pays for ${left.value}.${now}`);
  }
  const many = admits(me.ownBank, 'aside') ? (me.ownBank as OwnBank).aside().length : 0;
  const some = many < MOST_ASIDE ? `${many}` : `${many} or more`;
  if (many > 0)
    lines.push(`Of what it paid for, ${some} ${many === 1 ? 'is' : 'are'} set aside: "@aside" lists them.`);
  me.say(lines.join('\n'));
}

function split(me: Player, amount: number, typed: string): void {
  const own = answering(me);
  const person = meantPerson(me, typed, ({ name }) => `You cannot give a bank to ${the(name)}.`);
  if (amount < 1) throw new Sorry('A bank with nothing in it pays for nothing.');
  const { here, self } = me;
  refuseToHandOver(here, me.name());
  const note = `bank of ${amount}`;
  const made = me.trying(() => {
    const part = own.split(amount);
    here.deliver(here, person.thing, self, part.spending(), note);
    return part;
  });
  me.lent(person.thing, made, note, person.name);
  const called = `${me.name()}${byWayOf(here, person.name)}`;
  me.shows('', person.thing, `gives you a bank that pays for ${objects(amount)}: "@bank use ${called}"`);
  me.say(
    `You give ${person.name} a bank that pays for ${objects(amount)}. "@bank reclaim ${person.name}" takes it back.`,
  );
}

function reclaim(me: Player, typed: string): void {
  const own = answering(me);
  const name = typed.toLowerCase();
  const parts = (me.ring?.list() ?? []).filter(
    ({ lentTo, capability }) => lentTo.toLowerCase() === name && admits(capability, 'spending'),
  );
  if (parts.length === 0) throw new Sorry(`You gave no bank to "${typed}".`, 'NotFound');
  let amount = 0;
  for (const { capability } of parts) {
    amount += me.trying(() => own.reclaim(capability));
    me.ring?.drop(capability);
  }
  me.say(`You take back what was left: ${objects(amount)}. What it paid for stays.`);
}

function use(me: Player, typed: string): void {
  const name = typed.toLowerCase();
  if (name === 'mine') me.payer = null;
  else {
    const from = given(me).filter((each) => each.name.toLowerCase() === name);
    const banks = from.map(({ capability }) => capability as BankCap);
    const bank = banks.findLast((each) => attempt(() => each.pay(0)).ok) ?? banks.at(-1);
    if (bank === undefined) throw new Sorry(`You have no bank from "${typed}".`, 'NotFound');
    me.trying(() => {
      bank.pay(0); // one that was taken back says so
    });
    me.payer = bank;
  }
  me.say(name === 'mine' ? 'Your own bank pays from now on.' : `The bank from ${typed} pays from now on.`);
}

/**
 * Banks that others gave him. What one is said to be on may be anybody; who gave it the room has noted, behind what he himself
 * said of it: all of that is his name here, so that it is not another's.
 */
function given(me: Player): readonly (Kept & { readonly name: string })[] {
  return (me.ring?.list() ?? [])
    .filter(({ lentTo, capability }) => lentTo === '' && admits(capability, 'pay') && isLive(capability))
    .map((each) => ({ ...each, name: /, from (.+)$/.exec(each.note)?.[1] ?? nameOf(each.on) ?? 'somebody' }));
}

function aside(me: Player, typed: string): void {
  const own = answering(me);
  if (typed !== '') {
    me.show(visible(me.trying(() => own.show(numberIn(typed)))));
    return;
  }
  const all = own.aside();
  if (all.length === 0) {
    me.say('Nothing of yours is set aside.');
    return;
  }
  const lines = all.map(
    ({ number, className, code, message }) => `  ${number}: ${className}, ${code}: ${line(message)}`,
  );
  me.show(
    `Set aside, and taking no calls:\n${lines.join('\n')}${all.length < MOST_ASIDE ? '' : MORE}\n"@aside N" tells more of one, "@mend N" lets it go on, "@destroy N" unmakes it.`,
  );
}

const MORE = '\n  There may be more: one that you deal with makes room for the next.';

function mend(me: Player, typed: string): void {
  const own = answering(me);
  const number = numberIn(typed);
  me.trying(() => {
    own.mend(number);
  });
  me.say(`Number ${number} takes calls again.`);
}

/** Unmakes something that is set aside, which cannot be asked to end by itself. */
export function destroyAside(me: Player, number: number): void {
  const own = answering(me);
  let left = 0;
  me.trying(() => {
    left = own.destroyAside(number);
  });
  if (left === 0) me.say(`Number ${number} is no more.`);
  else me.say(`Of what number ${number} keeps, ${left} are left: more than go at once. Say that again.`);
}

/** His own bank, if it is one that he answers for. */
function answering(me: Player): OwnBank {
  const { ownBank } = me;
  if (!admits(ownBank, 'aside')) throw new Sorry('Your bank only pays: it is older than what you ask of it.');
  return ownBank as OwnBank;
}

function numberIn(typed: string): number {
  if (!/^\d{1,15}$/.test(typed))
    throw new Sorry('Which one? "@aside" lists what is set aside, with its numbers.');
  return Number(typed);
}

/** Throws for what is no amount: what somebody was given may be no bank, and say anything. */
function objects(amount: number): string {
  if (typeof amount !== 'number') throw new TypeError('That is no amount.');
  return `${amount} more ${amount === 1 ? 'object' : 'objects'}`;
}
