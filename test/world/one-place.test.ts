import * as fc from 'fast-check';
import { openTestWorld, type TestSession } from '../world-fixture.ts';
import { misplaced } from './census.ts';
import { rogueClasses, rogueGenesis } from './rogues.ts';

const THINGS = [
  'eel',
  'ghost',
  'snail',
  'bomb',
  'stone',
  'coin',
  'bag',
  'box',
  'sack',
  'stash',
  'all',
  'ada',
  'bob',
  'here',
  'toy',
];
const BOXES = ['bag', 'box', 'sack', 'stash', 'eel'];
const WAYS = ['n', 's', 'e', 'w', 'home'];

const thing = fc.constantFrom(...THINGS);
const box = fc.constantFrom(...BOXES);
const line = fc.oneof(
  thing.map((what) => `get ${what}`),
  thing.map((what) => `drop ${what}`),
  fc.tuple(thing, box).map(([what, into]) => `put ${what} in ${into}`),
  fc.tuple(thing, box).map(([what, from]) => `get ${what} from ${from}`),
  fc.tuple(thing, fc.constantFrom('ada', 'bob')).map(([what, to]) => `give ${what} to ${to}`),
  fc.constantFrom(...WAYS),
  fc.constantFrom(
    '@create toy',
    '@create toy as box',
    '@destroy toy',
    '@teleport toy to here',
    '@teleport toy to me',
    'gifts off',
    'gifts on',
  ),
);

/** Whatever people do, and whatever goes wrong, each thing is in exactly one place after every turn. */
test.each([[false], [true]])(
  'every thing is in exactly one place (everything dropped after every turn: %s)',
  async (evictAlways) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom(0, 1), line), { minLength: 20, maxLength: 40 }),
        async (commands) => {
          const world = await openTestWorld({ classes: rogueClasses, genesis: rogueGenesis, evictAlways });
          try {
            const actors: TestSession[] = [world.session('Ada'), world.session('Bob')];
            for (const [who, typed] of commands) {
              await actors[who]?.command(typed);
              expect([typed, misplaced(world.world, ['Trap'])]).toEqual([typed, []]);
            }
          } finally {
            await world.close();
          }
        },
      ),
      { numRuns: 8 },
    );
  },
);
