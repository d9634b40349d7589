import { join } from 'node:path';
import { runScript, Server } from './children.ts';

/** How much a run does. */
export interface Effort {
  /** Things in the big world. */
  readonly objects: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** How often what is measured and its raw limit take turns. */
  readonly rounds: number;
}

export const PLAYERS = 200;

/** Things in the small world that the big one is compared with, and in use in the big one. */
export const SMALL = 1000;

/** First of the rooms without things in which players stand: enough for each to be alone. */
export const FIRST_EMPTY_ROOM = 1;

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
    return this.#world('playground', 0, PLAYERS);
  }

  /** The same with two things in each room: see room-tree.ts. */
  workshop(): Promise<string> {
    return this.#world('workshop', 0, PLAYERS, 'gadgets');
  }

  /** The folder of a world with so many things. */
  worldOf(things: number): Promise<string> {
    return this.#world(`world-of-${things}`, things, 0);
  }

  /** Starts portal and world on a folder, as anybody would but for the checkpoints by the clock. */
  keystead(folder: string): Promise<Server> {
    const options = ['--data', folder, '--port', 0, '--checkpoint-every', 0];
    return Server.start('../../clients/keystead.js', ['start', ...options]);
  }

  #world(name: string, things: number, rooms: number, more = ''): Promise<string> {
    const built = this.#worlds.get(name) ?? this.#build(name, things, rooms, more);
    this.#worlds.set(name, built);
    return built;
  }

  async #build(name: string, things: number, rooms: number, more: string): Promise<string> {
    const folder = this.folder(name);
    this.say(`building a world of ${things} things and ${rooms} empty rooms`);
    const { seconds } = await runScript<{ seconds: number }>('./build-world.js', [
      folder,
      things,
      rooms,
      more,
    ]);
    this.say(`built in ${seconds.toFixed(1)} s`);
    return folder;
  }
}
