import { isThing } from './atlas.ts';
import type { Chance } from './chance.ts';
import type { Client, Sent } from './client.ts';
import type { Company } from './company.ts';
import { chooseDeed, digging, making, type Deed, type Situation } from './deeds.ts';
import { NOWHERE, type Outcome } from './moves.ts';
import type { Scene } from '../../world/place.ts';
import { marked, View } from './view.ts';

/** A deed whose answer is waited for. */
interface Open {
  readonly deed: Deed;
  readonly sent: Sent;
  answered: boolean;
}

/** Whoever plays a client: chooses what to do, and keeps the books from what the client is shown. */
export class Actor {
  readonly client: Client;
  readonly view: View;
  readonly #company: Company;
  readonly #chance: Chance;
  readonly #mine = new Set<string>();
  #open: Open[] = [];
  #said = 0;
  #mayAct = true;
  #changed: () => void = () => {};
  /** The last line of this session whose answer has come. */
  answered = 0;
  /** As last told by "look" and "inventory". */
  floor: readonly string[] = [];
  hands: readonly string[] | undefined;
  /** What its buttons show, if it is a client that has some. */
  scene: Scene | undefined;
  /** Lines of speech of which it can never learn whether they were said. */
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

  /** What it still waits for, for people. */
  get waitsFor(): string {
    return this.#open.map(({ sent }) => `${sent.session}:${sent.n} ${sent.line}`).join(', ');
  }

  /** Does things until it has sent `lines` lines, at most `window` groups of them unanswered; waits for all answers. */
  async act(lines: number, window: number): Promise<void> {
    for (let sent = 0; sent < lines; sent += 1) {
      await this.#until(() => this.#mayAct && this.#groups < window);
      const deed = chooseDeed(this.#chance, this.#situation());
      if (deed?.walks === true) {
        this.#closeGroup();
        await this.#until(() => this.#mayAct && this.#isIdle);
        await this.perform(deed);
      } else {
        if (deed !== undefined) this.#do(deed);
        if (deed !== undefined && this.#chance.happens(0.3)) continue;
        this.#chat();
      }
      if (deed !== undefined) sent += 1;
    }
    await this.#until(() => this.#mayAct);
    this.#closeGroup();
    await this.#until(() => this.#isIdle);
  }

  /** Does one thing and waits for the answer. Returns whether it was done. */
  async perform(deed: Deed): Promise<boolean> {
    this.#do(deed);
    const open = this.#open.at(-1);
    this.#chat();
    await this.#until(() => this.#isIdle);
    return open?.answered === true;
  }

  /** Walks to where building is allowed, asks for it, makes some things and digs a room. */
  async equip(): Promise<void> {
    const { atlas, wrong } = this.#company;
    await this.perform({ line: 'look' });
    while (this.view.room !== atlas.meeting) {
      const way = atlas.wayBack(this.view.room);
      if (way === undefined) throw new Error(`there is no way from ${this.view.room}`);
      await this.perform({ line: way });
    }
    await this.perform({ line: 'ask here for leave to build' });
    const situation = this.#situation();
    const things = [false, false, true, false].map((box) => making(situation, box));
    for (const deed of [...things, digging(situation)]) {
      if (!(await this.perform(deed))) wrong(`${this.name} could not "${deed.line}"`);
    }
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
    switch (read.is) {
      case 'heard':
        this.#company.speech.heard(this.name, read.heard);
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
        this.#maybeAnswered(text);
        break;
    }
    this.#changed();
  }

  /** A line was refused before it had a turn: it never was. */
  refused(n: number): void {
    for (const { deed, sent } of this.#open) {
      if (sent.n !== n) continue;
      if (deed.says !== undefined) this.unknownSpeech.add(`${this.name} #${deed.says}`);
      if (deed.dig !== undefined) this.#company.digs.end(deed.dig.den, 'refused');
    }
    this.#open = this.#open.filter(({ sent }) => sent.n !== n);
    this.#changed();
  }

  /** The client cannot learn what became of its lines: a plain one whose session ended. Nothing is done until `resume`. */
  lose(): void {
    this.#mayAct = false;
    this.answered = 0;
    for (const { deed, sent, answered } of this.#open.splice(0)) {
      if (deed.says !== undefined) this.unknownSpeech.add(`${this.name} #${deed.says}`);
      if (!answered) this.#book(deed, sent, 'unknown');
      if (deed.dig !== undefined) this.#company.digs.end(deed.dig.den, 'unknown');
    }
    this.#changed();
  }

  resume(): void {
    // A plain client logged in anew: what was said meanwhile it may have missed.
    if (this.client.kind === 'plain') this.#company.speech.excuse(this.name);
    this.#mayAct = true;
    this.#changed();
  }

  get #isIdle(): boolean {
    return this.#open.length === 0;
  }

  get #groups(): number {
    return this.#open.filter(({ deed }) => deed.says !== undefined).length;
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  #situation(): Situation {
    const { atlas, moves } = this.#company;
    const busy = new Set(this.#open.map(({ deed }) => deed.thing));
    return {
      me: this.name,
      room: this.view.room,
      others: [...this.view.others],
      mine: [...this.#mine].filter((thing) => !busy.has(thing)),
      at: (place) => moves.at(place).filter((thing) => !busy.has(thing)),
      atlas,
      number: () => (this.#company.number += 1),
    };
  }

  #do(deed: Deed): void {
    const company = this.#company;
    company.sent += 1;
    if (deed.says !== undefined) company.speech.spoken(this.name, deed.says);
    const sent = this.client.say(deed.line);
    this.#open.push({ deed, sent, answered: false });
    if (deed.dig !== undefined) company.digs.begin({ ...deed.dig, client: this.name, ...sent });
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
    for (const { deed, sent, answered } of this.#open.splice(0, at + 1)) {
      this.answered = Math.max(this.answered, sent.n);
      if (deed.dig !== undefined) this.#company.digs.end(deed.dig.den, answered ? 'done' : 'refused');
      if (deed.says !== undefined && deed.says < number) {
        this.#company.wrong(`${this.name} has the answer to #${number}, and none to #${deed.says}`);
      }
    }
  }

  #maybeAnswered(text: string): void {
    const open = this.#open.find(({ deed, answered }) => !answered && deed.answer === text);
    if (open === undefined) return;
    const { deed, sent } = open;
    open.answered = true;
    this.answered = Math.max(this.answered, sent.n);
    this.#company.done += 1;
    this.#book(deed, sent, 'done');
    if (deed.dig !== undefined) this.#company.atlas.add(deed.dig.room, deed.dig.way, deed.dig.den, 'out');
  }

  #book({ thing, from, to }: Deed, { session, n }: Sent, outcome: Outcome): void {
    if (thing === undefined || from === undefined || to === undefined) return;
    this.#company.moves.add({ thing, from, to, client: this.name, session, n }, outcome);
    if (from === NOWHERE) this.#mine.add(thing);
    if (to === NOWHERE) this.#mine.delete(thing);
  }
}
