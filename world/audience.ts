import { attempt, fail, type AnyCap } from '../engine/authoring.ts';
import { tellEach, type Content } from './contents.ts';
import { isLikeAPlayerDoing, isLikeSpeech } from './likeness.ts';
import type { Holder, Spot } from './place.ts';
import type { Occupant } from './room-record.ts';
import { the } from './words.ts';

/** What is to be heard in a room, and who does not hear it. */
interface Heard {
  readonly text: string;
  /** Where it comes from: whoever that is has been told already. */
  readonly from: Spot | null;
  readonly except?: Occupant | undefined;
  /** For speech: the words alone, and whose they are. */
  readonly speech?: { readonly said: string; readonly by: AnyCap };
}

/**
 * Awake people from whom on nobody is told of each change of the room: they see it when they look. To show it to all of a crowd
 * would be more than one turn may put out.
 */
const CROWD = 200;

/** Characters that all listeners together are told at once: a little less than a turn may put out. */
const MOST_HEARD = 900_000;

/** Tells everybody awake, and of speech also the things that listen. Throws `TooLong` for speech that is too long for so many. */
export function tellAll(
  people: readonly Occupant[],
  things: readonly Content[],
  { text, from, except, speech }: Heard,
): void {
  const listeners = people.filter((each) => each.awake && each.spot !== from && each !== except);
  if (speech === undefined) {
    const heard = shortened(text, listeners.length);
    tellPeople(listeners, ({ holder }) => {
      holder.hear(heard);
    });
    return;
  }
  if (text.length * listeners.length > MOST_HEARD)
    throw fail('TooLong', 'There are too many people here to hear so long a speech. Say it in parts.');
  const { said, by } = speech;
  const hear = ({ holder }: { readonly holder: Holder }) => {
    holder.hear(text, said, by);
  };
  tellPeople(listeners, hear);
  const ears = things.filter((each) => each.listens);
  tellEach(
    ears.filter(({ strange }) => strange !== true),
    hear,
  );
  tellStrangers(
    ears.filter(({ strange }) => strange === true),
    hear,
  );
}

/** Tells everybody awake, but for the one at `from`, and lets all of them know that the room looks different now. */
export function showAll(people: readonly Occupant[], { text, from }: Pick<Heard, 'text' | 'from'>): void {
  const awake = people.filter((each) => each.awake);
  if (awake.length === 0) return;
  const heard = shortened(text, awake.length);
  if (awake.length <= CROWD) {
    tellPeople(awake, (each) => {
      each.holder.witness(each.spot === from ? '' : heard);
    });
    return;
  }
  for (const each of awake) {
    if (each.spot === from)
      tellEach([each], ({ holder }) => {
        holder.witness('');
      });
  }
  if (heard === '') return;
  tellPeople(
    awake.filter((each) => each.spot !== from),
    ({ holder }) => {
      holder.hear(heard);
    },
  );
}

/** Players hear what they are told; whom somebody wrote may do anything, and must not spoil it for the others. */
function tellPeople(people: readonly Occupant[], tell: (each: Occupant) => void): void {
  tellEach(
    people.filter(({ kind }) => kind === undefined),
    tell,
  );
  tellStrangers(
    people.filter(({ kind }) => kind !== undefined),
    tell,
  );
}

/** They come last, and in an attempt more: they may do as much as they can in theirs, and what comes next is to be heard by all others. */
function tellStrangers<T>(strangers: readonly T[], tell: (each: T) => void): void {
  if (strangers.length > 0) attempt(() => tellEach(strangers, tell));
}

function shortened(text: string, listeners: number): string {
  const most = Math.floor(MOST_HEARD / Math.max(1, listeners));
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** What something is called, to be told of what somebody does with it: it was not he who chose the name. */
export function inADeed(name: string, article: (name: string) => string = the): string {
  return isLikeSpeech(name) ? 'something' : article(name);
}

/** What a thing lets be heard; if it could be taken for what a player does, it is said where it comes from. */
export function inOwnVoice(text: string, name: string): string {
  return notByAPlayer(text, `${name === the(name) ? 'something that is called ' : ''}${the(name)}`);
}

/** The same of each line of what it tells somebody who has looked at it, or done something with it. */
export function pageInOwnVoice(text: string, name: string): string {
  return text
    .split('\n')
    .map((each) => inOwnVoice(each, name))
    .join('\n');
}

/** A text that no player said, with where it comes from before it, if it could be taken for what one does. */
export function notByAPlayer(text: string, source: string): string {
  return isLikeAPlayerDoing(text) ? `(From ${source}:) ${text}` : text;
}
