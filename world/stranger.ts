import { classOf, fail, type AnyCap } from '../engine/authoring.ts';
import { Sorry } from './sorry.ts';
import { line } from './words.ts';

/** A class that was written in the world, and that no admin has approved at this version. */
export interface Stranger {
  readonly name: string;
  readonly author: string;
  readonly version: number;
  readonly hash: string;
}

/** The class of what is behind a capability, if it is to be warned of; what `own` wrote himself is not. */
export function strangerBehind(capability: AnyCap, own: string): Stranger | null {
  const { name, author, version, hash, safe } = classOf(capability);
  return safe || author === own ? null : { name, author, version, hash };
}

/** Throws Sorry where nothing is to be handed over: the room passes it on, so it has it first. */
export function refuseToHandOver(here: AnyCap, own: string): void {
  const stranger = strangerBehind(here, own);
  if (stranger === null) return;
  throw new Sorry(
    `What you hand over goes through the room, and nobody has approved this one: it is of the class ${stranger.name}, ` +
      `by ${line(stranger.author)}. Do it somewhere else.`,
  );
}

/** What stands behind the name of a giver where a stranger's room has passed on what he gave: it may have said that it is from anybody. */
export function byWayOf(here: AnyCap, own: string): string {
  const stranger = strangerBehind(here, own);
  return stranger === null ? '' : `, from a room of the class ${stranger.name}`;
}

/**
 * The spot that somebody, or something, was given by a way in. Throws `Refused` where a stranger wrote that way, and the spot is on
 * an object of another class: who passes on what another place gives keeps it, and the holder with it, and could act there
 * as who came in, or take away what is not with him any more.
 */
export function ownSpot<T extends AnyCap>(way: AnyCap, spot: T): T {
  const { name, safe } = classOf(way);
  if (!safe && classOf(spot).name !== name)
    throw fail('Refused', 'It is not the place itself that lets in there.');
  return spot;
}

/** What somebody is told who meets it for the first time. */
export function warningOf({ name, author, version }: Stranger, what: string): string {
  return (
    `You have not met this before: ${what} is of the class ${name} (version ${version}, by ${line(author)}), ` +
    `which no admin has approved here. "@source ${name}" shows its code.`
  );
}
