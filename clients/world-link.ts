import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { codeOf, PortalError } from './errors.ts';
import type { Limits } from './limits.ts';
import { Pipe } from './pipe.ts';
import type { Powers } from './powers.ts';
import {
  asToPortal,
  type Fatal,
  type Hello,
  type Pong,
  type Ready,
  type ToPortal,
  type ToWorld,
} from './wire.ts';

/** Who wants to know about the world. */
export interface WorldEvents {
  /** The first message for a new world process. */
  hello(): Hello;
  /** A new world process takes messages from now on; `down` is called when it no longer does. */
  ready(ready: Ready): void;
  message(message: Exclude<ToPortal, Ready | Pong | Fatal>): void;
  down(): void;
  /** The world cannot be started, or not again. Nothing follows. */
  failed(error: { readonly code: string; readonly message: string }): void;
}

/** What a new world process has to know of those before it. */
export interface WorldStart {
  /** The last one that had the folder crashed, or hung and was killed for it; nobody else killed it. */
  readonly ownDoing: boolean;
  /** There was one that was ready. */
  readonly again: boolean;
  /** The last one may have died of a part of the database: this one reads all of it before it begins. */
  readonly readTables: boolean;
}

interface Living {
  readonly at: 'starting' | 'ready';
  readonly child: ChildProcess;
  readonly pipe: WorldPipe;
  /** When it said something last. */
  heard: number;
  /** What it had used of a processor when it was first found to have been silent since then. */
  silence: { readonly heard: number; readonly at: number; readonly used: number | null } | null;
}

type LinkState = Living | { readonly at: 'waiting'; readonly cancel: () => void } | { readonly at: 'over' };

type WorldPipe = Pipe<ToPortal, ToWorld>;

/** The share of a processor above which a silent world is busy: on a machine with others it never gets all of it. */
const BUSY_SHARE = 0.6;

/**
 * How the system ends a process that touches what is mapped of a file and the disk does not give: nobody's code is at fault, and
 * without a word of which file it is the world would end so each time that somebody comes near it.
 */
const DISK_FAILED = 'SIGBUS';
/** How LevelDB ends it where what should be a key is none; and how V8 does when there is no memory left. */
const ABORTED = 'SIGABRT';

/** How a process ends by a fault of its own. Any other signal is somebody else's doing, and no code of the world has earned it. */
const FAULTS: readonly string[] = [ABORTED, 'SIGSEGV', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS'];

/** How a process ends that has done all it should. */
const CLEAN = 'exit code 0';

/**
 * The portal's hold on the world process: starts it, watches its heartbeat, kills it when it hangs, starts it again
 * when it is gone. The process that it started has ended, whichever way, before another one is started.
 */
export class WorldLink {
  readonly #spawn: (start: WorldStart) => ChildProcess;
  readonly #limits: Limits;
  readonly #powers: Powers;
  readonly #events: WorldEvents;
  #state: LinkState = { at: 'over' };
  /** It was killed by us, because it hung. */
  #hung = false;
  /** There was a world that was ready. */
  #begun = false;
  /** It found the folder in use, which this says, and has done nothing. */
  #refused: Fatal | undefined;
  #ownDoing = false;
  #readTables = false;
  /** When a world that was aborted was last followed by one that reads all tables. */
  #tablesRead = -Infinity;
  #stopping = false;
  /** What broke the pipe to the process that has not ended yet. */
  #broken: Error | undefined;
  #deaths: { readonly at: number; readonly wasReady: boolean }[] = [];
  #pings = 0;
  #ended: (how: string) => void = () => {};

  /** `spawn` starts a world process with a duplex pipe as file descriptor 3. */
  constructor(
    spawn: (start: WorldStart) => ChildProcess,
    limits: Limits,
    powers: Powers,
    events: WorldEvents,
  ) {
    this.#spawn = spawn;
    this.#limits = limits;
    this.#powers = powers;
    this.#events = events;
  }

  get isReady(): boolean {
    return this.#state.at === 'ready';
  }

  get isStarting(): boolean {
    return this.#state.at === 'starting' || this.#state.at === 'waiting';
  }

  /** It takes commands, but has not said a word for so long that it may not come back. */
  get isSilent(): boolean {
    const state = this.#state;
    return state.at === 'ready' && this.#powers.now() - state.heard > this.#limits.quietMs;
  }

  /** The process id of the world, while there is one. */
  get pid(): number | undefined {
    return 'child' in this.#state ? this.#state.child.pid : undefined;
  }

  /** Sends if the world is ready; otherwise the message goes nowhere. */
  send(message: ToWorld): void {
    if (this.#state.at === 'ready') this.#state.pipe.send(message);
  }

  start(): void {
    const child = this.#spawn({
      ownDoing: this.#ownDoing,
      again: this.#begun,
      readTables: this.#readTables,
    });
    // What its type does not say: where no more files may be open there are none to talk through.
    if ((child.stdio as unknown) === undefined) return this.#notSpawned(child);
    this.#hung = false;
    this.#refused = this.#broken = undefined;
    const pipe: WorldPipe = new Pipe(child.stdio[3] as Duplex, {
      read: asToPortal,
      onMessage: (message) => this.#received(message),
      onClosed: (error) => this.#pipeClosed(child, error),
    });
    this.#state = { at: 'starting', child, pipe, heard: this.#powers.now(), silence: null };
    let failure = '';
    child.on('error', (error) => (failure = error.message));
    // Not 'exit': when 'close' comes, all that the process wrote has been read.
    child.on('close', (code, signal) => this.#died(failure || (signal ?? `exit code ${code}`)));
    pipe.send(this.#events.hello());
    this.#watch(child);
  }

  /** Clients have all files that may be open. Those that are connected stay so, and the world comes back when some have gone. */
  #notSpawned(child: ChildProcess): void {
    const retry = (): void => this.start();
    const cancel = this.#begun ? this.#powers.after(this.#limits.restartMostMs, retry) : () => {};
    this.#state = { at: 'waiting', cancel };
    child.on('error', (error) => {
      const message = `the world cannot be started at the moment: ${error.message}`;
      if (!this.#begun) return this.#events.failed(new PortalError('WorldWillNotStart', message));
      this.#powers.log.error({ code: codeOf(error) }, message);
    });
  }

  /** Asks the world to end, and kills it if it does not. Resolves to whether it ended by itself. */
  async stop(): Promise<boolean> {
    const isOver = this.#stopping;
    this.#stopping = true;
    const state = this.#state;
    if (state.at === 'waiting') state.cancel();
    if (!('child' in state)) return true;
    const ended = new Promise<string>((resolve) => (this.#ended = resolve));
    let killed = false;
    const cancel = this.#powers.after(this.#limits.stopMs, () => {
      killed = true;
      this.#powers.log.error(
        { code: 'WorldStubborn', world: state.child.pid },
        'the world does not end, and is killed',
      );
      state.child.kill('SIGKILL');
    });
    state.pipe.send({ t: 'stop' });
    const how = await ended;
    cancel();
    if (how === CLEAN || killed || isOver) return !killed;
    this.#powers.log.error({ code: 'WorldDied', how }, 'the world process died as it was to end');
    return false;
  }

  /** Kills the world now, without asking. */
  kill(): void {
    this.#stopping = true;
    if ('child' in this.#state) this.#state.child.kill('SIGKILL');
  }

  #received(message: ToPortal): void {
    const state = this.#state;
    if (!('child' in state)) return;
    state.heard = this.#powers.now();
    switch (message.t) {
      case 'ready':
        if (state.at === 'ready') return;
        this.#state = { ...state, at: 'ready' };
        this.#begun = true;
        return this.#events.ready(message);
      case 'pong':
        return;
      case 'fatal':
        // A tool took the world that had just died for one that is stopped, and lets go of it again.
        if (message.code === 'InUse' && this.#begun) {
          this.#refused = message;
          return;
        }
        this.#stopping = true;
        return this.#events.failed(message);
      case 'login':
      case 'resumed':
      case 'out':
      case 'refused':
      case 'who':
      case 'metrics':
      case 'halt':
        return this.#events.message(message);
    }
  }

  #pipeClosed(child: ChildProcess, error: Error | undefined): void {
    // One that is ending anyway gets the time to, and need not have read what was still sent to it.
    if (this.#stopping) return;
    this.#broken = error;
    // Without its pipe the process is of no use.
    child.kill('SIGKILL');
  }

  /** Pings the process for as long as it lives, and kills it when it is silent for too long. */
  #watch(child: ChildProcess): void {
    const { pingEveryMs } = this.#limits;
    let last = this.#powers.now();
    const tick = () => {
      const state = this.#state;
      if (!('child' in state) || state.child !== child) return;
      const now = this.#powers.now();
      // The time by which a tick is late is one in which this process was held up: it says nothing about the world.
      state.heard += Math.max(0, now - last - 2 * pingEveryMs);
      last = now;
      if (this.#hangs(state, now) && !this.#stopping) {
        const ms = Math.round(now - state.heard);
        this.#powers.log.error(
          { code: 'WorldSilent', world: child.pid, ms },
          'the world is silent, and is killed',
        );
        // Code that hangs uses a processor; where that cannot be told it is taken for such.
        const used = this.#usedSince(state, now);
        this.#hung = used === null || used > this.#limits.busyMs || isBusy(state, now, used);
        child.kill('SIGKILL');
        return;
      }
      if (state.at === 'ready') state.pipe.send({ t: 'ping', id: (this.#pings += 1) });
      this.#powers.after(pingEveryMs, tick);
    };
    this.#powers.after(pingEveryMs, tick);
  }

  /** A world that waits for the machine, or for its disk, is given longer than one that is busy with something else than us. */
  #hangs(state: Living, now: number): boolean {
    const { busyMs, silentMs, diskMs, startMs } = this.#limits;
    const silent = now - state.heard;
    if (state.at === 'starting') return silent > startMs;
    const used = this.#usedSince(state, now);
    const busy = used !== null && isBusy(state, now, used);
    if (silent <= (busy ? busyMs : silentMs)) return false;
    const { pid } = state.child;
    if (silent > diskMs || pid === undefined) return true;
    if (this.#powers.waitsForDisk(pid)) return false;
    // A turn takes so much longer where others have the processors: all start again who are killed for that, and have them even less.
    return busy || used === null || used > busyMs || !this.#powers.wouldRun(pid);
  }

  /** Milliseconds of a processor that it has used since it was first found to be silent; null where that cannot be told. */
  #usedSince(state: Living, now: number): number | null {
    const { pid } = state.child;
    const used = pid === undefined ? null : this.#powers.processorTime(pid);
    if (state.silence?.heard !== state.heard) state.silence = { heard: state.heard, at: now, used };
    const { used: before } = state.silence;
    return used === null || before === null ? null : used - before;
  }

  #mayReadTables(): boolean {
    const now = this.#powers.now();
    if (now - this.#tablesRead < this.#limits.readTablesEveryMs) return false;
    this.#tablesRead = now;
    return true;
  }

  #died(how: string): void {
    const wasReady = this.#state.at === 'ready';
    this.#state = { at: 'over' };
    if (wasReady) this.#events.down();
    this.#ended(how);
    if (this.#stopping) return;
    if (this.#refused !== undefined) {
      // No death: a tool may take minutes. It has waited for it already, and is not paused for. What the last one was running
      // that got further is still to be judged, by how that one ended.
      const { code, message } = this.#refused;
      this.#powers.log.error({ code }, `the world cannot be started again yet: ${message}`);
      return this.start();
    }
    this.#readTables = how === DISK_FAILED || (how === ABORTED && this.#mayReadTables());
    this.#ownDoing = this.#hung || FAULTS.includes(how) || !how.startsWith('SIG');
    const { deaths, deathsAtWork, deathsWithinMs, restartFirstMs, restartMostMs } = this.#limits;
    // It ended by itself, to be started with new code.
    if (wasReady && how === CLEAN) return this.start();
    // Of one that ended by itself the pipe breaks where it had not read all that it was sent.
    if (this.#broken !== undefined) {
      const { message } = this.#broken;
      this.#powers.log.error({ code: codeOf(this.#broken) }, `the pipe to the world broke: ${message}`);
    }
    const now = this.#powers.now();
    this.#deaths = [...this.#deaths.filter(({ at }) => now - at < deathsWithinMs), { at: now, wasReady }];
    const all = this.#deaths.length;
    const count = this.#deaths.filter((each) => !each.wasReady).length;
    this.#powers.log.error({ code: 'WorldDied', how, wasReady, count: all }, 'the world process died');
    if (count >= deaths || all >= deathsAtWork) {
      const message =
        `The world process died ${all} times within ${deathsWithinMs / 1000} s, the last time by ${how}: what it ` +
        'said stands in the log, and "keystead check" says whether all that it stores is whole.';
      return this.#events.failed(new PortalError('WorldWillNotStart', message));
    }
    // The pause is for a world that cannot start; one that was well is wanted back at once.
    const pause = wasReady || count < 2 ? 0 : Math.min(restartMostMs, restartFirstMs * 2 ** (count - 2));
    if (pause === 0) return this.start();
    this.#state = { at: 'waiting', cancel: this.#powers.after(pause, () => this.start()) };
  }
}

/** Whether it has used a processor all the time since it was first found to be silent. */
function isBusy({ silence }: Living, now: number, used: number): boolean {
  return silence !== null && used > BUSY_SHARE * (now - silence.at);
}
