import { attempt, create, emit, facet, fail, hangUp, isLive, M } from '../engine/authoring.ts';
import type { AnyCap, BankCap, FacetOf } from '../engine/authoring.ts';
import { blameInWords, holdersInWords, upgradeInWords } from './reports.ts';
import { obey } from './commands/table.ts';
import { remindOfDraft, writeDown } from './commands/writing.ts';
import type { Desk } from './desk.ts';
import { admits, Keyring, NOTE_LENGTH } from './keyring.ts';
import { Person } from './person.ts';
import type { OwnBank } from './own-bank.ts';
import type { Door } from './place.ts';
import { upToDate, type Means, type PlayerRecord, type PlayerSpec, type Writing } from './player-record.ts';
import { Sorry } from './sorry.ts';
import { byWayOf } from './stranger.ts';
import { capital, line, page, plain } from './words.ts';
import type { ClassList } from './written-class.ts';

/** Somebody's body in the world. Its sessions command it; the commands are in commands/, one file to a group. */
export class Player extends Person {
  static override reads: readonly string[] = ['session', 'hear', 'witness'];
  static override facets = {
    ...Person.facets,
    session: {
      attached: M.call().returns(),
      command: M.call(M.string()).returns(),
      detached: M.call().returns(),
      entrust: M.call(M.remotable(), M.remotable(), M.string()).returns(),
    },
    /** For his bank, and for classes of his that are busy. */
    told: {
      blamed: M.call(M.any()).returns(),
      upgraded: M.call(M.any()).returns(),
      found: M.call(M.any()).returns(),
    },
    owner: { ...Person.facets.owner, session: M.call().returns(M.remotable()) },
  };

  /** What he meant last. */
  it: AnyCap | null = null;
  /** A bank that somebody gave him and that pays at the moment; null for his own. */
  payer: BankCap | null = null;

  #writing: Writing = false;
  #means: Means | null = null;
  #ring: FacetOf<typeof Keyring, 'owner'> | null = null;
  #sessions = 0;
  #newborn = true;

  override init(spec: PlayerSpec): void {
    super.init(spec);
    const { home, book, bank = null, classes = null, desk = null } = spec;
    this.#means = { home, book, bank, classes, desk };
    if (bank !== null && admits(bank, 'reports'))
      (bank as OwnBank).reports(facet<typeof Player, 'told'>(this, 'told'), 'blamed');
    this.cross(home, '');
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
      it: this.it,
      writing: this.#writing,
      payer: this.payer,
      met: this.met,
    };
  }

  override fromRecord(record: PlayerRecord): void {
    super.fromRecord(record);
    this.#means = record.means;
    this.#ring = record.ring;
    this.#sessions = record.sessions;
    this.#newborn = record.newborn;
    this.it = record.it;
    this.#writing = record.writing;
    this.payer = record.payer;
    this.met = record.met;
  }

  static upgrade(record: Partial<PlayerRecord>): Partial<PlayerRecord> {
    return upToDate(record);
  }

  // For his sessions.

  session(): FacetOf<typeof Player, 'session'> {
    return facet<typeof Player, 'session'>(this, 'session');
  }

  attached(): void {
    this.#sessions += 1;
    this.forgetScene();
    if (this.#sessions === 1) {
      this.#means?.book.signIn(this.label);
      this.#comeHomeIfNowhere();
      this.#stir(true, this.#newborn ? 'is here, new to the place' : 'wakes up');
    }
    this.greet(this.#newborn);
    this.#newborn = false;
    // A room that fails must not keep its people from coming back to leave it.
    const seen = attempt(() => {
      this.lookAround();
    });
    if (!seen.ok) emit('You cannot make out where you are. Type "home" to get away.');
    if (this.#writing === false) return;
    emit(['writing', true]);
    remindOfDraft(this);
  }

  command(typed: string): void {
    try {
      if (this.#writing !== false) writeDown(this, typed);
      else obey(this, plain(typed));
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

  override receive(on: AnyCap, capability: AnyCap, note: string): void {
    if (!this.takesGifts) throw fail('Refused', `${this.label} takes no gifts at the moment.`);
    const by = this.#passedOn();
    const told = line(note).slice(0, NOTE_LENGTH - by.length);
    this.keep(on, capability, `${told.trimEnd()}${by}`);
  }

  // For his bank, and for his classes.

  /** Something that his bank pays for did what it may not. */
  blamed(report: Parameters<typeof blameInWords>[0]): void {
    emit(line(blameInWords(report)));
  }

  upgraded(report: Parameters<typeof upgradeInWords>[0]): void {
    emit(line(upgradeInWords(report)));
  }

  /** The search for holders that he asked Storage for. */
  found(report: Parameters<typeof holdersInWords>[0]): void {
    emit(line(holdersInWords(report)));
  }

  /** The host puts a capability on his ring. */
  entrust(on: AnyCap, capability: AnyCap, note: string): void {
    this.#ringed().own(on, capability, note);
    emit(
      line(`You have a capability now that you did not have: ${note}. "help wizardry" tells what it does.`),
    );
  }

  // A name belongs to an account, and a life to its player.

  override rename(_name: string): void {
    throw fail('Refused', 'Your name is yours for good.');
  }

  override dispose(): void {
    throw fail('Refused', 'That is not something to be destroyed.');
  }

  // For the commands, which run as his own.

  get writing(): Writing {
    return this.#writing;
  }

  /** His clients are told: what a button types would be taken for source. */
  set writing(writing: Writing) {
    this.#writing = writing;
    emit(['writing', writing !== false]);
  }

  remember(thing: AnyCap): void {
    this.it = thing;
  }

  get home(): Door | null {
    return this.#means?.home ?? null;
  }

  /** What pays for what he makes; it is handed to others, so it can do no more than pay. */
  get bank(): BankCap {
    const own = this.ownBank;
    if (this.payer !== null) return this.payer;
    return admits(own, 'spending') ? (own as OwnBank).spending() : own;
  }

  /** His own bank, with all that he may do with it. */
  get ownBank(): BankCap {
    return (
      this.#means?.bank ??
      missing('You have no bank to pay for that. Come back with a name of your own: create NAME PASSWORD.')
    );
  }

  get classes(): ClassList {
    return (
      this.#means?.classes ?? missing('You have no way to read classes: your player is older than they are.')
    );
  }

  get desk(): FacetOf<typeof Desk, 'owner'> {
    return this.#means?.desk ?? missing('You have no desk to write classes at.');
  }

  get told(): AnyCap {
    return facet<typeof Player, 'told'>(this, 'told');
  }

  /** Who is awake. */
  who(): readonly string[] {
    return this.#means?.book.who() ?? [];
  }

  /** The name of a player who has been here once, or of a guest, if somebody is called that. */
  known(name: string): string | undefined {
    return this.#means?.book.known(name);
  }

  /** Puts a capability on his ring that he asked `on` for. */
  keepAsked(on: AnyCap, capability: AnyCap, note: string): void {
    this.#ringed().asked(on, capability, note);
  }

  /** Puts one there that somebody gave him. */
  keep(on: AnyCap, capability: AnyCap, note: string): void {
    this.#ringed().add(on, capability, note);
  }

  /** Puts one there that came with what he made. */
  keepOwn(on: AnyCap, capability: AnyCap): void {
    this.#ringed().own(on, capability, 'yours');
  }

  /** Notes what he lent to somebody, so that he can take it back. */
  lent(on: AnyCap, capability: AnyCap, note: string, to: string): void {
    this.#ringed().lend(on, capability, note, to);
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

  protected override get awake(): boolean {
    return this.#sessions > 0;
  }

  /** Where he fell asleep there may not have been room for all. */
  #comeHomeIfNowhere(): void {
    const { home, spot } = this;
    if (home === null || spot === null || isLive(spot)) return;
    attempt(() => this.cross(home, 'half asleep'));
  }

  #stir(awake: boolean, text: string): void {
    attempt(() => {
      this.here.stir(this.here, awake, text);
    });
  }

  /** What stands behind the note of a gift that no known room has passed on. */
  #passedOn(): string {
    if (this.isMoving || this.spot === null) return ', from something on the way';
    return byWayOf(this.spot, this.label);
  }

  #ringed(): FacetOf<typeof Keyring, 'owner'> {
    const bank = this.#means?.bank ?? null;
    if (bank === null) throw fail('Refused', `${this.label} has no keyring.`);
    this.#ring ??= create(bank, Keyring);
    return this.#ring;
  }
}

function missing(why: string): never {
  throw new Sorry(why);
}
