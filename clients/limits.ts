/** One limit of the portal: what it counts, how many, and what would happen without it. */
export interface Limit {
  readonly unit: string;
  readonly value: number;
  readonly why: string;
}

/** Every limit of the portal. Tests and `keystead start` may choose other values with `limitsWith`. */
export const LIMITS = {
  // Connections.
  connections: {
    unit: 'sockets',
    value: 10_000,
    why: 'each costs memory and a file descriptor; the process must not run out of either',
  },
  connectionsPerAddress: {
    unit: 'sockets',
    value: 2_000,
    why: 'one address must not take them all; but a school or a proxy is one address',
  },
  headerBytes: { unit: 'bytes', value: 8_192, why: 'an HTTP request has no reason to have more' },
  requestSeconds: {
    unit: 'seconds',
    value: 15,
    why: 'a request that is sent byte by byte must not hold a socket for ever',
  },
  frameBytes: {
    unit: 'bytes',
    value: 65_536,
    why: 'the longest line, each character escaped as JSON may do it, and no more; the library would allow 100 MiB',
  },
  frameFragments: {
    unit: 'parts of a frame',
    value: 64,
    why: 'browsers send frames whole; empty parts would come without end, since they have no bytes to be counted',
  },
  unreadBytes: {
    unit: 'bytes',
    value: 4_194_304,
    why: 'output that a client does not read stays in our memory; whoever resumes is sent all that the world kept, at once',
  },
  unreadBytesInAll: {
    unit: 'bytes',
    value: 134_217_728,
    why: 'the same for all clients that are behind: however many they are, it must not fill the memory; who is behind by most is ended first',
  },
  unwantedBytes: {
    unit: 'bytes',
    value: 262_144,
    why: 'a peer that was told to go may have sent as much before it heard of it; the library would take all that comes for 30 s more',
  },
  aliveSeconds: {
    unit: 'seconds',
    value: 30,
    why: 'a peer that vanished without closing is noticed by its missing answer to a ping, within twice this time',
  },
  // The login prompt.
  loginSeconds: {
    unit: 'seconds',
    value: 300,
    why: 'a socket at which nobody logs in is of no use, and costs',
  },
  earlyLines: {
    unit: 'lines',
    value: 16,
    why: 'a client may type ahead while its log-in is checked, not for long',
  },
  failedLoginsPerAddress: {
    unit: 'attempts',
    value: 50,
    why: 'guessing many names from one place; a class mistypes too',
  },
  failedLoginsPerAddressEvery: {
    unit: 'seconds',
    value: 5,
    why: 'one more attempt is allowed after this time',
  },
  failedLoginsPerName: { unit: 'attempts', value: 10, why: 'guessing one name from many places' },
  failedLoginsPerNameEvery: {
    unit: 'seconds',
    value: 30,
    why: 'one more attempt is allowed after this time',
  },
  newcomersPerAddress: {
    unit: 'players',
    value: 1_000,
    why: 'each new player or guest is stored; a load test makes many',
  },
  newcomersPerAddressEvery: {
    unit: 'seconds',
    value: 1,
    why: 'one more newcomer is allowed after this time',
  },
  throttleEntries: {
    unit: 'entries',
    value: 20_000,
    why: 'what is remembered of names and addresses must not grow for ever',
  },
  // Command lines.
  lineLength: {
    unit: 'characters',
    value: 8_192,
    why: 'a line costs its parser; text longer than this is sent in parts',
  },
  lineBurst: { unit: 'lines', value: 2_000, why: 'text may be pasted at once; what is over this waits' },
  linesPerSecond: {
    unit: 'lines per second',
    value: 1_000,
    why: 'what is over this waits, so that one client cannot fill the inbox; a person types one, a test waits for answers',
  },
  linesHeld: {
    unit: 'lines',
    value: 2_048,
    why: 'lines are kept until committed, so that a crash of the world loses none',
  },
  charactersHeld: { unit: 'characters', value: 131_072, why: 'as linesHeld, for long lines' },
  // Resuming.
  lingerSeconds: {
    unit: 'seconds',
    value: 1_800,
    why: 'a client that lost its socket may come back for this long; its player stands around until then',
  },
  lingering: {
    unit: 'sessions',
    value: 10_000,
    why: 'more than this, and the one that was lost first is ended',
  },
  // The world process.
  pingEveryMs: {
    unit: 'milliseconds',
    value: 200,
    why: 'how often an idle world is asked whether it lives',
  },
  busyMs: {
    unit: 'milliseconds',
    value: 900,
    why: 'a world that says nothing for so long and uses a processor all the while hangs, and is killed: no turn takes as long',
  },
  silentMs: {
    unit: 'milliseconds',
    value: 2_000,
    why: 'a world that says nothing for so long is killed, seen to be busy or not, but for one that gets too little of a processor for a turn',
  },
  diskMs: {
    unit: 'milliseconds',
    value: 60_000,
    why: 'the same for a world that waits for its disk, or for a processor: killed, it would wait on, and the next one for the same',
  },
  quietMs: {
    unit: 'milliseconds',
    value: 1_000,
    why: 'a world that says nothing for so long is no longer called healthy; it may yet come back',
  },
  metricsMs: {
    unit: 'milliseconds',
    value: 500,
    why: 'a world that does not tell its figures in this time is left out of them: whoever asks is shown those of the portal',
  },
  startMs: {
    unit: 'milliseconds',
    value: 120_000,
    why: 'a world that is not ready after this time hangs, and is killed',
  },
  readTablesEveryMs: {
    unit: 'milliseconds',
    value: 3_600_000,
    why: 'behind a world that was aborted all tables are read no more often: code that fills the memory aborts it too, and a large world would be away for long each time',
  },
  stopMs: {
    unit: 'milliseconds',
    value: 15_000,
    why: 'a world that does not end by itself when asked is killed',
  },
  deaths: {
    unit: 'deaths',
    value: 10,
    why: 'a world that dies again and again before it is ready has to be looked at by someone',
  },
  deathsAtWork: {
    unit: 'deaths',
    value: 60,
    why: 'one that was ready is killed by what is in it, which it sets aside after two deaths; not so often',
  },
  deathsWithinMs: { unit: 'milliseconds', value: 60_000, why: 'deaths longer ago than this do not count' },
  restartFirstMs: {
    unit: 'milliseconds',
    value: 50,
    why: 'the pause before another try with a world that died before it was ready; doubled each time',
  },
  restartMostMs: { unit: 'milliseconds', value: 5_000, why: 'the longest pause before a restart' },
  pauseShownMs: {
    unit: 'milliseconds',
    value: 1_000,
    why: 'an outage shorter than this is not worth a word to players',
  },
  ackEveryMs: {
    unit: 'milliseconds',
    value: 50,
    why: 'one acknowledgement for many chunks costs the world less',
  },
} as const satisfies Readonly<Record<string, Limit>>;

export type LimitName = keyof typeof LIMITS;
export type Limits = Readonly<Record<LimitName, number>>;

/** The default value of every limit, except for those given. */
export function limitsWith(others: Partial<Limits> = {}): Limits {
  const values = Object.entries(LIMITS).map(([name, limit]) => [name, limit.value] as const);
  return { ...(Object.fromEntries(values) as Limits), ...others };
}
