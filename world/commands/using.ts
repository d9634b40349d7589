import { pageInOwnVoice } from '../audience.ts';
import { phrasesFrom } from '../front.ts';
import { findNoun } from '../nouns.ts';
import { splitsAt, unquoted, type Parsed } from '../parse.ts';
import type { Player } from '../player.ts';
import type { Reached } from '../reach.ts';
import { Sorry } from '../sorry.ts';
import { PREPOSITIONS, tailOf } from '../verb-patterns.ts';
import { capital, page, the } from '../words.ts';

/** One way to read a line: which words are the thing, which the text, and the pattern that is left. */
interface Reading {
  readonly noun: string;
  readonly text: string;
  /** Behind the verb, as in verb-patterns.ts. */
  readonly tail: string;
}

/** Words of a name, at most, in a line that has no preposition to tell where the name ends. */
const NAME_WORDS = 6;
/** Prepositions of a line that are tried as the one that counts, the last first. */
const MOST_SPLITS = 4;
/** Things that are asked what can be done with them, when a line was not understood. */
const MOST_ASKED = 24;
/** What people try with things everywhere, so that the word alone is not taken for nonsense. */
const TRIED_ANYWHERE = [
  'open',
  'close',
  'shut',
  'read',
  'use',
  'push',
  'pull',
  'turn',
  'light',
  'eat',
  'drink',
];

/**
 * "ring bell", "buy tea from kiosk": a verb of one of the things in reach. What none of them takes may mean something else, which
 * `otherwise` does if it can. False if it means nothing here.
 */
export function useVerb(
  me: Player,
  { verb, rest }: Parsed,
  pool: readonly Reached[],
  otherwise: () => boolean,
): boolean {
  if (rest === '') return askWhat(verb, pool);
  const handled = pool.filter(canBeHandled);
  let met: Reached | undefined;
  let unclear: string | undefined;
  let vague: string | undefined;
  for (const { noun, text, tail } of readings(rest)) {
    // What a way out is called, by whoever dug it, must not come between.
    const near = meantIn(handled, noun, me);
    const found = near.kind === 'none' ? meantIn(pool, noun, me) : near;
    if (found.kind === 'none') continue;
    if (found.kind === 'many') {
      if (near.kind === 'many') unclear ??= found.words;
      else vague ??= found.words;
      continue;
    }
    const answer = attemptVerb(me, found.noun, `${verb}${tail}`, unquoted(text));
    met ??= found.noun;
    if (answer === undefined) continue;
    me.remember(found.noun.thing);
    if (answer !== '') me.say(pageInOwnVoice(answer, found.noun.name));
    return true;
  }
  if (unclear === undefined && otherwise()) return true;
  unclear ??= vague;
  if (unclear !== undefined) throw new Sorry(`I don't know which ${unclear} you mean.`, 'Ambiguous');
  if (met === undefined) return sayHow(verb, rest, pool);
  me.remember(met.thing);
  const [way] = waysOf(verb, [met]);
  throw new Sorry(way === undefined ? `You can't ${verb} ${the(met.name)}.` : `Like this: ${inFull(way)}.`);
}

/** All ways to read what stands behind a verb, the likeliest first. */
function readings(rest: string): readonly Reading[] {
  const found: Reading[] = [{ noun: rest, text: '', tail: '' }];
  const [first = '', ...more] = rest.split(' ');
  const leading = first.toLowerCase();
  if (more.length > 0 && PREPOSITIONS.includes(leading)) {
    const noun = more.join(' ').trim();
    // "knock on ring" does for a ring that can be knocked as well.
    found.push({ noun, text: '', tail: tailOf(leading, 'none') }, { noun, text: '', tail: '' });
  }
  for (const { left, word, right } of splitsAt(rest, PREPOSITIONS).toReversed().slice(0, MOST_SPLITS)) {
    found.push({ noun: right, text: left, tail: tailOf(word, 'before') });
    found.push({ noun: left, text: right, tail: tailOf(word, 'behind') });
  }
  const words = [first, ...more];
  for (let many = Math.min(NAME_WORDS, words.length - 1); many > 0; many -= 1) {
    found.push({
      noun: words.slice(0, many).join(' '),
      text: words.slice(many).join(' ').trim(),
      tail: ' *',
    });
  }
  return found;
}

function attemptVerb(me: Player, noun: Reached, typed: string, text: string): string | undefined {
  if (!canBeHandled(noun)) return undefined;
  const { here, self } = me;
  return me.tryingOn(noun.thing, () => {
    const { thing, holder } = noun;
    const told = holder === undefined ? here.handle(here, thing, typed, text) : holder.use(typed, self, text);
    return told === undefined ? undefined : page(told);
  });
}

/** A verb alone: "Read what?" */
function askWhat(verb: string, pool: readonly Reached[]): boolean {
  if (!TRIED_ANYWHERE.includes(verb) && waysOf(verb, pool).length === 0) return false;
  throw new Sorry(`${capital(verb)} what?`);
}

/** No thing was named that is here; perhaps there is one that knows the verb. */
function sayHow(verb: string, rest: string, pool: readonly Reached[]): boolean {
  const [way] = waysOf(verb, pool);
  if (way === undefined) return false;
  if (way.phrase === `${verb} it`) throw new Sorry(`You see no "${rest}" here.`, 'NotFound');
  throw new Sorry(`Like this: ${inFull(way)}.`);
}

/** How a verb is used with a thing. */
interface Way {
  readonly phrase: string;
  readonly name: string;
}

/** What the things that know a verb tell of it. */
function waysOf(verb: string, nouns: readonly Reached[]): readonly Way[] {
  return nouns
    .filter(canBeHandled)
    .slice(0, MOST_ASKED)
    .flatMap(({ thing, name }) =>
      phrasesFrom(thing)
        .filter((phrase) => phrase.startsWith(`${verb} `))
        .map((phrase) => ({ phrase, name })),
    );
}

/** "buy something from the kiosk" */
function inFull({ phrase, name }: Way): string {
  return phrase.replace(/\bit\b/, () => the(name));
}

function canBeHandled({ where }: Reached): boolean {
  return where === 'hands' || where === 'floor' || where === 'person';
}

function meantIn(pool: readonly Reached[], typed: string, me: Player): ReturnType<typeof findNoun<Reached>> {
  if (typed.toLowerCase() !== 'it') return findNoun(typed, pool);
  const noun = pool.find(({ thing }) => thing === me.it);
  return noun === undefined ? { kind: 'none', words: 'it' } : { kind: 'one', noun };
}
