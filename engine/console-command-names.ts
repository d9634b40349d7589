/** The commands of a console, each a line that begins with a point and its name. */
export const CONSOLE_COMMANDS = [
  'help',
  'dump',
  'grants',
  'revoke',
  'holders',
  'checkpoint',
  'aside',
  'mend',
  'dead',
  'log',
  'exit',
] as const;

export type ConsoleCommand = (typeof CONSOLE_COMMANDS)[number];
