import { M } from '@endo/patterns';
import { safeKey } from '../storage/keys.ts';
import { raise } from '../wrappers/errors.ts';
import { slotOf } from '../wrappers/marshal.ts';
import { isRecord } from '../wrappers/membrane.ts';
import type { Grant } from '../wrappers/grant.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { ASIDES_LISTED, WHY_LISTED } from './asides.ts';
import { facet, type AnyCap, type FacetOf } from './authoring.ts';
import { build } from './build.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { ClassOwner, ClassRegistry } from './class-registry.ts';
import { refuse } from './errors.ts';
import { grantMark } from './grant-mark.ts';
import type { Account } from './meter.ts';
import { openTurn } from './open-turn.ts';
import { printed } from './print.ts';

/** What the Storage object tells of one grant. Tokens stay where they are. */
export interface GrantReport {
  /** Its position among all grants on the object: that of the next ones becomes another when it ends. */
  readonly number: number;
  /** By which it stays known; nothing can be done with it but to end it. */
  readonly mark: string;
  readonly methods: readonly string[];
  readonly for: string;
  /** Number of the parent, or -1. */
  readonly parent: number;
  readonly expires: number | null;
  readonly uses: number | null;
}

/** A message that could not be delivered, and whose sender named nobody to tell. */
export interface LetterReport {
  readonly number: number;
  /** Who sent it, as `o17`; null for the host. */
  readonly from: string | null;
  readonly to: string;
  readonly method: string;
  readonly args: string;
  readonly code: string;
  readonly text: string;
  readonly when: number;
  readonly tries: number;
}

/** An object that is set aside. */
export interface SetAsideReport {
  readonly id: string;
  readonly className: string;
  readonly code: string;
  readonly message: string;
  readonly when: number;
}

export interface StorageRecord {
  readonly registry: FacetOf<typeof ClassRegistry, 'define'> | null;
}

/** Classes of the engine: without their objects nothing could be paid, made or mended any more. */
const OWN: ReadonlySet<string> = new Set(['Bank', 'ClassObject', 'ClassRegistry', 'Storage']);

/**
 * Wizardry: whoever holds the `full` facet can list, make and approve classes, make objects of any without a bank, see and
 * end every grant, find who holds one, repair any object, and have checkpoints taken and all code loaded anew. Nobody
 * gets it but by being given it; like everything else it can be attenuated, lent and revoked.
 */
export class Storage {
  static facets = {
    public: { name: M.call().returns(M.string()) },
    full: {
      front: M.call().returns(M.remotable()),
      classes: M.call().returns(M.arrayOf(M.string())),
      registry: M.call().returns(M.remotable()),
      classOwner: M.call(M.string()).returns(M.remotable()),
      approve: M.call(M.string(), M.string()).returns(),
      disapprove: M.call(M.string()).returns(),
      make: M.call(M.string()).rest(M.arrayOf(M.any())).returns(M.remotable()),
      grants: M.call(M.remotable()).optional(M.number(), M.number()).returns(M.any()),
      revokeGrant: M.call(M.remotable(), M.string()).returns(),
      holders: M.call(M.remotable(), M.remotable(), M.string()).returns(),
      show: M.call(M.remotable()).returns(M.string()),
      repair: M.call(M.remotable(), M.any()).returns(),
      aside: M.call().returns(M.any()),
      setAside: M.call(M.remotable(), M.string()).returns(),
      mend: M.call(M.remotable()).returns(),
      accounts: M.call().returns(M.any()),
      letters: M.call().optional(M.number(), M.number()).returns(M.any()),
      retryLetter: M.call(M.number()).returns(),
      dropLetter: M.call(M.number()).returns(),
      checkpoint: M.call().returns(),
      reload: M.call().returns(),
    },
  };

  #registry: StorageRecord['registry'] = null;

  init(registry: FacetOf<typeof ClassRegistry, 'define'>): void {
    this.#registry = registry;
  }

  toRecord(): StorageRecord {
    return { registry: this.#registry };
  }

  fromRecord(record: StorageRecord): void {
    this.#registry = record.registry;
  }

  /** What keyrings call it. */
  name(): string {
    return 'Storage';
  }

  front(): FacetOf<typeof Storage, 'public'> {
    return facet<typeof Storage, 'public'>(this, 'public');
  }

  /** The names of all classes. */
  classes(): readonly string[] {
    return this.registry().names();
  }

  /** For making classes: see `ClassRegistry`. */
  registry(): FacetOf<typeof ClassRegistry, 'define'> {
    return this.#registry ?? raise('Gone', 'This world has no registry of classes.');
  }

  /** The owner facet of a class that was written in the world, whoever wrote it. Raises `NotAClass`. */
  classOwner(className: string): ClassOwner {
    const { administration, membrane, find } = openTurn().host;
    const id = administration.classNamed(className);
    if (id === null) return refuse('NotAClass', `No class "${className.slice(0, 64)}" was written here.`);
    return membrane.granting.facet(find(id), 'owner', {}) as ClassOwner;
  }

  /**
   * Lists a class as safe, as it is now: at `hash`, which is the code that whoever approves it has read. Raises
   * `BadArgument` if the class has another version by now.
   */
  approve(className: string, hash: string): void {
    const turn = openTurn();
    const { hash: now, saved } = this.registry().describe(className);
    if (!saved || now !== hash)
      raise('BadArgument', `The code of ${className} is not what that hash names: read it again.`);
    turn.write(safeKey(hash), JSON.stringify({ className, when: turn.now }));
  }

  disapprove(hash: string): void {
    if (!/^[0-9a-f]{64}$/.test(hash)) raise('BadArgument', 'A hash has 64 hexadecimal digits.');
    openTurn().write(safeKey(hash), null);
  }

  /** A new object of the class of that name, with its `init` arguments; gives its owner facet. Raises `NotAClass`. */
  make(className: string, ...args: readonly unknown[]): AnyCap {
    const turn = openTurn();
    const { classes, saved, administration } = turn.host;
    const id = administration.classNamed(className);
    return build(turn, id === null ? classes.named(className) : saved.specFor(id), args, null);
  }

  /**
   * Grants on the object behind a capability, parents before children: those from number `from` on, at most `most`, and
   * as many as one answer holds. There are no more where the next page is empty.
   */
  grants(capability: AnyCap, from = 0, most = MOST_GRANTS): readonly GrantReport[] {
    const grants = grantsOn(capability);
    const numbers = new Map(grants.map((grant, number) => [grant, number]));
    const first = Math.max(0, from);
    const reports: GrantReport[] = [];
    let size = 0;
    for (const grant of grants.slice(first, first + Math.max(0, Math.min(most, MOST_GRANTS)))) {
      const methods = [...grant.shape.methods];
      size += grant.label.length + methods.reduce((sum, name) => sum + PER_NAME + name.length, 0);
      if (size > MOST_OF_GRANTS && reports.length > 0) break;
      reports.push({
        number: first + reports.length,
        mark: markOf(grant),
        methods,
        for: grant.standing === null ? grant.label : `facet ${grant.standing}`,
        parent: grant.parent === null ? -1 : (numbers.get(grant.parent) ?? -1),
        expires: grant.expires,
        uses: grant.uses,
      });
    }
    return reports;
  }

  /** Ends the grant of that mark, and all that was derived from it. */
  revokeGrant(capability: AnyCap, mark: string): void {
    const turn = openTurn();
    const { granting } = turn.host.membrane;
    const grant = grantsOn(capability).find((each) => markOf(each) === mark);
    if (grant === undefined)
      return raise('BadArgument', `There is no grant ${mark.slice(0, 40)} on that object.`);
    granting.end(granting.grantOf(capability).wrapper, grant);
  }

  /** Searches the whole store for who holds a capability, and then calls `method` of `to` with what was found. */
  holders(capability: AnyCap, to: AnyCap, method: string): void {
    const turn = openTurn();
    const { membrane, administration } = turn.host;
    membrane.admits(to, method);
    const slot = slotOf(capability);
    const prefix = slot.slice(0, slot.lastIndexOf('.') + 1);
    turn.onCommit(() => {
      administration.findHolders(prefix, to, method);
    });
  }

  /** The record of an object, as text. */
  show(capability: AnyCap): string {
    const { id, spec, version, record } = target(capability);
    return `${spec.name} ${id}, version ${version}\n${printed(record)}`;
  }

  /** Puts another record in the place of an object's own. It takes calls again, if it was set aside. */
  repair(capability: AnyCap, record: unknown): void {
    const turn = openTurn();
    const wrapper = target(capability);
    if (!isRecord(record)) raise('BadArgument', 'A record is plain data with names, as show() prints it.');
    turn.repair(wrapper, record);
    this.mend(capability);
  }

  /** What is set aside: the first hundred. */
  aside(): readonly SetAsideReport[] {
    const all = openTurn().host.asides.all().slice(0, ASIDES_LISTED);
    return all.map(([id, { className, code, message, when }]) => ({
      id,
      className,
      code,
      message: message.slice(0, WHY_LISTED),
      when,
    }));
  }

  /** Has an object take no calls until it is mended from here, saying why. Whoever owns its bank may end it, and no more. */
  setAside(capability: AnyCap, why: string): void {
    const turn = openTurn();
    const wrapper = target(capability);
    const { name, origin } = wrapper.spec;
    if (origin === null && OWN.has(name))
      raise('BadArgument', `A ${name} cannot be set aside: others need it.`);
    turn.onCommit(() => {
      turn.host.administration.stop(wrapper.id, why);
    });
  }

  mend(capability: AnyCap): void {
    const turn = openTurn();
    const { id } = target(capability);
    turn.onCommit(() => {
      turn.host.administration.mended(id);
    });
  }

  /** What the code of each class has cost since the world was started, the most expensive first. */
  accounts(): readonly Account[] {
    return openTurn().host.administration.accounts();
  }

  /** Dead letters in the order of their numbers: those after `after`, at most `most`. */
  letters(after = 0, most = MOST_LETTERS): readonly LetterReport[] {
    const { letters } = openTurn().host.administration;
    return letters
      .numbers(after, Math.max(0, Math.min(most, MOST_LETTERS)))
      .map((number) => reportOf(letters, number));
  }

  /** Has a dead letter delivered once more: now, whenever it was due. Raises `BadArgument` if there is none, `Damaged`. */
  retryLetter(number: number): void {
    const turn = openTurn();
    const { letters, retryLetter } = turn.host.administration;
    if (!letters.has(number)) raise('BadArgument', `There is no dead letter ${number}.`);
    if (!isReadable(letters, number)) raise('Damaged', 'That letter cannot be read.');
    turn.onCommit(() => {
      retryLetter(number);
    });
  }

  dropLetter(number: number): void {
    const turn = openTurn();
    const { letters } = turn.host.administration;
    if (!letters.has(number)) raise('BadArgument', `There is no dead letter ${number}.`);
    turn.onCommit(() => {
      letters.drop(number);
    });
  }

  /** Takes a checkpoint once this turn is durable. */
  checkpoint(): void {
    openTurn().doings.checkpoint();
  }

  /** Starts the world again with the code as it is now, the program's own and this object's too. Nobody is cut off. */
  reload(): void {
    const turn = openTurn();
    turn.onCommit(() => {
      turn.host.administration.reload();
    });
  }
}

/** Grants that are listed at once, and characters of their labels and the names of their methods: one result holds them all. */
const MOST_GRANTS = 100;
const MOST_OF_GRANTS = 100_000;
/** What a name counts besides its own characters: a result holds only so many values. */
const PER_NAME = 10;
/** Letters that are listed at once, and characters of what each called with and why it failed: one result holds them all. */
const MOST_LETTERS = 100;
const MOST_ARGS = 1_000;
const MOST_WHY = 500;

function markOf({ token }: Grant): string {
  return grantMark(token, openTurn().host.digest);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function isReadable(letters: DeadLetters, number: number): boolean {
  try {
    return letters.read(number) !== undefined;
  } catch {
    return false;
  }
}

function reportOf(letters: DeadLetters, number: number): LetterReport {
  const { membrane } = openTurn().host;
  try {
    const letter = letters.read(number) ?? raise('Gone', 'It is gone.');
    const { code, text, when, tries, message } = letter;
    const { from, method, args } = message;
    return {
      number,
      from,
      to: membrane.idOf(message.to),
      method,
      args: cut(printed(args), MOST_ARGS),
      code,
      text: cut(text, MOST_WHY),
      when,
      tries,
    };
  } catch {
    // It is told of all the same: it can be dropped.
    const unknown = { from: null, to: '', method: '', args: '', when: 0, tries: 0 };
    return { number, ...unknown, code: 'Damaged', text: 'It cannot be read.' };
  }
}

function target(capability: AnyCap): Wrapper {
  return openTurn().host.membrane.objectOf(capability);
}

function grantsOn(capability: AnyCap): readonly Grant[] {
  return target(capability).grants.inOrder();
}
