import { guarded } from '../../clients/watchdog.ts';
import type { AnyCap } from '../../engine/authoring.ts';
import { Powers, type Fixture } from './fixture.ts';
import { differences, pictureOf } from './memory-picture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { openStudio, type Studio } from './studio.ts';

/** Does what it is told by numbers, a little of everything that a turn can do. */
const DOER = `const TEXT = '0123456789';
class Doer extends Base {
  static facets = {
    public: { ...Base.facets.public, poke: M.call(M.number()).returns(M.number()) },
    owner: {
      ...Base.facets.owner,
      poke: M.call(M.number()).returns(M.number()),
      work: M.call(M.arrayOf(M.number())).returns(M.number()),
      give: M.call(M.any()).returns(),
      end: M.call().returns(),
    },
    self: { hit: M.call(M.number()).returns() },
  };
  #given = null;
  #kids = [];
  #leaves = [];
  #lent = [];
  #timers = [];
  #text = '';
  #count = 0;
  toRecord() {
    return {
      ...super.toRecord(), given: this.#given, kids: this.#kids, leaves: this.#leaves, lent: this.#lent,
      timers: this.#timers, text: this.#text, count: this.#count,
    };
  }
  fromRecord(record) {
    super.fromRecord(record);
    this.#given = record.given;
    this.#kids = record.kids;
    this.#leaves = record.leaves;
    this.#lent = record.lent;
    this.#timers = record.timers;
    this.#text = record.text;
    this.#count = record.count;
  }
  give(given) { this.#given = given; }
  poke(by) { this.#count += by; return this.#count; }
  hit(by) { this.#count += by; }
  end() { destroy(this); }
  work(numbers) {
    for (const number of numbers) {
      if (number < 0) throw fail('Enough', 'It was enough.');
      this.#one(number % 28, Math.floor(number / 28));
    }
    return numbers.length;
  }
  #one(what, arg) {
    const { bank, leaf, sources } = this.#given;
    const kid = this.#kids[arg % Math.max(1, this.#kids.length)];
    const lent = this.#lent[arg % Math.max(1, this.#lent.length)];
    switch (what) {
      case 0: return this.#raise(arg);
      case 1: { this.#leaves = [...this.#leaves.slice(-6), create(bank, leaf, 'leaf ' + arg)]; return; }
      case 2: { this.#lent = [...this.#lent.slice(-12), facet(this, 'public', { for: 'x' + arg, uses: 1 + (arg % 3) })]; return; }
      case 3: { if (kid) this.#lent = [...this.#lent.slice(-12), attenuate(kid, { only: ['poke', 'name'].slice(arg % 2), for: 'y' })]; return; }
      case 4: { if (lent) attempt(() => revoke(this, lent)); return; }
      case 5: { if (lent) attempt(() => lent.name()); return; }
      case 6: { if (kid) { this.#kids = this.#kids.filter((each) => each !== kid); kid.end(); } return; }
      case 7: { collection(this, 'c' + (arg % 3)).set('k' + (arg % 20), { arg, kid }); return; }
      case 8: { if (kid) collection(this, 'kids').set(kid, arg); return; }
      case 9: { collection(this, 'c' + (arg % 3)).delete('k' + (arg % 20)); return; }
      case 10: { send(facet(this, 'self'), 'hit', [arg]); return; }
      case 11: { this.#timers = [...this.#timers, after(1_000_000 + arg, facet(this, 'self'), 'hit', [arg])]; return; }
      case 12: { const [first, ...rest] = this.#timers; if (first) { cancel(first); this.#timers = rest; } return; }
      case 13: { this.#inVain(arg, 2); return; }
      case 14: { if (kid) kid.poke(arg); return; }
      case 15: { leaf.save(sources[arg % sources.length], {}); return; }
      case 16: { leaf.rollback(1); return; }
      case 17: { for (const each of this.#leaves) each.step(arg); return; }
      case 18: { const part = bank.split(1 + (arg % 50)); create(part, leaf, 'bought'); bank.reclaim(part); return; }
      case 19: { emit('said ' + arg); return; }
      case 20: { this.#text = TEXT.repeat(arg % 300); return; }
      case 21: { const own = collection(this, 'c0'); for (const [key] of own.entries(null, 5)) own.set(key, arg); return; }
      default: this.#inVain(arg, arg % 3);
    }
  }
  #raise(arg) {
    const { bank } = this.#given;
    const kid = create(bank, Doer, 'kid ' + arg);
    kid.give({ ...this.#given, parent: this });
    const [first] = this.#kids;
    if (this.#kids.length < 10) { this.#kids = [...this.#kids, kid]; return kid; }
    first.end();
    this.#kids = [...this.#kids.slice(1), kid];
    return kid;
  }
  #inVain(arg, deeper) {
    const { bank, leaf, sources } = this.#given;
    const kids = this.#kids;
    attempt(() => {
      const own = create(bank, Doer, 'in vain');
      for (const kid of kids.slice(0, 3)) kid.poke(arg);
      const made = create(bank, leaf, 'in vain');
      made.step(arg);
      facet(this, 'self', { for: 'in vain' });
      collection(this, 'c1').set('in vain', arg);
      if (arg % 17 === 0) leaf.save(sources[arg % sources.length] + ' // ' + arg, {});
      if (deeper > 0) this.#inVain(arg + 1, deeper - 1);
      own.end();
      for (let n = 0; n < 5; n += 1) create(bank, leaf, 'and again');
      throw fail('Never', 'It was in vain.');
    });
  }
}`;

const LEAF = `class Leaf extends Base {
  static facets = {
    ...Base.facets,
    owner: { ...Base.facets.owner, step: M.call(M.number()).returns(M.number()), MORE },
  };
  #steps = 0;
  toRecord() { return { ...super.toRecord(), steps: this.#steps }; }
  fromRecord(record) { super.fromRecord(record); this.#steps = record.steps; }
  static upgrade(record, from) { return { ...record, steps: record.steps + from }; }
  step(by) { this.#steps += by * STEP; return this.#steps; }
  more() { return STEP; }
}`;

function leaf(step: number): string {
  const more = step % 2 === 0 ? '' : 'more: M.call().returns(M.number())';
  return LEAF.replaceAll('STEP', String(step)).replace('MORE', more);
}

/** The world that is tried, and what was kept of it. */
interface Trial {
  studio: Studio;
  readonly powers: Powers;
  doer: AnyCap;
  /** Resolves when a turn was stopped where it may not be. */
  torn: Promise<'torn'>;
  doerText: string;
}

const LIMITS = { bankBurst: 1e9, bankShare: 1e9, offencesBeforeAside: 1e9 };

/** The world process ends by itself when it is torn; here only its errors are kept from the test's own process. */
class Stopping extends Powers {
  override readonly soon = (job: () => void): void =>
    void setImmediate(() => {
      try {
        job();
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'WorldClosed') throw error;
      }
    });
}

async function begin(evictAlways: boolean, resident: number): Promise<Trial> {
  const powers = new Stopping();
  let tell: (torn: 'torn') => void = () => {};
  const studio = await openStudio({
    powers,
    evictAlways,
    resident,
    limits: LIMITS,
    onTorn: () => tell('torn'),
  });
  const trial: Trial = {
    studio,
    powers,
    doer: {},
    doerText: '',
    get torn() {
      return new Promise<'torn'>((resolve) => (tell = resolve));
    },
  };
  const leafOwner = await studio.save('Leaf', leaf(1));
  await studio.save('Doer', DOER);
  trial.doer = await studio.make('Doer', 'the first');
  const bank = await studio.call(studio.bank, 'split', 100_000);
  await studio.call(trial.doer, 'give', { bank, leaf: leafOwner, sources: [1, 2, 3].map(leaf) });
  trial.doerText = studio.fixture.world.slotText(trial.doer);
  return trial;
}

/** A generator of whole numbers below a bound; the same for the same seed. */
function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Uses up a part of a millisecond, so that stops do not all come at the same distance from the begin of a turn. */
function idle(microseconds: number): void {
  const until = performance.now() + microseconds / 1000;
  while (performance.now() < until);
}

/** A world opened from what is in the journal of another. */
async function reopened({ fixture }: Studio): Promise<Studio> {
  const journal = new MemoryJournal(new Map(fixture.journal.contents()));
  return openStudio({ journal, limits: LIMITS });
}

/** What is not in memory as it would be after a restart. */
async function wrongIn(studio: Studio): Promise<readonly string[]> {
  const wrong: string[] = [];
  const here = await pictureOf(studio.fixture, (what) => wrong.push(what));
  const other = await reopened(studio);
  const there = await pictureOf(other.fixture, (what) => wrong.push(`after a restart: ${what}`));
  await other.close();
  return [...wrong, ...differences(here, there)];
}

const plain: Powers['guard'] = (_milliseconds, body) => {
  body();
  return true;
};

async function round(trial: Trial, draw: (below: number) => number): Promise<'done' | 'stopped' | 'torn'> {
  const { studio, powers, doer } = trial;
  const ops = Array.from({ length: 1 + draw(80) }, () => draw(100_000));
  // Some turns fail by themselves: they may be stopped while that is taken back.
  if (draw(3) === 0) ops.push(-1);
  const [budget, phase] = [2 + draw(12), draw(1000)];
  powers.guard = (_milliseconds, body) =>
    guarded(budget, () => {
      idle(phase);
      body();
    });
  const code = await Promise.race([studio.code(doer, 'work', ops), trial.torn]);
  powers.guard = plain;
  if (code === 'torn') return 'torn';
  if (code !== 'none' && code !== 'Enough' && code !== 'OutOfTime')
    throw new Error(`The turn ended otherwise: ${code}`);
  return code === 'OutOfTime' ? 'stopped' : 'done';
}

/** After a stop where none may be, the process ends, and the next one goes on from the journal. */
async function again(trial: Trial): Promise<void> {
  const { studio } = trial;
  const { fixture } = studio;
  const next: Fixture = await fixture.crash();
  studio.fixture = next;
  trial.doer = next.world.capabilityFrom(trial.doerText);
}

/** For a long run: STOPS=1000; SEED repeats what is done, though not where it is stopped. */
const STOPS = Number(process.env['STOPS'] ?? 30);
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

describe.each([
  [false, 50_000],
  [false, 5],
  [true, 50_000],
])('a turn that is stopped at any point (evicting always: %s, room for %i)', (evictAlways, resident) => {
  test('leaves memory as a restart from the journal gives it', async () => {
    const trial = await begin(evictAlways, resident);
    const draw = chance(SEED);
    const ended = { done: 0, stopped: 0, torn: 0 };
    for (let rounds = 0; ended.stopped < STOPS && rounds < 20 * STOPS; rounds += 1) {
      const how = await round(trial, draw);
      ended[how] += 1;
      if (how === 'torn') await again(trial);
      const wrong = how !== 'done' || draw(10) === 0 ? await wrongIn(trial.studio) : [];
      expect({ seed: SEED, rounds, how, wrong }).toEqual({ seed: SEED, rounds, how, wrong: [] });
      expect(trial.studio.fixture.halts).toEqual([]);
    }
    if (process.env['STOPS'] !== undefined) process.stderr.write(`${JSON.stringify(ended)}\n`);
    await trial.studio.close();
  }, 120_000);
});
