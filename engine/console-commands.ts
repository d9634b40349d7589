import type { Console, Outcome } from './console.ts';
import type { ConsoleCommand } from './console-command-names.ts';
import type { ObjectId } from '../wrappers/names.ts';
import { openTurn } from './open-turn.ts';
import { quoted } from './show-value.ts';

/** What commands may use besides the console. */
export interface CommandPowers {
  /**
   * All in the store that holds a capability on an object: in words, with the tokens of the grants, which are shown
   * to nobody.
   */
  readonly holders: (id: string) => AsyncIterable<{
    readonly name: string;
    readonly tokens: readonly string[];
    /** Why it cannot be said what it holds. */
    readonly problem?: string;
  }>;
  /** Has a checkpoint taken, and gives its number. */
  readonly checkpoint: () => Promise<number>;
  /** The newest turns of the log of turns in words, so many at most, the last one last; in lines. */
  readonly log: (most: number) => Promise<readonly string[]>;
}

interface Command {
  readonly usage: string;
  readonly does: string;
  readonly run: (rest: string, console: Console, powers: CommandPowers) => Promise<Outcome>;
}

/** Lines of holders, and objects, that are listed. */
const MOST_LISTED = 200;

const COMMANDS: Readonly<Record<ConsoleCommand, Command>> = {
  help: { usage: '.help', does: 'lists these commands, and the names that an entry finds', run: help },
  dump: {
    usage: '.dump X',
    does: 'shows an object: class, record, grants. X is o17, the name of a player, or an expression',
    run: (rest, console) => ofSubject('dump', rest, console),
  },
  grants: {
    usage: '.grants X',
    does: 'shows the grants on it as a tree, each with its mark',
    run: (rest, console) => ofSubject('grants', rest, console),
  },
  revoke: {
    usage: '.revoke X MARK',
    does: 'ends the grant of that mark in that tree, and all made from it',
    run: revoke,
  },
  holders: {
    usage: '.holders X',
    does: 'lists all in the store that holds a capability on it',
    run: holders,
  },
  checkpoint: { usage: '.checkpoint', does: 'has a checkpoint taken, and waits for it', run: checkpoint },
  aside: { usage: '.aside', does: 'lists what is set aside, and the classes that do not load', run: aside },
  mend: {
    usage: '.mend X',
    does: 'has an object that is set aside take calls again',
    run: (rest, console) =>
      rest === '' ? usage('mend') : console.run(`storage.mend(object(${subjectOf(rest, console)}))`, true),
  },
  dead: {
    usage: '.dead [retry N | drop N]',
    does: 'lists the messages that could not be delivered; sends one again; drops one',
    run: dead,
  },
  log: {
    usage: '.log [N]',
    does: 'shows the last ten turns, or N of them; "keystead log" outside shows and follows all',
    run: log,
  },
  exit: { usage: '.exit', does: 'ends this console, as Ctrl-D does', run: () => Promise.resolve(said('')) },
};

/** Runs a line that begins with a point. Never rejects. */
export async function runCommand(line: string, console: Console, powers: CommandPowers): Promise<Outcome> {
  const [, name = '', rest = ''] = /^\s*\.(\S*)\s*(.*?)\s*$/s.exec(line) ?? [];
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name as ConsoleCommand] : undefined;
  if (command === undefined) return wrong(`There is no command .${name.slice(0, 40)}: .help lists them.`);
  const takesMore = command.usage !== `.${name}`;
  if (rest !== '' && !takesMore) return wrong(`Nothing may follow .${name}.`);
  try {
    return await command.run(rest, console, powers);
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    return wrong(
      typeof message === 'string' ? message : 'It failed.',
      typeof code === 'string' ? code : 'Unknown',
    );
  }
}

/** What the end of a line could go on with: the name of a command, or what `Console.complete` says. */
export function complete(text: string, console: Console): ReturnType<Console['complete']> {
  const begun = /^\s*\.([a-z]*)$/.exec(text)?.[1];
  if (begun === undefined) return console.complete(text);
  return { names: Object.keys(COMMANDS).filter((name) => name.startsWith(begun)), begun: begun.length };
}

function said(text: string): Outcome {
  return { ok: true, lines: text === '' ? [] : text.split('\n'), value: null };
}

function wrong(text: string, code = 'BadArgument'): Outcome {
  return { ok: false, lines: [], code, text, line: null, column: null, excerpt: '' };
}

function usage(name: ConsoleCommand): Promise<Outcome> {
  return Promise.resolve(wrong(`Like this: ${COMMANDS[name].usage}`));
}

function ofSubject(name: 'dump' | 'grants', rest: string, console: Console): Promise<Outcome> {
  return rest === '' ? usage(name) : console.run(`${name}(${subjectOf(rest, console)})`, true);
}

/** An expression for what is meant: an id, or a name that is no variable, as a text. */
function subjectOf(typed: string, console: Console): string {
  const [name] = /^[A-Za-z][A-Za-z0-9_$]*(?=[A-Za-z0-9-]*$)/.exec(typed) ?? [];
  return name !== undefined && !console.knows(name) ? quoted(typed) : `(${typed})`;
}

function help(_rest: string, console: Console): Promise<Outcome> {
  const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length));
  const commands = Object.values(COMMANDS).map(({ usage, does }) => `  ${usage.padEnd(width)}  ${does}`);
  const names = [...console.names()].filter((name) => !/^[A-Z]/.test(name) || name === 'M').join(' ');
  return Promise.resolve(
    said(
      [
        'An entry is JavaScript, and one turn: it is done and on disk when its value is shown, or nothing of it has',
        'happened. `_` is the last value. docs/repl.md says more.',
        '',
        ...commands,
        '',
        `Names: ${names}`,
      ].join('\n'),
    ),
  );
}

function revoke(rest: string, console: Console): Promise<Outcome> {
  const [, what, mark] = /^(.+?)\s+([0-9a-f]{10})$/is.exec(rest) ?? [];
  if (what === undefined || mark === undefined) return usage('revoke');
  return console.run(`revokeGrant(${subjectOf(what, console)}, '${mark.toLowerCase()}')`, true);
}

async function holders(rest: string, console: Console, powers: CommandPowers): Promise<Outcome> {
  if (rest === '') return usage('holders');
  const found = await console.run(`idOf(${subjectOf(rest, console)})`, true);
  if (!found.ok || found.value === null) return found;
  const id = JSON.parse(found.value) as string;
  const listed: { readonly name: string; readonly tokens: readonly string[]; readonly more: number }[] = [];
  let lines = 0;
  let more = 0;
  for await (const { name, tokens, problem } of powers.holders(id)) {
    if (lines >= MOST_LISTED) {
      more += 1;
      continue;
    }
    // One holder may hold thousands of them.
    const some = tokens.slice(0, MOST_LISTED - lines);
    const told = problem === undefined ? name : `${name} (${problem})`;
    listed.push({ name: told, tokens: some, more: tokens.length - some.length });
    lines += 1 + some.length;
  }
  if (listed.length === 0) return said(`Nothing in the store holds a capability on ${id}.`);
  const grants = await console.grantsOf(id, new Set(listed.flatMap(({ tokens }) => tokens)));
  const shown = listed.flatMap((holder) => [
    holder.name,
    ...holder.tokens.map((token) => `  ${grants.get(token) ?? 'a grant that has ended'}`),
    ...(holder.more > 0 ? [`  and ${holder.more} more grants`] : []),
  ]);
  return said([...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'));
}

async function checkpoint(_rest: string, _console: Console, powers: CommandPowers): Promise<Outcome> {
  return said(`checkpoint ${await powers.checkpoint()}`);
}

/** Classes that are tried in one turn: to compile one takes some milliseconds. */
const TRIED_AT_ONCE = 8;

async function aside(_rest: string, console: Console): Promise<Outcome> {
  const ids: ObjectId[] = [];
  const objects = await console.look((print) => {
    ids.push(...openTurn().host.administration.classObjects());
    const all = openTurn().host.asides.all();
    for (const [id, { className, code, message, when }] of all.slice(0, MOST_LISTED))
      print(`${className} ${id}, ${new Date(when).toISOString()}: ${message} [${code}]`);
    if (all.length > MOST_LISTED) print(`and ${all.length - MOST_LISTED} more`);
  });
  if (!objects.ok) return objects;
  const lines = [...objects.lines];
  while (ids.length > 0) {
    const some = ids.splice(0, TRIED_AT_ONCE);
    const classes = await console.look((print) => {
      for (const id of some)
        openTurn().attempt(() => {
          tellBroken(id, print);
        });
    });
    if (!classes.ok) return classes;
    lines.push(...classes.lines);
  }
  return said(lines.length === 0 ? 'Nothing is set aside.' : lines.join('\n'));
}

function tellBroken(id: ObjectId, print: (text: string) => void): void {
  const { name, version, broken } = openTurn().host.saved.specFor(id);
  if (broken !== null)
    print(
      `the class ${name} ${id}, version ${version}, does not load, and its objects take no calls: ${broken}`,
    );
}

function dead(rest: string, console: Console): Promise<Outcome> {
  const [, what, number] = /^(retry|drop) (\d{1,15})$/.exec(rest) ?? [];
  if (what !== undefined) return console.run(`storage.${what}Letter(${Number(number)})`, true);
  if (rest !== '') return usage('dead');
  return console.look((print, storage) => {
    const letters = storage.letters();
    for (const { number: n, from, to, method, args, code, text, when, tries } of letters) {
      const way = `${from ?? 'the host'} -> ${to}.${method}`;
      const tried = tries === 1 ? 'once' : `${tries} times`;
      print(`${n}: ${way}, ${new Date(when).toISOString()}, tried ${tried}: ${text} [${code}]`);
      if (args !== '') print(args.replaceAll(/^/gm, '  '));
    }
    const more = openTurn().host.administration.letters.size - letters.length;
    if (more > 0) print(`and ${more} more`);
    if (letters.length === 0) print('There are no dead letters.');
  });
}

/** Turns that `.log` shows: of itself, and at most. */
const TURNS_SHOWN = 10;
const MOST_TURNS = 100;

async function log(rest: string, _console: Console, powers: CommandPowers): Promise<Outcome> {
  const most = rest === '' ? TURNS_SHOWN : Number(rest);
  if (!/^[0-9]*$/.test(rest) || most < 1 || most > MOST_TURNS) return usage('log');
  const lines = await powers.log(most);
  return said(lines.length === 0 ? 'The log of turns has none yet.' : lines.join('\n'));
}
