import { PASSWORD, playerName, roomName, wayTo } from '../../world/generated/layout.ts';
import { CROWD, type BenchRun } from './bench-run.ts';
import { Players, residentMegabytes, Server } from './children.ts';
import { figure, type Figure } from './figure.ts';
import type { Load, Step } from './load-orders.ts';
import { HELLO } from './measure-load.ts';

/** Of the crowd, how many act in each second. */
const ACTING = 200;

/** Who is in the hall: one who speaks, and those who listen. */
const IN_HALL = 1_001;
/** The room that is the hall. */
const HALL = 1;

const LOGIN = 'Welcome';

/** Many players of the big world, asleep in it until now, connected at the same time. */
export async function measureCrowd(run: BenchRun): Promise<readonly Figure[]> {
  const server = await run.keystead(await run.bigWorld());
  const players = new Players();
  const { warmUpSeconds, seconds } = run.effort;
  try {
    const began = performance.now();
    await players.order({ t: 'connect', port: server.port, players: CROWD });
    await players.order({ t: 'prepare', steps: loggingIn(CROWD) });
    run.say(`${CROWD} players came in within ${((performance.now() - began) / 1000).toFixed(1)} s`);
    const time = { warmUpSeconds, seconds: Math.max(5, seconds) };
    const acting = await players.measure({ t: 'open', ...HELLO, rate: ACTING, players: CROWD, ...time });
    const all = await players.measure({ t: 'closed', ...HELLO, warmUpSeconds, seconds });
    const [world = 0] = server.children;
    const raw = await rawCrowd(run);
    return [
      figure('crowd', {
        measured: acting.p99,
        raw: raw.p99,
        rawWhat: 'a bare ws echo server with as many connections and commands',
        notes: [
          `median ${acting.median.toFixed(1)} ms, longest ${acting.longest.toFixed(1)} ms, ` +
            `${acting.perSecond.toFixed(0)} commands/s, unanswered ${acting.unanswered}`,
          `all ${CROWD} at once, each waiting for its answer: ${Math.round(all.perSecond)} commands/s, ` +
            `median ${all.median.toFixed(0)} ms, p99 ${all.p99.toFixed(0)} ms`,
          `memory then: portal ${residentMegabytes(server.pid).toFixed(0)} MB, world ${residentMegabytes(world).toFixed(0)} MB`,
        ],
      }),
    ];
  } finally {
    await players.end();
    await server.stop();
  }
}

async function rawCrowd(run: BenchRun): Promise<Load> {
  const server = await Server.start('./echo-server.js', [1]);
  const players = new Players();
  await players.order({ t: 'connect', port: server.port, players: CROWD });
  const { warmUpSeconds, seconds } = run.effort;
  const line = 'say hello';
  const load = await players.measure({
    t: 'open',
    line,
    answer: line,
    rate: ACTING,
    players: CROWD,
    warmUpSeconds,
    seconds: Math.max(5, seconds),
  });
  await players.end();
  await server.stop();
  return load;
}

/** One player speaks to a thousand who are in the same room. */
export async function measureHall(run: BenchRun): Promise<readonly Figure[]> {
  const { warmUpSeconds, seconds } = run.effort;
  const time = { warmUpSeconds, seconds };
  const raw = await Server.start('./echo-server.js', [IN_HALL]);
  const rawPlayers = new Players();
  await rawPlayers.order({ t: 'connect', port: raw.port, players: IN_HALL });
  const rawLoad = await rawPlayers.measure({
    t: 'hall',
    says: 'say line #.',
    hears: 'She say line #.',
    ...time,
  });
  await rawPlayers.end();
  await raw.stop();

  const server = await run.keystead(await run.bigWorld());
  const players = new Players();
  try {
    await players.order({ t: 'connect', port: server.port, players: IN_HALL });
    const began = performance.now();
    await players.order({
      t: 'prepare',
      steps: loggingIn(IN_HALL).map((steps) => [...steps, ...intoHall()]),
    });
    run.say(
      `${IN_HALL} players came into one room within ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
    const load = await players.measure({ t: 'hall', says: 'say line #.', hears: 'says, "line #."', ...time });
    return [
      figure('hall', {
        measured: load.median,
        raw: rawLoad.median,
        rawWhat: 'a bare ws server that fans out to as many, one frame to each',
        notes: [
          `p99 ${load.p99.toFixed(1)} ms (bare ws ${rawLoad.p99.toFixed(1)} ms), ` +
            `${Math.round(load.linesPerSecond)} lines/s (bare ws ${Math.round(rawLoad.linesPerSecond)} lines/s); ` +
            `the players took ${load.ownShare.toFixed(2)} of a processor`,
        ],
      }),
    ];
  } finally {
    await players.end();
    await server.stop();
  }
}

function loggingIn(many: number): readonly (readonly Step[])[] {
  return Array.from({ length: many }, (_, n) => [
    { send: `connect ${playerName(n)} ${PASSWORD}`, await: LOGIN },
  ]);
}

function intoHall(): readonly Step[] {
  return [
    { send: 'home', await: `${roomName(0)}\n` },
    { send: `go ${wayTo(HALL)}`, await: `${roomName(HALL)}\n` },
  ];
}
