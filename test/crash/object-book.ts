import type { OwnState, ReportAnswer, StampAnswer, State } from './answer.ts';
import type { ClassBook } from './class-book.ts';
import type { ClassText } from './class-source.ts';

/** What was known when a line was sent: an answer to it can be of nothing older. */
export interface Known {
  readonly saved: ReadonlyMap<string, number>;
}

/** A stamp that was answered. */
interface Stamp {
  readonly id: string;
  readonly version: number;
}

/** What is known of one object: the stamps that it counted, and which version it may be of. */
export class ObjectBook {
  readonly name: string;
  readonly serial: number;
  readonly kind: ClassBook;
  readonly hall: string;
  /** The newest version that there may have been when it was made. */
  readonly #made: number;
  readonly #stamps = new Map<number, Stamp>();
  readonly #lastOf = new Map<string, number>();
  #counted = 0;
  readonly #wrong: (what: string) => void;
  /** Stamps that are under way, and those whose client will never learn of them. */
  open = 0;
  unknown = 0;

  constructor(name: string, kind: ClassBook, hall: string, wrong: (what: string) => void) {
    this.name = name;
    this.serial = Number(name.slice(2));
    this.kind = kind;
    this.hall = hall;
    this.#made = kind.newest;
    this.#wrong = (what) => {
      wrong(`${name}: ${what}`);
    };
  }

  /** Stamps that were answered. */
  get answered(): number {
    return this.#stamps.size;
  }

  /** The greatest count that was answered. */
  get counted(): number {
    return this.#counted;
  }

  /** A stamp was answered. */
  stamped(id: string, answer: StampAnswer, known: Known): void {
    const { version, levels } = answer;
    this.#checkOwn(answer, known);
    const count = levels[0]?.count ?? 0;
    const other = this.#stamps.get(count);
    if (other !== undefined) this.#wrong(`${id} and ${other.id} were both counted as ${count}`);
    const who = id.slice(0, id.indexOf('x'));
    const before = this.#lastOf.get(who) ?? 0;
    if (count <= before) this.#wrong(`${id} was counted as ${count}, and an earlier one as ${before}`);
    this.#lastOf.set(who, count);
    if ((this.#stamps.get(count - 1)?.version ?? 0) > version)
      this.#wrong(`${id} was counted in version ${version}, and the one before in a newer one`);
    if ((this.#stamps.get(count + 1)?.version ?? version) < version)
      this.#wrong(`${id} was counted in version ${version}, and the next one in an older one`);
    this.#stamps.set(count, { id, version });
    this.#counted = Math.max(this.#counted, count);
  }

  /** A report came. `least`: what had been counted when it was asked for, whose answers may come in another order. */
  reported(report: ReportAnswer, known: Known, least: number): void {
    this.#checkOwn(report, known);
    const { levels, sent, ticked, set, rung, trails } = report;
    const count = levels[0]?.count ?? 0;
    if (sent !== count) this.#wrong(`it sent ${sent} messages and counted ${count}`);
    if (ticked > sent || rung > set) this.#wrong(`it got ${ticked} of ${sent}, and ${rung} of ${set} timers`);
    if (set !== Math.floor(sent / 3)) this.#wrong(`it set ${set} timers in ${sent} turns`);
    if (count < least) this.#wrong(`it counts ${count}, and had answered ${least}`);
    const most = this.answered + this.open + this.unknown;
    if (count > most) this.#wrong(`it counts ${count}, and was stamped ${most} times at most`);
    this.#checkTrails(trails);
  }

  /** Nothing is under way: every count was answered to somebody, but for those whose client was lost. */
  checkCount(count: number): void {
    const missing = count - this.answered;
    if (missing < 0 || missing > this.unknown)
      this.#wrong(`it counts ${count}; ${this.answered} were answered, ${this.unknown} are not known of`);
    if (this.counted > count) this.#wrong(`it counts ${count}, and has answered ${this.counted}`);
    // What is not known of by now will never be answered: the next page begins with what there is.
    this.unknown = missing;
  }

  /** Checks what it told of its version and its code; also when another object passed it on. */
  checkState({ version, levels }: State, known: Known): void {
    const { kind } = this;
    if (version > kind.newest) {
      this.#wrong(`it is of version ${version}, and there is none after ${kind.newest}`);
      return;
    }
    const texts = levels.map(({ text }) => text);
    if (new Set(levels.map(({ count }) => count)).size > 1)
      this.#wrong(`its classes count differently: ${JSON.stringify(levels)}`);
    const lineages = kind.lineages(version);
    if (!lineages.some((line) => line.map(({ id }) => id).join() === texts.join())) {
      const possible = lineages.map((line) => line.map(({ id }) => id).join('+')).join(' or ');
      this.#wrong(`version ${version} is ${possible}, and what ran was ${texts.join('+')}`);
      return;
    }
    if (kind.base !== null) kind.sawBase(version, texts.at(-2) ?? '');
    this.#checkStay(version, texts, known.saved.get(kind.name) ?? 0);
    this.#checkArrival(texts);
  }

  #checkOwn(state: OwnState, known: Known): void {
    const { object, uses, faults } = state;
    if (object !== this.name) this.#wrong(`${object} answered`);
    if (faults.length > 0) this.#wrong(`it tells of ${faults.join(', ')}`);
    const used = this.#root.uses;
    if (used !== null && uses !== null) {
      const low = known.saved.get(used.name) ?? 0;
      if (uses < low || uses > used.newest)
        this.#wrong(`it finds ${used.name} in version ${uses}, and it must be ${low} to ${used.newest}`);
    } else if ((used === null) !== (uses === null)) this.#wrong(`it uses ${uses}`);
    this.checkState(state, known);
  }

  /** It may be of an older version than the class only where an upgrade hook threw. */
  #checkStay(version: number, texts: readonly string[], low: number): void {
    if (version >= low) return;
    for (let at = low; at <= this.kind.newest; at += 1)
      if (this.kind.lineages(at).some((line) => this.#throws(line, texts))) return;
    this.#wrong(
      `it is of version ${version} when its class is of version ${low}, whose upgrade does not throw`,
    );
  }

  /** What an upgrade hook that throws for it leads to, it can only have been made in. */
  #checkArrival(texts: readonly string[]): void {
    const line = this.#line.map((kind, at) => kind.text(texts[at] ?? ''));
    for (const [at, text] of line.entries()) {
      if (text === undefined || !this.#hits(text)) continue;
      const made = this.kind.lineages(this.#made).concat(this.kind.lineages(this.#made - 1));
      if (!made.some((each) => each[at]?.id === text.id))
        this.#wrong(`it was brought to ${text.id}, whose upgrade throws for it`);
    }
  }

  #checkTrails(trails: readonly (readonly string[])[]): void {
    for (const [at, trail] of trails.entries()) {
      const kind = this.#line[at];
      for (const step of trail) {
        const [from = '', text = ''] = step.split(':');
        if (kind?.textAt(Number(from))?.id !== text)
          this.#wrong(`an upgrade hook got ${text} as version ${from} of ${kind?.name ?? 'nothing'}`);
      }
    }
  }

  #throws(line: readonly ClassText[], from: readonly string[]): boolean {
    return line.some((text, at) => text.id !== from[at] && this.#hits(text));
  }

  #hits({ fails }: ClassText): boolean {
    return fails !== 0 && this.serial % fails === 0;
  }

  get #root(): ClassBook {
    return this.#line[0] as ClassBook;
  }

  /** Its class and those that it is built on, the first one first. */
  get #line(): readonly ClassBook[] {
    const line: ClassBook[] = [];
    for (let at: ClassBook | null = this.kind; at !== null; at = at.base) line.unshift(at);
    return line;
  }
}
