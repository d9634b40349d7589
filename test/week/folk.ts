import { accountKey } from '../../storage/keys.ts';
import type { AnyCap } from '../../engine/authoring.ts';
import type { SessionOut } from '../../engine/sessions.ts';
import { Accounts } from '../../clients/accounts.ts';
import type { Town } from './town.ts';
import { itemsOf } from '../items-of.ts';

/** One connection of somebody, from its login to its end. */
interface Line {
  readonly sid: string;
  sent: number;
  /** The last input of which it was told that it is committed. */
  in: number;
  /** The last chunk that it got, and the last that it acknowledged. */
  have: number;
  acknowledged: number;
  ended: boolean;
  unanswered: { readonly n: number; readonly text: string }[];
}

/** Somebody who plays: what he was shown last, and his connection if he is awake. */
export class Person {
  readonly name: string;
  readonly isGuest: boolean;
  line: Line | null = null;
  /** What he sees: read off what he is shown. */
  room = '';
  ways: string[] = [];
  seen: string[] = [];
  others: string[] = [];
  carried: string[] = [];

  constructor(name: string, isGuest: boolean) {
    this.name = name;
    this.isGuest = isGuest;
  }
}

/** Everybody who plays, as the portal has them: keeps what they typed until it is committed, and takes every chunk once. */
export class Folk {
  readonly people: Person[];
  readonly figures = { lines: 0, logins: 0, again: 0 };
  /** The beginnings of what people were told, and how often. */
  readonly told = new Map<string, number>();
  readonly #wrong: (what: string) => void;
  readonly #lines = new Map<string, Person>();
  #hungUp: { readonly sid: string; readonly n: number }[] = [];
  #sids = 0;

  constructor(names: readonly string[], wrong: (what: string) => void) {
    this.people = names.map((name) => new Person(name, false));
    this.#wrong = wrong;
  }

  get awake(): readonly Person[] {
    return this.people.filter(({ line }) => line !== null);
  }

  /** Logs in: a new player if there is none of that name. */
  async enter(town: Town, person: Person): Promise<void> {
    const { world, random } = town;
    this.#sids += 1;
    this.figures.logins += 1;
    const sid = `sid-${this.#sids}`;
    person.line = { sid, sent: 0, in: 0, have: 0, acknowledged: 0, ended: false, unanswered: [] };
    this.#lines.set(sid, person);
    const known = person.isGuest ? undefined : new Accounts(world, random).find(person.name);
    const isNew = known === undefined && !person.isGuest;
    await world.begin(
      { sid, keyHash: 'k'.repeat(43), keep: true, name: person.name },
      (invoke) => {
        if (known !== undefined) return known;
        const { gate } = world.roots;
        const made = person.isGuest ? invoke(gate, 'newGuest', []) : invoke(gate, 'newPlayer', [person.name]);
        return made as AnyCap;
      },
      (capability) =>
        isNew ? [[accountKey(person.name), account(person.name, world.slotText(capability))]] : [],
    );
  }

  type(town: Town, person: Person, text: string): void {
    const { line } = person;
    if (line === null || town.world.session(line.sid) === undefined) return;
    line.sent += 1;
    line.unanswered.push({ n: line.sent, text });
    this.figures.lines += 1;
    town.world.input(line.sid, line.sent, text);
  }

  /** Types, and waits until nothing moves any more. */
  async say(town: Town, person: Person, ...texts: readonly string[]): Promise<void> {
    for (const text of texts) this.type(town, person, text);
    await town.settle();
  }

  async leave(town: Town, person: Person): Promise<void> {
    const { line } = person;
    if (line === null) return;
    person.line = null;
    line.ended = true;
    this.#lines.delete(line.sid);
    await town.world.end(line.sid);
  }

  acknowledge(town: Town, person: Person): void {
    const { line } = person;
    if (line === null) return;
    line.acknowledged = line.have;
    town.world.acknowledge(line.sid, line.have);
  }

  readonly take = (outs: readonly SessionOut[]): void => {
    for (const out of outs) {
      const person = this.#lines.get(out.sid);
      const line = person?.line;
      if (person === undefined || line === null || line === undefined) continue; // it has left
      if (out.in < line.in) this.#wrong(`${person.name}: input ${line.in} is undone, it is ${out.in}`);
      line.in = Math.max(line.in, out.in);
      line.unanswered = line.unanswered.filter(({ n }) => n > line.in);
      if (out.n !== 0 && out.n !== line.have + 1)
        this.#wrong(`${person.name}: after chunk ${line.have} comes ${out.n}`);
      line.have = Math.max(line.have, out.n);
      for (const item of itemsOf(out)) if (typeof item === 'string') this.#shown(person, item);
      if (out.close) {
        this.#lines.delete(out.sid);
        person.line = null;
        this.#hungUp.push({ sid: out.sid, n: out.n });
      }
    }
  };

  /** Those that the world hung up on have read its last words: only then their sessions end. */
  async hangUp(town: Town): Promise<void> {
    for (const { sid, n } of this.#hungUp.splice(0)) town.world.acknowledge(sid, n);
    await town.settle();
  }

  /** Goes on with the world as it was opened again: what was committed has to be there; what was not is sent again. */
  async resume(town: Town): Promise<void> {
    const { world } = town;
    for (const person of this.awake) {
      const { line } = person;
      if (line === null) continue;
      const session = world.session(line.sid);
      if (session === undefined) {
        this.#wrong(`the session of ${person.name} is lost`);
        person.line = null;
        continue;
      }
      if (session.in < line.in) this.#wrong(`${person.name}: input ${line.in} is lost, it is ${session.in}`);
      if (session.durable < line.have) this.#wrong(`${person.name}: chunk ${line.have} is lost`);
      this.take(world.unread(line.sid, line.have));
      line.in = Math.max(line.in, session.in);
      line.unanswered = line.unanswered.filter(({ n }) => n > line.in);
      this.figures.again += line.unanswered.length;
      for (const { n, text } of line.unanswered) world.input(line.sid, n, text);
    }
    await town.settle();
    for (const { name, line } of this.awake)
      if (line !== null && line.unanswered.length > 0) this.#wrong(`${name} is not answered`);
  }

  #shown(person: Person, text: string): void {
    const words = text.split(/[\s,."]+/, 3).join(' ');
    this.told.set(words, (this.told.get(words) ?? 0) + 1);
    const lines = text.split('\n');
    for (const line of lines) {
      const [, ways] = /^Ways out: (.*)\.$/.exec(line) ?? [];
      if (ways !== undefined) {
        person.room = lines[0] ?? '';
        person.ways = [...ways.matchAll(/([^,()]+) \([^)]*\)/g)].map(([, way = '']) => way.trim());
        person.seen = [];
        person.others = [];
      }
      const [, seen] = /^You see (.*)\.$/.exec(line) ?? [];
      if (seen !== undefined) person.seen = named(seen);
      const [, here] = /^(.*) (?:is|are) here\.$/.exec(line) ?? [];
      if (here !== undefined) person.others = named(here);
      const [, hands] = /^You carry (.*)\.$/.exec(line) ?? [];
      if (hands !== undefined) person.carried = hands === 'nothing' ? [] : named(hands);
    }
  }
}

/** The names in a list as the world writes one. */
function named(list: string): string[] {
  return list
    .split(/, | and /)
    .map((each) => each.replace(/^(?:an?|the|some) /, '').replace(/ \([^)]*\)$/, ''));
}

/** As the portal stores it; nobody logs in with this password. */
function account(name: string, capability: string): string {
  return JSON.stringify({ name, salt: 'salt', hash: 'hash', cost: { N: 16384, r: 8, p: 5 }, capability });
}
