import { metaKey, objectKey, safeKey } from '../storage/keys.ts';
import { runningCall } from '../wrappers/call-context.ts';
import { genuineError, printable } from '../wrappers/errors.ts';
import { Membrane } from '../wrappers/membrane.ts';
import type { ObjectId } from '../wrappers/names.ts';
import { decodeWrapper, encodeWrapper, type Wrapper } from '../wrappers/wrapper.ts';
import type { Administration } from './administration.ts';
import { Asides } from './asides.ts';
import type { AnyCap } from './authoring.ts';
import { Bank } from './bank.ts';
import { Blame } from './blame.ts';
import { bounds } from './bounds.ts';
import { ClassObject } from './class-object.ts';
import { ClassRegistry, type ClassRegistryRecord } from './class-registry.ts';
import { Classes, type ChangedClass } from './classes.ts';
import { Commits } from './commits.ts';
import { Counters } from './counters.ts';
import { DeadLetters } from './dead-letters.ts';
import { WORLD_LIMITS, type WorldLimits } from './limits.ts';
import { Meter } from './meter.ts';
import { ObjectTable } from './object-table.ts';
import { Post } from './post.ts';
import { referencesChanged, targetsOf } from './references.ts';
import { Renewals } from './renew.ts';
import { SavedClasses } from './saved-classes.ts';
import { Shares } from './shares.ts';
import { placeOf } from './stack.ts';
import { Sessions } from './sessions.ts';
import { Storage } from './storage-object.ts';
import { Turn } from './turn.ts';
import type { Message } from './turn-effects.ts';
import { turnHost, type TurnHost } from './turn-host.ts';
import { WaitingMessages } from './waiting.ts';
import type { WorldOptions } from './world-options.ts';

/** What the parts need of the world that they are the parts of. */
export interface PartsOptions extends Pick<
  WorldOptions,
  'journal' | 'classes' | 'shared' | 'library' | 'powers' | 'lastRunning'
> {
  readonly limits: WorldLimits;
  /** Just before a commit is written. */
  readonly prepare: () => void;
  readonly onCommitFailed: (error: Error) => void;
  readonly onCommitTaken: () => void;
  /** A message is due. */
  readonly deliver: (message: Message) => void;
  readonly registry: () => AnyCap;
  readonly errands: Pick<Administration, 'isUpgrading' | 'upgradeAll' | 'findHolders' | 'reload'>;
  /** A class has another version: once the turn is over, everything in memory is read anew. */
  readonly onClassChanged: () => void;
}

/** Milliseconds: clients and stored messages bring what killed the last process within a second or two. */
const CAREFUL_FOR = 60_000;

/** The parts of a world, put together. They know one another by what they are handed here, and the world by none of them. */
export class WorldParts {
  readonly limits: WorldLimits;
  readonly classes: Classes;
  readonly table: ObjectTable;
  readonly membrane: Membrane;
  readonly commits: Commits;
  readonly sessions: Sessions;
  readonly waiting: WaitingMessages;
  readonly post: Post;
  readonly letters: DeadLetters;
  readonly saved: SavedClasses;
  readonly renewals: Renewals;
  readonly asides: Asides;
  readonly shares: Shares;
  readonly meter: Meter;
  readonly blame: Blame;
  readonly host: TurnHost;
  readonly counters = new Counters();
  readonly #powers: WorldOptions['powers'];

  constructor(options: PartsOptions) {
    const { powers, journal, limits } = options;
    this.#powers = powers;
    this.limits = limits;
    this.classes = new Classes(
      [Bank, Storage, ClassObject, ClassRegistry, ...options.classes],
      options.shared ?? [],
    );
    this.table = new ObjectTable(
      (id) => this.#load(id),
      (id, error) => {
        powers.report({ what: 'damaged', id, message: error.message });
      },
    );
    this.membrane = new Membrane({
      isProxy: powers.isProxy,
      random: powers.random,
      find: (id) => this.table.find(id),
      objectGrants: limits.objectGrants,
      valueLimits: limits.value,
      recordLimits: limits.record,
      placeOf,
    });
    this.commits = new Commits({
      journal,
      encode: (wrapper) => this.#encode(wrapper),
      prepare: options.prepare,
      onFailed: options.onCommitFailed,
      onTaken: options.onCommitTaken,
    });
    this.sessions = new Sessions(this.commits, limits, (key, { message }) => {
      powers.report({ what: 'damaged', id: key, message });
    });
    this.waiting = new WaitingMessages((payer) => this.shares.accountOf(payer));
    this.post = new Post(this.commits, this.membrane.marshal, this.waiting, options.deliver);
    this.saved = new SavedClasses({
      classes: this.classes,
      find: (id) => this.table.find(id),
      read: (key) => this.#read(key),
      idOf: (capability) => this.membrane.idOf(capability),
      isProxy: powers.isProxy,
      library: options.library ?? {},
      onBroken: (name, version, why) => {
        powers.report({ what: 'broken class', className: name, version, message: why });
      },
    });
    this.renewals = new Renewals({
      classes: this.classes,
      saved: this.saved,
      membrane: this.membrane,
      isProxy: powers.isProxy,
      onFailed: ({ id, spec }, to, error) => {
        powers.report({ what: 'failed upgrade', id, className: spec.name, to, message: error.message });
      },
    });
    this.asides = new Asides({
      write: (key, text) => {
        if (text === null) this.commits.delete(key);
        else this.commits.put(key, text);
      },
      offencesBeforeAside: limits.offencesBeforeAside,
      offenceWindow: limits.offenceWindow,
    });
    this.shares = new Shares({
      bankBurst: limits.bankBurst,
      bankShare: limits.bankShare,
      shareCharacters: limits.shareCharacters,
      above: (bank) => {
        const found = this.host.ifThere(bank);
        return found === null ? undefined : found.bank;
      },
    });
    const died = (options.lastRunning ?? null) !== null;
    this.letters = new DeadLetters({
      commits: this.commits,
      marshal: this.membrane.marshal,
      clock: powers.clock,
      accountOf: (payer) => this.shares.accountOf(payer),
      limits,
      onDropped: (number) => {
        powers.report({ what: 'dropped letter', number });
      },
    });
    this.meter = new Meter({
      stopwatch: powers.stopwatch,
      note: powers.noteRunning,
      shares: this.shares,
      ...(died ? { carefulUntil: powers.stopwatch() + CAREFUL_FOR } : {}),
    });
    this.blame = new Blame({
      powers,
      asides: this.asides,
      table: this.table,
      saved: this.saved,
      counters: this.counters,
      post: this.post,
    });
    this.host = turnHost({
      membrane: this.membrane,
      limits,
      isProxy: powers.isProxy,
      digest: powers.digest,
      classes: this.classes,
      saved: this.saved,
      asides: this.asides,
      meter: this.meter,
      stored: (key) => this.commits.get(key),
      waiting: this.waiting,
      shares: this.shares,
      administration: this.#administration(options),
      table: this.table,
      sessions: this.sessions,
      counters: this.counters,
      renewals: this.renewals,
    });
  }

  /**
   * Gives the built-in classes their versions, and those that are others than when the world was last open; `remember` stores them.
   * It is for the commit of the last of what follows from it: what a crash leaves undone is done by the next start.
   */
  identifyClasses(digest: (text: string) => string): {
    readonly changed: readonly ChangedClass[];
    readonly remember: () => void;
  } {
    const key = metaKey('classes');
    const before = this.commits.get(key);
    const { text, changed } = this.classes.identify(before, digest);
    const remember = (): void => {
      if (text !== before) this.commits.put(key, text);
    };
    return { changed, remember };
  }

  /** Everything in memory is let go of, to be read anew: what it looks like may have changed with a class. */
  readAnew(): void {
    this.renewals.forget();
    this.commits.encodeChanged();
    this.table.trim(0);
    this.post.renew();
  }

  /** An object as it is stored, and what it refers to in the index of references. Its bank pays for the time that this takes. */
  #encode(wrapper: Wrapper): string {
    const { stopwatch } = this.#powers;
    const began = wrapper.spec.metered ? stopwatch() : null;
    const targets: string[] = [];
    const data = this.membrane.marshal.write(wrapper.record, targets);
    wrapper.targets = referencesChanged(objectKey(wrapper.id), wrapper.targets, targets, this.#index);
    const text = encodeWrapper(wrapper, data);
    if (began === null) return text;
    const now = stopwatch();
    this.shares.spend(wrapper.bank, now - began, now);
    return text;
  }

  readonly #index = (key: string, value: '' | null): void => {
    if (value === null) this.commits.delete(key);
    else this.commits.put(key, value);
  };

  #load(id: ObjectId): Wrapper | undefined {
    const text = this.commits.get(objectKey(id));
    if (text === undefined) return undefined;
    // What was stored once is read, however long it is written down.
    const { held } = bounds;
    let wrapper: Wrapper;
    try {
      bounds.held = false;
      wrapper = this.#decode(id, text);
    } finally {
      bounds.held = held;
    }
    this.renewals.notice(wrapper);
    if (this.asides.get(id) !== undefined) {
      wrapper.aside = true;
      wrapper.attention = true;
    }
    return wrapper;
  }

  #decode(id: ObjectId, text: string): Wrapper {
    return decodeWrapper(
      id,
      text,
      this.membrane.marshal,
      (name, origin, version) =>
        origin === null ? this.#builtIn(name) : this.saved.specFor(origin, version),
      (shape) => this.membrane.shapes.get(shape),
      targetsOf,
    );
  }

  #builtIn(name: string) {
    const spec = this.classes.get(name);
    if (spec === undefined) throw new Error(`its class "${name}" is not in this version of the world`);
    return spec;
  }

  #read(key: string): string | undefined {
    const call = runningCall();
    return call instanceof Turn ? call.read(key) : this.commits.get(key);
  }

  #administration({ registry, errands, onClassChanged }: PartsOptions): Administration {
    return {
      ...errands,
      classNamed: (name) => {
        const classes = this.#named(registry());
        const found = Object.hasOwn(classes, name) ? classes[name] : undefined;
        return found === undefined ? null : this.membrane.idOf(found);
      },
      classObjects: () => Object.values(this.#named(registry())).map((each) => this.membrane.idOf(each)),
      isClassObject: ({ spec }) => spec.origin === null && spec.name === 'ClassObject',
      isApproved: (hash) => this.#read(safeKey(hash)) !== undefined,
      classChanged: onClassChanged,
      stop: (id, why) => {
        const wrapper = this.table.peek(id); // not there any more if the turn has destroyed it too
        if (wrapper !== undefined) this.blame.setAside(wrapper, genuineError('Stopped', printable(why)));
      },
      mended: (id) => {
        this.asides.mended(id);
        const wrapper = this.table.peek(id);
        if (wrapper !== undefined) wrapper.aside = false;
      },
      advise: (wrapper, error) => {
        if (wrapper.loaded) this.blame.advise(wrapper, error);
      },
      accounts: () => this.meter.accounts((className) => this.#authorOf(className)),
      letters: this.letters,
      retryLetter: (number) => {
        const letter = this.letters.read(number);
        if (letter === undefined || !this.letters.drop(number)) return;
        const { message, tries } = letter;
        // A number of its own: the timer that it was may still be going on under the old one.
        const anew = { due: null, every: null, tries, number: this.counters.takeMessage(null) };
        this.post.acceptOwn(Object.freeze({ ...message, ...anew }));
      },
    };
  }

  /** What the registry keeps, as the running turn sees it. */
  #named(registry: AnyCap): ClassRegistryRecord['classes'] {
    const wrapper = this.table.find(this.membrane.idOf(registry));
    if (wrapper.instance instanceof ClassRegistry) return ClassRegistry.stateOf(wrapper.instance).classes;
    return ((wrapper.working ?? wrapper.record) as ClassRegistryRecord).classes;
  }

  #authorOf(className: string): string {
    const id = this.host.administration.classNamed(className);
    return id === null ? '' : this.saved.state(id).author;
  }
}

/** A world's limits: the defaults, but for those given. */
export function limitsOf(others: Partial<WorldLimits> = {}): WorldLimits {
  return { ...WORLD_LIMITS, ...others };
}
