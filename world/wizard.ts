import { classOf, isLive, type AnyCap } from '../engine/authoring.ts';
import { admits, type Kept } from './keyring.ts';
import type { Player } from './player.ts';
import { Sorry } from './sorry.ts';
import type { OwnClass } from './written-class.ts';

interface GrantReport {
  readonly number: number;
  readonly mark: string;
  readonly methods: readonly string[];
  readonly for: string;
  readonly parent: number;
  readonly expires: number | null;
  readonly uses: number | null;
}

interface SetAsideReport {
  readonly id: string;
  readonly className: string;
  readonly message: string;
}

interface Account {
  readonly className: string;
  readonly author: string;
  readonly milliseconds: number;
  readonly calls: number;
}

interface Letter {
  readonly number: number;
  readonly from: string | null;
  readonly to: string;
  readonly method: string;
  readonly code: string;
  readonly text: string;
  readonly tries: number;
}

/** What the commands use of Storage, as far as the capability that is held admits it. */
export interface Wizardry {
  classOwner(className: string): OwnClass;
  approve(className: string, hash: string): void;
  disapprove(hash: string): void;
  grants(capability: AnyCap, from: number, most: number): readonly GrantReport[];
  revokeGrant(capability: AnyCap, mark: string): void;
  holders(capability: AnyCap, to: AnyCap, method: string): void;
  show(capability: AnyCap): string;
  aside(): readonly SetAsideReport[];
  setAside(capability: AnyCap, why: string): void;
  mend(capability: AnyCap): void;
  accounts(): readonly Account[];
  letters(after: number, most: number): readonly Letter[];
  retryLetter(number: number): void;
  dropLetter(number: number): void;
  checkpoint(): void;
  reload(): void;
}

/** What of it can be lent, by the names of the commands, and the methods that those need. */
export const LENDABLE_WIZARDRY: Readonly<Record<string, readonly (keyof Wizardry)[]>> = {
  approve: ['approve'],
  disapprove: ['disapprove'],
  own: ['classOwner'],
  grants: ['grants'],
  revoke: ['revokeGrant'],
  holders: ['holders'],
  show: ['show'],
  accounts: ['accounts'],
  stop: ['setAside', 'aside'],
  resume: ['mend'],
  letters: ['letters', 'retryLetter', 'dropLetter'],
  checkpoint: ['checkpoint'],
  reload: ['reload'],
};

/** What he keeps on Storage that has that method; a part of it may have been lent to him. */
export function wizardry<K extends keyof Wizardry>(me: Player, method: K): Pick<Wizardry, K> {
  return keptWizardry(me, method).capability as Pick<Wizardry, K>;
}

/**
 * As `wizardry`, for all of these methods, with what it is kept on. It has to be on the engine's own Storage: anything that a
 * stranger calls so would learn what he is about to do.
 */
export function keptWizardry(me: Player, ...methods: readonly (keyof Wizardry)[]): Kept {
  for (const kept of me.ring?.list() ?? []) {
    const { capability, lentTo } = kept;
    if (lentTo !== '' || !isLive(capability)) continue;
    if (!methods.every((method) => admits(capability, method))) continue;
    const { name, saved } = classOf(capability);
    if (name === 'Storage' && !saved) return kept;
  }
  throw new Sorry(
    'That takes a capability on Storage, and you keep none that does it. Whoever runs this world gives it: keystead admin NAME.',
  );
}
