import type { Wrapper } from '../wrappers/wrapper.ts';
import type { Allowance } from './allowance.ts';
import { charactersOf } from './charge.ts';
import type { Turn } from './turn.ts';
import type { TurnEffects } from './turn-effects.ts';

const IN_ALL = 'characters in all';

export interface ChangesOptions {
  readonly touched: readonly Wrapper[];
  /** Those whose grants have changed, or what is kept for them. */
  readonly grantsChanged: Pick<ReadonlyMap<Wrapper, unknown>, 'has'>;
  readonly allowance: Allowance;
  /** Has the bank of an object owe for its size. */
  readonly charge: (wrapper: Wrapper, characters: number) => void;
  /** Has the banks pay. */
  readonly collect: () => void;
  /** What an object is now; `last`: its record itself if it has become again what it was. */
  readonly recordOf: (wrapper: Wrapper, last: boolean) => unknown;
}

/** What a turn has changed, and what it weighs; the banks have paid for it. Those that are still running are not asked. */
export function changesOf(
  turn: Turn,
  { touched, grantsChanged, allowance, charge, collect, recordOf }: ChangesOptions,
): Pick<TurnEffects, 'changed' | 'weight'> {
  const { host } = turn;
  const { limits } = allowance;
  const changed: TurnEffects['changed'][number][] = [];
  let weight = 0;
  let grants = 0;
  const change = (wrapper: Wrapper, record: unknown): void => {
    changed.push({ wrapper, record });
    grants += wrapper.grants.characters;
    allowance.bound(grants - 1, limits.turnGrantCharacters, 'change objects with grants of', IN_ALL);
  };
  for (const wrapper of touched) {
    if (wrapper.gone || wrapper.active > 0 || host.isBank(wrapper)) continue;
    const record = recordOf(wrapper, true);
    if (record === wrapper.record && !grantsChanged.has(wrapper)) continue;
    if (wrapper.spec.metered && record !== wrapper.record) host.proofs.look(turn, wrapper, record);
    change(wrapper, record);
    const characters = charactersOf(record);
    weight += characters;
    allowance.bound(weight - 1, limits.turnRecordCharacters, 'change records of', IN_ALL);
    if (wrapper.bank !== null) charge(wrapper, characters);
  }
  collect();
  // Banks are changed by what the others owe them: they come last.
  for (const wrapper of touched) {
    if (wrapper.gone || !host.isBank(wrapper)) continue;
    const record = recordOf(wrapper, false);
    if (record !== wrapper.record || grantsChanged.has(wrapper)) change(wrapper, record);
  }
  return { changed, weight };
}
