import * as fc from 'fast-check';
import type { JournalLimits } from '../../storage/journal/limits.ts';
import { openJournal, type Journal } from '../../storage/journal.ts';
import { ALL_KEYS, prefixRange, SETTLED_KEY, unreadKeysOf } from '../../storage/keys.ts';
import type { Op } from '../../storage/store.ts';
import { all, codeOf } from './acceptance.ts';
import { MemoryStore, type Fault } from './memory-store.ts';

/*
 * The journal against a plain Map. A script of actions runs on a journal over a store in memory whose writes land only
 * when the script says so. After every action, every read must be what the Map of all commits called so far says; after
 * a crash, what the Map said after some commit, no earlier than the last one acknowledged.
 */

export type Action =
  /** `begins` keys that were never put before are put with it, and the `ends` oldest of them that are there deleted. */
  | {
      readonly do: 'commit';
      readonly ops: readonly Op[];
      readonly begins?: number;
      readonly ends?: number;
    }
  | { readonly do: 'land' } // the write under way lands, and the journal goes on
  | { readonly do: 'drain' } // writes land until none is left
  | { readonly do: 'settle' }
  | { readonly do: 'snapshot' }
  | { readonly do: 'fail'; readonly how: Fault } // the next write to be begun fails
  | { readonly do: 'crash'; readonly survives: number } // bit n: whether the nth unsynced or unfinished write survives
  | { readonly do: 'close' };

/** Small enough that a script of thirty actions meets all of them, and two generations of settling at once. */
const LIMITS: Partial<JournalLimits> = {
  settleKeys: 4,
  sweepKeys: 1,
  settleEntries: 3,
  settleSize: 60,
  sliceKeys: 1,
  sliceSize: 8,
};

const KEYS = ['o/o1', 'o/o2', 'o/o3', 'o/o4', 'o/o5', 's/x', 'm/0000000000000001'];

const PASSING = 'u/x/';
const unreadKey = unreadKeysOf('x');

type State = ReadonlyMap<string, string>;

function entriesOf(state: State): (readonly [string, string])[] {
  return [...state].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Lets the journal do all that it can without a write landing. */
async function pass(): Promise<void> {
  for (let n = 0; n < 2; n += 1) await new Promise((resolve) => setImmediate(resolve));
}

class Run {
  store = new MemoryStore();
  journal!: Journal;
  /** states[n] is the world after entry n. */
  states: State[] = [new Map()];
  /** The states of commits that failed: after a restart they may turn out to be there. */
  lost: State[] = [];
  acknowledged = 0;
  unanswered = 0;
  /** The number of the last key that was put for the first time. */
  begun = 0;
  /** Writes that were begun when a write failed: none may follow. */
  writesAtFailure = 0;
  failed = false;
  gates: (() => void)[] = [];
  /** What runs until a write lands: settlings, snapshots, closing. */
  underWay: Promise<void>[] = [];
  problems: string[] = [];

  get called(): number {
    return this.states.length - 1;
  }

  async open(store: MemoryStore): Promise<void> {
    this.store = store;
    this.gates = [];
    this.failed = false;
    this.unanswered = 0;
    this.underWay = [];
    store.gate = () => new Promise((resolve) => this.gates.push(resolve));
    this.journal = await openJournal(store, {
      limits: LIMITS,
      onProblem: () => {
        if (this.store === store) this.fail(); // or else it is what was left of a process that is dead
      },
    });
  }

  async land(): Promise<boolean> {
    const gate = this.gates.shift();
    gate?.();
    await pass();
    return gate !== undefined;
  }

  async drain(): Promise<void> {
    await pass();
    while (await this.land());
  }

  /** Those of `begins` and `ends`. */
  passing({ begins = 0, ends = 0 }: Extract<Action, { do: 'commit' }>): Op[] {
    const oldest = [...(this.states[this.called] as State).keys()].filter((key) => key.startsWith(PASSING));
    const ended = oldest.slice(0, ends).map((key): Op => ({ del: key }));
    const begun = Array.from({ length: begins }, (): Op => {
      this.begun += 1;
      return { put: unreadKey(this.begun), value: `${this.begun}`, fresh: true };
    });
    return [...ended, ...begun];
  }

  commit(ops: readonly Op[]): void {
    const state = new Map(this.states[this.called]);
    for (const op of ops) {
      if ('put' in op) state.set(op.put, op.value);
      else state.delete(op.del);
    }
    // A commit without ops is no entry, and after a failure there are none.
    const seq = this.failed || ops.length === 0 ? this.called : this.called + 1;
    if (seq > this.called) this.states.push(state);
    const { store } = this;
    this.unanswered += 1;
    this.journal.commit(ops).then(
      () => {
        if (this.store !== store) return;
        this.unanswered -= 1;
        if (this.failed) this.problems.push(`entry ${seq} is acknowledged after a failure`);
        if (seq < this.acknowledged && ops.length > 0)
          this.problems.push(`entry ${seq} is acknowledged late`);
        this.acknowledged = Math.max(this.acknowledged, seq);
      },
      (error: { code: string }) => {
        if (this.store !== store) return;
        this.unanswered -= 1;
        if (error.code !== 'CommitFailed') this.problems.push(`commit rejects with ${error.code}`);
        if (!this.failed) this.problems.push('a commit rejects before the problem is reported');
      },
    );
  }

  /** What was not acknowledged never was, as far as this process can see. */
  fail(): void {
    if (this.failed) this.problems.push('the problem is reported twice');
    this.failed = true;
    this.writesAtFailure = this.store.writes.length;
    this.lost = this.states.splice(this.acknowledged + 1);
  }

  settle(): void {
    const from = this.called;
    this.watch(
      this.journal.settle().then(() => {
        if (this.acknowledged < from) this.problems.push(`settled ${from} before it was acknowledged`);
      }),
    );
  }

  snapshot(): void {
    const from = this.called;
    this.watch(
      this.journal.snapshot().then(async (snapshot) => {
        const { seq } = snapshot;
        if (seq < from) this.problems.push(`the snapshot of entry ${from} is of ${seq}`);
        const expected = entriesOf(this.states[seq] ?? new Map());
        const found = (await all(snapshot, ALL_KEYS)).filter(([key]) => key !== SETTLED_KEY);
        if (JSON.stringify(found) !== JSON.stringify(expected))
          this.problems.push(`the snapshot of ${seq} differs`);
        if (snapshot.get(SETTLED_KEY) !== (seq === 0 ? undefined : String(seq)))
          this.problems.push('it is misnumbered');
        await snapshot.close();
      }),
    );
  }

  watch(done: Promise<void>): void {
    const { store } = this;
    this.underWay.push(
      done.catch((error: { code: string }) => {
        if (this.store === store && error.code !== 'CommitFailed')
          this.problems.push(`something rejects with ${error.code}`);
      }),
    );
  }

  async crash(survives: number): Promise<void> {
    let bit = 0;
    const store = this.store.crash(() => ((survives >> (bit++ % 16)) & 1) === 1);
    const { acknowledged } = this;
    const chain = [...this.states, ...this.lost];
    await this.open(store);
    const { lastSeq } = this.journal;
    if (lastSeq < acknowledged)
      throw new Error(`after the crash entry ${acknowledged} is lost: ${lastSeq} is the last`);
    const found = JSON.stringify(await this.read());
    const expected = JSON.stringify(entriesOf(chain[lastSeq] ?? new Map([['more', 'than was called']])));
    if (found !== expected)
      throw new Error(`after the crash: ${found}, but entry ${lastSeq} left ${expected}`);
    this.states = chain.slice(0, lastSeq + 1);
    this.lost = [];
    this.acknowledged = lastSeq;
  }

  async read(): Promise<(readonly [string, string])[]> {
    return (await all(this.journal, ALL_KEYS)).filter(([key]) => key !== SETTLED_KEY);
  }

  async check(): Promise<void> {
    const state = this.states[this.called] as State;
    const passing = Array.from({ length: this.begun }, (_, n) => unreadKey(n + 1));
    for (const key of [...KEYS, ...passing]) {
      if (this.journal.get(key) !== state.get(key))
        throw new Error(`get("${key}") gives ${this.journal.get(key)}`);
    }
    const expected = JSON.stringify(entriesOf(state));
    const found = JSON.stringify(await this.read());
    if (found !== expected) throw new Error(`range gives ${found} instead of ${expected}`);
    const some = entriesOf(state).filter(([key]) => key.startsWith('o/'));
    const foundSome = JSON.stringify(await all(this.journal, prefixRange('o')));
    if (foundSome !== JSON.stringify(some)) throw new Error(`the objects are ${foundSome}`);
    if (this.journal.lastSeq !== this.acknowledged) {
      throw new Error(`lastSeq is ${this.journal.lastSeq}, acknowledged ${this.acknowledged}`);
    }
    if (this.problems.length > 0) throw new Error(this.problems.join('; '));
  }

  async act(action: Action): Promise<void> {
    switch (action.do) {
      case 'commit':
        this.commit([...action.ops, ...this.passing(action)]);
        return;
      case 'land':
        await this.land();
        return;
      case 'drain':
        await this.drain();
        return;
      case 'settle':
        this.settle();
        return;
      case 'snapshot':
        this.snapshot();
        return;
      case 'fail': {
        if (this.failed) return;
        await this.drain();
        this.store.faults.set(this.store.writes.length + 1, action.how);
        return;
      }
      case 'crash':
        await this.crash(action.survives);
        return;
      case 'close': {
        const before = this.store;
        const closing = this.journal.close();
        if ((await codeOf(() => this.journal.commit([{ del: 'o/o1' }]))) === '')
          throw new Error('closed, it commits');
        await this.drain();
        await closing;
        await Promise.all(this.underWay);
        if (this.problems.length > 0) throw new Error(this.problems.join('; '));
        if (this.unanswered > 0) throw new Error(`${this.unanswered} commits were never answered`);
        if (this.failed && before.writes.length > this.writesAtFailure)
          throw new Error('it writes after a failure');
        if (!this.failed && this.acknowledged !== this.called) throw new Error('close left a commit behind');
        if (!this.failed) {
          const left = [...(await leftIn(before))];
          if (left.length > 0) throw new Error(`close left ${left.join(', ')}`);
          await this.open(before.reopened());
        } else await this.crash(0);
      }
    }
  }
}

/** The journal entries in a store that was closed. */
async function leftIn(store: MemoryStore): Promise<string[]> {
  return (await all(store.reopened(), prefixRange('j'))).map(([key]) => key);
}

/** Runs a script. Throws where the journal is not what the Map says. */
export async function runScript(actions: readonly Action[]): Promise<void> {
  const run = new Run();
  await run.open(new MemoryStore());
  for (const [n, action] of actions.entries()) {
    try {
      await run.act(action);
      await run.check();
    } catch (error) {
      throw new Error(`at action ${n}, ${JSON.stringify(action)}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
  await run.act({ do: 'close' });
}

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ put: fc.constantFrom(...KEYS), value: fc.string({ maxLength: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ del: fc.constantFrom(...KEYS) }) },
);

export const script: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('commit' as const),
        ops: fc.array(op, { maxLength: 4 }),
        begins: fc.nat(3),
        ends: fc.nat(3),
      }),
    },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('land' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('settle' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('fail' as const),
        how: fc.constantFrom<Fault>('absent', 'whole'),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('crash' as const), survives: fc.nat(0xffff) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const) }) },
  ),
  { maxLength: 40, size: 'max' },
);
