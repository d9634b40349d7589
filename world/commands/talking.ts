import { splitAt } from '../parse.ts';
import type { Player } from '../player.ts';
import { meantPerson } from '../reach.ts';
import { Sorry } from '../sorry.ts';
import { deed, list } from '../words.ts';
import type { Commands } from './command.ts';

export const TALKING: Commands = {
  say: { usage: 'say TEXT ("TEXT)', does: 'says it to everybody here', run: say },
  emote: { usage: 'emote TEXT (:TEXT)', does: 'does it for everybody to see', run: emote },
  whisper: { usage: 'whisper TEXT to PERSON', does: 'says it to one alone', run: whisper },
  who: { usage: 'who', does: 'tells who is awake', run: who },
  gifts: { usage: 'gifts on, gifts off', does: 'takes what others give you, or does not', run: gifts },
};

function say(me: Player, text: string): void {
  if (text === '') throw new Sorry('Say what?');
  me.inRoom((here) => {
    here.say(here, text);
  });
  me.say(`You say, "${text}"`);
}

function emote(me: Player, text: string): void {
  if (text === '') throw new Sorry('Do what?');
  me.inRoom((here) => {
    here.show(here, text);
  });
  me.say(deed(me.name(), text));
}

function whisper(me: Player, rest: string): void {
  const sides = splitAt(rest, ['to'], 'last');
  if (sides === undefined) throw new Sorry('Whisper what to whom? Like this: whisper hello to Ada.');
  const person = meantPerson(me, sides.right, () => 'Whisper to whom?');
  const { here } = me;
  me.trying(() => {
    here.show(here, `whispers something to ${person.name}`, person.thing, `whispers to you, "${sides.left}"`);
  });
  me.say(`You whisper to ${person.name}, "${sides.left}"`);
}

function who(me: Player): void {
  const names = [...me.who()].sort();
  me.say(names.length === 1 ? 'Nobody is awake but you.' : `Awake: ${list(names)}.`);
}

function gifts(me: Player, rest: string): void {
  if (rest !== '' && rest !== 'on' && rest !== 'off') throw new Sorry('Type "gifts on" or "gifts off".');
  if (rest !== '') me.takesGifts = rest === 'on';
  me.say(me.takesGifts ? 'You take what you are given.' : 'You take no gifts.');
}
