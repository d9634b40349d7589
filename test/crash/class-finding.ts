import type { Author } from './author.ts';
import type { ClassBook } from './class-book.ts';
import type { Guild } from './guild.ts';
import type { Image, Slot, StoredMessage, StoredObject } from './image.ts';

/** A version of a class as it is stored. */
interface StoredVersion {
  readonly source: string;
  readonly base: string | null;
  readonly baseVersion: number;
  readonly baseClass: Slot | null;
}

interface StoredClass {
  readonly name: string;
  readonly versions: readonly StoredVersion[];
}

/** An object's own part of its record, as one of its classes writes it. */
interface Part {
  readonly text: string;
  readonly [field: string]: unknown;
}

/** What the class that others are built on keeps besides. */
interface RootPart extends Part {
  readonly sent: number;
  readonly ticked: number;
  readonly set: number;
  readonly rung: number;
  readonly calls: number;
  readonly mails: number;
  readonly told: Readonly<Record<string, number>>;
  readonly post: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

/**
 * Checks a world as a crash left it: no object is missing, every record is of the text whose code it is stored with, what
 * objects sent each other is either counted or on its way, and the drafts are as far as they were typed.
 */
export class ClassFinding {
  readonly #image: Image;
  readonly #guild: Guild;
  readonly #wrong: (what: string) => void;
  readonly #classes = new Map<string, StoredClass>();
  readonly #objects = new Map<string, StoredObject>();
  /** Messages that wait, by what they are: `Ob0001 tick`, `Ob0002 mail Ob0001`. */
  readonly #waiting = new Map<string, number[]>();

  constructor(image: Image, guild: Guild, wrong: (what: string) => void) {
    this.#image = image;
    this.#guild = guild;
    this.#wrong = wrong;
    for (const it of image.objects.values()) {
      if (it.class === 'ClassObject') this.#classes.set(it.id, it.body as unknown as StoredClass);
      const { name } = it.body;
      if (it.of !== null && typeof name === 'string' && /^Ob\d{4}$/.test(name)) this.#objects.set(name, it);
    }
    for (const message of image.messages) this.#noteMessage(message);
  }

  /** What is true of every world at any moment. */
  checkInside(): void {
    for (const [name, it] of this.#objects) {
      this.#checkTexts(name, it);
      this.#checkCounts(name, it);
    }
    for (const [what, numbers] of this.#waiting)
      if (numbers.some((n, at) => at > 0 && n !== (numbers[at - 1] ?? 0) + 1))
        this.#wrong(`${what} waits as ${numbers.join()}`);
    for (const key of this.#image.asides) this.#wrong(`${key} is set aside`);
  }

  /** What everybody was told has to be there, and nothing that nobody asked for. */
  checkBooks(authors: readonly Author[]): void {
    const { objects, begun, kinds } = this.#guild;
    for (const book of objects.values()) {
      const it = this.#objects.get(book.name);
      if (it === undefined) {
        this.#wrong(`there is no ${book.name} of ${book.kind.name}`);
        continue;
      }
      const { sent } = this.#root(it);
      const most = book.answered + book.open + book.unknown;
      if (sent < book.counted || sent > most)
        this.#wrong(`${book.name} counts ${sent}; ${book.counted} was answered, and ${most} were asked for`);
    }
    for (const name of this.#objects.keys())
      if (!begun.has(name)) this.#wrong(`there is ${name}, which nobody made`);
    for (const stored of this.#classes.values()) {
      const book = kinds.get(stored.name);
      if (book !== undefined) this.#checkVersions(book, stored);
    }
    for (const { name, desk } of authors) {
      const stored = [...this.#image.objects.values()].find(
        (it) => it.class === 'Desk' && it.body['author'] === name,
      );
      const draft = stored?.body['draft'] as { readonly text: string } | null | undefined;
      if (draft !== undefined && !desk.texts.includes(draft?.text ?? null))
        this.#wrong(`the draft of ${name} is ${JSON.stringify(draft)}, which it cannot be`);
    }
  }

  /** All that the objects keep, for comparing two worlds. */
  records(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#objects].map(([name, { version, body }]) => [name, JSON.stringify({ version, body })]),
    );
  }

  /** The code that an object is stored with is that of the text that wrote its record, in each of its classes. */
  #checkTexts(name: string, it: StoredObject): void {
    for (const { kind, source, version } of this.#lineOf(it)) {
      const part = it.body[kind] as Part | undefined;
      const text = /^const TEXT = '(\w+)';/.exec(source)?.[1];
      if (part?.text !== text)
        this.#wrong(`${name} has a record of ${part?.text}, and version ${version} of ${kind} is ${text}`);
      const counts = Object.keys(part ?? {}).filter((field) => field.startsWith('count'));
      if (counts.join() !== `count${text}`)
        this.#wrong(`${name} counts in ${counts.join()}, and its code is ${text}`);
      const count = part?.[`count${text}`];
      if (count !== this.#root(it).sent)
        this.#wrong(`${name}: ${kind} counts ${String(count)} of ${this.#root(it).sent}`);
    }
  }

  /** What was sent is counted or waits; what was called is counted on both sides. */
  #checkCounts(name: string, it: StoredObject): void {
    const { sent, ticked, set, rung, calls, mails, faults } = this.#root(it);
    const fits = (what: string, made: number, counted: number): void => {
      const waiting = this.#waiting.get(what) ?? [];
      if (made - counted !== waiting.length || (waiting.length > 0 && waiting[0] !== counted + 1))
        this.#wrong(`${what}: ${made} were sent, ${counted} are counted, and ${waiting.join()} wait`);
    };
    fits(`${name} tick`, sent, ticked);
    fits(`${name} ring`, set, rung);
    if (faults.length > 0) this.#wrong(`${name} tells of ${faults.join(', ')}`);
    const partner = this.#nameOf(it.body['partner'] as Slot | null);
    if (partner === undefined) return;
    const far = this.#objects.get(partner);
    if (far === undefined) {
      this.#wrong(`${partner}, the partner of ${name}, is gone`);
      return;
    }
    const { told, post } = this.#root(far);
    fits(`${partner} mail ${name}`, mails, post[name] ?? 0);
    if (calls !== (told[name] ?? 0))
      this.#wrong(`${name} called ${partner} ${calls} times, which counted ${told[name] ?? 0}`);
  }

  #checkVersions(book: ClassBook, { versions }: StoredClass): void {
    if (versions.length < book.saved || versions.length > book.newest)
      this.#wrong(`${book.name} has ${versions.length} versions; ${book.saved} to ${book.newest} were saved`);
    for (const [at, { source }] of versions.entries()) {
      const text = book.textAt(at + 1);
      if (text !== undefined && this.#image.sources.get(source) !== text.source)
        this.#wrong(`the source of version ${at + 1} of ${book.name} is not what was typed`);
    }
  }

  /** The classes of an object, each with the source of the version that it is stored with; its own comes first. */
  #lineOf(it: StoredObject): { readonly kind: string; readonly version: number; readonly source: string }[] {
    const line: { kind: string; version: number; source: string }[] = [];
    let id: string | undefined = it.of ?? undefined;
    let { version } = it;
    while (id !== undefined) {
      const stored = this.#classes.get(id);
      const entry = stored?.versions[version - 1];
      if (stored === undefined || entry === undefined) {
        this.#wrong(`there is no version ${version} of ${stored?.name ?? id}`);
        break;
      }
      line.push({ kind: stored.name, version, source: this.#image.sources.get(entry.source) ?? '' });
      id = entry.baseClass?.id;
      version = entry.baseVersion;
    }
    return line;
  }

  #root(it: StoredObject): RootPart {
    const root = this.#lineOf(it).at(-1)?.kind ?? '';
    return it.body[root] as RootPart;
  }

  #noteMessage({ to, method, args }: StoredMessage): void {
    const name = this.#nameOf(to);
    if (name === undefined || !this.#objects.has(name)) return;
    const what = method === 'mail' ? `${name} mail ${String(args[0])}` : `${name} ${method}`;
    const number = (method === 'mail' ? args[1] : args[0]) as number;
    this.#waiting.set(what, [...(this.#waiting.get(what) ?? []), number]);
  }

  #nameOf(slot: Slot | null): string | undefined {
    const name = slot === null ? undefined : this.#image.objects.get(slot.id)?.body['name'];
    return typeof name === 'string' ? name : undefined;
  }
}
