/**
 * What something tells the public of itself, safe to show: whoever wrote its class may have it tell anything, or fail.
 * All calls are attempts, and what they give is looked at inside of these.
 */
import { attempt, type AnyCap, type Attempt } from '../engine/authoring.ts';
import type { Front } from './thing.ts';
import { line, NAME_LENGTH, page } from './words.ts';

/** Phrases of one thing that anybody is told, and characters of each: they go into one sentence. */
const MOST_PHRASES = 16;
const PHRASE_LENGTH = 60;

/** What it is called, or undefined if it does not tell. */
export function nameOf(thing: AnyCap): string | undefined {
  const told = attempt(() => line((thing as Front).name()).slice(0, NAME_LENGTH));
  return told.ok ? told.value : undefined;
}

/** What it looks like. Who adds a sentence to a description that is empty begins with a blank. */
export function descriptionOf(thing: AnyCap): Attempt<string> {
  return attempt(() => page((thing as Front).describe()).trimStart());
}

/** What can be done with it, in words like "buy something from it". */
export function phrasesFrom(thing: AnyCap): readonly string[] {
  const told = attempt(() =>
    (thing as Front)
      .verbs()
      .slice(0, MOST_PHRASES)
      .map((phrase) => line(phrase).slice(0, PHRASE_LENGTH)),
  );
  return told.ok ? told.value : [];
}
