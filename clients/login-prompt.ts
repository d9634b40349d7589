import type { PortalErrorCode } from './errors.ts';

/**
 * The commands of the login prompt:
 *
 *   line     = [space] command [space]
 *   command  = "create" space name space password
 *            | "connect" space name space password
 *            | "connect" space "guest"
 *            | "who" | "help" | "quit"
 *   name     = letter { letter | digit | "-" }        2 to 20 characters, ASCII; not "guest"
 *   password = any characters                         8 to 128, without space at either end
 *
 * The words of the commands and "guest" may be written in any case. A password may hold spaces, and is counted in its normal
 * form (NFC), so that one typed on another keyboard is the same.
 */
export type PromptCommand =
  | { readonly does: 'nothing' }
  | { readonly does: 'create' | 'connect'; readonly name: string; readonly password: string }
  | { readonly does: 'guest' }
  | { readonly does: 'who' }
  | { readonly does: 'help' }
  | { readonly does: 'quit' }
  | { readonly does: 'refuse'; readonly code: PortalErrorCode; readonly message: string };

export const GREETING = "Welcome to Keystead. Type 'connect guest' to look around, or 'help'.";

export const HELP = [
  'create NAME PASSWORD    make a new player and come in',
  'connect NAME PASSWORD   come in as a player you have made',
  'connect guest           come in without one',
  'who                     see who is here',
  'quit                    leave',
  'A name has 2 to 20 letters, digits or - and starts with a letter. A password has 8 to 128 characters.',
].join('\n');

/** What a line typed at the login prompt asks for. Nothing that it returns to be shown quotes what was typed. */
export function parsePromptLine(line: string): PromptCommand {
  const [word, rest] = split(line.trim());
  switch (word.toLowerCase()) {
    case '':
      return { does: 'nothing' };
    case 'create':
      return credentials('create', rest);
    case 'connect':
      return rest.toLowerCase() === 'guest' ? { does: 'guest' } : credentials('connect', rest);
    case 'who':
      return alone('who', rest);
    case 'help':
      return { does: 'help' };
    case 'quit':
      return alone('quit', rest);
    default:
      return refuse(
        'UnknownCommand',
        "Here you can: create, connect, who, help, quit. Type 'help' to see how.",
      );
  }
}

const NAME = /^[A-Za-z][A-Za-z0-9-]{1,19}$/;
const PASSWORD_LEAST = 8;
const PASSWORD_MOST = 128;

function credentials(does: 'create' | 'connect', rest: string): PromptCommand {
  const [name, alleged] = split(rest);
  const guest = name.toLowerCase() === 'guest';
  if (does === 'connect' && guest) {
    return refuse('WrongArguments', 'A guest has no password: connect guest');
  }
  if (name === '' || alleged === '') {
    const orGuest = does === 'connect' ? ', or connect guest' : '';
    return refuse('WrongArguments', `A name and a password are needed: ${does} NAME PASSWORD${orGuest}`);
  }
  if (guest) return refuse('BadName', 'That name is kept for guests. Choose another.');
  if (!NAME.test(name)) {
    return refuse('BadName', 'A name has 2 to 20 letters (a to z), digits or - and starts with a letter.');
  }
  const password = alleged.normalize('NFC');
  const { length } = Array.from(password);
  if (length < PASSWORD_LEAST || length > PASSWORD_MOST) {
    return refuse(
      'BadPassword',
      `A password has ${PASSWORD_LEAST} to ${PASSWORD_MOST} characters; that one has ${length}.`,
    );
  }
  return { does, name, password };
}

function alone(does: 'who' | 'quit', rest: string): PromptCommand {
  return rest === '' ? { does } : refuse('WrongArguments', `Nothing may follow '${does}'.`);
}

function refuse(code: PortalErrorCode, message: string): PromptCommand {
  return { does: 'refuse', code, message };
}

/** The first word and the rest, without the space between. */
function split(text: string): [string, string] {
  const space = text.search(/\s/);
  return space < 0 ? [text, ''] : [text.slice(0, space), text.slice(space).trim()];
}
