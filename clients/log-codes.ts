/** Codes of what is logged and is no error that anybody is answered with. They are part of the interface; the messages are for people. */
export const LOG_CODES = {
  BrokenClass: 'a class does not load, and its objects are set aside',
  ChangedClass: 'a built-in class is another than before: its objects follow',
  FailedErrand: 'an upgrade of all objects of a class, or a search for holders, broke off by a fault of ours',
  FailedUpgrade: 'an object could not be brought to the newest version of its class, and stays in its own',
  Killer:
    'a message, command or entry was running at two deaths of the world process, and is not tried again',
  LetterDropped: 'a dead letter made room for a newer one',
  Migrated: 'the world was of an older format, and is of this one now',
  Migrating: 'the world is of an older format, and is being made one of this',
  Reload: 'somebody had all code loaded anew: the world process is started again',
  SlowTurn: 'a turn ran for as long as --slow-turn says, or longer',
  Torn: 'a turn was stopped where memory may be torn: the world process is started again',
  WatchdogEnded:
    'the thread of the watchdog has ended: time limits stop what takes too long, at a higher price',
} as const satisfies Readonly<Record<string, string>>;

export type LogCode = keyof typeof LOG_CODES;
