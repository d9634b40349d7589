import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listCheckpoints, openCheckpoint } from '../../storage/checkpoint-folder.ts';
import { verifyReader } from '../../storage/checkpoint-file.ts';
import { listBackups, openBackup } from '../../storage/backup-folder.ts';
import { indexKeys } from '../../engine/references.ts';
import { restoreWorld } from '../../storage/restore.ts';
import { askWorld } from '../../clients/control.ts';
import { audit } from './audit.ts';
import type { Chance } from './chance.ts';
import type { Client } from './client.ts';
import type { Fault } from './fault.ts';
import { readImage } from './image.ts';
import { Keystead } from './keystead.ts';

/** Whoever has a client to which faults happen. */
export interface Victim {
  readonly name: string;
  readonly client: Client;
  /** Its session has ended, and with it all that it still waits for. */
  lose(): void;
  /** It is connected again. */
  resume(): void;
}

export interface TroubleOptions {
  readonly data: string;
  readonly evictAlways: boolean;
  readonly victims: readonly Victim[];
  readonly chance: Chance;
  readonly note: (text: string) => void;
  readonly wrong: (what: string) => void;
  /** Looks into the folder while it is as a crash left it, and nobody has it open. */
  readonly look: () => Promise<void>;
}

/** Checkpoints all the time; and the portal is not to give up on a world that dies too often. */
const START =
  '--checkpoint-every 1 --limit deaths=1000000 --limit deathsAtWork=1000000 --limit restartMostMs=20 --log-level error'.split(
    ' ',
  );

const SLOW_DISK = fileURLToPath(new URL('./slow-disk.js', import.meta.url));

/**
 * What the two processes may log as an error when one of them is killed or ends. A world that ends may have to give up a
 * checkpoint; one whose machine stood still in the wrong moment starts again; and where there is a checkpoint each second, a busy
 * machine does not put each of them into the second folder.
 */
const EXPECTED =
  /the world process died|the pipe to the (?:world|portal) (?:broke|failed)|"(?:Closed|WorldClosed)".*a checkpoint could not be taken|stopped outside its body|is passed over for a newer one|The world is closed\..*an errand/;

/** Starts the world, makes the faults happen to it, and sees to it that everybody comes back. */
export class Trouble {
  readonly #options: TroubleOptions;
  #keystead: Keystead | undefined;
  kills = 0;
  reloads = 0;
  images = 0;

  constructor(options: TroubleOptions) {
    this.#options = options;
  }

  /** Starts the world, and has everybody make a player. */
  async begin(): Promise<void> {
    const { url } = await this.#start();
    for (const { client } of this.#options.victims) await client.enter(url, 'create');
  }

  /** The process that has the world; undefined while there is none. */
  get world(): number | undefined {
    return this.#keystead?.worldPid;
  }

  /** Makes a fault happen now. Resolves when all who lost their sockets are back. */
  async strike(fault: Fault): Promise<void> {
    if (fault.delay > 0) await pause(fault.delay);
    this.#options.note(`--- ${fault.kind}`);
    switch (fault.kind) {
      case 'world':
        return this.#killWorld(fault.look);
      case 'twice':
        await this.#killWorld(false);
        await pause(fault.second);
        return this.#killWorld(false);
      case 'torn':
        this.#dropSome();
        await this.#killWorld(fault.look);
        return this.#comeBack();
      case 'socket':
        this.#dropSome();
        return this.#comeBack();
      case 'all':
        return this.#killEverything((keystead) => keystead.killAll(fault.portalFirst), true);
      case 'stop':
        return this.#killEverything(async (keystead) => {
          const code = await keystead.stop();
          if (code !== 0) this.#options.wrong(`keystead ended with exit code ${code}`);
        }, true);
      case 'portal':
        return this.#killEverything((keystead) => keystead.killPortal(), false);
      case 'reload':
        return this.#reload();
    }
  }

  /** Kills everything while nothing goes on, looks into the folder, and ends the world as an admin would. */
  async end(): Promise<void> {
    const { victims, wrong } = this.#options;
    for (const { client } of victims) client.mayLoseSocket();
    await this.#keystead?.killAll(true);
    await Promise.all(victims.map(({ client }) => client.lost()));
    await this.#look();
    await this.#checkCheckpoint();
    const code = await (await this.#start()).stop();
    if (code !== 0) wrong(`keystead ended with exit code ${code}`);
  }

  /** Every checkpoint and backup is whole, and the last ones, whenever they were taken, have nothing half done in them. */
  async #checkCheckpoint(): Promise<void> {
    const { data, wrong } = this.#options;
    const folders = [
      ['checkpoints', listCheckpoints, openCheckpoint],
      ['backup', listBackups, openBackup],
    ] as const;
    for (const [name, list, open] of folders) {
      const folder = join(data, name);
      const found = await list(folder);
      for (const { number } of found) {
        await verifyReader(await open(folder, number)).catch((error: unknown) =>
          wrong(`${name} ${number}: ${(error as Error).message}`),
        );
      }
      const last = found.at(-1);
      if (last === undefined) continue;
      const restored = `${data}-restored-${name}`; // beside it: no world is made inside of another one
      try {
        await restoreWorld(await open(folder, last.number), restored, indexKeys);
        audit(await readImage(restored), (what) => wrong(`in ${name} ${last.number} ${what}`));
      } finally {
        await rm(restored, { recursive: true, force: true });
      }
    }
  }

  /** Nothing is left running. */
  async clearAway(): Promise<void> {
    await this.#keystead?.killAll(false);
  }

  async #start(): Promise<Keystead> {
    const { data, evictAlways, wrong, chance, note } = this.#options;
    const options = [...START, '--backup', join(data, 'backup'), '--backups-kept', '3'];
    if (evictAlways) options.push('--evict-always');
    if (chance.happens(0.5)) options.push('--world-process', SLOW_DISK);
    this.#keystead = await Keystead.start(data, options, (text) => {
      note(`stderr: ${text}`);
      if (/"level":(50|60)/.test(text) && !EXPECTED.test(text)) wrong(`it was logged: ${text}`);
    });
    return this.#keystead;
  }

  async #killWorld(look: boolean): Promise<void> {
    this.kills += 1;
    if (!look) {
      this.#keystead?.killWorld();
      return;
    }
    await this.#keystead?.killWorldAndFreeze();
    try {
      await this.#look();
    } finally {
      this.#keystead?.goOn();
    }
  }

  /** The world starts again with its code as it is then, and all sockets stay. */
  async #reload(): Promise<void> {
    this.reloads += 1;
    try {
      await askWorld(this.#options.data, process.cwd(), { t: 'reload' });
    } catch (error) {
      // It may be starting again by itself: then nobody answers on the socket in its folder.
      this.#options.note(`--- no reload: ${(error as Error).message}`);
      this.reloads -= 1;
    }
  }

  async #killEverything(kill: (keystead: Keystead) => Promise<void>, look: boolean): Promise<void> {
    const { victims, note } = this.#options;
    this.kills += 1;
    for (const { client } of victims) client.mayLoseSocket();
    if (this.#keystead !== undefined) await kill(this.#keystead);
    await Promise.all(victims.map(({ client }) => client.lost()));
    for (const victim of victims) if (victim.client.kind === 'plain') victim.lose();
    if (look) await this.#look();
    note('--- start again');
    await this.#start();
    await this.#comeBack();
  }

  #dropSome(): void {
    const { victims, chance } = this.#options;
    const web = victims.filter(({ client }) => client.kind === 'web');
    const first = chance.one(web);
    for (const victim of web) if (victim === first || chance.happens(0.3)) victim.client.drop();
  }

  async #comeBack(): Promise<void> {
    const lost = this.#options.victims.filter(({ client }) => !client.isConnected);
    await Promise.all(
      lost.map(async (victim) => {
        await victim.client.comeBack(this.#keystead?.url ?? '');
        victim.resume();
      }),
    );
  }

  async #look(): Promise<void> {
    this.images += 1;
    await this.#options.look();
  }
}

/** Part of a fault, never a wait for something. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
