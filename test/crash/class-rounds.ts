import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askWorld } from '../../clients/control.ts';
import { audit } from './audit.ts';
import { Author, pause } from './author.ts';
import { Chance } from './chance.ts';
import { ClassCount } from './class-count.ts';
import { ClassFaults } from './class-faults.ts';
import { ClassFinding } from './class-finding.ts';
import { Founding } from './class-founding.ts';
import { planClasses, type ClassPlan, type Numbers, type PlannedPerson } from './class-plan.ts';
import type { Client, Sent, Watcher } from './client.ts';
import { Dialogue } from './dialogue.ts';
import { chooseFault, type FaultKind } from './fault.ts';
import { Guild } from './guild.ts';
import { readImage } from './image.ts';
import { copyFolder } from './keystead.ts';
import { PlainPlayer } from './plain-player.ts';
import { Broken } from './rounds.ts';
import { Trouble } from './trouble.ts';
import { User } from './user.ts';
import { WebPlayer } from './web-player.ts';

export interface ClassRoundsOptions extends Numbers {
  readonly rounds: number;
  readonly seed: number;
  readonly evictAlways: boolean;
  /** The faults of the first rounds; the seed chooses all others. */
  readonly faults?: readonly FaultKind[];
  /** Rounds after which everybody stops, and everything is counted. */
  readonly countEvery: number;
  /** Milliseconds from one fault to the next, at most. */
  readonly most?: number;
  /** Told after each round. */
  readonly onRound?: (round: number, what: string) => void;
}

const PASSWORD = 'correct horse';
/** What is not over after this time, in milliseconds, is waited for in vain. */
const PATIENCE = 90_000;
/** Milliseconds from one fault to the next. */
const BETWEEN = { least: 500, most: 2_200 };
/** What was sent and shown last, for people who have to find out why. */
const LINES_KEPT = 2_000;

const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  world: 50,
  twice: 5,
  torn: 10,
  all: 8,
  portal: 4,
  socket: 4,
  stop: 5,
  reload: 14,
};

/** One run: authors who change their classes, users who use what is made of them, and faults. */
class ClassRounds implements Watcher {
  readonly #options: ClassRoundsOptions;
  readonly #data: string;
  readonly #chance: Chance;
  readonly #plan: ClassPlan;
  readonly #guild: Guild;
  readonly #authors: readonly Author[];
  readonly #users: readonly User[];
  readonly #dialogues = new Map<string, Dialogue>();
  readonly #trouble: Trouble;
  readonly #faults: ClassFaults;
  readonly #count: ClassCount;
  #violations: string[] = [];
  #log: string[] = [];
  /** What the objects kept when the folder was looked into last. */
  #records: ReadonlyMap<string, string> = new Map();

  constructor(options: ClassRoundsOptions, data: string) {
    this.#options = options;
    this.#data = data;
    this.#chance = new Chance(options.seed);
    this.#plan = planClasses(options, this.#chance.branch());
    this.#guild = new Guild((what) => this.#wrong(what));
    this.#authors = this.#plan.authors.map(
      (each) => new Author(this.#dialogue(each), this.#guild, each.hall, this.#chance.branch()),
    );
    this.#users = this.#plan.users.map(
      (each) => new User(this.#dialogue(each), this.#guild, each.hall, this.#chance.branch()),
    );
    this.#count = new ClassCount(this.#guild, this.#authors, this.#users);
    this.#trouble = new Trouble({
      data,
      evictAlways: options.evictAlways,
      victims: [...this.#dialogues.values()],
      chance: this.#chance.branch(),
      note: (text) => this.#note(text),
      wrong: (what) => this.#wrong(what),
      look: () => this.#look(),
    });
    this.#faults = new ClassFaults({
      trouble: this.#trouble,
      guild: this.#guild,
      chance: this.#chance.branch(),
      dialogues: [...this.#dialogues.values()],
      admin: this.#admin,
      note: (text) => this.#note(text),
      goesOn: () => this.#violations.length === 0,
    });
  }

  async run(): Promise<Readonly<Record<string, number>>> {
    const { rounds } = this.#options;
    const began = performance.now();
    try {
      await this.#within(this.#begin(), 'the beginning');
      this.#judge('the beginning');
      this.#options.onRound?.(0, `begun after ${Math.round(performance.now() - began)} ms`);
      for (let round = 1; round <= rounds;) round = await this.#stretch(round);
      await this.#within(this.#end(), 'the end');
      this.#judge('the end');
    } finally {
      await Promise.all([...this.#dialogues.values()].map(({ client }) => client.leave()));
      await this.#trouble.clearAway();
    }
    const { kills, images } = this.#trouble;
    return {
      rounds,
      seconds: Math.round((performance.now() - began) / 1000),
      kills,
      reloads: this.#faults.reloads,
      images,
      commands: this.#sum(({ sent }) => sent),
      classes: this.#guild.kinds.size,
      objects: this.#guild.objects.size,
      ...this.#guild.figures,
    };
  }

  // What the clients tell.

  sent(client: Client, { session, n, line }: Sent): void {
    this.#note(`${client.name} > ${session}:${n} ${line.slice(0, 100)}`);
  }

  line(client: Client, text: string): void {
    this.#note(`${client.name} < ${text}`);
    this.#dialogues.get(client.name)?.shown(text);
  }

  structured(): void {}

  notice(client: Client, text: string): void {
    this.#note(`${client.name} ! ${text}`);
  }

  refused(client: Client, n: number, code: string): void {
    this.#note(`${client.name} x ${n} ${code}`);
    // A plain client may be told so when the world is being stopped.
    if (client.kind === 'web' || code !== 'WorldClosed')
      this.#wrong(`${client.name}: line ${n} was refused (${code})`);
  }

  wrong(client: Client, what: string): void {
    this.#wrong(`${client.name}: ${what}`);
  }

  // The rounds.

  async #begin(): Promise<void> {
    await this.#trouble.begin();
    await new Founding(this.#plan, this.#guild, this.#authors, this.#users).run();
    await askWorld(this.#data, process.cwd(), { t: 'admin', name: this.#admin.name });
  }

  /** Some rounds with everybody at work, then a rest in which everything is counted. Gives the next round. */
  async #stretch(first: number): Promise<number> {
    const { rounds, countEvery, faults, onRound, most = BETWEEN.most } = this.#options;
    let working = true;
    const goesOn = () => working && this.#violations.length === 0;
    const work = Promise.all([...this.#authors, ...this.#users].map((each) => each.live(goesOn)));
    work.catch((error: unknown) => {
      this.#wrong(`the work ended: ${(error as Error).stack}`);
    });
    let round = first;
    do {
      await pause(this.#chance.whole(BETWEEN.least, most));
      const fault = chooseFault(this.#chance, 1, faults?.[round - 1], WEIGHTS);
      await this.#within(this.#faults.strike(fault), fault.kind);
      this.#judge(`round ${round} (${fault.kind})`);
      onRound?.(round, fault.kind);
      round += 1;
    } while (round <= rounds && (round - 1) % countEvery !== 0);
    working = false;
    await this.#within(
      work.then(async () => {
        await this.#count.run();
      }),
      'the count',
    );
    this.#judge(`the count after round ${round - 1}`);
    return round;
  }

  /** A clean end and a beginning change nothing, and neither does a crash while nothing goes on. */
  async #end(): Promise<void> {
    const before = await this.#count.reports();
    const stop = { ...chooseFault(this.#chance, 1, 'stop'), delay: 0 };
    await this.#trouble.strike(stop);
    const records = this.#records;
    const after = await this.#count.reports();
    for (const [name, report] of before) {
      const again = JSON.stringify(after.get(name));
      if (JSON.stringify(report) !== again)
        this.#wrong(`${name} reported ${JSON.stringify(report)}, and after a restart ${again}`);
    }
    await this.#trouble.end();
    for (const [name, record] of records)
      if (this.#records.get(name) !== record)
        this.#wrong(`${name} was stored as ${record}, and in the end as ${this.#records.get(name)}`);
  }

  /** Reads the folder of a dead world. */
  async #look(): Promise<void> {
    const wrong = (what: string) => this.#wrong(`after the crash ${what}`);
    const copy = await mkdtemp(join(tmpdir(), 'keystead-image-'));
    try {
      await copyFolder(this.#data, copy);
      const image = await readImage(copy);
      audit(image, wrong);
      const finding = new ClassFinding(image, this.#guild, wrong);
      finding.checkInside();
      finding.checkBooks(this.#authors);
      this.#records = finding.records();
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }

  // The rest.

  #dialogue({ name, plain }: PlannedPerson): Dialogue {
    const habits = this.#chance.branch();
    const acksNow = () => habits.happens(0.4);
    const reloads = () => habits.happens(0.3);
    const client: Client = plain
      ? new PlainPlayer(name, PASSWORD, this)
      : new WebPlayer(name, PASSWORD, this, { acksNow, reloads });
    const dialogue = new Dialogue(client);
    this.#dialogues.set(name, dialogue);
    return dialogue;
  }

  get #admin(): Dialogue {
    const [first] = this.#users;
    if (first === undefined) throw new Error('a run needs a user');
    return first.dialogue;
  }

  #sum(what: (dialogue: Dialogue) => number): number {
    return [...this.#dialogues.values()].reduce((sum, each) => sum + what(each), 0);
  }

  async #within(work: Promise<void>, what: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        const waiting = [...this.#dialogues.values()].filter(({ waitsFor }) => waitsFor !== '');
        const list = waiting.map(({ name, waitsFor }) => `${name} waits for ${waitsFor}`);
        this.#wrong(`${what} is not over after ${PATIENCE} ms: ${list.join('; ')}`);
        resolve();
      }, PATIENCE);
    });
    try {
      await Promise.race([work, late]);
    } catch (error) {
      this.#wrong(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  #wrong(what: string): void {
    this.#note(`*** ${what}`);
    this.#violations.push(what);
  }

  #note(text: string): void {
    this.#log.push(`${performance.now().toFixed(1)} ${text}`);
    if (this.#log.length > 2 * LINES_KEPT) this.#log = this.#log.slice(-LINES_KEPT);
  }

  #judge(what: string): void {
    if (this.#violations.length === 0) return;
    const { seed, evictAlways } = this.#options;
    const title = `seed ${seed}${evictAlways ? ', evicting always' : ''}, ${what}`;
    throw new Broken(
      `${title}:\n  ${this.#violations.join('\n  ')}\n\nwhat happened last:\n${this.#log.join('\n')}`,
      this.#violations,
    );
  }
}

/** Runs rounds on a folder of their own, and gives figures. Throws `Broken` at the first promise that is broken. */
export async function runClassRounds(options: ClassRoundsOptions): Promise<Readonly<Record<string, number>>> {
  const data = await mkdtemp(join(tmpdir(), 'keystead-classes-'));
  try {
    return await new ClassRounds(options, data).run();
  } finally {
    await rm(data, { recursive: true, force: true, maxRetries: 5 });
  }
}
