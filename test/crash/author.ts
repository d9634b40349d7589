import type { Chance } from './chance.ts';
import type { ClassBook } from './class-book.ts';
import { classText, withMistake, type ClassText } from './class-source.ts';
import { DeskBook } from './desk-book.ts';
import type { Dialogue, Reply } from './dialogue.ts';
import type { Guild } from './guild.ts';
import { Hand, saidIn } from './hand.ts';
import { ObjectBook } from './object-book.ts';
import { Purse } from './purse.ts';

type Deed = 'save' | 'rollback' | 'upgrade' | 'stamp' | 'read' | 'create';

const WEIGHTS: Readonly<Record<Deed, number>> = {
  save: 24,
  rollback: 12,
  upgrade: 20,
  stamp: 30,
  read: 10,
  create: 2,
};

/** How a source is typed: in one frame, line by line, with a look at the desk in the middle, with a mistake that is mended. */
type Typing = 'frame' | 'lines' | 'pause' | 'mistake';
const TYPINGS: Readonly<Record<Typing, number>> = { frame: 5, lines: 4, pause: 2, mistake: 2 };

/** Objects that one author makes while the others use his, at most. */
const MOST_MADE = 2;

/** Milliseconds that he thinks between two deeds. */
const THINKS = { least: 100, most: 2_200 };

/** The last line of what is shown when a draft was to be saved, or of what went wrong with a line of it. */
const SAVED =
  /^(?:Version \d+ of \w+ is saved|The class \w+ is saved|Nothing is changed\.|There is a draft of )/;
const ODD = /\[[A-Z][A-Za-z]+\]$/;
/** He has asked for it before, and has not waited because a process died: it may have been before he was heard. */
const UNDER_WAY = /^Objects of \w+ are being upgraded already\.$/;

/** Whoever writes classes: saves versions, goes back to old ones, upgrades, and makes objects. */
export class Author {
  readonly hand: Hand;
  readonly hall: string;
  readonly desk = new DeskBook();
  readonly classes: ClassBook[] = [];
  readonly #guild: Guild;
  readonly #chance: Chance;
  readonly #purse: Purse;
  #made = 0;

  constructor(dialogue: Dialogue, guild: Guild, hall: string, chance: Chance) {
    this.hand = new Hand(dialogue, guild);
    this.#purse = new Purse(dialogue, guild);
    this.#guild = guild;
    this.hall = hall;
    this.#chance = chance;
  }

  get dialogue(): Dialogue {
    return this.hand.dialogue;
  }

  get name(): string {
    return this.dialogue.name;
  }

  /** Writes the first version of a class, which the bank from `payer` pays for, as it will for the next ones. */
  async define(book: ClassBook, payer: string): Promise<void> {
    this.#purse.assign(book, payer);
    await this.#purse.open(book);
    this.classes.push(book);
    this.#guild.kinds.set(book.name, book);
    await this.#save(book, this.#write(book, true), 'lines');
    if (book.saved === 0) throw new Error(`${this.name} could not save ${book.name}`);
  }

  /** Does one thing after the other, as long as `goesOn`. */
  async live(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      await this.#act();
      await pause(this.#chance.whole(THINKS.least, THINKS.most));
    }
  }

  /** Has all objects of a class brought to its newest version; gives how many stay behind, if he was told. */
  async upgrade(book: ClassBook): Promise<number | undefined> {
    const { figures, wrong } = this.#guild;
    const { faults } = this.#guild;
    let refused = false;
    const done = new RegExp(`^The upgrade of ${book.name} is done: `);
    const told = this.dialogue.hear(done, () => refused || this.#guild.faults > faults);
    const reply = await this.dialogue.ask(`@upgrade ${book.name}`);
    refused = !reply.lines.some((line) => line.startsWith(`All there is of ${book.name} is being`));
    if (refused) {
      if (!reply.lines.some((line) => ODD.test(line) || UNDER_WAY.test(line)))
        wrong(`@upgrade was answered ${saidIn(reply)}`);
      this.dialogue.poke();
    }
    const line = await told;
    if (line === undefined) {
      figures.untold += 1;
      return undefined;
    }
    figures.upgrades += 1;
    const [, all = '', , stays = '0'] =
      /^The upgrade of \w+ is done: (\d+) objects? (?:is|are) of the newest version\.( (\d+) stays? as)?/.exec(
        line,
      ) ?? [];
    if (all === '') wrong(`@upgrade ${book.name} told: ${line}`);
    figures.stayed += Number(stays);
    return Number(stays);
  }

  /** Makes an object and puts it down for everybody. */
  async make(book: ClassBook): Promise<ObjectBook> {
    await this.#purse.open(book);
    const name = this.#guild.objectName();
    const object = new ObjectBook(name, book, this.hall, this.#guild.wrong);
    const reply = await this.dialogue.ask(`@create ${book.name} named ${name}`);
    if (!reply.lines.includes(`You make ${name} out of nothing much. It is yours, and in your hands.`))
      this.#guild.wrong(`@create ${name} was answered ${saidIn(reply)}`);
    return object;
  }

  async putDown(object: ObjectBook): Promise<void> {
    const reply = await this.dialogue.ask(`drop ${object.name}`);
    if (!reply.lines.includes(`You drop ${object.name}.`))
      this.#guild.wrong(`drop ${object.name} was answered ${saidIn(reply)}`);
    this.#guild.objects.set(object.name, object);
  }

  async #act(): Promise<void> {
    const book = this.#chance.one(this.classes);
    switch (this.#chance.weighed(WEIGHTS)) {
      case 'save':
        if (await this.#purse.isDry(book)) return;
        return this.#save(book, this.#write(book, false), this.#chance.weighed(TYPINGS));
      case 'rollback':
        if (book.saved < 2 || (await this.#purse.isDry(book))) return;
        return this.#rollBack(book);
      case 'upgrade':
        await this.upgrade(book);
        return;
      case 'stamp':
        return this.hand.stamp(this.#chance.one(this.#guild.objectsIn(this.hall)));
      case 'read':
        return this.#read(book);
      case 'create': {
        if (this.#made >= MOST_MADE) return;
        this.#made += 1;
        await this.putDown(await this.make(book));
      }
    }
  }

  /** A new text for a class; one that has no objects yet gets a hook that throws for none. */
  #write(book: ClassBook, first: boolean): ClassText {
    book.texts += 1;
    return classText({
      kind: book.name,
      number: book.texts,
      fails: !first && this.#chance.happens(0.2) ? this.#chance.whole(2, 4) : 0,
      extra: this.#chance.happens(0.4),
      base: book.base?.name ?? null,
      uses: book.uses?.name ?? null,
    });
  }

  async #save(book: ClassBook, text: ClassText, typing: Typing): Promise<void> {
    const mistake = typing === 'mistake' ? withMistake(text) : undefined;
    const source = mistake?.source ?? text.source;
    const frames = typing === 'frame' ? [source] : source.split('\n');
    const begin = `@class ${book.name}`;
    book.begin(text);
    if (typing === 'pause') {
      const half = this.#chance.whole(1, frames.length - 1);
      if (!(await this.#typeAndLook(begin, frames.slice(0, half)))) return this.#recover(book);
      this.desk.typing(frames.slice(0, half).join('\n'), frames.slice(half), true);
      const reply = await this.#type('@draft write', ...frames.slice(half), '.');
      return this.#saved(book, reply);
    }
    this.desk.typing(null, frames, true);
    const reply = await this.#type(begin, ...frames, '.');
    if (mistake === undefined) return this.#saved(book, reply);
    this.#guild.figures.mistakes += 1;
    if (!reply.lines.at(-1)?.startsWith('Nothing is changed.')) return this.#saved(book, reply);
    const at = `${book.name}, line ${mistake.line}, column`;
    if (!reply.lines.some((line) => line.startsWith(at)))
      this.#guild.wrong(`a mistake in line ${mistake.line} of ${book.name} was told as ${saidIn(reply)}`);
    this.desk.changing(source, text.source);
    await this.dialogue.ask(`@draft ${mistake.line} ${mistake.right}`);
    this.desk.changing(text.source, null);
    return this.#saved(book, await this.#type('@draft save'));
  }

  /** Types a part of a draft, leaves it on the desk, and looks whether all of it is there. */
  async #typeAndLook(begin: string, frames: readonly string[]): Promise<boolean> {
    this.desk.typing(null, frames, false);
    const left = await this.dialogue.askUntil(
      /"@draft write" goes on\.$|\[[A-Z][A-Za-z]+\]$/,
      begin,
      ...frames,
      '..',
    );
    if (ODD.test(left.lines.at(-1) ?? '')) return false;
    this.desk.has(frames.join('\n'));
    const { lines } = await this.dialogue.ask('@draft');
    const shown = lines.flatMap((line) => /^ *\d+ {2}(.*)$/.exec(line)?.[1] ?? []);
    if (shown.join('\n') !== frames.join('\n'))
      this.#guild.wrong(
        `${this.name} typed ${JSON.stringify(frames)}, and on the desk is ${JSON.stringify(shown)}`,
      );
    return true;
  }

  #type(...lines: string[]): Promise<Reply> {
    return this.dialogue.askUntil(new RegExp(`${SAVED.source}|${ODD.source}`), ...lines);
  }

  /** Takes note of what came of an attempt to save. */
  async #saved(book: ClassBook, reply: Reply): Promise<void> {
    const last = reply.lines.at(-1) ?? '';
    const [, version, name] = /^Version (\d+) of (\w+) is saved/.exec(last) ?? [];
    if (name === book.name || last.startsWith(`The class ${book.name} is saved`)) {
      this.desk.has(null);
      book.done(Number(version ?? 1), this.#guild.wrong);
      this.#guild.figures.saves += 1;
      return;
    }
    if (!ODD.test(last)) this.#guild.wrong(`saving ${book.name} was answered ${saidIn(reply)} ${last}`);
    await this.#recover(book);
  }

  async #rollBack(book: ClassBook): Promise<void> {
    const to = this.#chance.whole(1, book.saved - 1);
    const text = book.textAt(to);
    if (text === undefined) return;
    book.begin(text);
    const reply = await this.dialogue.ask(`@rollback ${book.name} to ${to}`);
    for (const line of reply.lines) {
      const [, version, of] = /^Version (\d+) of \w+ is as version (\d+) was\./.exec(line) ?? [];
      if (of === undefined) continue;
      if (Number(of) !== to) this.#guild.wrong(`@rollback to ${to} told: ${line}`);
      book.done(Number(version), this.#guild.wrong);
      this.#guild.figures.rollbacks += 1;
      return;
    }
    book.failed();
    if (!reply.lines.some((line) => ODD.test(line)))
      this.#guild.wrong(`@rollback ${book.name} was answered ${saidIn(reply)}`);
  }

  /** Something went wrong while he typed: puts everything away, and looks what there is. */
  async #recover(book: ClassBook): Promise<void> {
    this.desk.changing(...this.desk.texts, null);
    await this.dialogue.ask('..');
    await this.dialogue.ask('@draft drop');
    this.desk.has(null);
    const { lines } = await this.dialogue.ask(`@versions ${book.name}`);
    const counts = lines.map((line) => /; (\d+) counts:$/.exec(line)?.[1]).find((each) => each !== undefined);
    if (counts !== undefined && Number(counts) > book.saved) book.done(Number(counts), this.#guild.wrong);
    else book.failed();
  }

  /** Reads the code of some version: it has to be what was typed. */
  async #read(book: ClassBook): Promise<void> {
    if (book.saved === 0) return;
    const version = this.#chance.whole(1, book.saved);
    const reply = await this.dialogue.ask(`@source ${book.name} version ${version}`);
    const source = book.textAt(version)?.source ?? '';
    if (!reply.lines.join('\n').includes(source) && !reply.lines.some((line) => ODD.test(line)))
      this.#guild.wrong(
        `@source ${book.name} version ${version} is not what was typed: ${reply.lines.join('\n')}`,
      );
  }
}

/** Time to think, never a wait for something. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
