import { directionOf } from '../directions.ts';
import { parseLine } from '../parse.ts';
import type { Player } from '../player.ts';
import { reach, type Reached } from '../reach.ts';
import { Sorry } from '../sorry.ts';
import { wayNamed } from '../ways-out.ts';
import { capital, singleSpaced } from '../words.ts';
import { ASKING } from './asking.ts';
import { BANKING } from './banking.ts';
import { BUILDING } from './building.ts';
import { CLASSES } from './classes.ts';
import type { Command, Commands } from './command.ts';
import { HANDLING } from './handling.ts';
import { LEAVING } from './leaving.ts';
import { LOOKING } from './looking.ts';
import { goWay, MOVING } from './moving.ts';
import { TALKING } from './talking.ts';
import { useVerb } from './using.ts';
import { WIZARDRY } from './wizardry.ts';
import { WRITING } from './writing.ts';

/** The groups, in the order of `help`. */
const GROUPS: Readonly<Record<string, Commands>> = {
  looking: LOOKING,
  walking: MOVING,
  things: HANDLING,
  people: TALKING,
  capabilities: ASKING,
  building: BUILDING,
  classes: CLASSES,
  writing: WRITING,
  bank: BANKING,
  wizardry: WIZARDRY,
  leaving: {
    ...LEAVING,
    help: { usage: 'help [GROUP or COMMAND]', does: 'tells what there is to type', run: help },
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
  const command = commandNamed(verb);
  if (command !== undefined) {
    command.run(me, rest);
    return;
  }
  if (rest === '' && directionOf(verb) !== undefined) {
    goWay(me, verb);
    return;
  }
  const pool = reach(me);
  if (rest === '' && goByName(me, verb, pool)) return;
  if (!useVerb(me, parsed, pool, () => goByName(me, `${verb} ${rest}`, pool)))
    throw new Sorry(`I don't understand "${verb}". Type "help" for what I do.`, 'NotUnderstood');
}

/** A way out that has a name of its own: "chute", "loft ladder". */
function goByName(me: Player, typed: string, pool: readonly Reached[]): boolean {
  const way = wayNamed(
    pool.filter(({ where }) => where === 'exit'),
    singleSpaced(typed.toLowerCase()),
  );
  if (way === undefined) return false;
  goWay(me, way.name);
  return true;
}

/** Names of all groups and commands; or one group; or one command. */
function help(me: Player, about: string): void {
  const word = about.toLowerCase();
  if (word === '') {
    const groups = Object.entries(GROUPS).map(
      ([title, commands]) => `  ${title}: ${Object.keys(commands).join(', ')}`,
    );
    me.say(
      [
        'What there is to type, in groups:',
        ...groups,
        'More: "help things" for a group, "help get" for a command. Many things have verbs of their own, which "examine" tells.',
      ].join('\n'),
    );
    return;
  }
  const command = commandNamed(word);
  if (command !== undefined) {
    me.say(`${command.usage}: ${command.does}.`);
    return;
  }
  const group = Object.entries(GROUPS).find(([title]) => title.startsWith(word));
  if (group === undefined)
    throw new Sorry(`There is no command "${word}". Things may still have it: look at them.`, 'NotFound');
  const lines = Object.values(group[1]).map(({ usage, does }) => `  ${usage}: ${does}`);
  me.say([capital(group[0]), ...lines].join('\n'));
}

function commandNamed(word: string): Command | undefined {
  return COMMANDS.get(word) ?? COMMANDS.get(Object.hasOwn(SHORT, word) ? (SHORT[word] ?? '') : '');
}
