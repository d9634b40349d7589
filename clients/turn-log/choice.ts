import type { LoggedTurn } from './line.ts';

/** Which turns are wanted; what is left out wants all. */
export interface TurnChoice {
  /** Those that this object had to do with: it ran, was changed, made, destroyed, sent to, spoken to, or blamed. */
  readonly object?: string;
  /** Those that this player's session asked for, however the name is capitalised. */
  readonly player?: string;
  readonly failed?: boolean;
  /** Those that ran for so many milliseconds or more. */
  readonly slow?: number;
}

export function isChosen(turn: LoggedTurn, { object, player, failed = false, slow }: TurnChoice): boolean {
  if (failed && turn.error === undefined) return false;
  if (slow !== undefined && turn.us < slow * 1000) return false;
  if (player !== undefined && turn.who?.toLowerCase() !== player.toLowerCase()) return false;
  return object === undefined || concerns(turn, object);
}

function concerns(turn: LoggedTurn, id: string): boolean {
  const { ran, from, blamed, changed, created, destroyed, sent, said } = turn;
  if (ran === id || from === id || blamed === id) return true;
  for (const list of [changed, created, destroyed]) if (list?.includes(id) === true) return true;
  return (sent?.some(([, to]) => to === id) ?? false) || (said?.some(([, to]) => to.includes(id)) ?? false);
}
