import { directionOf } from '../directions.ts';
import { parseLine, splitAt, type Parsed } from '../parse.ts';
import { findNoun } from '../nouns.ts';
import type { Player } from '../player.ts';
import { reach, type Reached } from '../reach.ts';
import { Sorry } from '../sorry.ts';
import { the } from '../words.ts';
import { ASKING } from './asking.ts';
import { BUILDING } from './building.ts';
import type { Command, Commands } from './command.ts';
import { HANDLING } from './handling.ts';
import { LEAVING } from './leaving.ts';
import { LOOKING } from './looking.ts';
import { goWay, MOVING } from './moving.ts';
import { TALKING } from './talking.ts';

/** The groups, in the order of `help`. */
const GROUPS: Readonly<Record<string, Commands>> = {
  'Looking around': LOOKING,
  Walking: MOVING,
  Things: HANDLING,
  People: TALKING,
  Capabilities: ASKING,
  Building: BUILDING,
  'Everything else': {
    ...LEAVING,
    help: { usage: 'help [COMMAND]', does: 'tells what there is to type', run: help },
  },
};

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.values(GROUPS).flatMap((group) => Object.entries(group)),
);

const SHORT: Readonly<Record<string, string>> = {
  l: 'look',
  x: 'examine',
  i: 'inventory',
  inv: 'inventory',
  take: 'get',
  hold: 'get',
  walk: 'go',
  enter: 'go',
  tell: 'whisper',
  me: 'emote',
  caps: 'keyring',
  '?': 'help',
  exit: 'quit',
  '@desc': '@describe',
  '@tel': '@teleport',
};

/** Does what a line says. Throws Sorry if that is nothing. */
export function obey(me: Player, typed: string): void {
  const parsed = parseLine(typed);
  if (parsed === undefined) return;
  const { verb, rest } = parsed;
  const command = COMMANDS.get(verb) ?? COMMANDS.get(Object.hasOwn(SHORT, verb) ? (SHORT[verb] ?? '') : '');
  if (command !== undefined) command.run(me, rest);
  else if (rest === '' && directionOf(verb) !== undefined) goWay(me, verb);
  else if (!useVerb(me, parsed))
    throw new Sorry(`I don't understand "${verb}". Type "help" for what I do.`, 'NotUnderstood');
}

/** "ring bell", "wind clock with key", "murmur hello into tube": a verb of one of the things in reach. */
function useVerb(me: Player, { verb, rest }: Parsed): boolean {
  const pool = reach(me);
  if (rest === '') return goByName(me, verb, pool);
  const sides = splitAt(
    rest,
    ['with', 'into', 'in', 'onto', 'on', 'to', 'at', 'from', 'about', 'for'],
    'last',
  );
  const readings = [{ noun: rest, more: '' }];
  if (sides !== undefined)
    readings.push({ noun: sides.right, more: sides.left }, { noun: sides.left, more: sides.right });
  for (const { noun, more } of readings) {
    const found = noun.toLowerCase() === 'it' ? itIn(pool, me) : findNoun(noun, pool);
    if (found.kind === 'many') throw new Sorry(`I don't know which ${found.words} you mean.`, 'Ambiguous');
    if (found.kind === 'none') continue;
    me.remember(found.noun.thing);
    const answer = tryVerb(me, found.noun, verb, more);
    me.say(answer ?? `You can't ${verb} ${the(found.noun.name)}.`);
    return true;
  }
  return false;
}

function tryVerb(me: Player, noun: Reached, verb: string, rest: string): string | undefined {
  if (noun.where === 'self' || noun.where === 'here' || noun.where === 'exit') return undefined;
  return me.tryingOn(noun.thing, () =>
    noun.holder === undefined
      ? me.here.handle(me.here, noun.thing, verb, rest)
      : noun.holder.use(verb, me.self, rest),
  );
}

/** A way out that has a name of its own: "chute". */
function goByName(me: Player, word: string, pool: readonly Reached[]): boolean {
  const way = pool.find(
    ({ where, name, also }) => where === 'exit' && (name === word || also.includes(word)),
  );
  if (way === undefined) return false;
  goWay(me, way.name);
  return true;
}

function itIn(pool: readonly Reached[], me: Player): ReturnType<typeof findNoun<Reached>> {
  const noun = pool.find(({ thing }) => thing === me.it);
  return noun === undefined ? { kind: 'none', words: 'it' } : { kind: 'one', noun };
}

function help(me: Player, about: string): void {
  const word = about.toLowerCase();
  if (word !== '') {
    const command = COMMANDS.get(word) ?? COMMANDS.get(SHORT[word] ?? '');
    if (command === undefined)
      throw new Sorry(`There is no command "${word}". Things may still have it: look at them.`);
    me.say(`${command.usage}: ${command.does}.`);
    return;
  }
  const lines = Object.entries(GROUPS).map(
    ([title, commands]) =>
      `${title}\n${Object.values(commands)
        .map(({ usage, does }) => `  ${usage}: ${does}`)
        .join('\n')}`,
  );
  const verbs =
    'Many things have verbs of their own, which "examine" tells: ring bell, read book, open chest.';
  me.say(`${lines.join('\n')}\n${verbs}`);
}
