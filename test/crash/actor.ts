import { isBox, isDen, isThing, numbered, type Atlas } from './atlas.ts';
import type { Chance } from './chance.ts';
import type { Client, Sent } from './client.ts';
import { ANYWHERE, NOWHERE, type Moves, type Place } from './moves.ts';
import type { Speech } from './speech.ts';
import { marked, View } from './view.ts';

/** A deed whose answer is waited for. */
interface Open {
  readonly deed: Deed;
  readonly sent: Sent;
  answered: boolean;
}

/** What became of the digging of a room. */
export interface Dug {
  readonly den: string;
  readonly way: string;
  readonly room: string;
  readonly client: string;
  readonly session: number;
  readonly n: number;
  outcome: 'open' | 'done' | 'failed' | 'unknown';
}

/** What the four share: the books, the map, and the supply of names. */
export interface Company {
  readonly atlas: Atlas;
  readonly moves: Moves;
  readonly speech: Speech;
  readonly dug: Dug[];
  readonly names: readonly string[];
  readonly wrong: (what: string) => void;
  count: number;
  /** Lines sent, and deeds that were done. */
  sent: number;
  done: number;
}

/** One of the four: chooses what to do, and keeps the books from what it is answered. */
export class Actor {
  readonly client: Client;
  readonly view: View;
  readonly #company: Company;
  readonly #chance: Chance;
  #open: Open[] = [];
  #said = 0;
  #mine = new Set<string>();
  #changed: () => void = () => {};
  /** The last line of this session whose answer has come. */
  answered = 0;
  isUp = true;
  /** As last told by "look" and "inventory". */
  floor: readonly string[] = [];
  hands: readonly string[] | undefined;
  /** Lines of speech of which nobody can tell it whether they were said. */
  readonly unknownSpeech = new Set<string>();

  constructor(client: Client, company: Company, chance: Chance) {
    this.client = client;
    this.#company = company;
    this.#chance = chance;
    const { atlas, names } = company;
    this.view = new View(client.name, new Set(names), (name) => atlas.isRoom(name), isThing);
  }

  get name(): string {
    return this.client.name;
  }

  get isIdle(): boolean {
    return this.#open.length === 0;
  }

  /** What is still waited for, for people. */
  get waitsFor(): string {
    return this.#open.map(({ sent }) => `${sent.session}:${sent.n} ${sent.line}`).join(', ');
  }

  /** Sends `lines` lines or a few more, at most `window` groups of them unanswered, and waits for all answers. */
  async act(lines: number, window: number): Promise<void> {
    let mine = 0;
    while (mine < lines) {
      await this.#until(() => this.isUp && this.#groups() < window);
      const deed = this.#choose();
      if (deed?.walks === true) {
        this.#closeGroup();
        await this.#until(() => this.isUp && this.isIdle);
        this.#do(deed);
        this.#chat();
        await this.#until(() => this.isIdle);
        mine += 2;
        continue;
      }
      if (deed !== undefined) this.#do(deed);
      if (deed === undefined || this.#chance.happens(0.7)) this.#chat();
      mine += deed === undefined ? 1 : 2;
    }
    await this.#until(() => this.isUp);
    this.#closeGroup();
    await this.#until(() => this.isIdle);
  }

  /** Does one thing and waits for its answer; false when it was refused. */
  async perform(deed: Deed): Promise<boolean> {
    this.#do(deed);
    const open = this.#open.at(-1) as Open;
    this.#chat();
    await this.#until(() => this.isIdle);
    return open.answered;
  }

  /** Looks around and at what it carries; resolves when `floor` and `hands` are up to date. */
  async takeStock(): Promise<void> {
    this.hands = undefined;
    this.client.say('look');
    this.client.say('inventory');
    await this.#until(() => this.hands !== undefined);
  }

  /** A line of output, in order. */
  shown(text: string): void {
    const read = this.view.read(text);
    const { speech } = this.#company;
    switch (read.is) {
      case 'heard':
        speech.heard(this.name, read.heard);
        if (read.heard.speaker === this.name) this.#echoed(read.heard.number);
        break;
      case 'arrived':
        this.floor = [];
        break;
      case 'floor':
        this.floor = read.things;
        break;
      case 'hands':
        this.hands = read.things;
        break;
      case 'other':
        this.#maybeAnswer(text);
        break;
    }
    this.#changed();
  }

  /** The portal refused a line: it never was. */
  refused(n: number): void {
    this.#open = this.#open.filter((open) => {
      if (open.sent.n !== n) return true;
      if (open.deed.says !== undefined) this.unknownSpeech.add(`${this.name} #${open.deed.says}`);
      return false;
    });
    this.#changed();
  }

  /** The client cannot learn what became of its lines: a plain one after a crash of everything. */
  lose(): void {
    this.answered = 0;
    for (const { deed, sent, answered } of this.#open) {
      if (deed.says !== undefined) this.unknownSpeech.add(`${this.name} #${deed.says}`);
      if (deed.thing !== undefined && !answered) this.#book(deed, sent, 'unknown');
      const dug = this.#company.dug.find(({ den }) => den === deed.dig?.den);
      if (dug?.outcome === 'open') dug.outcome = 'unknown';
    }
    this.#open = [];
    this.#changed();
  }

  setUp(isUp: boolean): void {
    this.isUp = isUp;
    this.#changed();
  }

  #groups(): number {
    return this.#open.filter(({ deed }) => deed.says !== undefined).length;
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  #do(deed: Deed): void {
    const company = this.#company;
    company.sent += 1;
    if (deed.says !== undefined) company.speech.spoken(this.name, deed.says);
    const sent = this.client.say(deed.line);
    this.#open.push({ deed, sent, answered: false });
    if (deed.dig !== undefined) {
      company.dug.push({ ...deed.dig, client: this.name, session: sent.session, n: sent.n, outcome: 'open' });
    }
  }

  #chat(): void {
    this.#said += 1;
    this.#do({ line: marked(this.name, this.#said), says: this.#said });
  }

  /** Deeds are known to be answered when something that was said behind them is. */
  #closeGroup(): void {
    if (this.#open.length > 0 && this.#open.at(-1)?.deed.says === undefined) this.#chat();
  }

  /** Its own line came back: all that it sent before has been answered by now. */
  #echoed(number: number): void {
    const at = this.#open.findIndex(({ deed }) => deed.says === number);
    if (at < 0) return;
    const { sent } = this.#open[at] as Open;
    this.answered = Math.max(this.answered, sent.n);
    for (const { deed, answered } of this.#open.splice(0, at + 1)) {
      const dug = this.#company.dug.find(({ den }) => den === deed.dig?.den);
      if (dug?.outcome === 'open') dug.outcome = answered ? 'done' : 'failed';
      if (deed.says !== undefined && deed.says < number) {
        this.#company.wrong(`${this.name} has the answer to #${number}, and none to #${deed.says}`);
      }
    }
  }

  #maybeAnswer(text: string): void {
    const open = this.#open.find(({ deed, answered }) => !answered && deed.answer === text);
    if (open === undefined) return;
    open.answered = true;
    this.#company.done += 1;
    this.answered = Math.max(this.answered, open.sent.n);
    this.#book(open.deed, open.sent, 'done');
    const { dig } = open.deed;
    if (dig !== undefined) this.#company.atlas.add(dig.room, dig.way, dig.den, 'out');
  }

  #book({ thing, from, to }: Deed, { session, n }: Sent, outcome: 'done' | 'unknown'): void {
    if (thing === undefined || from === undefined || to === undefined) return;
    this.#company.moves.add({ thing, from, to, client: this.name, session, n }, outcome);
    if (from === NOWHERE) this.#mine.add(thing);
    if (to === NOWHERE) this.#mine.delete(thing);
  }
}
