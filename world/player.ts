import { attempt, create, emit, facet, fail, hangUp, M } from '../engine/authoring.ts';
import type { AnyCap, BankCap, FacetOf } from '../engine/authoring.ts';
import { Carrier, type CarrierRecord } from './carrier.ts';
import { obey } from './commands/table.ts';
import { describeRoom, sceneOf } from './commands/looking.ts';
import { Keyring } from './keyring.ts';
import type { Door, Entry, Inside, Scene, Spot } from './place.ts';
import type { Book } from './roster.ts';
import { Sorry } from './sorry.ts';
import type { Front, ThingSpec } from './thing.ts';
import { capital, line, page } from './words.ts';

/** The short list of capabilities that a new player starts with; all others he gets by asking. */
interface Means {
  /** Where he is born, and where "home" takes him. */
  readonly home: Door;
  /** Where he signs in and out. */
  readonly book: Book;
  /** Pays for what he makes; without one he makes nothing. */
  readonly bank: BankCap | null;
}

export interface PlayerSpec extends ThingSpec, Omit<Means, 'bank'> {
  readonly bank?: BankCap;
}

export interface PlayerRecord extends CarrierRecord {
  readonly means: Means | null;
  readonly ring: FacetOf<typeof Keyring, 'owner'> | null;
  readonly sessions: number;
  readonly newborn: boolean;
  readonly it: AnyCap | null;
}

/** Somebody's body in the world. Its sessions command it; the commands are in commands/, one file to a group. */
export class Player extends Carrier {
  static override reads: readonly string[] = ['session', 'hear', 'witness'];
  static override facets = {
    ...Carrier.facets,
    session: {
      attached: M.call().returns(),
      command: M.call(M.string()).returns(),
      detached: M.call().returns(),
    },
    owner: { ...Carrier.facets.owner, session: M.call().returns(M.remotable()) },
  };

  #means: Means | null = null;
  #ring: FacetOf<typeof Keyring, 'owner'> | null = null;
  #sessions = 0;
  #newborn = true;
  #it: AnyCap | null = null;

  /** Set while he is walking of his own will. */
  #walking = false;
  /** The scene that his clients were shown last. */
  #shown = '';

  override init(spec: PlayerSpec): void {
    super.init(spec);
    this.#means = { home: spec.home, book: spec.book, bank: spec.bank ?? null };
    this.#cross(spec.home, '');
  }

  /** In one piece: everybody who hears a line is asked for this, and spreading super's costs more than all the rest. */
  override toRecord(): PlayerRecord {
    return {
      name: this.label,
      also: this.also,
      spot: this.spot,
      held: this.held,
      description: this.description,
      fixed: this.fixed,
      means: this.#means,
      ring: this.#ring,
      carried: this.carried,
      mouth: this.mouth,
      takesGifts: this.takesGifts,
      sessions: this.#sessions,
      newborn: this.#newborn,
      it: this.#it,
    };
  }

  override fromRecord(record: PlayerRecord): void {
    super.fromRecord(record);
    this.#means = record.means;
    this.#ring = record.ring;
    this.#sessions = record.sessions;
    this.#newborn = record.newborn;
    this.#it = record.it;
  }

  // For his sessions.

  session(): FacetOf<typeof Player, 'session'> {
    return facet<typeof Player, 'session'>(this, 'session');
  }

  attached(): void {
    this.#sessions += 1;
    this.#shown = '';
    if (this.#sessions === 1) {
      this.#means?.book.signIn(this.label);
      this.#stir(true, this.#newborn ? 'is here, new to the place' : 'wakes up');
    }
    this.greet(this.#newborn);
    this.#newborn = false;
    // A room that fails must not keep its people from coming back to leave it.
    const seen = attempt(() => {
      this.lookAround();
    });
    if (!seen.ok) emit('You cannot make out where you are. Type "home" to get away.');
  }

  command(typed: string): void {
    try {
      obey(this, line(typed));
    } catch (problem) {
      if (!(problem instanceof Sorry)) throw problem;
      emit(capital(page(problem.message)));
      emit(['error', { code: problem.code }]);
    }
  }

  detached(): void {
    this.#sessions = Math.max(0, this.#sessions - 1);
    if (this.#sessions > 0) return;
    this.#means?.book.signOut(this.label);
    this.fallAsleep();
  }

  // For the place where he is.

  override hear(text: string, _said?: string, _by?: AnyCap): void {
    emit(line(text));
  }

  override witness(text: string, scene: Scene): void {
    if (text !== '') emit(line(text));
    this.#showScene(scene);
  }

  override moveTo(_entry: Entry): void {
    throw fail('Refused', 'People are not luggage.');
  }

  override bring(_entry: Entry): void {
    throw fail('Refused', 'People are not luggage.');
  }

  override depart(door: Door, arriving: string, passing: string): void {
    if (!this.#walking) throw fail('Refused', `${this.label} stays.`);
    const left = this.#cross(door, arriving);
    left?.vacate(left);
    if (passing !== '') emit(line(passing));
  }

  override receive(on: AnyCap, capability: AnyCap, note: string): void {
    if (!this.takesGifts) throw fail('Refused', `${this.label} takes no gifts at the moment.`);
    this.keep(on, capability, note);
  }

  // A name belongs to an account, and a life to its player.

  override rename(_name: string): void {
    throw fail('Refused', 'Your name is yours for good.');
  }

  override dispose(): void {
    throw fail('Refused', 'That is not something to be destroyed.');
  }

  // For the commands, which run as his own.

  get self(): AnyCap {
    return this.front();
  }

  /** The room where he is, as it lets him act in it. */
  get here(): Inside {
    if (this.spot === null) throw new Sorry('You are nowhere at all.');
    return this.spot as Inside;
  }

  get it(): AnyCap | null {
    return this.#it;
  }

  remember(thing: AnyCap): void {
    this.#it = thing;
  }

  get home(): Door | null {
    return this.#means?.home ?? null;
  }

  get bank(): BankCap {
    const bank = this.#means?.bank ?? null;
    if (bank === null) {
      throw new Sorry(
        'You have no bank to pay for that. Come back with a name of your own: create NAME PASSWORD.',
      );
    }
    return bank;
  }

  say(text: string): void {
    emit(page(text));
  }

  /** Who is awake. */
  who(): readonly string[] {
    return this.#means?.book.who() ?? [];
  }

  /** Does something that others may refuse or get wrong. Then nothing of it has happened, and he is told why. */
  trying<T>(body: () => T): T {
    const answer = attempt(body);
    if (answer.ok) return answer.value;
    throw new Sorry(answer.error.message);
  }

  /** The same with one thing; if it turns out to have ceased to exist, it is struck out where it was. */
  tryingOn<T>(thing: AnyCap, body: () => T): T {
    const answer = attempt(body);
    if (answer.ok) return answer.value;
    const { code, message } = answer.error;
    if (code !== 'Gone' && code !== 'Revoked') throw new Sorry(message);
    if (this.carries(thing)) this.letGoIfGone(thing);
    else this.here.sweep(thing);
    throw new Sorry('There is nothing left of it.');
  }

  /** Walks: `step` gets him through a door, or throws. A way that leads nowhere any more is struck out. */
  walk(step: () => void): void {
    this.#walking = true;
    const walked = attempt(step);
    this.#walking = false;
    if (walked.ok) {
      this.lookAround();
      return;
    }
    if (walked.error.code !== 'Gone') throw new Sorry(walked.error.message);
    for (const { thing } of this.here.look().exits) this.here.sweep(thing);
    throw new Sorry('That way leads nowhere any more.');
  }

  /** Is somewhere else at once, by a door that he holds himself. */
  appear(door: Door): void {
    const left = this.trying(() => this.#cross(door, 'out of thin air'));
    if (left !== null) attempt(() => left.vacate(left, 'is not here any more'));
    this.lookAround();
  }

  lookAround(): void {
    const view = this.here.look();
    emit(page(describeRoom(view, (view.at as Front).describe(), this.self)));
    this.#showScene(sceneOf(view));
  }

  /** Puts a capability on his ring. */
  keep(on: AnyCap, capability: AnyCap, note: string): void {
    const bank = this.#means?.bank ?? null;
    if (bank === null) throw fail('Refused', `${this.label} has no keyring.`);
    this.#ring ??= create(bank, Keyring);
    this.#ring.add(on, capability, note);
  }

  /** Notes what he lent to somebody, so that he can take it back. */
  lent(on: AnyCap, capability: AnyCap, note: string, to: string): void {
    this.#ring?.add(on, capability, note, to);
  }

  get ring(): FacetOf<typeof Keyring, 'owner'> | null {
    return this.#ring;
  }

  /** What he holds that admits `method` on something, or undefined. */
  holding(on: AnyCap, method: string): AnyCap | undefined {
    if (on === this.self && method === 'redescribe') return facet<typeof Player, 'owner'>(this, 'owner');
    return this.#ring?.find(on, method);
  }

  leave(): void {
    emit('You close your eyes. Goodbye.');
    hangUp();
  }

  // For those who are another kind of player.

  protected greet(newborn: boolean): void {
    emit(
      newborn
        ? `Welcome to Keystead, ${this.label}. Type "help" for what you can do.`
        : `Welcome back, ${this.label}.`,
    );
  }

  protected fallAsleep(): void {
    this.#stir(false, 'falls asleep');
  }

  #stir(awake: boolean, text: string): void {
    attempt(() => {
      this.here.stir(this.here, awake, text);
    });
  }

  #cross(door: Door, arriving: string): Spot | null {
    return this.goThrough((holder) => door.arrive(this, holder, this.label, this.#sessions > 0, arriving));
  }

  #showScene(scene: Scene): void {
    const text = JSON.stringify(scene);
    if (text === this.#shown) return;
    this.#shown = text;
    const { room, exits, things } = scene;
    emit(['scene', { room, exits, people: scene.people.filter((name) => name !== this.label), things }]);
  }
}
