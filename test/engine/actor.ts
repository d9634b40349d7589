import fc from 'fast-check';
import {
  after,
  attempt,
  attenuate,
  cancel,
  create,
  destroy,
  emit,
  facet,
  M,
  only,
  revoke,
  send,
  type BankCap,
  type FacetOf,
} from '../../engine/authoring.ts';

/** One thing that an actor does. Names are those of capabilities, numbers and values in its own record. */
export type Step =
  | { readonly do: 'set'; readonly name: string; readonly value: unknown }
  | { readonly do: 'call'; readonly on: string; readonly steps: Script }
  | { readonly do: 'create'; readonly as: string; readonly steps: Script }
  | { readonly do: 'destroy' }
  | { readonly do: 'attenuate' | 'only'; readonly on: string; readonly as: string; readonly uses: number }
  | { readonly do: 'facet'; readonly as: string; readonly named: boolean }
  | { readonly do: 'give'; readonly on: string; readonly what: string; readonly as: string }
  | { readonly do: 'revoke'; readonly by: string; readonly what: string }
  | { readonly do: 'revoke own'; readonly what: string }
  | { readonly do: 'send'; readonly on: string; readonly steps: Script }
  | { readonly do: 'after'; readonly milliseconds: number; readonly on: string; readonly as: string }
  | { readonly do: 'cancel'; readonly what: string }
  | { readonly do: 'emit'; readonly text: string }
  | { readonly do: 'attempt'; readonly steps: Script; readonly fails: boolean };
export type Script = readonly Step[];

export type Fault =
  'throw' | 'overflow' | 'refused' | 'swallowed' | 'swallowed verb' | 'bad record' | 'too deep';
export const FAULTS: readonly Fault[] = [
  'throw',
  'overflow',
  'refused',
  'swallowed',
  'swallowed verb',
  'bad record',
  'too deep',
];

/** Counts the steps of all actors in a turn, and lets one of them fail. */
export const fault = {
  on: false,
  count: 0,
  at: Number.POSITIVE_INFINITY,
  how: 'throw' as Fault,
  fired: false,
};

export function arm(at = Number.POSITIVE_INFINITY, how: Fault = 'throw'): void {
  Object.assign(fault, { on: false, count: 0, at, how, fired: false });
}

function overflow(): number {
  return overflow() + 1;
}

const ACT = { play: M.call(M.any()).returns(M.any()), get: M.call(M.string()).returns(M.any()) };

/** Does what scripts say: all that can happen in a turn, as data. */
export class Actor {
  static facets = {
    public: { get: ACT.get },
    owner: {
      ...ACT,
      put: M.call(M.string(), M.any()).returns(),
      whole: ACT.play,
      session: M.call().returns(M.remotable()),
    },
    session: {
      attached: M.call().returns(),
      command: M.call(M.string()).returns(),
      detached: M.call().returns(),
    },
    own: { play: ACT.play },
  };

  state: Record<string, unknown> = {};

  init(state: Record<string, unknown> = {}, steps: Script = []): void {
    this.state = { ...state };
    this.play(steps);
  }

  toRecord(): unknown {
    if (this.state['bad'] === true) throw new Error('A bad record.');
    return { ...this.state };
  }

  fromRecord(record: Record<string, unknown>): void {
    this.state = { ...record };
  }

  get(name: string): unknown {
    return this.state[name];
  }

  put(name: string, value: unknown): void {
    this.state[name] = value;
  }

  session(): object {
    return facet<typeof Actor, 'session'>(this, 'session');
  }

  attached(): void {}
  detached(): void {}
  command(_line: string): void {
    emit(`I have ${Object.keys(this.state).length} things.`);
  }

  /** A script as a turn of its own: one in which the fault has fired fails, whoever has swallowed it. */
  whole(steps: Script): unknown {
    fault.on = true;
    try {
      this.play(steps);
    } finally {
      fault.on = false;
    }
    if (fault.fired) throw new Error('The fault has fired.');
    return null;
  }

  play(steps: Script): unknown {
    for (const step of steps) {
      this.#maybeFail();
      this.#step(step);
    }
    return null;
  }

  #maybeFail(): void {
    if (!fault.on) return; // what a send has set going is a turn of its own
    fault.count += 1;
    if (fault.count !== fault.at) return;
    fault.fired = true;
    const bank = this.state['bank'] as BankCap;
    switch (fault.how) {
      case 'throw':
        throw new Error('A fault.');
      case 'overflow':
        overflow();
        return;
      case 'refused':
        bank.pay(-1);
        return;
      case 'swallowed':
        try {
          bank.pay(0.5);
        } catch {}
        return;
      case 'swallowed verb':
        try {
          create(bank, Actor, (() => 1) as never);
        } catch {}
        return;
      case 'bad record':
        this.state['bad'] = true;
        return;
      case 'too deep': {
        const mine = facet<typeof Actor, 'own'>(this, 'own');
        const deeper = (levels: number): Script =>
          levels === 0 ? [] : [{ do: 'call', on: 'deep', steps: deeper(levels - 1) }];
        this.state['deep'] = mine;
        for (let more = 0; more < 4; more += 1) mine.play(deeper(28));
        throw new Error('Not deep enough.');
      }
    }
  }

  #capability(name: string): ActorCap | undefined {
    const held = this.state[name];
    return typeof held === 'object' && held !== null ? (held as ActorCap) : undefined;
  }

  #step(step: Step): void {
    switch (step.do) {
      case 'set':
        this.state[step.name] = step.value;
        return;
      case 'call':
        this.#capability(step.on)?.play?.(step.steps);
        return;
      case 'create':
        this.state[step.as] = create(
          this.state['bank'] as BankCap,
          Actor,
          { bank: this.state['bank'] },
          step.steps,
        );
        return;
      case 'destroy':
        destroy(this);
        return;
      case 'attenuate':
      case 'only': {
        const on = this.#capability(step.on);
        if (on?.play === undefined) return;
        this.state[step.as] =
          step.do === 'only'
            ? only(on, 'play')
            : attenuate(on, { only: ['play'], for: step.as, uses: step.uses });
        return;
      }
      case 'facet':
        this.state[step.as] = facet<typeof Actor, 'own'>(this, 'own', step.named ? { for: step.as } : {});
        return;
      case 'give': {
        const what = this.#capability(step.what);
        if (what !== undefined) this.#capability(step.on)?.put?.(step.as, what);
        return;
      }
      case 'revoke': {
        const [by, what] = [this.#capability(step.by), this.#capability(step.what)];
        if (by !== undefined && what !== undefined) revoke(by, what);
        return;
      }
      case 'revoke own': {
        const what = this.#capability(step.what);
        if (what !== undefined) revoke(this, what);
        return;
      }
      case 'send': {
        const on = this.#capability(step.on);
        if (on?.play !== undefined) send(on, 'play', [step.steps]);
        return;
      }
      case 'after': {
        const on = this.#capability(step.on);
        if (on?.play !== undefined)
          this.state[step.as] = after(step.milliseconds, on, 'play', [
            [{ do: 'set', name: 'rang', value: step.as }],
          ]);
        return;
      }
      case 'cancel':
        cancel(Number(this.state[step.what]));
        return;
      case 'emit':
        emit(step.text);
        return;
      case 'attempt':
        attempt(() => {
          this.play(step.steps);
          if (step.fails) throw new Error('It was an attempt.');
        });
    }
  }
}

export type ActorCap = FacetOf<typeof Actor, 'owner'>;

const name = fc.constantFrom('a', 'b', 'c', 'n1', 'n2', 'g1', 'g2', 'f1');
const fresh = fc.constantFrom('n1', 'n2', 'g1', 'g2', 'f1');
const value = fc.constantFrom<unknown>(1, 'x', null, [1, { x: 2 }], { list: [] });

/** Scripts that nest. Names may be of nothing: then the step does nothing, or its refusal fails the turn, both are wanted. */
export const { script } = fc.letrec<{ script: Script; step: Step }>((tie) => ({
  script: fc.array(tie('step'), { maxLength: 4 }),
  step: fc.oneof(
    { maxDepth: 4, depthSize: 'medium' },
    fc.record({ do: fc.constant('set' as const), name: fc.constantFrom('x', 'y', 'a'), value }),
    fc.record({
      do: fc.constantFrom('attenuate' as const, 'only' as const),
      on: name,
      as: fresh,
      uses: fc.integer({ min: 1, max: 2 }),
    }),
    fc.record({ do: fc.constant('facet' as const), as: fresh, named: fc.boolean() }),
    fc.record({ do: fc.constant('give' as const), on: name, what: name, as: fresh }),
    fc.record({ do: fc.constant('revoke' as const), by: name, what: name }),
    fc.record({ do: fc.constant('revoke own' as const), what: name }),
    fc.record({
      do: fc.constant('after' as const),
      milliseconds: fc.constantFrom(0, 5, 1000),
      on: name,
      as: fc.constantFrom('t1', 't2'),
    }),
    fc.record({ do: fc.constant('cancel' as const), what: fc.constantFrom('t1', 't2') }),
    fc.record({ do: fc.constant('emit' as const), text: fc.constantFrom('one', 'two') }),
    fc.constant<Step>({ do: 'destroy' }),
    fc.record({ do: fc.constant('call' as const), on: name, steps: tie('script') }),
    fc.record({ do: fc.constant('call' as const), on: name, steps: tie('script') }),
    fc.record({ do: fc.constant('create' as const), as: fresh, steps: tie('script') }),
    fc.record({ do: fc.constant('send' as const), on: name, steps: tie('script') }),
    fc.record({ do: fc.constant('attempt' as const), steps: tie('script'), fails: fc.boolean() }),
    fc.record({ do: fc.constant('attempt' as const), steps: tie('script'), fails: fc.boolean() }),
  ) as fc.Arbitrary<Step>,
}));
