import {
  after,
  attempt,
  collection,
  create,
  destroy,
  facet,
  fail,
  M,
  revoke,
  send,
  type BankCap,
  type FacetOf,
} from '../../engine/authoring.ts';

type Owner = FacetOf<typeof Cell, 'owner'>;
type Peer = FacetOf<typeof Cell, 'peer'>;
type Use = FacetOf<typeof Cell, 'use'>;

interface CellRecord {
  readonly name: string;
  readonly balance: number;
  readonly pokes: number;
  /** What others lent to it, and what it lent to others, by their labels. */
  readonly held: Readonly<Record<string, Use>>;
  readonly lent: Readonly<Record<string, Use>>;
  readonly heard: readonly string[];
  readonly rung: readonly number[];
}

/** What can be seen of a cell. */
export interface CellView extends Omit<CellRecord, 'held' | 'lent'> {
  readonly held: readonly string[];
  readonly things: readonly string[];
}

/** A purse, a place for things, somebody who lends and borrows, hears and is rung: one of everything. */
export class Cell {
  static facets = {
    public: {},
    use: { poke: M.call().returns(M.number()) },
    peer: {
      hear: M.call(M.string(), M.number()).returns(),
      receive: M.call(M.number()).returns(),
    },
    own: { ring: M.call(M.number()).returns() },
    owner: {
      peer: M.call().returns(M.remotable()),
      receive: M.call(M.number()).returns(),
      pay: M.call(M.remotable(), M.number()).returns(),
      lend: M.call(M.string()).returns(M.remotable()),
      hold: M.call(M.string(), M.remotable()).returns(),
      usesOf: M.call(M.string()).returns(M.string()),
      take: M.call(M.string()).returns(),
      put: M.call(M.string()).returns(),
      revoke: M.call(M.string()).returns(),
      tell: M.call(M.remotable(), M.number()).returns(),
      set: M.call(M.number(), M.number()).returns(),
      view: M.call().returns(M.any()),
      end: M.call().returns(),
    },
  };

  #name = '';
  #balance = 100;
  #pokes = 0;
  #held: Readonly<Record<string, Use>> = {};
  #lent: Readonly<Record<string, Use>> = {};
  #heard: readonly string[] = [];
  #rung: readonly number[] = [];

  init(spec: { readonly name: string }): void {
    this.#name = spec.name;
  }

  toRecord(): CellRecord {
    return {
      name: this.#name,
      balance: this.#balance,
      pokes: this.#pokes,
      held: this.#held,
      lent: this.#lent,
      heard: this.#heard,
      rung: this.#rung,
    };
  }

  fromRecord(record: CellRecord): void {
    this.#name = record.name;
    this.#balance = record.balance;
    this.#pokes = record.pokes;
    this.#held = record.held;
    this.#lent = record.lent;
    this.#heard = record.heard;
    this.#rung = record.rung;
  }

  peer(): Peer {
    return facet(this, 'peer') as Peer;
  }

  receive(amount: number): void {
    this.#balance += amount;
  }

  /** The other has it before it is looked at whether it is there. */
  pay(to: Peer, amount: number): void {
    to.receive(amount);
    this.#balance -= amount;
    if (this.#balance < 0) throw fail('Poor', 'There is not so much.');
  }

  lend(label: string): Use {
    const use = facet(this, 'use', { for: label }) as Use;
    this.#lent = { ...this.#lent, [label]: use };
    return use;
  }

  hold(label: string, use: Use): void {
    this.#held = { ...this.#held, [label]: use };
  }

  poke(): number {
    this.#pokes += 1;
    return this.#pokes;
  }

  /** Uses what it holds, and tells how often that was used by now. */
  usesOf(label: string): string {
    const use = this.#held[label];
    if (use === undefined) throw fail('None', 'It holds nothing of that label.');
    const poked = attempt(() => use.poke());
    return poked.ok ? String(poked.value) : 'dead';
  }

  take(thing: string): void {
    const things = collection(this, 'things');
    if (!things.delete(thing)) throw fail('None', 'It is not there.');
  }

  put(thing: string): void {
    collection(this, 'things').set(thing, { name: thing });
  }

  revoke(label: string): void {
    const use = this.#lent[label];
    if (use === undefined) throw fail('None', 'It has lent nothing of that label.');
    const { [label]: _, ...rest } = this.#lent;
    this.#lent = rest;
    revoke(this, use);
  }

  tell(to: Peer, n: number): void {
    send(to, 'hear', [this.#name, n]);
  }

  hear(from: string, n: number): void {
    this.#heard = [...this.#heard, `${from} ${n}`];
  }

  set(milliseconds: number, n: number): void {
    after(milliseconds, facet<typeof Cell, 'own'>(this, 'own'), 'ring', [n]);
  }

  ring(n: number): void {
    this.#rung = [...this.#rung, n];
  }

  view(): CellView {
    const { held, lent: _, ...rest } = this.toRecord();
    const things = [...collection(this, 'things').keys()].map(String);
    return { ...rest, held: Object.keys(held).sort(), things: things.sort() };
  }

  end(): void {
    destroy(this);
  }
}

/** What is done with cells, one turn each. */
export type Deed =
  | { readonly do: 'create' | 'destroy'; readonly name: string }
  | { readonly do: 'pay'; readonly from: string; readonly to: string; readonly amount: number }
  | { readonly do: 'make'; readonly thing: string; readonly name: string }
  | { readonly do: 'move'; readonly thing: string; readonly from: string; readonly to: string }
  | { readonly do: 'lend'; readonly from: string; readonly to: string; readonly label: string }
  | { readonly do: 'poke' | 'revoke'; readonly name: string; readonly label: string }
  | { readonly do: 'send'; readonly from: string; readonly to: string; readonly n: number }
  | { readonly do: 'timer'; readonly name: string; readonly milliseconds: number; readonly n: number };

interface HubRecord {
  readonly bank: BankCap | null;
  readonly cells: Readonly<Record<string, Owner>>;
  readonly done: number;
}

/** Owns all cells. */
export class Hub {
  static facets = {
    public: {},
    owner: {
      act: M.call(M.any()).returns(M.string()),
      views: M.call().returns(M.any()),
      done: M.call().returns(M.number()),
    },
  };

  #bank: BankCap | null = null;
  #cells: Readonly<Record<string, Owner>> = {};
  /** How many deeds it has done: so that no two of them leave the same world. */
  #done = 0;

  init(spec: { readonly bank: BankCap }): void {
    this.#bank = spec.bank;
  }

  toRecord(): HubRecord {
    return { bank: this.#bank, cells: this.#cells, done: this.#done };
  }

  fromRecord(record: HubRecord): void {
    this.#bank = record.bank;
    this.#cells = record.cells;
    this.#done = record.done;
  }

  act(deed: Deed): string {
    this.#done += 1;
    switch (deed.do) {
      case 'create': {
        if (this.#cells[deed.name] !== undefined || this.#bank === null) throw fail('There', 'It is there.');
        const made = create(this.#bank, Cell, { name: deed.name }) as Owner;
        this.#cells = { ...this.#cells, [deed.name]: made };
        return 'done';
      }
      case 'destroy': {
        const cell = this.#cell(deed.name);
        const { [deed.name]: _, ...rest } = this.#cells;
        this.#cells = rest;
        cell.end();
        return 'done';
      }
      case 'pay':
        this.#cell(deed.from).pay(this.#cell(deed.to).peer(), deed.amount);
        return 'done';
      case 'make':
        this.#cell(deed.name).put(deed.thing);
        return 'done';
      case 'move':
        this.#cell(deed.to).put(deed.thing);
        this.#cell(deed.from).take(deed.thing);
        return 'done';
      case 'lend':
        this.#cell(deed.to).hold(deed.label, this.#cell(deed.from).lend(deed.label));
        return 'done';
      case 'poke':
        return this.#cell(deed.name).usesOf(deed.label);
      case 'revoke':
        this.#cell(deed.name).revoke(deed.label);
        return 'done';
      case 'send':
        this.#cell(deed.from).tell(this.#cell(deed.to).peer(), deed.n);
        return 'done';
      case 'timer':
        this.#cell(deed.name).set(deed.milliseconds, deed.n);
    }
    return 'done';
  }

  done(): number {
    return this.#done;
  }

  views(): readonly CellView[] {
    return Object.keys(this.#cells)
      .sort()
      .map((name) => this.#cell(name).view());
  }

  #cell(name: string): Owner {
    const cell = this.#cells[name];
    if (cell === undefined) throw fail('None', 'There is no such cell.');
    return cell;
  }
}
