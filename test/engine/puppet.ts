import { create, M, type BankCap, type FacetOf } from '../../engine/authoring.ts';
import { openFixture, type Fixture, type FixtureOptions } from './fixture.ts';

/** What code in the world would be: a body that a test gives to a puppet's `act`, run as one of its methods. */
export type Act = (self: Puppet, ...args: never[]) => unknown;

const acts = new Map<string, Act>();

/** Runs in every constructor while it is set. Not a static of the class: those are frozen. */
export const constructing: { now: (() => void) | null } = { now: null };

/** Gives a body a name that can cross, be sent, and be kept in a record. */
export function act(body: Act, name = `act ${acts.size + 1}`): string {
  acts.set(name, body);
  return name;
}

function run(name: unknown, self: Puppet, args: readonly unknown[]): unknown {
  const body = acts.get(String(name));
  if (body === undefined) throw new Error(`There is no act ${String(name)}.`);
  return Reflect.apply(body, undefined, [self, ...args]);
}

const OPEN = M.call().rest(M.any()).returns(M.any());
const PUBLIC = { look: M.call().returns(M.any()), get: M.call(M.string()).returns(M.any()) };

/**
 * An object whose methods are written in the test. Its record is `state`; entries named `toRecord`, `fromRecord` and
 * `construct` in it name acts that run in those hooks.
 */
export class Puppet {
  static facets = {
    public: PUBLIC,
    owner: {
      ...PUBLIC,
      take: M.call().returns(M.any()),
      set: M.call(M.string(), M.any()).returns(),
      self: M.call().returns(M.remotable()),
      act: M.call(M.string()).rest(M.any()).returns(M.any()),
      open: OPEN,
    },
    session: {
      attached: M.call().returns(),
      command: M.call(M.string()).returns(),
      detached: M.call().returns(),
    },
    hidden: { act: M.call(M.string()).rest(M.any()).returns(M.any()) },
  };

  state: Record<string, unknown> = {};
  /** What toRecord leaves out. */
  cache: unknown = undefined;

  constructor() {
    constructing.now?.();
  }

  init(state: Record<string, unknown> = {}, body?: string, ...args: readonly unknown[]): void {
    this.state = { ...state };
    if (body !== undefined) run(body, this, args);
  }

  toRecord(): unknown {
    const hook = this.state['toRecord'];
    return hook === undefined ? { ...this.state } : run(hook, this, []);
  }

  fromRecord(record: Record<string, unknown>): void {
    this.state = { ...record };
    if (record['fromRecord'] !== undefined) run(record['fromRecord'], this, []);
  }

  look(): string {
    return `a puppet${this.state['name'] === undefined ? '' : ` named ${String(this.state['name'])}`}`;
  }

  take(): unknown {
    this.state['taken'] = Number(this.state['taken'] ?? 0) + 1;
    return this.state['taken'];
  }

  get(name: string): unknown {
    return this.state[name];
  }

  set(name: string, value: unknown): void {
    this.state[name] = value;
  }

  self(): unknown {
    return this;
  }

  act(name: string, ...args: readonly unknown[]): unknown {
    return run(name, this, args);
  }

  open(...args: readonly unknown[]): unknown {
    return run(this.state['open'], this, args);
  }

  attached(): void {
    if (this.state['attached'] !== undefined) run(this.state['attached'], this, []);
  }

  command(line: string): void {
    run(this.state['command'], this, [line]);
  }

  detached(): void {
    if (this.state['detached'] !== undefined) run(this.state['detached'], this, []);
  }

  /** A new puppet, paid by this one's bank, which it may spend from too. */
  make(state: Record<string, unknown> = {}, ...more: [body?: string, ...args: unknown[]]): Doll {
    return create(this.bank, Puppet, { bank: this.bank, ...state }, ...more);
  }

  get bank(): BankCap {
    return this.state['bank'] as BankCap;
  }
}

/** A puppet's owner facet. */
export type Doll = FacetOf<typeof Puppet, 'owner'>;

/** A world whose gate is a puppet that has the bank. */
export function openPuppets(options: Partial<FixtureOptions> = {}): Promise<Fixture> {
  return openFixture({
    genesis: ({ bank }) => ({ gate: create(bank, Puppet, { bank }) }),
    ...options,
    classes: [Puppet, ...(options.classes ?? [])],
  });
}

/** Runs a body as a method of the gate, in a turn of its own. */
export function play(fixture: Fixture, body: Act, ...args: unknown[]): Promise<unknown> {
  return fixture.call(fixture.world.roots.gate, 'act', act(body), ...args);
}

/** What a turn fails with: its code. */
export async function codeOf(turn: Promise<unknown>): Promise<string> {
  try {
    await turn;
    return 'none';
  } catch (error) {
    return (error as { code?: string }).code ?? `no code: ${String(error)}`;
  }
}

/** The code of an error that a body catches itself. The turn may still fail by it. */
export function codeThrownBy(body: () => unknown): string {
  try {
    body();
    return 'none';
  } catch (error) {
    return (error as { code?: string }).code ?? `no code: ${String(error)}`;
  }
}
