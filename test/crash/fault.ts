import type { Chance } from './chance.ts';

/**
 * What goes wrong in a round:
 *
 *   world    the world process is killed; the portal and the sockets stay
 *   twice    the world process is killed, and the next one too, while it starts
 *   all      both processes are killed and started again
 *   portal   the portal is killed; the world finds that out by itself
 *   socket   a client that can resume loses its socket
 *   stop     both end as an admin asks them to, in the middle of everything, and are started again
 *   torn     the world process is killed, and such a client loses its socket meanwhile
 *   reload   the world process ends as an admin asks it to, and is started again, with all sockets open
 */
export type FaultKind = 'world' | 'twice' | 'all' | 'portal' | 'socket' | 'torn' | 'stop' | 'reload';

export interface Fault {
  readonly kind: FaultKind;
  /** It happens right behind this many lines were sent, or shown to clients. */
  readonly on: 'sent' | 'shown';
  readonly count: number;
  /** And so many milliseconds later. */
  readonly delay: number;
  /** For `twice`: milliseconds from the first death to the second. */
  readonly second: number;
  /** For `all`: which is killed first. */
  readonly portalFirst: boolean;
  /** Look into the folder as the crash left it, where nobody would open it again before. */
  readonly look: boolean;
}

const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  world: 42,
  twice: 7,
  all: 24,
  portal: 8,
  socket: 4,
  torn: 10,
  stop: 5,
  reload: 5,
};

/** A fault, at some moment while `lines` lines are sent. */
export function chooseFault(
  chance: Chance,
  lines: number,
  chosen?: FaultKind,
  weights: Readonly<Record<FaultKind, number>> = WEIGHTS,
): Fault {
  const kind = chosen ?? chance.weighed(weights);
  return {
    kind,
    on: chance.happens(0.5) ? 'sent' : 'shown',
    count: chance.whole(1, Math.max(1, Math.floor(lines * 0.8))),
    delay: chance.happens(0.5) ? 0 : chance.whole(0, 12),
    second: chance.whole(20, 500),
    portalFirst: chance.happens(0.5),
    look: chance.happens(0.5),
  };
}

export function describeFault({ kind, on, count, delay }: Fault): string {
  return `${kind}, ${delay} ms behind line ${count} ${on}`;
}
