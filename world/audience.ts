import type { AnyCap } from '../engine/authoring.ts';
import { tellEach, type Content } from './contents.ts';
import type { Holder, Scene, Spot } from './place.ts';
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

/** Tells everybody awake, and of speech also the things that listen. */
export function tellAll(
  people: readonly Occupant[],
  things: readonly Content[],
  { text, from, except, speech }: Heard,
): void {
  const listeners: { readonly holder: Holder }[] = [];
  for (const each of people) {
    if (each.awake && each.spot !== from && each !== except) listeners.push(each);
  }
  if (speech === undefined) {
    tellEach(listeners, ({ holder }) => {
      holder.hear(text);
    });
    return;
  }
  const { said, by } = speech;
  for (const each of things) if (each.listens) listeners.push(each);
  tellEach(listeners, ({ holder }) => {
    holder.hear(text, said, by);
  });
}

/** Tells everybody awake, but for the one at `from`, and shows all of them what the room looks like now. */
export function showAll(
  people: readonly Occupant[],
  { text, from }: Pick<Heard, 'text' | 'from'>,
  scene: () => Scene,
): void {
  const awake = people.filter((each) => each.awake);
  if (awake.length === 0) return;
  const now = scene();
  tellEach(awake, (each) => {
    each.holder.witness(each.spot === from ? '' : text, now);
  });
}

/** How the world itself tells that a player said or gave something. */
const LIKE_A_PLAYER_DOING = /^[a-z][a-z0-9-]{1,19} (?:says|whispers|gives|lets)\b/i;

/** What a thing lets be heard; if it could be taken for what a player does, it is said where it comes from. */
export function inOwnVoice(text: string, name: string): string {
  if (!LIKE_A_PLAYER_DOING.test(text)) return text;
  return `(From ${name === the(name) ? 'something that is called ' : ''}${the(name)}:) ${text}`;
}
