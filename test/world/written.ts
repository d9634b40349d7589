import { starterWorld } from '../starter-world.ts';
import { openTestWorld, type TestWorld, type TestWorldOptions } from '../world-fixture.ts';

/** The starter world, in which people write classes. */
export function openWrittenWorld(options: Partial<TestWorldOptions> = {}): Promise<TestWorld> {
  return openTestWorld({ ...starterWorld, ...options });
}

/** Somebody in a world, from one transcript to the next. */
export interface Actor {
  /** Types lines; gives what was shown after the last. */
  types(...lines: readonly string[]): Promise<readonly string[]>;
  /** Writes a class, line by line, and saves it; throws what was wrong with it. */
  writes(name: string, source: string): Promise<void>;
  /** What has come since. */
  hears(): Promise<readonly string[]>;
}

export async function actorIn(world: TestWorld, name: string): Promise<Actor> {
  const session = world.session(name);
  await world.settle();
  const types = async (...lines: readonly string[]): Promise<readonly string[]> => {
    let shown: readonly string[] = [];
    for (const line of lines) {
      await world.settle();
      session.lines();
      shown = await session.command(line);
    }
    return shown;
  };
  return {
    types,
    async writes(className, source) {
      const shown = await types(`@class ${className}`, ...source.trim().split('\n'), '.');
      if (!/ is saved/.test(shown.join())) throw new Error(shown.join('\n'));
    },
    async hears() {
      await world.settle();
      return session.lines();
    },
  };
}

/** From the landing to the Common, with leave to build there. */
export const TO_THE_COMMON = ['n', 'n', 'e', 'e', 'ask here for leave to build'];

/** For `describe.each`: what it is called, and whether everything is dropped after every turn. */
export const EVICTIONS: readonly (readonly [string, boolean])[] = [
  ['', false],
  [', with everything dropped after every turn', true],
];

/** Mallory, who writes, and Ada, to whom it happens. */
export interface Strangers {
  readonly world: TestWorld;
  readonly mallory: Actor;
  readonly ada: Actor;
  bothToTheCommon(): Promise<void>;
}

/** Opens a world for each test of the block that this is called in, and closes it. */
export function strangers(evictAlways: boolean): Strangers {
  let now: Omit<Strangers, 'bothToTheCommon'>;
  beforeEach(async () => {
    const world = await openWrittenWorld({ evictAlways });
    now = { world, mallory: await actorIn(world, 'Mallory'), ada: await actorIn(world, 'Ada') };
  });
  afterEach(() => now.world.close());
  return {
    get world() {
      return now.world;
    },
    get mallory() {
      return now.mallory;
    },
    get ada() {
      return now.ada;
    },
    async bothToTheCommon() {
      await now.mallory.types(...TO_THE_COMMON);
      await now.ada.types(...TO_THE_COMMON);
    },
  };
}
