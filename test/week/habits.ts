import type { Chance } from '../crash/chance.ts';
import type { Person } from './folk.ts';
import { casing, clock, example, SHARED_CLASSES } from './wares.ts';

/** What one person has, as far as he knows, beside what he sees. */
export interface Estate {
  readonly person: Person;
  /** Names of things that he made, and of rooms. */
  readonly things: string[];
  readonly rooms: string[];
  /** Classes of his own by name, and how many versions he saved of each. */
  readonly classes: Map<string, number>;
  made: number;
}

export function newEstate(person: Person): Estate {
  return { person, things: [], rooms: [], classes: new Map(), made: 0 };
}

/** Who can be met, and numbers for names that no room has yet. */
export interface Neighbours {
  readonly names: readonly string[];
  readonly awake: readonly string[];
  readonly number: () => number;
}

/** How often each is done. */
const HABITS = {
  walk: 16,
  goHome: 3,
  talk: 10,
  look: 8,
  take: 8,
  drop: 5,
  putIn: 4,
  takeOut: 3,
  give: 5,
  create: 7,
  createShared: 6,
  createOwn: 4,
  use: 14,
  describe: 3,
  rename: 2,
  teleport: 3,
  destroy: 5,
  dig: 2,
  destroyRoom: 1,
  lend: 4,
  recall: 4,
  forget: 1,
  split: 2,
  reclaim: 2,
  useBank: 1,
  write: 1.5,
  upgrade: 1,
  rollback: 0.5,
  openClass: 0.5,
  read: 1,
} as const;

type Habit = keyof typeof HABITS;

const NOUNS = ['kite', 'drum', 'boat', 'tin', 'hat', 'flute', 'rope', 'cup', 'book', 'stone'];
const TEXTS = [
  'Good morning.',
  'Grüße, “all”!',
  'מנורה',
  'Sell red apple for 3.',
  'Buy the red apple.',
  'Rex, dig!',
  '\u{1f56f}',
];

/** What lines one does with a thing of a shared class; `it` is its name. */
const USES: Readonly<Record<string, (it: string, chance: Chance) => string>> = {
  OilLamp: (it, chance) => chance.one([`light ${it}`, `blow out ${it}`]),
  TimeBomb: (it, chance) =>
    chance.one([`set ${it} to ${chance.whole(3, 600)}`, `set ${it} to 300`, `defuse ${it}`]),
  BulletinBoard: (it, chance) =>
    chance.one([
      `pin ${chance.one(TEXTS)} on ${it}`,
      `read ${it}`,
      `tear ${chance.whole(1, 9)} off ${it}`,
      `@teleport ${it} to here`,
    ]),
  LockedChest: (it, chance) => chance.one([`lock ${it}`, `open ${it}`, `change ${it}`, `drop ${it}`]),
  Mint: (it, chance) => `strike ${chance.whole(1, 9)} in ${it}`,
  VendingMachine: (it, chance) =>
    chance.one([`buy tea from ${it}`, `@teleport ${it} to here`, `pour 2 from ${it}`]),
  VotingBox: (it, chance) =>
    chance.one([`offer tea in ${it}`, `offer coffee in ${it}`, `seal ${it}`, `count ${it}`]),
  Ballot: (it) => `mark tea on ${it}`,
  ReadersTicket: (it, chance) => chance.one([`renew with ${it}`, `return with ${it}`, `read 1 with ${it}`]),
  LoanBook: (it, chance) => chance.one([`write ${chance.one(TEXTS)} in ${it}`, `@teleport ${it} to here`]),
  Purse: (it, chance) => chance.one([`count ${it}`, `pour 2 from ${it}`]),
};

/** The lines of one thing that somebody does. A line that is refused is play as well. */
export function habit(me: Estate, chance: Chance, { names, awake, number }: Neighbours): readonly string[] {
  const { person, things, rooms, classes } = me;
  const mine = () => (things.length === 0 ? 'nothing' : chance.one(things));
  const carried = () => (person.carried.length === 0 ? mine() : chance.one(person.carried));
  const seen = () => (person.seen.length === 0 ? 'moon' : chance.one(person.seen));
  const other = () => chance.one(chance.happens(0.8) && awake.length > 0 ? awake : names);
  const neighbour = () => (person.others.length > 0 ? chance.one(person.others) : other());
  const named = (noun: string = chance.one(NOUNS)): string => {
    me.made += 1;
    const name = `${noun} of ${person.name} ${me.made}`;
    things.push(name);
    if (things.length > 40) things.shift();
    return name;
  };
  const own = (): string | undefined => (classes.size === 0 ? undefined : chance.one([...classes.keys()]));
  const chosen: Habit = chance.weighed(HABITS);
  switch (chosen) {
    case 'walk':
      return person.ways.length === 0 ? ['look'] : [`go ${chance.one(person.ways)}`];
    case 'goHome':
      return rooms.length > 0 && chance.happens(0.7) ? [`@teleport me to ${chance.one(rooms)}`] : ['home'];
    case 'talk':
      return [
        chance.one([
          `say ${chance.one(TEXTS)}`,
          `:waves.`,
          `whisper ${chance.one(TEXTS)} to ${neighbour()}`,
          'who',
          'gifts on',
        ]),
      ];
    case 'look':
      return ['look', 'i'];
    case 'take':
      return [`get ${seen()}`, 'i'];
    case 'drop':
      return [`drop ${carried()}`, 'look', 'i'];
    case 'putIn':
      return [`put ${carried()} in ${chance.happens(0.5) ? seen() : carried()}`, 'i'];
    case 'takeOut':
      return [`get all from ${chance.happens(0.5) ? seen() : carried()}`];
    case 'give':
      return [`give ${carried()} to ${neighbour()}`, 'i'];
    case 'create':
      return [`@create ${named()}${chance.happens(0.4) ? ' as box' : ''}`];
    case 'createShared': {
      const kind = chance.one(SHARED_CLASSES);
      if (kind === 'Stage' || kind === 'Actor' || kind === 'Dog' || kind === 'Shopkeeper') return ['look'];
      const name = named(kind.toLowerCase());
      const use = USES[kind]?.(name, chance);
      return [`@create ${kind} named "${name}"`, ...(use === undefined ? [] : [use])];
    }
    case 'createOwn': {
      const kind = own();
      if (kind === undefined) return ['@bank'];
      const it = named(kind.endsWith('Clock') ? 'clock' : 'case');
      return [`@create ${kind} named "${it}"`, `wind ${it}`, 'i'];
    }
    case 'use': {
      const near = [...person.carried, ...person.seen];
      const it = near.length === 0 || chance.happens(0.1) ? mine() : chance.one(near);
      const [noun = ''] = it.split(' ');
      const kind = SHARED_CLASSES.find((each) => each.toLowerCase() === noun);
      const use = kind === undefined ? undefined : USES[kind];
      if (use !== undefined) return [use(it, chance)];
      if (noun === 'clock')
        return chance.happens(0.3)
          ? [`note ${chance.one(TEXTS)} on ${it}`]
          : [`${chance.one(['wind', 'wind', 'halt', 'tap'])} ${it}`];
      if (noun === 'case') {
        const clock = near.find((each) => each.startsWith('clock'));
        if (clock !== undefined && chance.happens(0.5)) return [`put ${clock} in ${it}`, 'i'];
        return [`${chance.one(['deafen', 'part', 'part', 'part'])} ${it}`];
      }
      return [`${chance.one(['x', 'open', 'x'])} ${it}`];
    }
    case 'describe':
      return [
        `@describe ${chance.one([mine(), 'here', 'me'])} as ${chance.one(TEXTS)} ${'x'.repeat(chance.whole(0, 300))}`,
      ];
    case 'rename': {
      const old = mine();
      return [`@rename ${old} to ${named()}`];
    }
    case 'teleport':
      return [`@teleport ${mine()} to ${chance.one(['me', 'here', ...rooms])}`, 'i'];
    case 'destroy': {
      if (things.length < 8) return ['i'];
      const [gone] = things.splice(chance.whole(0, things.length - 1), 1);
      return [`@destroy ${gone}`];
    }
    case 'dig': {
      if (rooms.length > 5) return ['look'];
      const n = number();
      const name = `${person.name} Room ${n}`;
      rooms.push(name);
      const home = rooms[0] ?? name;
      const stage = chance.happens(0.4) ? ' as Stage' : '';
      return [`@teleport me to ${home}`, `@dig way ${n} to "${name}"${stage}`];
    }
    case 'destroyRoom':
      if (rooms.length < 3) return ['look'];
      return ['home', `@destroy ${rooms.pop()}`];
    case 'lend':
      if (chance.happens(0.3) && own() !== undefined)
        return [`@lend ${chance.one(['make', 'extend'])} on ${own()} to ${neighbour()}`];
      return [`@lend ${chance.one(['describe', 'rename', 'destroy'])} on ${mine()} to ${neighbour()}`];
    case 'recall':
      return [`@recall ${chance.happens(0.2) ? (own() ?? mine()) : mine()}`, 'keyring'];
    case 'forget':
      return [`forget ${mine()}${chance.happens(0.5) ? ' for good' : ''}`];
    case 'split':
      return [`@bank split ${chance.whole(1, 5)} for ${neighbour()}`];
    case 'reclaim':
      return [`@bank reclaim ${other()}`];
    case 'useBank':
      return [chance.happens(0.7) ? '@bank use mine' : `@bank use ${other()}`];
    case 'write': {
      const name = `${person.name}${chance.one(['Clock', 'Case'])}`;
      const version = (classes.get(name) ?? 0) + 1;
      classes.set(name, version);
      return name.endsWith('Clock') ? clock(name, version) : casing(name, version);
    }
    case 'upgrade': {
      const kind = own();
      return kind === undefined ? ['@classes'] : [`@upgrade ${kind}`];
    }
    case 'rollback': {
      const kind = own();
      const versions = classes.get(kind ?? '') ?? 0;
      if (kind === undefined || versions < 2) return ['@classes'];
      classes.set(kind, versions + 1);
      return [`@rollback ${kind} to ${chance.whole(1, versions - 1)}`];
    }
    case 'openClass': {
      const kind = own();
      return kind === undefined ? ['@classes'] : [`@${chance.one(['open', 'close'])} ${kind}`];
    }
    case 'read':
      break;
  }
  return [
    chance.one([
      '@classes',
      '@bank',
      'keyring',
      'help',
      '@aside',
      `@versions ${own() ?? 'Purse'}`,
      '@source Purse',
    ]),
  ];
}

/** What the one who has wizardry does now and then. */
export function wizardry({ things }: Estate, chance: Chance): readonly string[] {
  const it = things.length === 0 ? 'nothing' : chance.one(things);
  return chance.one([
    ['@letters'],
    [`@letters retry ${chance.whole(1, 40_000)}`, `@letters drop ${chance.whole(1, 40_000)}`],
    [`@grants ${it}`, `@holders ${it}`],
    // Done to anything else it would come between that and its place.
    ['@create toy', '@grants toy', '@revoke 3 on toy', 'drop toy', '@destroy toy'],
    [`@show ${it}`, '@accounts'],
    [`@stop ${it} because it hums`, '@stop list'],
    [`@resume ${it}`],
    ['@checkpoint'],
    example(chance.one(SHARED_CLASSES), chance.whole(2, 99)),
    [`@upgrade ${chance.one(SHARED_CLASSES)}`],
  ]);
}
