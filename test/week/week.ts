import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Accounts } from '../../clients/accounts.ts';
import type { AnyCap } from '../../engine/authoring.ts';
import { prefixRange } from '../../storage/keys.ts';
import { openStoppedView, overlaid } from '../../storage/stopped-view.ts';
import type { View } from '../../storage/view.ts';
import { Chance } from '../crash/chance.ts';
import { Folk, Person } from './folk.ts';
import { habit, newEstate, wizardry, type Estate, type Neighbours } from './habits.ts';
import { judge, judgeNewTokens, type Judged } from './judgement.ts';
import { judgeKeepsakes } from './keepsakes.ts';
import { Town, type End } from './town.ts';
import { baker, casing, clock, example, SHARED_CLASSES } from './wares.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface WeekOptions {
  /** Hours of the world's clock. */
  readonly hours: number;
  readonly players: number;
  readonly seed: number;
  /** Rounds in which everybody who is awake does something, in an hour. */
  readonly rounds: number;
  /** Hours between two checkpoints. */
  readonly checkpointEvery: number;
  /** Of the checkpoints, and of the backups, one in so many is held against everything when it is restored. */
  readonly judgeEvery: number;
  readonly say: (line: string) => void;
}

export interface Week {
  /** Everything that was not as promised. */
  readonly wrong: readonly string[];
  readonly restored: number;
  readonly collected: number;
  readonly lines: number;
  readonly judged: Judged;
  readonly lives: Readonly<Record<End, number>>;
  readonly told: ReadonlyMap<string, number>;
  readonly events: ReadonlyMap<string, number>;
}

const NAMES = 'Ada Bob Cleo Dan Eve Finn Gus Hal Ida Jon Kim Lou Mal Ned Ola Pam Quin Ros Sam Tess'.split(
  ' ',
);

/** Reported by a world that has lost something, or cannot do what it was asked. */
const NEVER =
  /^(?:damaged|failed errand|killer|migrated|broken class|failed upgrade|failed turn.*because of)/;

/** Faults that are kept; a broken week says the like again and again. */
const MOST_WRONG = 60;

/** Plays a world for some time of its own clock, in a folder that goes with it, and judges it each day and at the end. */
export async function playWeek(options: WeekOptions): Promise<Week> {
  const scratch = await mkdtemp(join(tmpdir(), 'keystead-week-'));
  const playing = new Playing(options, scratch);
  try {
    return await playing.play();
  } finally {
    await rm(scratch, { recursive: true });
  }
}

class Playing {
  readonly #options: WeekOptions;
  readonly #chance: Chance;
  readonly #folders: { readonly data: string; readonly backup: string; readonly scratch: string };
  readonly #town: Town;
  readonly #folk: Folk;
  readonly #estates: Estate[];
  readonly #away = new Map<Person, number>();
  readonly #wrong: string[] = [];
  #when = 'at first';
  #numbers = 0;
  #collected = 0;
  #judged: Judged | null = null;

  constructor(options: WeekOptions, scratch: string) {
    const { seed, players } = options;
    this.#options = options;
    this.#chance = new Chance(seed);
    this.#folders = { data: join(scratch, 'data'), backup: join(scratch, 'backup'), scratch };
    const names = Array.from({ length: players }, (_, at) => {
      const turn = Math.floor(at / NAMES.length);
      return `${NAMES[at % NAMES.length]}${turn === 0 ? '' : String(turn)}`;
    });
    this.#folk = new Folk(names, this.#tell);
    this.#estates = this.#folk.people.map(newEstate);
    this.#town = new Town({
      folder: this.#folders.data,
      backup: this.#folders.backup,
      seed,
      resident: 400,
      onOut: this.#folk.take,
      wrong: this.#tell,
    });
  }

  readonly #tell = (what: string): void => {
    if (this.#wrong.length < MOST_WRONG) this.#wrong.push(`${this.#when}: ${what}`);
    if (this.#wrong.length <= 20) this.#options.say(`WRONG ${this.#when}: ${what}`);
  };

  async play(): Promise<Week> {
    const { hours, judgeEvery } = this.#options;
    const town = this.#town;
    await town.open(false);
    await this.#found();
    for (let hour = 0; hour < hours; hour += 1) {
      this.#when = `day ${Math.floor(hour / 24)} hour ${hour % 24}`;
      await this.#hour(hour);
      if (hour % 24 === 23) await this.#dayEnds();
    }
    this.#when = 'at the end';
    await this.#empty();
    await this.#dayEnds();
    await town.end('stop', () => {});
    const restored = await judgeKeepsakes(town.taken, this.#folders, judgeEvery, this.#tell);
    for (const [text, count] of town.events) if (NEVER.test(text)) this.#tell(`${count} times: ${text}`);
    if (this.#judged === null) throw new Error('nothing was judged');
    return {
      wrong: this.#wrong,
      restored,
      collected: this.#collected,
      lines: this.#folk.figures.lines,
      judged: this.#judged,
      lives: town.lives,
      told: this.#folk.told,
      events: town.events,
    };
  }

  /** Everybody comes in and builds; the first one writes the classes that all may use, and gets wizardry. */
  async #found(): Promise<void> {
    const town = this.#town;
    const folk = this.#folk;
    for (const estate of this.#estates) {
      const { person, rooms } = estate;
      await folk.enter(town, person);
      const lane = `${person.name} House`;
      rooms.push(lane);
      await folk.say(town, person, 'n', 'n', 'e', 'e', 'ask here for leave to build');
      await folk.say(
        town,
        person,
        `@dig ${person.name.toLowerCase()} lane to "${lane}"`,
        `@teleport me to ${lane}`,
      );
    }
    const [first] = folk.people as [Person];
    const { storage } = town.world.roots;
    const player = new Accounts(town.world, town.random).playerNamed(first.name);
    await town.world.run((invoke) => {
      invoke(player, 'entrust', [invoke(storage, 'front', []), storage, 'all that Storage can do']);
    });
    for (const name of SHARED_CLASSES) await folk.say(town, first, ...example(name, 1), `@open ${name}`);
    await folk.say(town, first, ...baker(1), '@open Baker');
    // Nobody hands a bank over in a room of which no admin has approved the code.
    await town.world.run((invoke) => {
      const { hash } = invoke(town.world.roots.classes, 'describe', ['Stage']) as { readonly hash: string };
      invoke(storage, 'approve', ['Stage', hash]);
    });
    const shop = [
      [
        '@create Mint named "little mint"',
        '@create Purse named "iron till"',
        '@create Purse named "small purse"',
      ],
      ['put iron till in mint', 'strike 1 in mint', 'get iron till from mint'],
      ['put small purse in mint', 'strike 9 in mint', 'get small purse from mint'],
      [
        '@dig shop to "The Shop" as Stage',
        'go shop',
        '@create Shopkeeper named "Mrs Plum"',
        'hire mrs plum',
        'drop mrs plum',
      ],
      [
        '@create red apple',
        'give iron till to mrs plum',
        'give red apple to mrs plum',
        'say Sell red apple for 3.',
      ],
      ['@create Dog named "Rex"', 'adopt rex', 'drop rex', '@bank split 3 for Rex', 'say Rex, dig!'],
      ['@create Baker named "Crumb"', 'drop crumb', '@bank split 30 for Crumb', 'bake crumb', 'bake crumb'],
      [
        '@create BulletinBoard named "cork board"',
        '@teleport cork board to here',
        'pin Welcome. on cork board',
      ],
    ];
    // Somebody else: all those classes have used up most of what the first one's bank had.
    const [one, keeper = one] = this.#estates as [Estate, ...Estate[]];
    // Line by line: characters take their places in turns of their own.
    for (const line of shop.flat()) await folk.say(town, keeper.person, line);
    keeper.rooms.push('The Shop');
    // Clocks that go, and cases that watch them, from the first hour on.
    for (const { person, classes, things } of this.#estates.slice(0, 3)) {
      const { name } = person;
      for (const [kind, write] of [
        ['Clock', clock],
        ['Case', casing],
      ] as const) {
        classes.set(`${name}${kind}`, 1);
        await folk.say(town, person, ...write(`${name}${kind}`, 1));
      }
      const [it, box] = [`clock of ${name} 0`, `case of ${name} 0`];
      things.push(it, box);
      await folk.say(
        town,
        person,
        `@create ${name}Clock named "${it}"`,
        `@create ${name}Case named "${box}"`,
      );
      await folk.say(town, person, `wind ${it}`, `tap ${it}`, `put ${it} in ${box}`, `drop ${box}`, 'i');
    }
  }

  async #hour(hour: number): Promise<void> {
    const { rounds, checkpointEvery } = this.#options;
    const town = this.#town;
    await this.#comeAndGo(hour);
    for (let round = 0; round < rounds; round += 1) {
      await this.#round();
      // Now and then slowly: what rings again and again then rings each time.
      await town.pass(HOUR / rounds, this.#chance.happens(0.2) ? 20_000 : 150_000);
    }
    if (hour % checkpointEvery === checkpointEvery - 1 || town.wantsCheckpoint())
      await town.checkpoint(() => this.#round());
    if (hour % 24 === 12) await this.#midday();
    if (hour % 24 === 4) await this.#collect();
    if (this.#chance.happens(0.25)) await this.#anotherLife();
  }

  /** Who is awake changes; by night few are, and some stay away for days. */
  async #comeAndGo(hour: number): Promise<void> {
    const town = this.#town;
    const folk = this.#folk;
    const chance = this.#chance;
    const isNight = hour % 24 < 6;
    for (const { person } of this.#estates) {
      if ((this.#away.get(person) ?? 0) > hour) continue;
      if (person.line === null) {
        if (!chance.happens(isNight ? 0.05 : 0.3)) continue;
        await folk.enter(town, person);
        await folk.say(town, person, 'look', 'i');
      } else if (chance.happens(isNight ? 0.5 : 0.12)) {
        await this.#leave(person);
        if (chance.happens(0.1)) this.#away.set(person, hour + chance.whole(12, 72));
      } else if (chance.happens(0.7)) folk.acknowledge(town, person);
    }
    for (const person of folk.people.filter(({ isGuest }) => isGuest)) {
      if (chance.happens(0.6)) await this.#leave(person);
      if (person.line === null) folk.people.splice(folk.people.indexOf(person), 1);
    }
    if (chance.happens(isNight ? 0.05 : 0.4)) {
      const guest = new Person('Guest', true);
      folk.people.push(guest);
      await folk.enter(town, guest);
      await folk.say(town, guest, 'look');
    }
    await folk.hangUp(town);
  }

  async #leave(person: Person): Promise<void> {
    const town = this.#town;
    if (this.#chance.happens(0.5)) await this.#folk.leave(town, person);
    else await this.#folk.say(town, person, '..', 'quit');
    await this.#folk.hangUp(town);
  }

  /** Everybody who is awake does something, all of it at once. */
  async #round(): Promise<void> {
    this.#type();
    await this.#town.settle();
    await this.#folk.hangUp(this.#town);
  }

  #type(): void {
    const folk = this.#folk;
    const chance = this.#chance;
    const awake = folk.awake;
    const neighbours: Neighbours = {
      names: folk.people.filter(({ isGuest }) => !isGuest).map(({ name }) => name),
      awake: awake.map(({ name }) => name),
      number: () => (this.#numbers += 1),
    };
    for (const person of awake) {
      const known = this.#estates.find((each) => each.person === person);
      const estate = known ?? newEstate(person);
      const isFirst = known !== undefined && known === this.#estates[0];
      const lines =
        isFirst && chance.happens(0.3) ? wizardry(estate, chance) : habit(estate, chance, neighbours);
      for (const line of lines) folk.type(this.#town, person, line);
      if (known?.rooms.includes('The Shop') === true && chance.happens(0.2))
        for (const line of ['@teleport me to The Shop', 'bake crumb', 'bake crumb'])
          folk.type(this.#town, person, line);
    }
  }

  /** Judges the running world while it goes on. */
  async #midday(): Promise<void> {
    const snapshot = await this.#town.journal.snapshot();
    const reader = overlaid(snapshot); // as the tools see a running world
    const view: View = {
      seq: snapshot.seq,
      get: async (key) => reader.get(key),
      range: (range) => reader.range(range),
      close: () => snapshot.close(),
    };
    const playing = this.#round();
    try {
      await Promise.all([judge(view, this.#tell), playing]);
    } finally {
      await view.close();
    }
  }

  /** Leaves some garbage, then has it collected while everybody goes on. */
  async #collect(): Promise<void> {
    const { world } = this.#town;
    await world.run((invoke) => {
      const part = invoke(world.roots.bank, 'split', [this.#chance.whole(5, 50)]) as AnyCap;
      invoke(part, 'split', [1]);
    });
    const playing = this.#round();
    const [{ removed }] = await Promise.all([world.collect(), playing]);
    this.#collected += removed;
  }

  /** The world stops, or its power fails in the middle of everything; it is down for a while, and comes back. */
  async #anotherLife(): Promise<void> {
    const town = this.#town;
    const chance = this.#chance;
    const how = chance.weighed({ stop: 1, 'power-before': 1, 'power-after': 1 });
    await town.end(how, () => {
      this.#type();
      const { world } = town;
      world.run((invoke) => invoke(world.roots.bank, 'split', [1])).catch(() => {}); // nobody hears of it
    });
    if (chance.happens(0.5)) town.sleep(chance.whole(1, 20) * 60_000);
    await town.open(chance.happens(0.2));
    await this.#folk.resume(town);
    await this.#folk.hangUp(town);
  }

  /** Stops the world as an admin does, judges what is in its folder, and starts it again. */
  async #dayEnds(): Promise<void> {
    const town = this.#town;
    await town.end('stop', () => {});
    const began = performance.now();
    const view = await openStoppedView(this.#folders.data);
    try {
      this.#judged = await judge(view, this.#tell);
      await judgeNewTokens(view, this.#tell);
    } finally {
      await view.close();
    }
    const { keys, objects, kinds } = this.#judged;
    this.#options.say(
      `${this.#when}: ${this.#folk.figures.lines} lines, ${objects} objects, ${keys} keys ` +
        `(${[...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ')}), ${this.#collected} collected, ` +
        `judged in ${Math.round(performance.now() - began)} ms, ${this.#wrong.length} wrong`,
    );
    await town.open(this.#chance.happens(0.2));
    await this.#folk.resume(town);
  }

  /** Everybody leaves, and the days go by until no garbage is left. */
  async #empty(): Promise<void> {
    const town = this.#town;
    const folk = this.#folk;
    for (const person of folk.people) await folk.leave(town, person);
    await folk.hangUp(town);
    for (let days = 0; days < 2; days += 1) {
      this.#collected += (await town.world.collect()).removed;
      await town.pass(DAY + 1, HOUR);
    }
    const last = await town.world.collect();
    this.#collected += last.removed;
    if (last.waiting > 0) this.#tell(`${last.waiting} objects are garbage still, after the days of grace`);
    await town.settle();
    const snapshot = await town.journal.snapshot();
    try {
      for await (const [key] of snapshot.range(prefixRange('g'))) this.#tell(`${key} is there still`);
    } finally {
      await snapshot.close();
    }
  }
}
