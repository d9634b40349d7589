import { memberKey } from '../storage/keys.ts';
import { runningCall, type CallContext } from '../wrappers/call-context.ts';
import { CALL_FAILED, errorFrom, type KeysteadError } from '../wrappers/errors.ts';
import type { ObjectId } from '../wrappers/names.ts';
import { sameData } from '../wrappers/same-data.ts';
import type { Shape } from '../wrappers/shape.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { Allowance } from './allowance.ts';
import { charactersOfShape } from './charge.ts';
import { Doings, type DoingsMark } from './doings.ts';
import { Dues } from './dues.ts';
import { refuse } from './errors.ts';
import type { Attempt, TurnEffects } from './turn-effects.ts';
import type { TurnHost } from './turn-host.ts';
import { changesOf } from './turn-changes.ts';
import { TurnWrites, type WritesMark } from './turn-writes.ts';
import { readInTurn } from './unreadable.ts';
import { Undoing, type Savepoint } from './undoing.ts';

/** Where all but the objects stood when an attempt began. */
interface Rest {
  readonly doings: DoingsMark;
  readonly created: number;
  readonly destroyed: number;
  readonly writes: WritesMark;
  readonly onCommit: number;
  readonly depth: number;
  readonly current: Wrapper | null;
  /** Activations on the meter. */
  readonly entered: number;
  readonly failure: KeysteadError | null;
  readonly part: number;
  /** Those that wait for the attempt, in a careful turn. */
  readonly waiting: ReadonlySet<Wrapper>;
}

const NOBODY: ReadonlySet<Wrapper> = new Set();

let turns = 0;
let marks = 0;

/**
 * One turn: all that it does is held here until it ends. Then either `finish` gives its effects, or `rollBack`
 * discards every instance it touched; each is made again from its last good record when it is needed.
 *
 * An attempt is a turn within the turn, by the same means: what it did is undone back to its savepoint. Every
 * list here only grows between savepoints, so undoing is cutting it to the length that it had; the objects are
 * undoing.ts's. An attempt that could not even undo (its stack ran out) stays open, which fails the turn unless an attempt
 * further out undoes more.
 */
export class Turn implements CallContext {
  readonly number: number;
  readonly now: number;
  readonly maxDepth: number;
  mark: number;
  current: Wrapper | null = null;
  depth = 0;
  closed = false;
  failure: KeysteadError | null = null;
  failedIn: Wrapper | null = null;

  readonly host: TurnHost;
  /** What it says, sends, takes back and hangs up. */
  readonly doings: Doings;
  readonly #allowance: Allowance;
  readonly #unlimited: boolean;
  readonly #careful: ReadonlyMap<ObjectId, KeysteadError> | null;
  /** What attempts that failed had changed, and could not take back. */
  spoiled: readonly ObjectId[] = [];
  /** What was waiting for attempts, and may have been changed by calls in them: in a careful turn. */
  readonly reentered = new Set<ObjectId>();
  readonly #touched: Wrapper[] = [];
  /** How often those of each have changed; what an attempt took back does not count. */
  readonly #grantsChanged = new Map<Wrapper, number>();
  readonly #undoing: Undoing<Rest>;
  readonly #writes: TurnWrites;
  readonly #onCommit: (() => void)[] = [];
  /** Made when there is something to note: most turns owe nobody anything. */
  #dues: Dues | null = null;
  /** Sets of method names that there were before; those that a failed turn made are forgotten. */
  readonly #shapes: number;
  readonly #created: Wrapper[] = [];
  readonly #destroyed: Wrapper[] = [];
  readonly #made = { grants: 0, shapes: 0 };

  /** An object has attempted something: not the engine itself, which knows what to make of a turn that fails at its end. */
  attempted = false;

  /**
   * `unlimited`: the turn that builds a new world, which is the host's own. `careful`: an attempt fails with what the turn
   * would fail with if it ended there, and who would change one of those that are named, in an attempt that it waits for, is
   * told why not.
   */
  constructor(
    host: TurnHost,
    now: number,
    unlimited = false,
    careful: ReadonlyMap<ObjectId, KeysteadError> | null = null,
  ) {
    this.number = turns += 1;
    this.mark = marks += 1;
    this.now = now;
    this.host = host;
    this.#allowance = new Allowance(host.limits, unlimited);
    this.#unlimited = unlimited;
    this.#careful = careful;
    this.#writes = new TurnWrites(this.#allowance);
    this.doings = new Doings(this.#allowance, (characters) => {
      host.meter.emitted(characters);
    });
    this.#undoing = new Undoing({
      recordOf: (wrapper) => this.#recordOf(wrapper),
      differs: (wrapper, record) => host.membrane.recordOf(this, wrapper, record) !== record,
    });
    this.maxDepth = host.limits.callDepth;
    this.#shapes = host.membrane.shapes.count;
  }

  note(wrapper: Wrapper): void {
    this.#touch(wrapper);
    if (wrapper.attention && wrapper.active === 0) this.host.renew(this, wrapper);
    if (wrapper.instance === null && !wrapper.aside && wrapper.spec.broken === null) {
      wrapper.instance = this.host.membrane.instantiate(this, wrapper, wrapper.working ?? wrapper.record);
    }
    wrapper.mark = this.mark;
  }

  take(wrapper: Wrapper): void {
    this.#touch(wrapper);
    // Else its next call brings it back, or up to date.
    if (wrapper.instance !== null && !wrapper.attention) wrapper.mark = this.mark;
  }

  /** Takes an object into the turn, and runs nothing of it. */
  #touch(wrapper: Wrapper): void {
    if (wrapper.turn !== this.number) {
      this.#allowance.bound(this.#touched.length, this.host.limits.turnObjects, 'touch', 'objects');
      this.#undoing.first(wrapper);
      this.#touched.push(wrapper);
      wrapper.turn = this.number;
      wrapper.working = undefined;
      wrapper.mayDiffer = false;
      this.host.touched(wrapper);
    } else {
      this.#undoing.again(wrapper, this.mark);
    }
  }

  attend(wrapper: Wrapper): void {
    if (wrapper.aside) throw this.host.meter.refusal(wrapper) ?? this.host.asides.refusal(wrapper.id);
    if (wrapper.mark !== this.mark) {
      if (wrapper.spec.metered) this.host.meter.admit(wrapper);
      this.note(wrapper);
    }
    const { broken } = wrapper.spec;
    if (broken !== null) refuse('SetAside', `${wrapper.spec.name} ${wrapper.id} is set aside: ${broken}`);
  }

  admit(wrapper: Wrapper): void {
    this.host.meter.admit(wrapper);
  }

  enter(wrapper: Wrapper): void {
    this.host.meter.enter(wrapper);
  }

  leave(): void {
    this.host.meter.leave();
  }

  reenter(wrapper: Wrapper): void {
    if (this.#undoing.newest?.rest.waiting.has(wrapper) !== true) return;
    const why = this.#careful?.get(wrapper.id);
    if (why !== undefined) throw why;
    this.reentered.add(wrapper.id);
  }

  /** It is still running, and may do something now. */
  get isOpen(): boolean {
    return runningCall() === this && !this.closed;
  }

  /** What a key of the store holds, as this turn sees it. Raises `Damaged`. */
  read(key: string): string | undefined {
    const written = this.#writes.get(key);
    if (written !== undefined) return written ?? undefined;
    return readInTurn(`The value of key "${key}"`, () => this.host.stored(key));
  }

  /** Writes a key of the store, or deletes it, with the turn. */
  write(key: string, value: string | null): void {
    this.#writes.write(key, value);
  }

  /** Writes a key of the index of references, for a value that this turn writes. */
  index(key: string, value: '' | null): void {
    this.#writes.set(key, value);
  }

  /** So many more characters are stored for an object outside its record. */
  keep(wrapper: Wrapper, characters: number): void {
    if (wrapper.mark !== this.mark) this.note(wrapper);
    const before = wrapper.kept;
    this.#undoing.add(() => {
      wrapper.kept = before;
    });
    wrapper.kept = Math.max(0, before + characters);
    this.grantsChanged(wrapper);
  }

  /**
   * Puts a record, which has crossed a wrapper, in the place of an object's own. Its instance is made again from it. Nothing of
   * the object runs: it may be what cannot be brought back by the record that it has.
   */
  repair(wrapper: Wrapper, record: unknown): void {
    if (wrapper.active > 0) refuse('TooDeep', 'An object cannot be repaired while it is running.');
    if (wrapper.mark !== this.mark) this.#touch(wrapper);
    this.host.tryUpgradeAgain(wrapper.id);
    wrapper.instance = null;
    wrapper.mayDiffer = false;
    wrapper.working = record;
    wrapper.mark = 0; // its next call in this turn brings it back
  }

  /** Runs when the turn has succeeded, before anything else runs; it may not fail. */
  onCommit(then: () => void): void {
    this.#onCommit.push(then);
  }

  onUndo(undo: () => void): void {
    this.#undoing.add(undo);
  }

  owe(bank: ObjectId, blocks: number): void {
    this.#duesNow().owe(this, bank, blocks);
  }

  grantMade(): void {
    this.#allowance.bound(this.#made.grants, this.host.limits.turnGrants, 'make', 'grants');
    this.#made.grants += 1;
  }

  shapeMade(shape: Shape): void {
    this.#allowance.bound(this.#made.shapes, this.host.limits.turnShapes, 'make', 'new sets of method names');
    this.#made.shapes += 1;
    // Picked by an object of a class that was written in the world: the class pays, for ever.
    const origin = this.current?.spec.origin ?? null;
    if (origin !== null) this.keep(this.host.find(origin), charactersOfShape(shape));
  }

  grantsChanged(wrapper: Wrapper): void {
    const times = this.#grantsChanged;
    times.set(wrapper, (times.get(wrapper) ?? 0) + 1);
    // Counted, since each change is taken back for itself, and not always the newest first.
    this.#undoing.add(() => {
      const left = (times.get(wrapper) ?? 0) - 1;
      if (left > 0) times.set(wrapper, left);
      else times.delete(wrapper);
    });
  }

  /** Takes a new object, which has no instance yet, into the turn and into the table. */
  adopt(wrapper: Wrapper): void {
    this.#allowance.bound(this.#created.length, this.host.limits.turnCreates, 'create', 'objects');
    wrapper.turn = this.number;
    wrapper.mark = this.mark;
    wrapper.mayDiffer = true;
    this.#created.push(wrapper);
    this.#touched.push(wrapper);
    this.#member(wrapper, '');
    this.host.adopted(wrapper); // last: if it fails, the lists know what to discard
  }

  /** Whether it was there to be destroyed. */
  destroy(wrapper: Wrapper): boolean {
    if (wrapper.gone) return false;
    if (wrapper.mark !== this.mark) this.#touch(wrapper);
    this.#undoing.add(() => {
      wrapper.gone = false;
    });
    wrapper.gone = true;
    for (const { payer } of wrapper.grants.inOrder()) if (payer !== null) this.owe(payer, -1);
    this.#destroyed.push(wrapper);
    this.#member(wrapper, null);
    return true;
  }

  /**
   * Runs something that changes several objects by itself: what fails half-way fails the turn, like a call that
   * fails, also if its caller swallows the error.
   */
  whole<T>(body: () => T): T {
    try {
      return body();
    } catch (thrown) {
      this.failure ??= CALL_FAILED;
      const error = errorFrom(thrown, 'It', this.host.isProxy);
      if (this.failure === CALL_FAILED) this.failure = error;
      throw error;
    }
  }

  /** `part`: what it may use of what there is of each limit. */
  attempt<T>(body: () => T, part = 1): Attempt<T> {
    const savepoint = this.#begin();
    this.#allowance.part *= part;
    let thrown: unknown;
    try {
      const value = body();
      // An attempt inside this one that ran out of stack is still open, and was not undone.
      if (this.failure === savepoint.rest.failure && this.#undoing.newest === savepoint) {
        if (this.#careful !== null) this.#rehearse();
        this.#undoing.keep(savepoint);
        this.#allowance.part = savepoint.rest.part;
        this.mark = marks += 1;
        return { ok: true, value };
      }
      thrown = this.failure ?? CALL_FAILED;
    } catch (error) {
      thrown = error;
    }
    const { code, message } = errorFrom(thrown, 'The attempt', this.host.isProxy);
    this.failure ??= CALL_FAILED;
    this.#undoTo(savepoint, message);
    return { ok: false, error: Object.freeze({ code, message }) };
  }

  /**
   * The effects, as they will be. Code in the world runs here for the last time; nothing but the turn's own changes.
   * Throws what the turn failed with; the caller then rolls back.
   */
  finish(): TurnEffects {
    this.#throwFailure();
    if (this.#undoing.newest !== null) throw CALL_FAILED;
    const { changed, weight } = this.#changes();
    this.#throwFailure();
    return {
      changed,
      created: this.#destroyed.length === 0 ? this.#created : this.#created.filter(({ gone }) => !gone),
      destroyed: this.#destroyed.length === 0 ? this.#destroyed : without(this.#destroyed, this.#created),
      ended: this.#destroyed,
      ...this.doings.effects(),
      writes: this.#writes.all(),
      weight: weight + this.doings.weight + this.#writes.weight,
    };
  }

  /** Raises what the turn would fail with if it ended now. Those that are still running are not asked. */
  #rehearse(): void {
    // First: a grant that an object makes for its record stays.
    for (const wrapper of this.#touched) {
      if (wrapper.gone || wrapper.active > 0) continue;
      this.#touch(wrapper);
      this.#recordOf(wrapper);
    }
    const savepoint = this.#begin();
    const dues = this.#dues;
    this.#dues = dues?.copy() ?? null;
    let failed: KeysteadError | null = null;
    try {
      this.#changes();
    } catch (thrown) {
      failed = errorFrom(thrown, 'It', this.host.isProxy);
    }
    this.#dues = dues;
    this.#undoTo(savepoint, failed?.message ?? '');
    if (failed !== null) throw failed;
  }

  #changes(): ReturnType<typeof changesOf> {
    return changesOf(this, {
      touched: this.#touched,
      grantsChanged: this.#grantsChanged,
      allowance: this.#allowance,
      charge: (wrapper, characters) => {
        if (!this.#unlimited) this.#duesNow().charge(wrapper, characters);
      },
      collect: () => this.#dues?.collect(),
      recordOf: (wrapper, last) => (last ? this.#lastRecordOf(wrapper) : this.#recordOf(wrapper)),
    });
  }

  /** Makes what `finish` gave true in memory. Nothing can fail here, and no code in the world runs. */
  settle({ changed }: TurnEffects): void {
    this.#dues?.settle();
    for (const { wrapper, record } of changed) wrapper.record = record;
    for (const wrapper of this.#touched) wrapper.working = undefined;
    for (const wrapper of this.#destroyed) this.host.discard(wrapper);
    for (const then of this.#onCommit) then();
  }

  /** Takes everything back. Works also after the turn was stopped at any point of its body. */
  rollBack(): void {
    this.#undoing.all();
    for (const wrapper of this.#touched) {
      wrapper.instance = null;
      wrapper.working = undefined;
      wrapper.active = 0;
      wrapper.mark = 0;
    }
    for (const wrapper of this.#created) this.host.discard(wrapper);
    this.host.membrane.shapes.truncate(this.#shapes);
  }

  #begin(): Savepoint<Rest> {
    const { current } = this;
    if (current !== null && current.mark !== this.mark) this.note(current);
    // Before the savepoint: a grant may be made for it.
    const saved = current === null ? null : { wrapper: current, record: this.#recordOf(current) };
    const savepoint = this.#undoing.begin((marks += 1), this.#rest(), saved);
    this.mark = savepoint.mark;
    if (current !== null) current.mark = this.mark;
    return savepoint;
  }

  #rest(): Rest {
    return {
      doings: this.doings.mark(),
      created: this.#created.length,
      destroyed: this.#destroyed.length,
      writes: this.#writes.mark(),
      onCommit: this.#onCommit.length,
      depth: this.depth,
      current: this.current,
      entered: this.host.meter.entered,
      failure: this.failure,
      part: this.#allowance.part,
      waiting: this.#careful === null ? NOBODY : new Set(this.#touched.filter(({ active }) => active > 0)),
    };
  }

  /** `why` it is undone. */
  #undoTo(savepoint: Savepoint<Rest>, why: string): void {
    const { rest } = savepoint;
    this.depth = rest.depth;
    this.current = rest.current;
    this.#allowance.part = rest.part;
    this.host.meter.leaveTo(rest.entered);
    this.closed = false;
    const spoiled = this.#undoing.backTo(savepoint);
    // Those that are not discarded yet stay listed: the turn may be stopped here too.
    for (const wrapper of this.#created.slice(rest.created)) {
      wrapper.gone = true;
      this.host.discard(wrapper);
    }
    this.#created.length = rest.created;
    this.doings.undoTo(rest.doings);
    this.#destroyed.length = rest.destroyed;
    this.#writes.undoTo(rest.writes);
    this.#onCommit.length = rest.onCommit;
    this.#undoing.end(savepoint, spoiled);
    this.mark = marks += 1;
    const last = spoiled.at(-1)?.wrapper;
    if (last === undefined) {
      this.failure = rest.failure;
      return;
    }
    this.failure ??= CALL_FAILED;
    this.spoiled = [...this.spoiled, ...spoiled.map(({ wrapper }) => wrapper.id)];
    return refuse(
      'Threw',
      `An attempt changed ${last.spec.name} ${last.id}, which was waiting for it, and failed, which cannot be undone by itself: ${why}`,
    );
  }

  /** What an object is at this moment. Asked again it is compared with that: an attempt asks all that were touched before it. */
  #recordOf(wrapper: Wrapper): unknown {
    const base = wrapper.working ?? wrapper.record;
    if (!wrapper.mayDiffer) return base;
    const record = this.host.membrane.recordOf(this, wrapper, base);
    if (record !== base) wrapper.working = record;
    if (wrapper.active === 0) wrapper.mayDiffer = false;
    return record;
  }

  /** What an object is at the end; its record itself if it has become again what it was. */
  #lastRecordOf(wrapper: Wrapper): unknown {
    const asked = wrapper.working !== undefined;
    const record = this.#recordOf(wrapper);
    return asked && sameData(record, wrapper.record) ? wrapper.record : record;
  }

  /** Objects of classes that were written in the world are listed with their class. */
  #member(wrapper: Wrapper, value: '' | null): void {
    const { origin } = wrapper.spec;
    if (origin !== null) this.#writes.set(memberKey(origin, wrapper.id), value);
  }

  #duesNow(): Dues {
    this.#dues ??= new Dues(this.host);
    return this.#dues;
  }

  #throwFailure(): void {
    if (this.failure !== null) throw this.failure;
  }
}

function without(all: readonly Wrapper[], some: readonly Wrapper[]): readonly Wrapper[] {
  const left = new Set(some);
  return all.filter((each) => !left.has(each));
}
