import { join } from 'node:path';
import { savedSources } from '../../clients/saved-sources.ts';
import { planOf, type Plan, type Wanted } from '../../world/generated/layout.ts';
import { SOURCES } from '../../world/generated/sources.ts';
import { runKeystead, runScript, Server } from './children.ts';

/** How much a run does. */
export interface Effort {
  /** Objects in the big world. */
  readonly objects: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** How often what is measured and its raw limit take turns. */
  readonly rounds: number;
}

export const PLAYERS = 200;

/** Objects in the small world that the big one is compared with, and in use in the big one. */
export const SMALL = 1000;

/** Players of the big world, at least: they are all connected for the row `crowd`. */
export const CROWD = 2_000;

/** Things in the great container of the big world, at most. */
const HOARDED = 100_000;

/** First of the rooms in which players stand: enough for each to be alone. */
export const FIRST_ROOM = 1;

/** Of the playground: a dozen things to each room. */
const PLAYGROUND = { objects: 6_000, rooms: 220, players: 0 } as const;

const SEED = 20_240_229;

/** One run of the bench: its folder and how much it does. Worlds are built when they are first asked for. */
export class BenchRun {
  readonly effort: Effort;
  readonly say: (progress: string) => void;
  readonly #folder: string;
  readonly #worlds = new Map<string, Promise<string>>();

  constructor(folder: string, effort: Effort, say: (progress: string) => void) {
    this.#folder = folder;
    this.effort = effort;
    this.say = say;
  }

  /** A new folder of this name. */
  folder(name: string): string {
    return join(this.#folder, name);
  }

  /** The folder of a world with a room for each player. */
  playground(): Promise<string> {
    return this.world('playground', PLAYGROUND);
  }

  /** The same with two things more in each room: see workshop.ts. */
  workshop(): Promise<string> {
    return this.#once('workshop', async (folder) => {
      await runScript('./build-workshop.js', [folder, SEED, PLAYGROUND.objects, PLAYGROUND.rooms]);
    });
  }

  /** The folder of the big world. */
  bigWorld(): Promise<string> {
    return this.world('big', this.big);
  }

  /** The folder of the world that it is compared with. */
  smallWorld(): Promise<string> {
    return this.world('small', { objects: SMALL });
  }

  /** What the big world is made of. */
  get big(): Wanted {
    const { objects } = this.effort;
    const hoard = Math.min(HOARDED, Math.floor(objects / 10));
    return { objects, hoard, players: Math.max(CROWD, Math.floor(objects / 400)) };
  }

  /** The folder of a world as `keystead bench world` makes it. */
  world(name: string, wanted: Wanted): Promise<string> {
    const options = Object.entries(wanted).flatMap(([option, value]) => [`--${option}`, value as number]);
    return this.#once(name, async (folder) => {
      this.say((await runKeystead(['bench', 'world', '--data', folder, '--seed', SEED, ...options])).trim());
    });
  }

  /** Starts portal and world on a folder, as anybody would but for the checkpoints by the clock. */
  keystead(folder: string, inspectPort?: number): Promise<Server> {
    const options = ['--data', folder, '--port', 0, '--checkpoint-every', 0];
    const nodeOptions = inspectPort === undefined ? undefined : `--inspect-port=${inspectPort}`;
    return Server.start('../../clients/keystead.js', ['start', ...options], nodeOptions);
  }

  #once(name: string, build: (folder: string) => Promise<void>): Promise<string> {
    const folder = this.folder(name);
    const built = this.#worlds.get(name) ?? build(folder).then(() => folder);
    this.#worlds.set(name, built);
    return built;
  }
}

/** How many there are of what in a world that `keystead bench world` makes. */
export function planFor(wanted: Wanted): Plan {
  const classes = Object.keys(SOURCES).length + Object.keys(savedSources(SAVED)).length;
  const plan = planOf(wanted, classes);
  if (typeof plan === 'string') throw new Error(plan);
  return plan;
}

const SAVED = new URL('../../world/saved/', import.meta.url);
