import { CROSSING_LIMITS, type CrossingLimits } from '../wrappers/crossing.ts';

/** What one turn, one record and one session may use. `WORLD_LIMIT_NOTES` has the unit of each and what it stops. */
export interface WorldLimits {
  readonly callDepth: number;
  readonly turnObjects: number;
  readonly turnCreates: number;
  readonly turnGrants: number;
  readonly turnShapes: number;
  readonly turnWrites: number;
  readonly turnRecordCharacters: number;
  readonly turnGrantCharacters: number;
  readonly turnWriteCharacters: number;
  readonly turnSendCharacters: number;
  readonly objectMessageCharacters: number;
  readonly gatheredCharacters: number;
  readonly turnMilliseconds: number;
  readonly bankBurst: number;
  readonly bankShare: number;
  readonly shareCharacters: number;
  readonly bankDepth: number;
  readonly offencesBeforeAside: number;
  readonly offenceWindow: number;
  readonly objectGrants: number;
  readonly turnSends: number;
  readonly objectMessages: number;
  readonly classVersions: number;
  readonly turnOutputs: number;
  readonly turnOutputCharacters: number;
  readonly lineCharacters: number;
  readonly unreadChunks: number;
  readonly unreadCharacters: number;
  readonly timerAhead: number;
  readonly accountMessages: number;
  readonly accountMessageCharacters: number;
  readonly accountWatches: number;
  readonly turnPublished: number;
  readonly publishedCharacters: number;
  readonly timerEvery: number;
  readonly objectWatches: number;
  readonly objectRestarts: number;
  readonly deadLetters: number;
  readonly accountDeadLetters: number;
  readonly accountDeadLetterCharacters: number;
  /** For one argument or result. */
  readonly value: CrossingLimits;
  /** For one record: every change of the object writes it whole. */
  readonly record: CrossingLimits;
}

/** The turn that builds a new world is bound by none of those that begin with `turn`. */
export const WORLD_LIMITS: WorldLimits = {
  callDepth: 100,
  turnObjects: 10_000,
  turnCreates: 1_000,
  turnGrants: 1_000,
  turnShapes: 64,
  turnWrites: 10_000,
  turnRecordCharacters: 2_097_152,
  turnGrantCharacters: 16_777_216,
  turnWriteCharacters: 1_048_576,
  turnSendCharacters: 524_288,
  objectMessageCharacters: 1_048_576,
  gatheredCharacters: 2_097_152,
  turnMilliseconds: 300,
  bankBurst: 1_000,
  bankShare: 100,
  shareCharacters: 500,
  bankDepth: 32,
  offencesBeforeAside: 3,
  offenceWindow: 10 * 60_000,
  objectGrants: 10_000,
  turnSends: 1_000,
  objectMessages: 1_000,
  classVersions: 500,
  turnOutputs: 10_000,
  turnOutputCharacters: 1_048_576,
  lineCharacters: 8_192,
  unreadChunks: 10_000,
  unreadCharacters: 2_097_152,
  timerAhead: 10 * 365 * 86_400_000,
  accountMessages: 10_000,
  accountMessageCharacters: 8_388_608,
  accountWatches: 20,
  turnPublished: 2_000,
  publishedCharacters: 1_024,
  timerEvery: 100,
  objectWatches: 200,
  objectRestarts: 8,
  deadLetters: 10_000,
  accountDeadLetters: 500,
  accountDeadLetterCharacters: 1_048_576,
  value: CROSSING_LIMITS,
  record: CROSSING_LIMITS,
};

type LimitName = Exclude<keyof WorldLimits, 'value' | 'record'>;

export const WORLD_LIMIT_NOTES: Readonly<Record<LimitName, { readonly unit: string; readonly why: string }>> =
  {
    callDepth: {
      unit: 'calls',
      why: 'objects that call each other without end must not use up the JavaScript stack',
    },
    turnObjects: { unit: 'objects', why: 'the records of all of them are compared at the end of the turn' },
    turnCreates: { unit: 'objects', why: 'a loop must not fill the disk before its bank runs dry' },
    turnGrants: { unit: 'grants', why: 'each is stored with the object that it is on, whoever made it' },
    turnShapes: {
      unit: 'new sets of method names',
      why: 'they are kept for ever, and a world has room for so many',
    },
    turnWrites: {
      unit: 'entries of collections',
      why: 'each is a key of the store, and all are written in one commit',
    },
    turnRecordCharacters: {
      unit: 'characters',
      why: 'all records that a turn changes are written in one commit, and that has its limit',
    },
    turnGrantCharacters: {
      unit: 'characters',
      why: 'as turnRecordCharacters, for the grants of all objects that a turn changes',
    },
    turnWriteCharacters: { unit: 'characters', why: 'as turnRecordCharacters, for entries of collections' },
    turnSendCharacters: { unit: 'characters', why: 'as turnRecordCharacters, for what is sent' },
    objectMessageCharacters: {
      unit: 'characters',
      why: 'what an object has sent and nobody has dealt with yet is kept in memory',
    },
    gatheredCharacters: {
      unit: 'characters',
      why: 'no more turns run until what has gathered is being written: a commit has its limit',
    },
    turnMilliseconds: {
      unit: 'milliseconds',
      why: 'of the processor; whatever runs longer is stopped, and by the clock after three times as long: everybody else waits for it',
    },
    bankBurst: {
      unit: 'milliseconds',
      why: 'what the objects of one bank may use at once, before their share bounds them',
    },
    bankShare: {
      unit: 'milliseconds per second',
      why: 'a tenth of the processor: turns that are nearly too long, one after the other, must leave the rest to others',
    },
    shareCharacters: {
      unit: 'characters of output that count as a millisecond of `bankShare`',
      why: 'output is stored, sent and read: whoever has others shown more than they can read must not fill disks and lines',
    },
    bankDepth: {
      unit: 'banks split off from one another',
      why: 'whoever answers for the lowest one is looked for from there up to the top',
    },
    offencesBeforeAside: {
      unit: 'turns that were stopped',
      why: 'an object that keeps at it costs the world that much each time; it is set aside',
    },
    offenceWindow: { unit: 'milliseconds', why: 'offences longer ago than this do not count' },
    objectGrants: {
      unit: 'grants',
      why: 'an object is written with all its grants; expired and used-up ones make room',
    },
    turnSends: {
      unit: 'sends, timers or cancellations',
      why: 'two messages from each message would never end',
    },
    objectMessages: {
      unit: 'sends and timers that wait',
      why: 'what an object has sent and nobody has dealt with yet must not fill the memory of the world',
    },
    classVersions: { unit: 'versions', why: 'the history of a class is one record' },
    turnOutputs: { unit: 'pieces of output', why: 'one command must not bury its listeners' },
    turnOutputCharacters: {
      unit: 'characters',
      why: 'output is kept until it is acknowledged; a thousand listeners in one room hear a thousand characters each, and so do a thousand sessions of one player',
    },
    lineCharacters: { unit: 'characters', why: 'a command line costs its parser' },
    unreadChunks: {
      unit: 'chunks',
      why: 'output for a client that never comes back must not fill the disk; the session ends',
    },
    unreadCharacters: {
      unit: 'characters',
      why: 'the same for few large chunks: whoever resumes gets all of it at once',
    },
    timerEvery: {
      unit: 'milliseconds, at least, from one time of a repeated timer to the next',
      why: 'each time is a turn and a commit; nobody sees more than ten changes in a second',
    },
    accountMessages: {
      unit: 'sends and timers that wait, of all banks that come of one',
      why: 'objects are made and ended without end: a bound for each alone bounds nothing',
    },
    accountMessageCharacters: { unit: 'characters of them', why: 'the same for few large ones' },
    accountWatches: {
      unit: 'watches on one object, of all banks that come of one',
      why: 'nobody must take all places from others',
    },
    turnPublished: {
      unit: 'messages to watchers',
      why: 'all are written in one commit; what is beyond it is told to nobody, so that watchers do not hold up who publishes',
    },
    publishedCharacters: {
      unit: 'characters of one published value',
      why: 'it is stored and sent once for each watcher',
    },
    objectWatches: {
      unit: 'watches on one object',
      why: 'whatever it publishes is sent to all of them in one turn',
    },
    objectRestarts: {
      unit: 'registrations of one object',
      why: 'each is a message at every start of the world, and all are read then',
    },
    deadLetters: {
      unit: 'messages that could not be delivered',
      why: 'they wait for an admin, in the store and by number in memory; the oldest makes room',
    },
    accountDeadLetters: {
      unit: 'of them for all banks that come of one',
      why: 'whoever sends what fails must not push out the letters of others',
    },
    accountDeadLetterCharacters: {
      unit: 'characters of them for all banks that come of one',
      why: 'the same for few large ones',
    },
    timerAhead: { unit: 'milliseconds', why: 'ten years; a timer beyond any plan is a mistake' },
  };
