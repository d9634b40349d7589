import { parseReport, parseStamp, type ReportAnswer, type State } from './answer.ts';
import type { Dialogue, Reply } from './dialogue.ts';
import type { Guild } from './guild.ts';
import type { Known, ObjectBook } from './object-book.ts';

/** What may be answered in the place of an answer: the machine is slow, or too much is asked of it. Nothing is done. */
const BUSY = /have used their share of the processor|ran for more than \d+ ms and was stopped/;

/** Whoever uses objects by a client, and checks every answer against the books. */
export class Hand {
  readonly dialogue: Dialogue;
  readonly #guild: Guild;
  #stamps = 0;

  constructor(dialogue: Dialogue, guild: Guild) {
    this.dialogue = dialogue;
    this.#guild = guild;
  }

  /** Stamps an object, once. */
  async stamp(book: ObjectBook): Promise<void> {
    const { figures, wrong } = this.#guild;
    this.#stamps += 1;
    const id = `${this.dialogue.name}x${this.#stamps}`;
    const known = this.#guild.known();
    book.open += 1;
    const reply = await this.dialogue.ask(`stamp ${id} on ${book.name}`);
    book.open -= 1;
    const found = reply.lines.map(parseStamp).find((each) => each?.id === id);
    if (found !== undefined) {
      figures.stamps += 1;
      book.stamped(id, found.answer, known);
      const { far } = found.answer;
      if (far !== null) this.#checkFar(far, known);
    } else if (reply.lost) book.unknown += 1;
    else if (reply.lines.some((line) => BUSY.test(line))) figures.refused += 1;
    else wrong(`${id} on ${book.name} was answered ${saidIn(reply)}`);
  }

  /** Has an object tell all that it counts; undefined if its client was lost, or it was busy. */
  async report(book: ObjectBook): Promise<ReportAnswer | undefined> {
    const { figures, wrong } = this.#guild;
    const known = this.#guild.known();
    const least = book.counted;
    const reply = await this.dialogue.ask(`report ${book.name}`);
    const found = reply.lines.map(parseReport).find((each) => each?.object === book.name);
    if (found !== undefined) {
      figures.reports += 1;
      book.reported(found, known, least);
    } else if (!reply.lost && !reply.lines.some((line) => BUSY.test(line)))
      wrong(`report ${book.name} was answered ${saidIn(reply)}`);
    return found;
  }

  /** Checks what an object told of the one that it called in the same turn. */
  #checkFar(far: State & { readonly extra: string }, known: Known): void {
    const book = this.#guild.objects.get(far.object);
    if (book === undefined) return;
    book.checkState(far, known);
    const root = far.levels[0]?.text ?? '';
    const text = this.#guild.kinds.get(root.replace(/t\d+$/, ''))?.text(root);
    const extra = text?.extra === true ? root : '';
    const { kind } = book;
    // While the class is being changed, and for an object that stays behind it, a capability may look like the newer version.
    const sure = known.saved.get(kind.name) === far.version && kind.newest === far.version;
    const fits = far.extra === extra || (!sure && (far.extra === 'NoSuchMethod' || far.extra === ''));
    if (!fits)
      this.#guild.wrong(`${far.object} of ${root} was asked for its extra method and gave "${far.extra}"`);
  }
}

/** For people. */
export function saidIn({ lines }: Reply): string {
  return JSON.stringify(lines.slice(0, -1).slice(-6));
}
