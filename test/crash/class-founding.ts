import type { Author } from './author.ts';
import { ClassBook } from './class-book.ts';
import type { ClassPlan, PlannedClass } from './class-plan.ts';
import type { Dialogue } from './dialogue.ts';
import type { Guild } from './guild.ts';
import { saidIn } from './hand.ts';
import type { ObjectBook } from './object-book.ts';
import type { User } from './user.ts';

/** Blocks that a user gives to an author, for one of his classes: nearly all that he has. */
const GIFT = 190;

/** Everybody goes to his hall, the classes are written, and their objects put down there. Throws if any of it fails. */
export class Founding {
  readonly #plan: ClassPlan;
  readonly #guild: Guild;
  readonly #authors: readonly Author[];
  readonly #users: readonly User[];
  /** The banks of each author: his own, and those that he was given. */
  readonly #banks = new Map<Author, string[]>();

  constructor(plan: ClassPlan, guild: Guild, authors: readonly Author[], users: readonly User[]) {
    this.#plan = plan;
    this.#guild = guild;
    this.#authors = authors;
    this.#users = users;
  }

  async run(): Promise<void> {
    const { authors, users, classes } = this.#plan;
    const ways = new Map([...authors, ...users].map(({ name, way }) => [name, way]));
    await Promise.all(
      [...this.#authors, ...this.#users].map(async ({ dialogue }) => {
        const way = ways.get(dialogue.name) ?? null;
        if (way !== null) await dialogue.ask(way);
      }),
    );
    for (const author of this.#authors) this.#banks.set(author, ['mine']);
    for (const user of this.#users) await this.#giveBank(user);
    for (const planned of classes) await this.#define(planned);
    await Promise.all(this.#authors.map((author) => this.#furnish(author)));
  }

  /** A user gives a part of his bank to the author in the same hall who has the fewest. */
  async #giveBank({ dialogue, hall }: User): Promise<void> {
    const near = [...this.#banks].filter(([author]) => author.hall === hall);
    const [first] = near.sort(([, one], [, other]) => one.length - other.length);
    if (first === undefined) return;
    const [{ name }, banks] = first;
    await expect(dialogue, `@bank split ${GIFT} for ${name}`, `You give ${name} a bank`);
    banks.push(dialogue.name);
  }

  async #define({ name, author: by, base, uses, access }: PlannedClass): Promise<void> {
    const author = this.#author(by);
    const other = this.#guild.kinds.get(base ?? uses ?? '');
    if (other !== undefined && other.author !== by) {
      const { dialogue } = this.#author(other.author);
      const verb = base === null ? 'make' : 'extend';
      if (access === 'open')
        await expect(dialogue, `@open ${other.name}`, `Everybody may make objects of ${other.name}`);
      else
        await expect(
          dialogue,
          `@lend ${verb} on ${other.name} to ${by}`,
          `You let ${by} ${verb} ${other.name}.`,
        );
    }
    const found = (of: string | null) => (of === null ? null : (this.#guild.kinds.get(of) ?? null));
    const banks = this.#banks.get(author) ?? ['mine'];
    const payer = banks[author.classes.length % banks.length] ?? 'mine';
    await author.define(new ClassBook(name, by, found(base), found(uses)), payer);
  }

  /** Makes objects of all of an author's classes, each the partner of the one before, and puts them down. */
  async #furnish(author: Author): Promise<void> {
    const { dialogue, classes } = author;
    const made: ObjectBook[] = [];
    for (const book of classes) {
      for (let n = 0; n < this.#plan.objectsEach; n += 1) {
        made.push(await author.make(book));
      }
    }
    for (const [at, { name }] of made.entries()) {
      const partner = made[(at + 1) % made.length]?.name ?? name;
      if (partner === name) continue;
      await expect(dialogue, `put ${partner} in ${name}`, `You put ${partner} in ${name}.`);
      await expect(dialogue, `get ${partner} from ${name}`, `You take ${partner} out of ${name}.`);
    }
    for (const object of made) await author.putDown(object);
  }

  #author(name: string): Author {
    const found = this.#authors.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no author ${name}`);
    return found;
  }
}

async function expect(dialogue: Dialogue, line: string, answer: string): Promise<void> {
  const reply = await dialogue.ask(line);
  if (!reply.lines.some((each) => each.startsWith(answer)))
    throw new Error(`${dialogue.name}: "${line}" was answered ${saidIn(reply)}`);
}
