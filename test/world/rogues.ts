import { attempt, create, destroy, fail, type AnyCap, type BankCap } from '../../engine/authoring.ts';
import { classes } from '../../world/classes.ts';
import { Common } from '../../world/common.ts';
import { Container } from '../../world/container.ts';
import { Gate } from '../../world/gate.ts';
import { Exit } from '../../world/exit.ts';
import type { Entry, Holder, Spot } from '../../world/place.ts';
import { Room } from '../../world/room.ts';
import { Thing, type ThingRecord } from '../../world/thing.ts';
import type { Verbs } from '../../world/verb-patterns.ts';

/** Says that it moves, and does not. */
class Slippery extends Thing {
  override moveTo(_entry: Entry): void {}
}

/** Goes into the new place and stays in the old one as well. */
class Doubler extends Thing {
  override moveTo(entry: Entry): void {
    this.enterAt(entry);
  }
}

/** Moves, and fails after it. */
class Quitter extends Thing {
  override moveTo(entry: Entry): void {
    super.moveTo(entry);
    throw new Error('Ha!');
  }
}

/** Clings to the first who takes it. */
class Burr extends Thing {
  #clings = false;
  override toRecord(): ThingRecord & { readonly clings: boolean } {
    return { ...super.toRecord(), clings: this.#clings };
  }
  override fromRecord(record: ThingRecord & { readonly clings: boolean }): void {
    super.fromRecord(record);
    this.#clings = record.clings;
  }
  override moveTo(entry: Entry): void {
    if (this.#clings) throw fail('Refused', 'It clings to your sleeve.');
    this.#clings = true;
    super.moveTo(entry);
  }
}

/** Fails at whatever it is asked. */
class Bomb extends Thing {
  override describe(): string {
    throw new Error('Boom.');
  }
  override verbs(): readonly string[] {
    throw new Error('Boom.');
  }
  override use(): string | undefined {
    throw new Error('Boom.');
  }
  override hear(): void {
    throw new Error('Boom.');
  }
  protected override listens(): boolean {
    return true;
  }
}

/** Draws on the terminal of whoever looks at it, or tries to. */
class Painter extends Thing {
  static override verbs: Verbs = { paint: 'paint', sign: 'sign' };
  override describe(): string {
    return 'A \u001b[2Jpicture\u0007.';
  }
  paint(): string {
    this.sound('Red \u001b[31mpaint\nAda says, "I give you everything"');
    return 'You \u001b[31mpaint.';
  }
  sign(): string {
    this.rename('x');
    this.label = 'bad\u001b[31mname';
    this.relabelled();
    return 'It could not be signed.';
  }
}

/** Ceases to exist without a word to anybody. */
class Candle extends Thing {
  static override verbs: Verbs = { light: 'light' };
  light(): string {
    destroy(this);
    return 'It burns down at once.';
  }
}

/** Sends away what is put into it, while that is still on its way in. */
class Hijacker extends Container {
  elsewhere: Entry | null = null;
  override toRecord(): ReturnType<Container['toRecord']> & { elsewhere: Entry | null } {
    return { ...super.toRecord(), elsewhere: this.elsewhere };
  }
  override fromRecord(record: ReturnType<Container['toRecord']> & { elsewhere: Entry | null }): void {
    super.fromRecord(record);
    this.elsewhere = record.elsewhere;
  }
  override init(spec: { name: string; elsewhere?: Entry }): void {
    super.init(spec);
    this.elsewhere = spec.elsewhere ?? null;
  }
  override enter(
    thing: AnyCap,
    holder: Holder,
    name: string,
    also: readonly string[],
    listens: boolean,
  ): Spot {
    if (this.elsewhere !== null) holder.moveTo(this.elsewhere);
    return super.enter(thing, holder, name, also, listens);
  }
}

/** Keeps all that it ever held on anybody, and uses it whenever it is looked at. */
class Web extends Room {
  kept: readonly Holder[] = [];
  override toRecord(): ReturnType<Room['toRecord']> & { kept: readonly Holder[] } {
    return { ...super.toRecord(), kept: this.kept };
  }
  override fromRecord(record: ReturnType<Room['toRecord']> & { kept: readonly Holder[] }): void {
    super.fromRecord(record);
    this.kept = record.kept;
  }
  override enter(
    thing: AnyCap,
    holder: Holder,
    name: string,
    also: readonly string[],
    listens: boolean,
  ): Spot {
    const spot = super.enter(thing, holder, name, also, listens);
    this.kept = [...this.kept, holder];
    return spot;
  }
  override arrive(...args: Parameters<Room['arrive']>): ReturnType<Room['arrive']> {
    const inside = super.arrive(...args);
    this.kept = [...this.kept, args[1]];
    return inside;
  }
  override describe(): string {
    const entry = this.floor();
    const door = this.doorway();
    const caught = this.kept.filter((each) => {
      const pulled = attempt(() => {
        each.moveTo(entry);
      });
      const pushed = attempt(() => {
        each.depart(door, 'in a net', '');
      });
      const shouted = attempt(() => {
        each.hear('The web whispers.');
      });
      return pulled.ok || pushed.ok || shouted.ok;
    });
    return `It still holds ${caught.length}.`;
  }
}

/** Works, until somebody says something in it; then nothing does. */
class Trap extends Room {
  sprung = false;
  override toRecord(): ReturnType<Room['toRecord']> & { sprung: boolean } {
    return { ...super.toRecord(), sprung: this.sprung };
  }
  override fromRecord(record: ReturnType<Room['toRecord']> & { sprung: boolean }): void {
    super.fromRecord(record);
    this.sprung = record.sprung;
  }
  override say(): void {
    this.sprung = true;
  }
  override look(): ReturnType<Room['look']> {
    if (this.sprung) throw new Error('Snap.');
    return super.look();
  }
  override go(): void {
    throw new Error('Snap.');
  }
  override stir(): void {
    throw new Error('Snap.');
  }
  override vacate(): void {
    throw new Error('Snap.');
  }
}

/** Lets nobody in. */
class Club extends Room {
  protected override admit(name: string): void {
    throw new Error(`Not with those shoes, ${name}.`);
  }
}

export const rogueClasses = [
  ...classes,
  Slippery,
  Doubler,
  Quitter,
  Burr,
  Bomb,
  Painter,
  Candle,
  Hijacker,
  Web,
  Trap,
  Club,
];

/** A yard full of things that do not keep to the rules. */
export function rogueGenesis({ bank }: { readonly bank: BankCap }): { readonly gate: AnyCap } {
  const yard = create(bank, Common, { name: 'The Yard', description: 'Gravel.' });
  for (const [kind, name] of [
    [Slippery, 'eel'],
    [Doubler, 'ghost'],
    [Quitter, 'snail'],
    [Burr, 'burr'],
    [Bomb, 'bomb'],
    [Painter, 'easel'],
    [Candle, 'candle'],
    [Thing, 'stone'],
    [Thing, 'coin'],
    [Container, 'bag'],
    [Container, 'box'],
  ] as const) {
    create(bank, kind, { name }).bring(yard.floor());
  }
  const stash = create(bank, Container, { name: 'stash' });
  stash.bring(yard.floor());
  create(bank, Hijacker, { name: 'sack', elsewhere: stash.entry() }).bring(yard.floor());
  for (const [kind, name, way, back] of [
    [Web, 'The Web', 'north', 'south'],
    [Club, 'The Club', 'east', 'west'],
    [Room, 'The Lane', 'west', 'east'],
    [Trap, 'The Trap', 'south', 'north'],
  ] as const) {
    const room = create(bank, kind, { name, description: 'Somewhere.' });
    const there = create(bank, Exit, { name: way, door: room.doorway() });
    const home = create(bank, Exit, { name: back, door: yard.doorway() });
    yard.addExit(way, [], name, there.front(), there.passage());
    room.addExit(back, [], 'The Yard', home.front(), home.passage());
  }
  return { gate: create(bank, Gate, { bank, start: yard.doorway() }).door() };
}
