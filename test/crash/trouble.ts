import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listCheckpoints, restoreCheckpoint } from '../../storage/checkpoint-file.ts';
import type { Actor } from './actor.ts';
import { audit } from './audit.ts';
import type { Chance } from './chance.ts';
import type { Company } from './company.ts';
import type { Fault } from './fault.ts';
import { Finding } from './finding.ts';
import { readImage } from './image.ts';
import { Keystead } from './keystead.ts';

export interface TroubleOptions {
  readonly data: string;
  readonly evictAlways: boolean;
  readonly actors: readonly Actor[];
  readonly company: Company;
  readonly chance: Chance;
  readonly note: (text: string) => void;
}

/** Checkpoints all the time; and the portal is not to give up on a world that dies too often. */
const START = '--checkpoint-every 1 --limit deaths=1000000 --limit restartMostMs=20 --log-level error'.split(
  ' ',
);

const SLOW_DISK = fileURLToPath(new URL('./slow-disk.js', import.meta.url));

/**
 * What the two processes may log as an error when one of them is killed. A world that ends because its portal did may
 * have to give up a checkpoint.
 */
const EXPECTED =
  /the world process died|the pipe to the (?:world|portal) (?:broke|failed)|"Closed".*a checkpoint could not be taken/;

/** Starts the world, makes the faults happen to it, and sees to it that everybody comes back. */
export class Trouble {
  readonly #options: TroubleOptions;
  #keystead: Keystead | undefined;
  #finding: Finding | undefined;
  kills = 0;
  images = 0;

  constructor(options: TroubleOptions) {
    this.#options = options;
  }

  /** Starts the world, and has everybody make a player. */
  async begin(): Promise<void> {
    const { url } = await this.#start();
    for (const { client } of this.#options.actors) await client.enter(url, 'create');
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
          if (code !== 0) this.#options.company.wrong(`keystead ended with exit code ${code}`);
        }, true);
      case 'portal':
        return this.#killEverything((keystead) => keystead.killPortal(), false);
    }
  }

  /** Holds what was found in the folder after the last crash against the books, if it was looked into. */
  compareFinding(): void {
    const { moves, digs } = this.#options.company;
    this.#finding?.compare(moves, digs);
    this.#finding = undefined;
  }

  /** Kills everything while nothing goes on, looks into the folder, and ends the world as an admin would. */
  async end(): Promise<void> {
    const { actors, company } = this.#options;
    for (const { client } of actors) client.mayLoseSocket();
    await this.#keystead?.killAll(true);
    await Promise.all(actors.map(({ client }) => client.lost()));
    await this.#look();
    this.compareFinding();
    await this.#checkCheckpoint();
    const code = await (await this.#start()).stop();
    if (code !== 0) company.wrong(`keystead ended with exit code ${code}`);
  }

  /** The last checkpoint, whenever it was taken, is a world in which nothing is half done. */
  async #checkCheckpoint(): Promise<void> {
    const { data, company } = this.#options;
    const last = (await listCheckpoints(join(data, 'checkpoints'))).at(-1);
    if (last === undefined) return;
    const restored = join(data, 'restored');
    await restoreCheckpoint(last.file, restored);
    audit(await readImage(restored), (what) => company.wrong(`in checkpoint ${last.number} ${what}`));
  }

  /** Nothing is left running. */
  async clearAway(): Promise<void> {
    await this.#keystead?.killAll(false);
  }

  async #start(): Promise<Keystead> {
    const { data, evictAlways, company, chance, note } = this.#options;
    const options = [...START];
    if (evictAlways) options.push('--evict-always');
    if (chance.happens(0.5)) options.push('--world-process', SLOW_DISK);
    this.#keystead = await Keystead.start(data, options, (text) => {
      note(`stderr: ${text}`);
      if (/"level":(50|60)/.test(text) && !EXPECTED.test(text)) company.wrong(`it was logged: ${text}`);
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

  async #killEverything(kill: (keystead: Keystead) => Promise<void>, look: boolean): Promise<void> {
    const { actors, note } = this.#options;
    this.kills += 1;
    for (const { client } of actors) client.mayLoseSocket();
    if (this.#keystead !== undefined) await kill(this.#keystead);
    await Promise.all(actors.map(({ client }) => client.lost()));
    for (const actor of actors) if (actor.client.kind === 'plain') actor.lose();
    if (look) await this.#look();
    note('--- start again');
    await this.#start();
    await this.#comeBack();
  }

  #dropSome(): void {
    const { actors, chance } = this.#options;
    const web = actors.filter(({ client }) => client.kind === 'web');
    const first = chance.one(web);
    for (const actor of web) if (actor === first || chance.happens(0.3)) actor.client.drop();
  }

  async #comeBack(): Promise<void> {
    const { actors } = this.#options;
    const lost = actors.filter(({ client }) => !client.isConnected);
    await Promise.all(lost.map((actor) => this.#comeBackAs(actor)));
  }

  async #comeBackAs(actor: Actor): Promise<void> {
    await actor.client.comeBack(this.#keystead?.url ?? '');
    if (actor.client.kind === 'plain') this.#options.company.speech.excuse(actor.name);
    actor.resume();
  }

  /** Reads the folder of the dead world, and checks what can be known from it alone. */
  async #look(): Promise<void> {
    const { data, actors, company } = this.#options;
    this.images += 1;
    this.#finding = await Finding.make(data, actors, (what) => company.wrong(`after the crash ${what}`));
  }
}

/** Part of a fault, never a wait for something. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
