import type { Heard } from './view.ts';

interface Said {
  readonly speaker: string;
  readonly number: number;
  /** By listener (the speaker too, for its own echo): who was there, as that listener saw it. */
  readonly heardBy: Map<string, ReadonlySet<string>>;
  /** Who need not have heard it. */
  readonly excused: Set<string>;
}

/**
 * The book of what was said. A line that was said is heard once, and in the order of saying, by everybody who was
 * there; who that was is known from the speaker's own view at its echo, and from each listener's at the hearing, and
 * all these must agree. A line whose speaker never learnt what became of it is heard by all of them or by nobody.
 */
export class Speech {
  #said = new Map<string, Said>();
  #heard = new Map<string, Said[]>();
  readonly #last = new Map<string, number>();
  readonly #wrong: (what: string) => void;
  /** Hearings, echoes included. */
  lines = 0;

  constructor(wrong: (what: string) => void) {
    this.#wrong = wrong;
  }

  spoken(speaker: string, number: number): void {
    this.#said.set(`${speaker} #${number}`, { speaker, number, heardBy: new Map(), excused: new Set() });
  }

  /** A listener that cannot acknowledge has lost its session: what was said until now may have gone with it. */
  excuse(listener: string): void {
    for (const { excused } of this.#said.values()) excused.add(listener);
  }

  heard(listener: string, { speaker, number, there }: Heard): void {
    const key = `${speaker} #${number}`;
    const said = this.#said.get(key);
    this.lines += 1;
    if (said === undefined) {
      this.#wrong(`${listener} hears [${key}], which was never said, or long ago`);
      return;
    }
    if (said.heardBy.has(listener)) {
      this.#wrong(`${listener} hears [${key}] twice`);
      return;
    }
    said.heardBy.set(listener, there);
    const last = this.#last.get(`${listener} ${speaker}`) ?? 0;
    if (number <= last) this.#wrong(`${listener} hears [${key}] after [${speaker} #${last}]`);
    this.#last.set(`${listener} ${speaker}`, number);
    const before = this.#heard.get(listener);
    if (before === undefined) this.#heard.set(listener, [said]);
    else before.push(said);
  }

  /** All that was said has arrived: checks it, and begins a new page. `unknown`: lines that may never have been said. */
  close(unknown: ReadonlySet<string>): void {
    for (const [key, said] of this.#said) this.#checkOne(key, said, unknown.has(key));
    this.#checkOrder();
    this.#said = new Map();
    this.#heard = new Map();
  }

  #checkOne(key: string, { speaker, heardBy, excused }: Said, unknown: boolean): void {
    if (!heardBy.has(speaker) && !unknown) this.#wrong(`[${key}] was sent and never answered`);
    const views = [...heardBy];
    const [first] = views;
    if (first === undefined) return;
    for (const [observer, there] of views) {
      if (!sameSet(there, first[1])) {
        this.#wrong(
          `at [${key}] ${first[0]} knew of ${names(first[1])} in the room, ${observer} of ${names(there)}`,
        );
      }
    }
    for (const listener of first[1]) {
      if (heardBy.has(listener) || excused.has(listener)) continue;
      this.#wrong(`${listener} was there (as ${first[0]} knew) and did not hear [${key}]`);
    }
    for (const [listener] of views) {
      if (!first[1].has(listener)) this.#wrong(`${listener} was not there and heard [${key}]`);
    }
  }

  /** There is one order of all lines that every listener's order is part of: taking away first lines comes to an end. */
  #checkOrder(): void {
    const queues = [...this.#heard].map(([listener, lines]) => ({ listener, lines, at: 0 }));
    for (let moved = true; moved;) {
      moved = false;
      for (const queue of queues) {
        const head = queue.lines[queue.at];
        if (head === undefined) continue;
        const others = queues.filter(({ listener }) => head.heardBy.has(listener));
        if (others.some((other) => other.lines[other.at] !== head)) continue;
        for (const other of others) other.at += 1;
        moved = true;
      }
    }
    const left = queues.filter(({ lines, at }) => at < lines.length);
    if (left.length === 0) return;
    const heads = left.map(
      ({ listener, lines, at }) => `${listener} next [${lines[at]?.speaker} #${lines[at]?.number}]`,
    );
    this.#wrong(`the listeners heard lines in different orders: ${heads.join(', ')}`);
  }
}

function sameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((each) => other.has(each));
}

function names(set: ReadonlySet<string>): string {
  return [...set].sort().join('+');
}
