import {
  after,
  attempt,
  create,
  emit,
  facet,
  fail,
  M,
  revoke,
  type AnyCap,
  type BankCap,
  type FacetOf,
} from '../../engine/authoring.ts';

/** What must come out of nothing: it is in a record, and nowhere else. */
export const SECRET = 'xyzzy-the-secret-of-the-vault';

/** When the bystander's timer comes, and what it says. */
export const BELL = 60_000;
export const BELL_RINGS = 'the bell rings';

const ANY = M.call().rest(M.any()).returns(M.any());
const TEXT = M.call().returns(M.string());
const FRONT = M.call().returns(M.remotable());

/** What visitors of the hall, and those who are greeted, may have. All of it may be a lie. */
interface Guest {
  name(): unknown;
  hear(text: string): void;
  poke(what: unknown): unknown;
}

interface Visitor {
  readonly guest: Guest;
  readonly name: string;
  readonly seat: AnyCap;
}

/** A name that is safe to show, whatever somebody says that he is called. */
function shown(alleged: unknown): string {
  const text = typeof alleged === 'string' ? alleged : 'somebody';
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').slice(0, 60);
}

function nameOf(guest: Guest): string {
  const told = attempt(() => guest.name());
  return told.ok ? shown(told.value) : 'somebody';
}

const MOST_VISITORS = 60;

type HallFront = FacetOf<typeof Hall, 'public'>;

/** A room: whoever is in it hears what is said. */
export class Hall {
  static facets = {
    public: {
      name: TEXT,
      who: M.call().returns(M.any()),
      enter: M.call(M.remotable()).returns(M.remotable()),
      say: M.call(M.string()).returns(M.number()),
    },
    seat: { leave: M.call(M.remotable()).returns(), speak: M.call(M.remotable(), M.string()).returns() },
    owner: { seats: M.call().returns(M.any()), front: FRONT },
  };

  #visitors: readonly Visitor[] = [];

  toRecord(): { visitors: readonly Visitor[] } {
    return { visitors: this.#visitors };
  }

  fromRecord(record: { visitors: readonly Visitor[] }): void {
    this.#visitors = record.visitors;
  }

  name(): string {
    return 'the hall';
  }

  who(): readonly string[] {
    return this.#visitors.map(({ name }) => name);
  }

  seats(): number {
    return this.#visitors.length;
  }

  front(): HallFront {
    return facet<typeof Hall, 'public'>(this, 'public');
  }

  enter(guest: Guest): AnyCap {
    if (this.#visitors.length >= MOST_VISITORS) throw fail('Full', 'The hall is full.');
    if (this.#visitors.some((each) => each.guest === guest)) throw fail('Refused', 'You are in already.');
    const name = nameOf(guest);
    // While the guest was asked, he may have come in.
    if (this.#visitors.some((each) => each.guest === guest)) throw fail('Refused', 'You are in already.');
    const seat = facet<typeof Hall, 'seat'>(this, 'seat', { for: name });
    this.#visitors = [...this.#visitors, { guest, name, seat }];
    return seat;
  }

  leave(seat: AnyCap): void {
    this.#at(seat);
    revoke(this, seat);
    this.#visitors = this.#visitors.filter((each) => each.seat !== seat);
  }

  speak(seat: AnyCap, text: string): void {
    const { name } = this.#at(seat);
    this.say(`${name}: ${text}`);
  }

  say(text: string): number {
    let heard = 0;
    for (const { guest } of this.#visitors) {
      const told = attempt(() => {
        guest.hear(text);
      });
      if (told.ok) heard += 1;
    }
    return heard;
  }

  #at(seat: AnyCap): Visitor {
    return (
      this.#visitors.find((each) => each.seat === seat) ??
      ((): never => {
        throw fail('NotHere', 'Nobody sits there.');
      })()
    );
  }
}

/** Keeps a secret, and a key that nobody has. Is polite to everybody. */
export class Vault {
  static facets = {
    public: {
      name: TEXT,
      open: ANY,
      greet: M.call(M.remotable()).returns(M.string()),
      introduce: M.call(M.remotable(), M.any()).returns(M.boolean()),
      requestCapability: M.call(M.string(), M.remotable()).returns(M.remotable()),
    },
    /** Held by nobody. */
    key: { matches: M.call().returns(M.boolean()), secret: TEXT },
    owner: { unlock: M.call().returns(M.remotable()), dispose: M.call().returns(), front: FRONT },
  };

  #secret = '';
  #key: AnyCap | null = null;
  #friend: AnyCap | null = null;
  #savings: BankCap | null = null;

  init(secret: string, friend: AnyCap, savings: BankCap): void {
    this.#secret = secret;
    this.#friend = friend;
    this.#savings = savings;
    this.#key = facet<typeof Vault, 'key'>(this, 'key');
  }

  toRecord(): VaultRecord {
    return { secret: this.#secret, key: this.#key, friend: this.#friend, savings: this.#savings };
  }

  fromRecord(record: VaultRecord): void {
    this.#secret = record.secret;
    this.#key = record.key;
    this.#friend = record.friend;
    this.#savings = record.savings;
  }

  name(): string {
    return 'the vault';
  }

  open(key?: unknown): string {
    if (this.#key === null || key !== this.#key) throw fail('Refused', 'That does not open it.');
    return this.#secret;
  }

  greet(guest: Guest): string {
    return `Good day, ${nameOf(guest)}.`;
  }

  /** Hands `what` to `to`, and says whether that went well. */
  introduce(to: Guest, what: unknown): boolean {
    return attempt(() => to.poke(what)).ok;
  }

  requestCapability(what: string, by: AnyCap): AnyCap {
    if (what !== 'key' || by !== this.#friend || this.#key === null) throw fail('Refused', 'Not to you.');
    return this.#key;
  }

  matches(): boolean {
    return true;
  }

  secret(): string {
    return this.#secret;
  }

  front(): AnyCap {
    return facet<typeof Vault, 'public'>(this, 'public');
  }

  unlock(): AnyCap {
    return this.#key as AnyCap;
  }

  dispose(): void {
    this.#secret = '';
  }
}

interface VaultRecord {
  readonly secret: string;
  readonly key: AnyCap | null;
  readonly friend: AnyCap | null;
  readonly savings: BankCap | null;
}

interface Account {
  /** The purse's public capability. */
  readonly front: AnyCap;
  /** Its owner's, which proves that it is his. */
  readonly proof: AnyCap;
  readonly amount: number;
}

/** Where the money is: purses are entries in its books. */
export class Mint {
  static facets = {
    public: {},
    books: {
      amount: M.call(M.remotable()).returns(M.number()),
      move: M.call(M.number(), M.any(), M.remotable()).returns(),
    },
    owner: {
      purse: M.call(M.remotable(), M.number()).returns(M.remotable()),
      total: M.call().returns(M.number()),
    },
  };

  #accounts: readonly Account[] = [];

  toRecord(): { accounts: readonly Account[] } {
    return { accounts: this.#accounts };
  }

  fromRecord(record: { accounts: readonly Account[] }): void {
    this.#accounts = record.accounts;
  }

  /** A new purse with money in it. */
  purse(bank: BankCap, amount: number): AnyCap {
    const proof = create(bank, Purse, facet<typeof Mint, 'books'>(this, 'books'));
    this.#accounts = [...this.#accounts, { front: proof.front(), proof, amount }];
    return proof;
  }

  total(): number {
    return this.#accounts.reduce((sum, { amount }) => sum + amount, 0);
  }

  amount(front: AnyCap): number {
    return this.#accounts.find((each) => each.front === front)?.amount ?? 0;
  }

  move(amount: number, proof: unknown, front: AnyCap): void {
    const from = this.#accounts.find((each) => each.proof === proof);
    const to = this.#accounts.find((each) => each.front === front);
    if (from === undefined || to === undefined) throw fail('NotMoney', 'That is no purse of this mint.');
    if (!Number.isSafeInteger(amount) || amount < 0 || amount > from.amount)
      throw fail('NotMoney', 'There is not that much in it.');
    this.#accounts = this.#accounts.map((each) => {
      const taken = each === from ? amount : 0;
      const put = each === to ? amount : 0;
      return { ...each, amount: each.amount - taken + put };
    });
  }
}

type Books = FacetOf<typeof Mint, 'books'>;

const PURSE = { balance: M.call().returns(M.number()), deposit: M.call(M.number(), M.any()).returns() };

/** A purse of that mint. Money goes from one to another by the proof that it is one's own: its owner's capability. */
export class Purse {
  static facets = { public: PURSE, owner: { ...PURSE, front: FRONT } };

  #books: Books | null = null;

  init(books: Books): void {
    this.#books = books;
  }

  toRecord(): { books: Books | null } {
    return { books: this.#books };
  }

  fromRecord(record: { books: Books | null }): void {
    this.#books = record.books;
  }

  front(): AnyCap {
    return facet<typeof Purse, 'public'>(this, 'public');
  }

  balance(): number {
    return this.#books?.amount(this.front()) ?? 0;
  }

  deposit(amount: number, from: unknown): void {
    this.#books?.move(amount, from, this.front());
  }
}

/** Somebody with a session, who is in the hall, hears what others say to him, and has a timer running. */
export class Ear {
  static facets = {
    public: { name: TEXT, hear: M.call(M.any()).rest(M.any()).returns() },
    session: {
      attached: M.call().returns(),
      command: M.call(M.string()).returns(),
      detached: M.call().returns(),
    },
    owner: { front: FRONT, session: M.call().returns(M.remotable()) },
  };

  #hall: HallFront | null = null;
  #seat: FacetOf<typeof Hall, 'seat'> | null = null;

  init(hall: HallFront): void {
    this.#hall = hall;
    after(BELL, this.front() as { hear(text: unknown): void }, 'hear', [BELL_RINGS]);
  }

  toRecord(): EarRecord {
    return { hall: this.#hall, seat: this.#seat };
  }

  fromRecord(record: EarRecord): void {
    this.#hall = record.hall;
    this.#seat = record.seat;
  }

  name(): string {
    return 'Bystander';
  }

  front(): AnyCap {
    return facet<typeof Ear, 'public'>(this, 'public');
  }

  session(): AnyCap {
    return facet<typeof Ear, 'session'>(this, 'session');
  }

  hear(text: unknown): void {
    emit(`heard ${shown(text)}`);
  }

  attached(): void {}

  detached(): void {}

  /** `enter`: out of the hall and in again. `say TEXT`. */
  command(line: string): void {
    const [verb] = line.split(' ');
    const rest = line.slice(line.indexOf(' ') + 1);
    const hall = this.#hall;
    if (hall === null) return;
    if (verb === 'enter') {
      if (this.#seat !== null) this.#seat.leave(this.#seat);
      this.#seat = hall.enter(this.front() as never) as FacetOf<typeof Hall, 'seat'>;
      emit('entered');
    } else {
      hall.say(rest);
      emit(`said ${rest}`);
    }
  }
}

interface EarRecord {
  readonly hall: HallFront | null;
  readonly seat: FacetOf<typeof Hall, 'seat'> | null;
}

/** All that the attacker is given, and all that must be safe from him. Held by the host. */
export class Stage {
  static facets = {
    public: {},
    owner: {
      given: M.call().returns(M.any()),
      victims: M.call().returns(M.any()),
      total: M.call().returns(M.number()),
    },
  };

  #parts: Parts | null = null;

  init(parts: Parts): void {
    this.#parts = parts;
  }

  toRecord(): { parts: Parts | null } {
    return { parts: this.#parts };
  }

  fromRecord(record: { parts: Parts | null }): void {
    this.#parts = record.parts;
  }

  given(): unknown {
    return this.#parts?.given;
  }

  victims(): unknown {
    return this.#parts?.victims;
  }

  total(): number {
    return this.#parts?.mint.total() ?? 0;
  }
}

interface Parts {
  readonly mint: FacetOf<typeof Mint, 'owner'>;
  readonly given: Readonly<Record<string, unknown>>;
  readonly victims: Readonly<Record<string, unknown>>;
}
