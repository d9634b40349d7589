import type { ClassBook } from './class-book.ts';
import type { Guild } from './guild.ts';
import { saidIn } from './hand.ts';
import type { Dialogue } from './dialogue.ts';

/** Blocks that are left in the bank of a class, so that its objects can grow as far as they do. */
const RESERVE = 40;

/** The banks that an author has, and which of them pays for what. No bank is to run dry, whatever happens. */
export class Purse {
  readonly #dialogue: Dialogue;
  readonly #guild: Guild;
  /** Whose gift pays for each class and its objects; "mine": his own bank does. */
  readonly #payers = new Map<ClassBook, string>();
  readonly #dry = new Set<ClassBook>();

  constructor(dialogue: Dialogue, guild: Guild) {
    this.#dialogue = dialogue;
    this.#guild = guild;
  }

  /** From now on the bank from `payer` is what pays for a class. */
  assign(book: ClassBook, payer: string): void {
    this.#payers.set(book, payer);
  }

  /** Has the bank of a class pay for what is made next. */
  async open(book: ClassBook): Promise<void> {
    const reply = await this.#dialogue.ask(`@bank use ${this.#payerOf(book)}`);
    if (!reply.lines.some((line) => line.endsWith('pays from now on.')))
      this.#guild.wrong(`@bank use was answered ${saidIn(reply)}`);
  }

  /** Whether the bank of a class holds no more than is to be left in it. */
  async isDry(book: ClassBook): Promise<boolean> {
    if (this.#dry.has(book)) return true;
    const payer = this.#payerOf(book);
    const reply = await this.#dialogue.ask('@bank');
    const whose = payer === 'mine' ? 'Your bank' : `The one that ${payer} gave you`;
    const line = reply.lines.find((each) => each.startsWith(`${whose} pays for `));
    const left = Number(/ pays for (\d+) /.exec(line ?? '')?.[1]);
    if (Number.isNaN(left)) this.#guild.wrong(`@bank was answered ${saidIn(reply)}`);
    if (left > RESERVE) return false;
    this.#dry.add(book);
    this.#guild.figures.dry += 1;
    return true;
  }

  #payerOf(book: ClassBook): string {
    return this.#payers.get(book) ?? 'mine';
  }
}
