import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Actor } from './actor.ts';
import type { Scene } from '../../world/place.ts';
import { Atlas, isThing } from './atlas.ts';
import { capital } from './audit.ts';
import { Chance } from './chance.ts';
import type { Client, Sent, Watcher } from './client.ts';
import type { Company } from './company.ts';
import { Digs } from './digs.ts';
import { chooseFault, describeFault, type Fault, type FaultKind } from './fault.ts';
import { Finding } from './finding.ts';
import { Moves } from './moves.ts';
import { PlainPlayer } from './plain-player.ts';
import { Speech } from './speech.ts';
import { Trouble } from './trouble.ts';
import { WebPlayer } from './web-player.ts';

export interface RoundsOptions {
  readonly rounds: number;
  readonly seed: number;
  readonly evictAlways: boolean;
  /** The faults of the first rounds; the seed chooses all others. */
  readonly faults?: readonly FaultKind[];
  /** Told after each round. */
  readonly onRound?: (round: number, what: string) => void;
}

export interface RoundsReport {
  readonly rounds: number;
  readonly kills: number;
  /** Command lines sent. */
  readonly commands: number;
  /** Those of them that were to change something and were answered as done. */
  readonly deeds: number;
  /** Lines of speech that arrived, each checked. */
  readonly lines: number;
  /** Folders that were read as a crash left them. */
  readonly images: number;
}

/** A promise was broken. The message has the seed, the round, and what was sent and shown in it. */
export class Broken extends Error {
  readonly violations: readonly string[];

  constructor(message: string, violations: readonly string[]) {
    super(message);
    this.violations = violations;
  }
}

const PLAYERS = ['Ada', 'Bob', 'Cleo', 'Dan'] as const;
const PASSWORD = 'correct horse';
/** A round that is not over after this time, in milliseconds, is one in which somebody waits for ever. */
const ROUND_LIMIT = 60_000;
/** One run: a world, four clients, and a fault in each round, after which all that was promised is checked. */
class Rounds implements Watcher {
  readonly #options: RoundsOptions;
  readonly #chance: Chance;
  readonly #company: Company;
  readonly #actors: readonly Actor[];
  readonly #trouble: Trouble;
  #violations: string[] = [];
  #log: string[] = [];
  #events = { sent: 0, shown: 0 };
  #trigger: (() => void) | undefined;
  #fault: Fault | undefined;
  /** What the folder held after the last crash, if it was looked into. */
  #finding: Finding | undefined;

  constructor(options: RoundsOptions, data: string) {
    this.#options = options;
    this.#chance = new Chance(options.seed);
    this.#company = {
      atlas: new Atlas(),
      moves: new Moves(),
      speech: new Speech((what) => this.#wrong(what)),
      digs: new Digs(),
      names: PLAYERS,
      wrong: (what) => this.#wrong(what),
      number: 0,
      sent: 0,
      done: 0,
    };
    this.#actors = PLAYERS.map((name, at) => {
      const chance = this.#chance.branch();
      const habits = this.#chance.branch();
      const acksNow = () => habits.happens(0.4);
      const reloads = () => habits.happens(0.3);
      const client: Client =
        at % 2 === 0
          ? new WebPlayer(name, PASSWORD, this, { acksNow, reloads })
          : new PlainPlayer(name, PASSWORD, this);
      return new Actor(client, this.#company, chance);
    });
    this.#trouble = new Trouble({
      data,
      evictAlways: options.evictAlways,
      victims: this.#actors,
      chance: this.#chance.branch(),
      note: (text) => this.#note(text),
      wrong: (what) => this.#wrong(what),
      look: async () => {
        this.#finding = await Finding.make(data, this.#actors, (what) =>
          this.#wrong(`after the crash ${what}`),
        );
      },
    });
  }

  async run(): Promise<RoundsReport> {
    try {
      await this.#within(this.#begin(), 'the beginning');
      this.#judge('the beginning');
      for (let round = 1; round <= this.#options.rounds; round += 1) {
        const lines = this.#chance.whole(20, 120);
        const fault = chooseFault(this.#chance, lines, this.#options.faults?.[round - 1]);
        await this.#within(this.#round(fault, lines), describeFault(fault));
        this.#judge(`round ${round} (${describeFault(fault)})`);
        this.#options.onRound?.(round, describeFault(fault));
      }
      await this.#within(this.#trouble.end(), 'the end');
      this.#compareFinding();
      this.#judge('the end');
    } finally {
      await this.#all((actor) => actor.client.leave());
      await this.#trouble.clearAway();
    }
    const { speech, sent, done } = this.#company;
    const { kills, images } = this.#trouble;
    return { rounds: this.#options.rounds, kills, commands: sent, deeds: done, lines: speech.lines, images };
  }

  // What the clients tell.

  sent(client: Client, { session, n, line }: Sent): void {
    this.#note(`${client.name} > ${session}:${n} ${line}`);
    this.#event('sent');
  }

  line(client: Client, text: string): void {
    this.#note(`${client.name} < ${text}`);
    this.#actors.find(({ name }) => name === client.name)?.shown(text);
    this.#event('shown');
  }

  structured(client: Client, kind: string, data: unknown): void {
    const actor = this.#actors.find(({ name }) => name === client.name);
    if (kind === 'scene' && actor !== undefined) actor.scene = data as Scene;
  }

  notice(client: Client, text: string): void {
    this.#note(`${client.name} ! ${text}`);
  }

  refused(client: Client, n: number, code: string): void {
    this.#note(`${client.name} x ${n} ${code}`);
    // A plain client may be told so when the world is being stopped; one that resumes has its line still to come.
    if (client.kind === 'web' || code !== 'WorldClosed')
      this.#wrong(`${client.name}: line ${n} was refused (${code})`);
    this.#actors.find(({ name }) => name === client.name)?.refused(n);
  }

  wrong(client: Client, what: string): void {
    this.#wrong(`${client.name}: ${what}`);
  }

  // The rounds.

  async #begin(): Promise<void> {
    await this.#trouble.begin();
    await this.#all((actor) => actor.equip());
  }

  async #round(fault: Fault, lines: number): Promise<void> {
    this.#events = { sent: 0, shown: 0 };
    this.#fault = fault;
    const struck = new Promise<void>((resolve, reject) => {
      this.#trigger = () => {
        this.#trigger = undefined;
        this.#trouble.strike(fault).then(resolve, reject);
      };
    });
    struck.catch(() => {});
    const each = Math.ceil(lines / PLAYERS.length);
    await this.#all((actor) => actor.act(each, this.#chance.whole(1, 6)));
    this.#trigger?.();
    await struck;
    // What the plain clients missed, and what was under way when the fault came, is over now; some more, without one.
    await this.#all((actor) => actor.act(2, 2));
    await this.#all((actor) => actor.takeStock());
    this.#check();
  }

  // Checks.

  /** All is answered and everybody has looked around: the books have to fit with each other, and with the folder. */
  #check(): void {
    this.#company.speech.close(new Set(this.#actors.flatMap(({ unknownSpeech }) => [...unknownSpeech])));
    for (const { unknownSpeech } of this.#actors) unknownSpeech.clear();
    this.#compareFinding();
    for (const actor of this.#actors) {
      this.#compareSight(`${actor.name} carries`, actor.hands ?? [], actor.name);
      this.#compareSight(`${actor.name} sees in ${actor.view.room}`, actor.floor, actor.view.room);
      if (actor.client.kind === 'web') this.#compareScene(actor);
    }
  }

  /** Holds what was found in the folder after the last crash against the books. */
  #compareFinding(): void {
    this.#finding?.compare(this.#company.moves, this.#company.digs);
    this.#finding = undefined;
  }

  /** What a client sees in a place is what must be there, and what may be, for all that is known. */
  #compareSight(what: string, sees: readonly string[], place: string): void {
    const { moves } = this.#company;
    for (const thing of moves.at(place)) {
      if (!sees.includes(thing)) this.#wrong(`${what} no ${thing}, which must be there`);
    }
    for (const thing of sees) {
      const where = moves.where(thing) ?? place;
      if (where !== place) this.#wrong(`${what} ${thing}, which must be in ${where}`);
    }
  }

  /** What a page shows as buttons is what its player was told in words. */
  #compareScene({ name, scene, floor, view }: Actor): void {
    const buttons = [
      capital(scene?.room ?? ''),
      ...(scene?.people ?? []),
      ...(scene?.things ?? []).filter(isThing),
    ];
    const words = [view.room, ...view.others, ...floor];
    const [shown, told] = [buttons, words].map((list) => list.sort().join());
    if (shown !== told) this.#wrong(`${name} is shown ${shown}, and was told ${told}`);
  }

  // The rest.

  async #all(what: (actor: Actor) => Promise<void>): Promise<void> {
    await Promise.all(this.#actors.map(what));
  }

  #event(kind: 'sent' | 'shown'): void {
    this.#events[kind] += 1;
    if (this.#fault?.on === kind && this.#events[kind] === this.#fault.count) this.#trigger?.();
  }

  async #within(work: Promise<void>, what: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        const waiting = this.#actors.map(
          ({ name, waitsFor }) => `${name} waits for ${waitsFor || 'nothing'}`,
        );
        this.#wrong(`${what} is not over after ${ROUND_LIMIT} ms: ${waiting.join('; ')}`);
        resolve();
      }, ROUND_LIMIT);
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
  }

  #judge(what: string): void {
    const log = this.#log.splice(0);
    if (this.#violations.length === 0) return;
    const { seed, evictAlways } = this.#options;
    const title = `seed ${seed}${evictAlways ? ', evicting always' : ''}, ${what}`;
    throw new Broken(
      `${title}:\n  ${this.#violations.join('\n  ')}\n\nwhat happened:\n${log.join('\n')}`,
      this.#violations,
    );
  }
}

/** Runs rounds on a folder of their own. Throws `Broken` at the first round in which a promise is broken. */
export async function runRounds(options: RoundsOptions): Promise<RoundsReport> {
  const data = await mkdtemp(join(tmpdir(), 'keystead-crash-'));
  try {
    return await new Rounds(options, data).run();
  } finally {
    await rm(data, { recursive: true, force: true, maxRetries: 5 });
  }
}
