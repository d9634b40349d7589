import {
  memberRange,
  metaKey,
  parseKey,
  prefixRange,
  referenceRange,
  type ParsedKey,
  type Prefix,
} from '../storage/keys.ts';
import type { Journal } from '../storage/journal.ts';
import { errorFrom, isGenuine } from '../wrappers/errors.ts';
import { parseObjectId, type ObjectId } from '../wrappers/names.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import type { AnyCap } from './authoring.ts';
import { openTurn } from './open-turn.ts';
import { targetOf } from './references.ts';
import { slotsIn } from './stored-slots.ts';
import type { Turn } from './turn.ts';

interface Failed {
  readonly id: string;
  readonly message: string;
}

/** What has become of one object. */
type Upgrade = 'done' | 'gone' | Failed;

/** What `upgrade` of a class sends when it is through. */
export interface UpgradeReport {
  readonly className: string;
  readonly upgraded: number;
  /** Objects that stay as they were, with the reason; the first few. */
  readonly failed: readonly Failed[];
  readonly failures: number;
}

/** What `holders` of Storage sends. */
export interface HoldersReport {
  /**
   * The first few: `o17` for an object; a message, timer or session, or the roots of the world, by its key; what is damaged with
   * that behind it.
   */
  readonly holders: readonly string[];
  readonly found: number;
}

/** Objects that one turn upgrades, and milliseconds after which it takes no other one; and what a report names at most. */
const AT_ONCE = 100;
const TIME = 20;
const MOST_NAMED = 100;

export interface ErrandsOptions {
  readonly journal: Journal;
  /** All that has happened so far is in the journal. */
  readonly settled: () => Promise<void>;
  /** Milliseconds with fractions, that only ever go up. */
  readonly stopwatch: () => number;
  /** Runs a turn of the host's own. */
  readonly run: (body: () => void) => Promise<void>;
  /** Sends a message from the host. */
  readonly post: (to: AnyCap, method: string, report: object) => void;
  readonly onFailed: (error: unknown) => void;
}

/** What takes longer than a turn: it reads the store between turns, and tells whoever asked when it is through. */
export class Errands {
  readonly #options: ErrandsOptions;
  readonly #upgrading = new Set<ObjectId>();

  constructor(options: ErrandsOptions) {
    this.#options = options;
  }

  /** Whether an upgrade of a class has been asked for and is not through. */
  isUpgrading(classObject: ObjectId): boolean {
    return this.#upgrading.has(classObject);
  }

  /** One at a time of a class: what it takes is the world's, and to ask for one costs next to nothing. */
  upgradeAll(classObject: ObjectId, to: AnyCap, method: string): void {
    if (this.#upgrading.has(classObject)) return; // asked for twice in one turn
    this.#upgrading.add(classObject);
    void this.#begin(to, method, () => this.#upgradeAll(classObject)).finally(() => {
      this.#upgrading.delete(classObject);
    });
  }

  /** `slot` is `ID.TOKEN.`, as it stands in whatever holds the grant. */
  findHolders(slot: string, to: AnyCap, method: string): void {
    void this.#begin(to, method, () => this.#findHolders(slot));
  }

  #begin(to: AnyCap, method: string, errand: () => Promise<object>): Promise<void> {
    const { settled, post, onFailed } = this.#options;
    return settled()
      .then(errand)
      .then((report) => {
        post(to, method, report);
      })
      .catch(onFailed);
  }

  async #upgradeAll(classObject: ObjectId): Promise<UpgradeReport> {
    const { journal, run, stopwatch } = this.#options;
    const all: ObjectId[] = [];
    const add = (text: string): void => {
      const key = parseKey(text);
      const id = key?.kind === 'member' ? parseObjectId(key.id) : undefined;
      if (id !== undefined) all.push(id);
    };
    // The key says all: its value, which is empty, may be damaged.
    for await (const [text] of journal.range({ ...memberRange(classObject), onDamaged: add })) add(text);
    let className = '';
    await run(() => {
      className = openTurn().host.saved.state(classObject).name;
    });
    let upgraded = 0;
    const failed: Failed[] = [];
    let alone = 0;
    for (let from = 0; from < all.length;) {
      // Together they may be too much for a turn, and one that has it stopped says nothing of the others.
      const some = all.slice(from, from + (from < alone ? 1 : AT_ONCE));
      let ends: readonly Upgrade[] = [];
      try {
        await run(() => {
          ends = upgradeSome(some, stopwatch);
        });
      } catch (thrown) {
        const { code, message } = errorFrom(thrown, 'The upgrade', () => false);
        if (code === 'WorldClosed') throw thrown;
        if (some.length > 1) {
          alone = from + some.length;
          continue;
        }
        ends = some.map((id) => ({ id, message }));
      }
      from += ends.length;
      upgraded += ends.filter((end) => end === 'done').length;
      failed.push(...ends.filter((end) => typeof end === 'object'));
    }
    return Object.freeze({
      className,
      upgraded,
      failed: Object.freeze(failed.slice(0, MOST_NAMED).map((each) => Object.freeze(each))),
      failures: failed.length,
    });
  }

  /** Objects by the index of references; what else holds capabilities is little, and read whole. */
  async #findHolders(slot: string): Promise<HoldersReport> {
    const { journal } = this.#options;
    const holders = new Set<string>();
    // Whoever asks has to know that one of these may be a holder, too.
    const onDamaged = (place: string): void => void holders.add(`${place} (cannot be read)`);
    const look = (key: ParsedKey | undefined, holder: string, value: () => string | undefined): void => {
      try {
        const text = value();
        if (key === undefined || text === undefined) return;
        if (slotsIn(key, text).some((held) => held.startsWith(slot))) holders.add(holder);
      } catch {
        onDamaged(holder);
      }
    };
    for await (const [text] of journal.range({ ...referenceRange(targetOf(slot)), onDamaged })) {
      const reference = parseKey(text);
      const place = reference?.kind === 'reference' ? parseKey(reference.place) : undefined;
      if (place?.kind !== 'object' && place?.kind !== 'entry') continue;
      look(place, place.id, () => journal.get(text.slice(text.indexOf('/', 4) + 1)));
    }
    for (const prefix of ['m', 't', 's', 'a', 'w', 'r', 'dead'] as const satisfies readonly Prefix[]) {
      for await (const [text, value] of journal.range({ ...prefixRange(prefix), onDamaged })) {
        const key = parseKey(text);
        look(key, key?.kind === 'watched' || key?.kind === 'restart' ? key.id : text, () => value);
      }
    }
    const roots = metaKey('roots');
    look(parseKey(roots), roots, () => journal.get(roots));
    const named = [...holders];
    return Object.freeze({ holders: Object.freeze(named.slice(0, MOST_NAMED)), found: named.length });
  }
}

/** Whoever is stopped counts as an offender: the last of many that took no longer than the others must not. */
function upgradeSome(some: readonly ObjectId[], stopwatch: () => number): readonly Upgrade[] {
  const until = stopwatch() + TIME;
  const ends: Upgrade[] = [];
  for (const id of some) {
    ends.push(upgradeOne(id));
    if (stopwatch() > until) break;
  }
  return ends;
}

/** Whether it is of the current version now; what has ended meanwhile has no version. */
function upgradeOne(id: ObjectId): Upgrade {
  const turn = openTurn();
  try {
    const wrapper = turn.host.find(id);
    turn.host.tryUpgradeAgain(id);
    turn.note(wrapper);
    const { spec, version } = wrapper;
    const current = spec.origin === null ? spec.version : turn.host.saved.state(spec.origin).current;
    if (version === current) return 'done';
    return { id, message: `It stays in version ${version}: ${whyNot(turn, wrapper, current)}` };
  } catch (thrown) {
    if (!isGenuine(thrown)) throw thrown;
    return thrown.code === 'Gone' ? 'gone' : { id, message: thrown.message };
  }
}

/** Why an object has not followed its class to that version. */
function whyNot({ host }: Turn, { id, aside, spec }: Wrapper, current: number): string {
  if (aside) return host.asides.refusal(id).message;
  const broken = spec.origin === null ? null : host.saved.specFor(spec.origin, current).broken;
  if (broken !== null) return `version ${current} does not load: ${broken}`;
  return host.whyNotUpgraded(id) ?? 'its upgrade failed';
}
