import type { AnyCap } from '../../engine/authoring.ts';
import { VERBS } from '../../engine/endowments.ts';
import type { WorldOptions } from '../../engine/world-options.ts';
import { MemoryJournal } from '../engine/memory-journal.ts';
import type { ClassOwner } from '../../engine/class-registry.ts';
import { library } from '../../world/library.ts';
import { shared } from '../../world/shared.ts';
import { classText, type Attack, type Ending, type Step } from './attack.ts';
import { changed, picture, type Picture } from './intrinsics.ts';
import { mayHold, secretsIn, wrongInStore, type Sides } from './invariants.ts';
import { HIS_BLOCKS, HIS_SOURCES, Scene, type Given, type SceneOptions } from './scene.ts';
import { objectsIn, partsOf, tokensIn, type Contents } from './store.ts';
import { BELL, BELL_RINGS } from './victims.ts';

/** How an attack went. */
export interface Verdict {
  /** What was not as it should be. */
  readonly wrong: readonly string[];
  /** What the attacker was told, step by step, for whoever looks into it. */
  readonly told: readonly string[];
  /** The longest that anybody else waited for an answer, in milliseconds. */
  readonly slowest: number;
}

export interface TrialOptions extends SceneOptions {
  /** All that is stored at this moment. */
  readonly contents: () => Promise<Contents>;
  /** Is given what is needed to go on with the trial in another process, before the attack begins. */
  readonly remember?: (memory: string) => void;
}

/** What a trial has to know to go on after the death of its process. */
interface Memory {
  readonly sides: Sides;
  /** The attacker's objects and his class, as they are written down. */
  readonly held: string;
}

/** Longest that a trial waits for things to end by themselves, in milliseconds. */
const PATIENCE = 3_000;

let rejections = 0;
process.on('unhandledRejection', () => {
  rejections += 1;
});

/** How far code on this machine counts in so many milliseconds. */
function countsIn(milliseconds: number): number {
  const most = 50_000_000;
  const from = performance.now();
  let n = 0;
  while (n < most) n += 1;
  return Math.round((most / (performance.now() - from)) * milliseconds);
}

let common: Picture | null = null;

/** Everything that classes share, as it is once a first class was saved: what is shared is frozen then. */
export async function commonPicture(): Promise<Picture> {
  if (common !== null) return common;
  const scene = await Scene.open({
    journal: async () => new MemoryJournal() as unknown as WorldOptions['journal'],
    turnMilliseconds: 5_000,
  });
  const { sources } = await scene.victims();
  const names = shared.map(({ name }) => name);
  await scene.define(
    sources,
    'Nobody',
    'First',
    classText({ extends: 'Thing', run: `return [words, harden, ${names.join()}];` }).replaceAll(
      'Attack',
      'First',
    ),
  );
  await scene.world.close();
  const classes = Object.fromEntries(shared.map((each) => [each.name, each]));
  common = picture({ ...VERBS, ...library, ...classes });
  return common;
}

/** One attack on a scene of its own. */
export class Trial {
  readonly #attack: Attack;
  readonly #options: TrialOptions;
  readonly #wrong: string[] = [];
  readonly #told: string[] = [];
  #scene: Scene;
  #given: Given;
  #kind: ClassOwner | null = null;
  #objects: AnyCap[] = [];
  #sides: Sides | null = null;
  #slowest = 0;
  #waited = 0;
  /** The bell may have been heard before the process died. */
  #mayHaveRung = false;

  private constructor(attack: Attack, options: TrialOptions, scene: Scene, given: Given) {
    this.#attack = attack;
    this.#options = options;
    this.#scene = scene;
    this.#given = given;
  }

  static run(attack: Attack, options: TrialOptions): Promise<Verdict> {
    return Trial.#run(attack, options, (trial) => trial.#perform());
  }

  /**
   * Goes on after the process died in the middle: all must be as it was, or as a turn that was done has left it. Then
   * the attacker does everything again, if `again` says so.
   */
  static goOn(attack: Attack, options: TrialOptions, memory: string, again: boolean): Promise<Verdict> {
    return Trial.#run(attack, options, (trial) => trial.#goOn(JSON.parse(memory) as Memory, again));
  }

  static async #run(
    attack: Attack,
    options: TrialOptions,
    act: (trial: Trial) => Promise<void>,
  ): Promise<Verdict> {
    const common = await commonPicture();
    const scene = await Scene.open(options);
    const trial = new Trial(attack, options, scene, await scene.given());
    const rejected = rejections;
    try {
      await act(trial);
    } catch (error) {
      trial.#wrong.push(`the trial itself failed: ${String(error)}`);
    }
    if (rejections > rejected) trial.#wrong.push('a promise was rejected, and nobody knew');
    trial.#wrong.push(...changed(common));
    await trial.#scene.world.close();
    return { wrong: trial.#wrong, told: trial.#told, slowest: trial.#slowest };
  }

  async #perform(): Promise<void> {
    const { session, other } = await this.#scene.victims();
    await this.#scene.begin('bystander', session);
    await this.#scene.begin('another', other);
    await this.#types('bystander', 'enter', 'entered');
    await this.#scene.quiet(PATIENCE);
    await this.#know();
    if (await this.#saved()) {
      await this.#know();
      this.#options.remember?.(
        JSON.stringify({ sides: this.#sides as unknown as Sides, held: this.#held() } satisfies Memory),
      );
      for (const step of this.#attack.steps ?? [{ call: 'run' }]) {
        await this.#step(step);
        if (this.#scene.halts.length > 0) break;
      }
    }
    await this.#judge();
  }

  async #goOn({ sides, held }: Memory, again: boolean): Promise<void> {
    this.#mayHaveRung = true;
    this.#sides = sides;
    const kept = this.#scene.world.capabilityFrom(held) as unknown as AnyCap[];
    this.#kind = kept.at(-1) as unknown as ClassOwner;
    this.#objects = kept.slice(0, -1);
    // While what the attacker has going is still at it: judging waits until that is over.
    if (this.#attack.silence !== true) await this.#speaks('it is there again');
    await this.#judge();
    if (!again || this.#wrong.length > 0) return;
    // What he does may end otherwise now that he has done some of it before.
    for (const step of this.#attack.steps ?? [{ call: 'run' }])
      await this.#step('wait' in step || 'restart' in step ? step : { ...step, either: true });
    await this.#judge();
  }

  /** Saves the class and makes an object of it. False: it was refused, as it should be or not. */
  async #saved(): Promise<boolean> {
    const { sources } = await this.#scene.victims();
    const { before = {}, refused, source } = this.#attack;
    try {
      for (const [name, text] of Object.entries(before))
        await this.#scene.define(sources, 'Mallory', name, text);
      this.#kind = await this.#scene.define(sources, 'Mallory', 'Attack', source);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      this.#hear(`refused: ${message}`);
      if (refused === undefined) this.#wrong.push(`it cannot be saved: ${message}`);
      else if (!['BadSource', 'BadArgument', 'TooLarge'].includes(code ?? '') || !refused.test(message))
        this.#wrong.push(`it is refused with ${code}: ${message}`);
      return false;
    }
    if (refused !== undefined) this.#wrong.push('it was saved, and should have been refused');
    await this.#expect({ either: true }, () => this.#make());
    return true;
  }

  async #make(): Promise<unknown> {
    const made = await this.#scene.call(this.#kind as AnyCap, 'make', this.#given.mine, {
      name: 'attack',
      ...this.#given,
      kind: this.#kind,
    });
    this.#objects.push(made as AnyCap);
    return [];
  }

  /**
   * What the attacker does keeps others waiting for as long as it takes: somebody speaks at the same moment. Whether he is
   * heard is asked afterwards.
   */
  async #step(step: Step): Promise<void> {
    const his = this.#attack.silence !== true && ('call' in step || 'line' in step || 'save' in step);
    await Promise.all([this.#does(step), his ? this.#speaks('meanwhile', { either: true }) : null]);
  }

  async #does(step: Step): Promise<void> {
    if ('call' in step) {
      const target = this.#objects[step.on ?? 0];
      const args = (step.args ?? []).map((each) => this.#argument(each));
      for (let time = 0; time < (step.times ?? 1); time += 1) {
        await this.#expect(step, () =>
          target === undefined
            ? Promise.reject(Object.assign(new Error('there is no such object'), { code: 'NotMade' }))
            : this.#scene.call(target, step.call, { ...this.#given, kind: this.#kind }, ...args),
        );
      }
    } else if ('make' in step) await this.#expect(step, () => this.#make());
    else if ('line' in step) await this.#expect(step, () => this.#line(step.line));
    else if ('say' in step) await this.#speaks(step.say, step);
    else if ('enter' in step) await this.#expectOf(step, () => this.#types('another', 'enter', 'entered'));
    else if ('grind' in step) await this.#expectOf(step, () => this.#grind(step.grind));
    else if ('wait' in step) await this.#wait(step.wait);
    else if ('restart' in step) await this.#restart();
    else if ('save' in step) await this.#expect(step, () => this.#done('save', step.save, {}));
    else if ('define' in step) await this.#expect(step, () => this.#define(step.define, step.source));
    else if ('rollback' in step) await this.#expect(step, () => this.#done('rollback', step.rollback));
    else await this.#expect(step, () => this.#done('upgrade', this.#given['ear'], 'hear'));
  }

  #argument(written: unknown): unknown {
    if (written === '@0' || written === '@1') return this.#objects[Number(written[1])];
    const time = typeof written === 'string' ? /^@(\d+)ms$/.exec(written) : null;
    return time === null ? written : countsIn(Number(time[1]));
  }

  async #done(method: string, ...args: readonly unknown[]): Promise<unknown> {
    await this.#scene.call(this.#kind as AnyCap, method, ...args);
    return [];
  }

  async #define(name: string, source: string): Promise<unknown> {
    const { sources } = await this.#scene.victims();
    await this.#scene.define(sources, 'Mallory', name, source);
    return [];
  }

  async #line(line: string): Promise<unknown> {
    const [object] = this.#objects;
    if (object === undefined) return [];
    if (!this.#scene.isOpen('mallory')) {
      await this.#scene.begin('mallory', (await this.#scene.call(object, 'session')) as AnyCap);
    }
    const items = await this.#scene.type('mallory', line);
    for (const item of items) this.#hear(JSON.stringify(item) ?? '');
    const result = items.findLast((item) => Array.isArray(item) && item[0] === 'result') as
      [string, unknown] | undefined;
    if (result !== undefined) return result[1];
    const said = items.filter((item) => typeof item === 'string').at(-1);
    const code = /\[([A-Z][A-Za-z]*)\]$/.exec(said ?? '')?.[1];
    throw Object.assign(new Error(said ?? 'nothing was said'), { code: code ?? 'Silent' });
  }

  /** Somebody else types something, and is answered. */
  async #types(sid: string, line: string, answer: string): Promise<unknown> {
    const from = performance.now();
    const items = await this.#scene.type(sid, line);
    this.#slowest = Math.max(this.#slowest, performance.now() - from);
    if (items.includes(answer)) return [];
    const said = items.filter((item) => typeof item === 'string').at(-1);
    throw Object.assign(new Error(`${sid} is told: ${said ?? 'nothing'}`), { code: 'NotAnswered' });
  }

  #speaks(word: string, ending: Ending = {}): Promise<void> {
    return this.#expectOf(ending, () => this.#types('bystander', `say ${word}`, `said ${word}`));
  }

  async #grind(times = 1): Promise<unknown> {
    const { mill } = await this.#scene.victims();
    const from = performance.now();
    await Promise.all(Array.from({ length: times }, () => this.#scene.call(mill, 'grind')));
    this.#slowest = Math.max(this.#slowest, performance.now() - from);
    return [];
  }

  #held(): string {
    return this.#scene.world.slotText(Object.freeze([...this.#objects, this.#kind]) as never);
  }

  async #wait(milliseconds: number): Promise<void> {
    this.#waited += milliseconds;
    this.#scene.clock.advance(milliseconds);
    await this.#scene.quiet(PATIENCE);
  }

  async #restart(): Promise<void> {
    const { world, clock } = this.#scene;
    await this.#scene.quiet(PATIENCE);
    const text = this.#held();
    await world.close();
    // It was closed: a death before that is not another one.
    this.#scene = await Scene.open({ ...this.#options, lastRunning: null, clock });
    const kept = this.#scene.world.capabilityFrom(text) as unknown as AnyCap[];
    this.#kind = kept.at(-1) as unknown as ClassOwner;
    this.#objects = kept.slice(0, -1);
    this.#given = await this.#scene.given();
  }

  /** What becomes of a step of the attacker's: it must end as it says, and he may learn nothing. */
  async #expect({ gives, fails, either }: Ending, act: () => Promise<unknown>): Promise<void> {
    let ended: { readonly value: unknown } | { readonly code: string; readonly message: string };
    try {
      ended = { value: await act() };
    } catch (error) {
      const { code = '', message } = error as { code?: string; message: string };
      ended = { code, message };
    }
    if ('code' in ended) {
      this.#hear(`${ended.code}: ${ended.message}`);
      const codes = typeof fails === 'string' ? [fails] : (fails ?? []);
      if (either !== true && !codes.includes(ended.code))
        this.#wrong.push(`it failed with ${ended.code}: ${ended.message}`);
      return;
    }
    const { value } = ended;
    this.#hear(this.#shown(value));
    this.#capabilitiesIn(value);
    if (fails !== undefined) this.#wrong.push(`it did not fail, and gave ${this.#shown(value)}`);
    else if (gives !== undefined) {
      if (this.#shown(value) !== this.#shown(gives)) this.#wrong.push(`it gave ${this.#shown(value)}`);
    } else if (Array.isArray(value) && value.length > 0) this.#wrong.push(`loot: ${this.#shown(value)}`);
    else if (!Array.isArray(value) && either !== true)
      this.#wrong.push(`it gave no list: ${this.#shown(value)}`);
  }

  /** A step of somebody else's must go well, unless it says otherwise. */
  async #expectOf({ either, fails }: Ending, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const { code = '', message } = error as { code?: string; message: string };
      if (either !== true && fails === undefined)
        this.#wrong.push(`somebody else cannot do it: ${code} ${message}`);
    }
  }

  #hear(text: string): void {
    this.#told.push(text);
  }

  #shown(value: unknown): string {
    return JSON.stringify(value, (_, each: unknown) =>
      typeof each === 'bigint' || each === undefined ? String(each) : each,
    );
  }

  #found: object[] = [];

  #capabilitiesIn(value: unknown): void {
    if (typeof value !== 'object' || value === null) return;
    if (Array.isArray(value)) for (const each of value) this.#capabilitiesIn(each);
    else if (Reflect.ownKeys(value).length === 0 && Reflect.getPrototypeOf(value) !== Object.prototype)
      this.#found.push(value);
    else for (const each of Object.values(value)) this.#capabilitiesIn(each);
  }

  /** Notes what there is before he begins. */
  async #know(): Promise<void> {
    const { sources } = await this.#scene.victims();
    await this.#scene.world.settle();
    const slots = this.#slots([this.#given, this.#kind ?? sources]);
    this.#sides = {
      before: await this.#options.contents(),
      banks: [this.#slots([this.#given.mine])[0], this.#slots([sources])[0]].map(
        (slot) => partsOf(slot ?? '').id,
      ),
      given: slots.map((slot) => partsOf(slot).token),
      blocks: HIS_BLOCKS + HIS_SOURCES,
    };
  }

  #slots(value: unknown): readonly string[] {
    return (JSON.parse(this.#scene.world.slotText(Object.freeze(value) as never)) as { slots: string[] })
      .slots;
  }

  async #judge(): Promise<void> {
    const scene = this.#scene;
    await scene.quiet(PATIENCE);
    // Whatever happened: others are answered, one after the other.
    for (const word of ['and so', 'it goes on', 'as before']) await this.#speaks(word);
    await this.#expectOf({}, () => this.#grind());
    if (scene.halts.length > 0) this.#wrong.push(`the world has stopped: ${String(scene.halts[0])}`);
    if (!scene.isOpen('bystander') || !scene.isOpen('another'))
      this.#wrong.push('the session of a bystander has ended');
    if (
      this.#waited >= BELL &&
      !this.#mayHaveRung &&
      !scene.heardBy('bystander').includes(`heard ${BELL_RINGS}`)
    )
      this.#wrong.push('the bell did not ring');
    const total = await scene.total();
    if (total !== 110) this.#wrong.push(`there are ${total} coins, and were 110`);
    const purse = (await scene.call(this.#given['purse'] as AnyCap, 'balance')) as number;
    if (purse < 100) this.#wrong.push(`the purse has ${purse} coins, and had 100`);
    const sides = this.#sides;
    if (sides === null) return;
    await scene.world.settle();
    const after = await this.#options.contents();
    this.#wrong.push(...wrongInStore(after, sides));
    const [objects, then, tokens] = [objectsIn(after), objectsIn(sides.before), tokensIn(after)];
    for (const text of this.#told) this.#wrong.push(...secretsIn(text, tokens, 'what he was told'));
    for (const slot of this.#slots(this.#found)) {
      const { id, token } = partsOf(slot);
      const object = objects.get(id);
      const known = then.get(id);
      if (
        object !== undefined &&
        known !== undefined &&
        !mayHold(object, token, sides, known) &&
        object.class !== 'Attack'
      )
        this.#wrong.push(`he got a capability on ${object.class} ${id}`);
    }
    for (const event of scene.events) {
      if (event.what === 'blamed' && event.className !== 'Attack')
        this.#wrong.push(`${event.className} is blamed: ${event.message}`);
      if (event.what === 'damaged' && objects.get(event.id)?.class !== 'Attack')
        this.#wrong.push(`${event.id} is damaged: ${event.message}`);
      if (event.what === 'failed errand') this.#wrong.push(`an errand failed: ${String(event.cause)}`);
    }
  }
}
