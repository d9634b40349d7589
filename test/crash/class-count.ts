import type { ReportAnswer } from './answer.ts';
import { pause, type Author } from './author.ts';
import type { Guild } from './guild.ts';
import type { Hand } from './hand.ts';
import type { ObjectBook } from './object-book.ts';
import type { User } from './user.ts';

/** Milliseconds until whoever was given up hope of has been told what became of an upgrade. */
const LATE = 2_000;
/** Looks at an object whose messages and timers are still on their way, and the time between two, in milliseconds. */
const LOOKS = 400;
const BETWEEN = 50;

/** While nobody does anything: upgrades all classes, has every object report, and holds all of it against the books. */
export class ClassCount {
  readonly #guild: Guild;
  readonly #authors: readonly Author[];
  readonly #users: readonly User[];
  #untold = 0;

  constructor(guild: Guild, authors: readonly Author[], users: readonly User[]) {
    this.#guild = guild;
    this.#authors = authors;
    this.#users = users;
  }

  /** Gives what every object reported. */
  async run(): Promise<ReadonlyMap<string, ReportAnswer>> {
    const { wrong, kinds, objects } = this.#guild;
    const stayed = new Map<string, number>();
    // What they are told does not say which class it is about: nobody may take what is late for what he asks next.
    if (this.#untold !== this.#guild.figures.untold) await pause(LATE);
    this.#untold = this.#guild.figures.untold;
    await Promise.all(
      this.#authors.map(async (author) => {
        for (const book of author.classes) {
          const told = await author.upgrade(book);
          if (told === undefined) wrong(`nobody was told what became of @upgrade ${book.name}`);
          else stayed.set(book.name, told);
        }
      }),
    );
    const reports = await this.reports();
    for (const { name, saved } of kinds.values()) {
      const behind = [...objects.values()].filter(
        (each) => each.kind.name === name && reports.get(each.name)?.version !== saved,
      );
      if (behind.length !== stayed.get(name))
        wrong(
          `@upgrade ${name} left ${stayed.get(name)} behind; not of version ${saved} are ${behind.map((each) => each.name).join()}`,
        );
    }
    return reports;
  }

  /** What every object reports, once nothing is on its way any more. */
  async reports(): Promise<ReadonlyMap<string, ReportAnswer>> {
    const { wrong, objects } = this.#guild;
    const reports = new Map<string, ReportAnswer>();
    const settled = async (book: ObjectBook, hand: Hand): Promise<void> => {
      for (let look = 0; look < LOOKS; look += 1) {
        const report = await hand.report(book);
        if (report !== undefined) reports.set(book.name, report);
        if (report !== undefined && report.sent === report.ticked && report.set === report.rung) return;
        await pause(BETWEEN);
      }
      wrong(`${book.name} still waits for a message: ${JSON.stringify(reports.get(book.name))}`);
    };
    const all = [...objects.values()];
    await Promise.all(
      this.#hands().map(async ({ hand, hall }, at, hands) => {
        const others = hands.filter((each) => each.hall === hall);
        const place = others.findIndex((each) => each.hand === hand);
        const mine = all.filter((each) => each.hall === hall).filter((_, n) => n % others.length === place);
        for (const book of mine) await settled(book, hand);
      }),
    );
    // Only now: what one object sends to another counts with that one.
    for (const book of all) this.#check(book, reports);
    return reports;
  }

  #check(book: ObjectBook, reports: ReadonlyMap<string, ReportAnswer>): void {
    const { wrong, figures } = this.#guild;
    const report = reports.get(book.name);
    if (report === undefined) return;
    const { levels, partner, calls, mails, ticked, rung, post } = report;
    book.checkCount(levels[0]?.count ?? 0);
    const far = partner === null ? undefined : reports.get(partner);
    if (far === undefined) return;
    const [told = 0, got = 0] = [far.told[book.name], far.post[book.name]];
    if (told !== calls) wrong(`${book.name} called ${partner} ${calls} times, which counted ${told}`);
    if (got !== mails) wrong(`${book.name} sent ${partner} ${mails} messages, which counted ${got}`);
    const before = this.#messages.get(book.name) ?? 0;
    const now = ticked + rung + Object.values(post).reduce((sum, each) => sum + each, 0);
    this.#messages.set(book.name, now);
    figures.messages += now - before;
  }

  readonly #messages = new Map<string, number>();

  #hands(): readonly { readonly hand: Hand; readonly hall: string }[] {
    return [...this.#users, ...this.#authors];
  }
}
