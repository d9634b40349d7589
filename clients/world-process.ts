/**
 * The world process: the composition root of everything that holds objects. It is started by the portal, talks to it
 * over file descriptor 3, and ends when that pipe does.
 */
import '../engine/lockdown.ts';
import { createHash } from 'node:crypto';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { types } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Console } from '../engine/console.ts';
import { stackOf } from '../engine/stack.ts';
import { World } from '../engine/world.ts';
import { StoreError } from '../storage/errors.ts';
import { refuseNoFile } from '../storage/files.ts';
import { openJournal } from '../storage/journal.ts';
import { openLevelStore } from '../storage/level-store.ts';
import type { Store } from '../storage/store.ts';
import { WORLD_FOLDER } from '../storage/world-folder.ts';
import { classes } from '../world/classes.ts';
import { library } from '../world/library.ts';
import { shared } from '../world/shared.ts';
import { genesis } from '../world/starter.ts';
import { Accounts } from './accounts.ts';
import { isServed, serveControl, socketPath } from './control-socket.ts';
import { holdersOf } from './dump/holders.ts';
import { codeOf, PortalError } from './errors.ts';
import { isHeapTight } from './heap-use.ts';
import type { LogCode } from './log-codes.ts';
import { makeLogger } from './logger.ts';
import { Pipe } from './pipe.ts';
import { randomTexts } from './random-text.ts';
import { regularly } from './regularly.ts';
import { replDesk, viewOf } from './repl-desk.ts';
import { RunningNote } from './running-note.ts';
import { savedSources } from './saved-sources.ts';
import { serveView } from './served-view.ts';
import { Watchdog } from './watchdog.ts';
import { logEvent } from './world-events.ts';
import { WorldCheckpoints } from './world-checkpoints.ts';
import { WorldDesk } from './world-desk.ts';
import { worldRequests } from './world-requests.ts';
import { asToWorld, type ToPortal, type ToWorld } from './wire.ts';
import { LOG_KEPT, LOG_SIZE, parseWorldOptions, SLOW_TURN, type WorldOptions } from './world-options.ts';
import { WorldWatch } from './world-watch.ts';

const log = makeLogger('world', process.env['KEYSTEAD_LOG'] ?? 'warn', process);
const randomText = randomTexts();

/** Sources of the classes that a new world keeps in its own store. */
const SAVED = new URL('../world/saved/', import.meta.url);

/** The portal starts the world again, whatever the code; this one says why. */
const EXIT_TORN = 75;

/**
 * Where what was made at one place in the code lived for a while, V8 makes what comes from there among what is old, where only a
 * collection of all garbage finds it. But here lives long what waits for a commit, and what it refers to dies with its turn: a
 * dead one among the old keeps all of that until then. Not an option of the process: see `spawnWorld`.
 */
const NO_PRETENURING = '--no-allocation-site-pretenuring';

const STARTED = Date.now();
const MEGABYTE = 1_000_000;

async function start(): Promise<void> {
  // Whoever ends the world tells the portal, which says so here. SIGINT is the watchdog's.
  process.on('SIGTERM', () => {});
  const options = parseWorldOptions(process.argv[2]);
  let desk: WorldDesk | null = null;
  const early: ToWorld[] = [];
  let greeted = (): void => {};
  const hello = new Promise<void>((resolve) => (greeted = resolve));
  const pipe: Pipe<ToWorld, ToPortal> = new Pipe<ToWorld, ToPortal>(new Socket({ fd: 3 }), {
    read: asToWorld,
    onMessage: (message) => {
      if (desk !== null) desk.receive(message);
      else {
        early.push(message);
        greeted();
      }
    },
    onClosed: (error) => {
      if (error !== undefined) log.error({ code: codeOf(error) }, 'the pipe to the portal failed');
      void stop();
    },
  });

  let stopping = false;
  let opened: Opened | null = null;
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    if (opened !== null) await opened.close();
    await pipe.close();
    process.exit(0);
  };

  /** Ends cleanly, and by its exit code: the portal starts another process with the code as it is then. */
  const stopForReload = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    if (opened !== null) await opened.close(true);
    process.exit(0);
  };

  // Until then the portal may find that it cannot listen, and nothing may have been made for nothing.
  await hello;
  try {
    opened = await open(
      options,
      (message) => {
        pipe.send(message);
      },
      () => void stopForReload(),
    );
  } catch (error) {
    const code = codeOf(error);
    // What is refused is for people, and the portal tells them; anything else is a fault of ours.
    if (!(error instanceof StoreError || error instanceof PortalError))
      log.error({ code, stack: stackOf(error) }, 'the world cannot start');
    pipe.send({ t: 'fatal', code, message: error instanceof Error ? error.message : String(error) });
    await pipe.close();
    process.exit(1);
  }
  const { accounts } = opened;
  desk = new WorldDesk({
    world: opened.world,
    accounts,
    send: (message) => {
      pipe.send(message);
    },
    sendJson: (message) => {
      pipe.sendJson(message);
    },
    stop: () => void stop(),
    figures: opened.figures,
    later,
    report: (what, error) => {
      log.error({ code: codeOf(error), what, stack: stackOf(error) }, 'a request failed');
    },
  });
  opened.deliverTo(desk);
  for (const message of early) desk.receive(message);
  setFlagsFromString(NO_PRETENURING);
}

interface Opened {
  readonly world: World;
  readonly accounts: Accounts;
  readonly deliverTo: (desk: WorldDesk) => void;
  readonly figures: () => Promise<string>;
  /** `comesBack`: another process is started at once. */
  readonly close: (comesBack?: boolean) => Promise<void>;
}

async function open(
  options: WorldOptions,
  send: (message: ToPortal) => void,
  restart: () => void,
): Promise<Opened> {
  const open: { world?: World } = {};
  // First: a world that nobody could look after is not made.
  const socket = socketPath(join(options.data, WORLD_FOLDER.control), process.cwd());
  await refuseServed(socket, options.data);
  const store = await openStore(options);
  const journal = await openJournal(store, {
    onProblem: (problem) => {
      log.error({ code: problem.code }, `the journal: ${problem.message}`);
      open.world?.fail(problem);
    },
  });
  const watch = new WorldWatch({
    data: options.data,
    journal,
    log,
    logHours: options.logKept ?? LOG_KEPT,
    logBytes: (options.logSize ?? LOG_SIZE) * MEGABYTE,
    slowTurn: options.slowTurn ?? SLOW_TURN,
    backups: options.backup !== undefined,
    clock: Date.now,
    later,
    process: () => {
      const { user, system } = process.cpuUsage();
      return { memory: process.memoryUsage(), busy: user + system, since: STARTED };
    },
  });
  const checkpoints = await WorldCheckpoints.open({
    journal,
    data: options.data,
    kept: options.checkpointsKept,
    backup: options.backup,
    watch,
    log,
    clock: Date.now,
    stopwatch: () => performance.now(),
    randomText,
    later,
  });
  let desk: WorldDesk | null = null;
  const watchdog = new Watchdog((error) => {
    log.error(
      { code: 'WatchdogEnded' satisfies LogCode, stack: stackOf(error) },
      'the thread of the watchdog has ended',
    );
  });
  // Only now: the store's lock says that no other process is writing it.
  const running = join(options.data, 'running');
  await refuseNoFile(running);
  let unnoted: StoreError | undefined;
  const note = new RunningNote(running, (error) => {
    unnoted = error;
    open.world?.fail(error);
  });
  const world = await World.open({
    journal,
    classes,
    shared,
    library,
    sources: savedSources(SAVED),
    genesis,
    powers: {
      clock: Date.now,
      soon: setImmediate,
      later,
      random: randomText,
      isProxy: types.isProxy,
      digest: (text) => createHash('sha256').update(text).digest('hex'),
      stopwatch: () => performance.now(),
      guard: watchdog.guard,
      starved: watchdog.starved,
      isHeapTight,
      noteRunning: note.write,
      report: (event) => {
        if (event.what === 'migrating') send({ t: 'pong', id: 0 });
        logEvent(log, event);
      },
    },
    lastRunning: note.last,
    lastOwnDoing: options.lastOwnDoing === true,
    ...(options.resident === undefined ? {} : { resident: options.resident }),
    evictAlways: options.evictAlways,
    watch: watch.watch,
    garbageGrace: options.garbageGrace * 1000,
    onOut: (outs) => {
      desk?.tell(outs);
    },
    onHalt: (error) => {
      log.fatal({ code: 'CommitFailed', stack: stackOf(error) }, 'a commit failed: the world has stopped');
      send({
        t: 'halt',
        code: 'CommitFailed',
        message: `The world cannot write to its disk and has stopped: ${error.message}`,
      });
    },
    onCheckpoint: () => {
      checkpoints.takeQuietly();
    },
    onReload: () => {
      log.warn({ code: 'Reload' satisfies LogCode }, 'all code is loaded anew');
      restart();
    },
    onTorn: () => {
      log.error(
        { code: 'Torn' satisfies LogCode },
        'a turn was stopped outside its body: the process ends and starts again',
      );
      process.exit(EXIT_TORN);
    },
  });
  open.world = world;
  if (unnoted !== undefined) throw unnoted;
  watch.opened(world);
  const accounts = new Accounts(world, randomText);
  const control = await serveControl(
    socket,
    {
      requests: worldRequests(world, accounts, checkpoints),
      conversations: {
        view: serveView(() => journal.look()),
        repl: replDesk(() => new Console({ world, player: (name) => accounts.find(name) }), {
          holders: (id) => holdersOf(viewOf(journal), id),
          checkpoint: () => checkpoints.take(),
          log: (most) => watch.latestTurns(most),
        }),
      },
    },
    (mask) => process.umask(mask),
  );
  const rhythm = {
    every: interval(options.collectEvery),
    last: world.lastCollection,
    clock: Date.now,
    later,
  };
  const stopCollecting =
    options.collectEvery > 0
      ? regularly(rhythm, () => {
          world.collect().catch((error: unknown) => {
            log.error({ code: codeOf(error), stack: stackOf(error) }, 'garbage could not be collected');
          });
        })
      : () => {};
  if (options.checkpointEvery > 0) void checkpoints.takeEvery(interval(options.checkpointEvery));
  return {
    world,
    accounts,
    figures: () => watch.figures(),
    deliverTo: (to) => {
      desk = to;
    },
    close: async (comesBack) => {
      stopCollecting();
      // First: somebody may be waiting for them at the control socket, which lets those who wait be answered.
      const givenUp = checkpoints.close();
      await control.close(comesBack);
      await givenUp;
      await world.close();
      await watch.close();
      note.close();
    },
  };
}

/**
 * The lock of the store is a file: who removes it opens the world to a second owner, and both of them lose what they write.
 * Waits for a world that is about to go. Throws `InUse`.
 */
async function refuseServed(socket: string, data: string): Promise<void> {
  for (let left = 5_000; await isServed(socket); left -= 100) {
    if (left <= 0)
      throw new StoreError(
        'InUse',
        `"${data}" is in use by another process: stop that one first, or name another folder`,
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A starter world in the place of one that has been moved away would take its players in, and in time its backups' place. */
async function openStore({ data, again = false, readTables = false }: WorldOptions): Promise<Store> {
  try {
    return await openLevelStore(data, {
      create: !again,
      older: true,
      tables: readTables ? 'readable' : 'newest',
    });
  } catch (error) {
    if (!again || codeOf(error) !== 'Missing') throw error;
    const why = 'it was moved or removed while it ran, or its disk is gone; put it back, and start it again';
    throw new StoreError('Missing', `there is no world in "${data}" any more: ${why}`, error);
  }
}

/** Milliseconds of so many seconds, as far as the host's timers can count: one that is longer would ring at once. */
function interval(seconds: number): number {
  return Math.min(seconds * 1000, 2 ** 31 - 1);
}

function later(milliseconds: number, job: () => void): () => void {
  const timer = setTimeout(job, milliseconds);
  return () => {
    clearTimeout(timer);
  };
}

start().catch((error: unknown) => {
  log.fatal({ code: codeOf(error), stack: stackOf(error) }, 'the world process failed');
  process.exit(1);
});
