import type { SessionOut } from '../../engine/sessions.ts';
import type { World } from '../../engine/world.ts';
import { itemsOf } from '../items-of.ts';

interface Player {
  readonly name: string;
  readonly sid: string;
  /** Its login was answered. */
  began: boolean;
  /** It was asked to end: by then it may have. */
  leaving: boolean;
  ended: boolean;
  sent: number;
  in: number;
  have: number;
  /** Everything that it was shown, in order. */
  readonly shown: string[];
}

interface Input {
  readonly player: Player;
  readonly n: number;
  readonly line: string;
}

/**
 * The players of a world, as the portal has them: numbers what they type, keeps it until its turn is committed, sends it
 * again to the next world, and takes every chunk of output once. Tells to `wrong` whatever a player must not see.
 */
export class Company {
  readonly #wrong: (what: string) => void;
  readonly #players = new Map<string, Player>();
  #unanswered: Input[] = [];

  constructor(wrong: (what: string) => void) {
    this.#wrong = wrong;
  }

  /** What each was shown, as texts. */
  get shown(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries([...this.#players].map(([name, { shown }]) => [name, shown]));
  }

  /** Resolves when the login is durable; asked again, nothing more happens. */
  async enter(world: World, name: string): Promise<void> {
    let player = this.#players.get(name);
    if (player === undefined) {
      const sid = `session-${name}`;
      player = { name, sid, began: false, leaving: false, ended: false, sent: 0, in: 0, have: 0, shown: [] };
      this.#players.set(name, player);
    }
    const terms = { sid: player.sid, keyHash: '', keep: true, name };
    await world.begin(
      terms,
      (invoke) => {
        const { gate } = world.roots;
        return (
          name === 'Guest' ? invoke(gate, 'newGuest', []) : invoke(gate, 'newPlayer', [name])
        ) as object;
      },
      () => [[`a/${name.toLowerCase()}`, `{"name":"${name}"}`]],
    );
    player.began = true;
  }

  type(world: World, name: string, line: string): void {
    const player = this.#named(name);
    if (world.session(player.sid) === undefined) return; // as was told when the world was opened
    player.sent += 1;
    const input = { player, n: player.sent, line };
    this.#unanswered.push(input);
    world.input(player.sid, input.n, line);
  }

  acknowledge(world: World): void {
    for (const { sid, have, ended } of this.#players.values()) if (!ended) world.acknowledge(sid, have);
  }

  async leave(world: World, name: string): Promise<void> {
    const player = this.#named(name);
    player.leaving = true;
    await world.end(player.sid);
    player.ended = true;
  }

  /** Takes what a world puts out after a commit. */
  readonly take = (outs: readonly SessionOut[]): void => {
    for (const out of outs) {
      const player = [...this.#players.values()].find(({ sid }) => sid === out.sid);
      if (player === undefined) {
        this.#wrong(`output for nobody: ${out.sid}`);
        continue;
      }
      if (out.in < player.in) this.#wrong(`${player.name}: input ${player.in} is undone, it is ${out.in}`);
      player.in = Math.max(player.in, out.in);
      this.#unanswered = this.#unanswered.filter((each) => each.player !== player || each.n > player.in);
      if (out.n === 0) continue;
      if (out.n !== player.have + 1)
        this.#wrong(`${player.name}: after chunk ${player.have} comes ${out.n}: ${out.text}`);
      player.have = Math.max(player.have, out.n);
      for (const item of itemsOf(out))
        player.shown.push(typeof item === 'string' ? item : JSON.stringify(item));
    }
  };

  /** Goes on with the world as it was opened again: takes what is unread, and sends what is not committed again. */
  resume(world: World): void {
    for (const player of this.#players.values()) {
      const session = world.session(player.sid);
      if (session === undefined) {
        if (player.began && !player.leaving) this.#wrong(`the session of ${player.name} is lost`);
        continue;
      }
      if (player.ended) this.#wrong(`the session of ${player.name} has ended and is there`);
      if (session.in < player.in) this.#wrong(`${player.name}: input ${player.in} is lost`);
      if (session.durable < player.have) this.#wrong(`${player.name}: chunk ${player.have} is lost`);
      this.take(world.unread(player.sid, player.have));
      player.in = session.in;
    }
    this.#unanswered = this.#unanswered.filter(
      ({ player, n }) => n > player.in && world.session(player.sid) !== undefined,
    );
    for (const { player, n, line } of this.#unanswered) world.input(player.sid, n, line);
  }

  /** Whether a login was answered, or its session is in this world all the same. */
  has(world: World, name: string): boolean {
    const player = this.#players.get(name);
    return player !== undefined && world.session(player.sid) !== undefined;
  }

  #named(name: string): Player {
    const player = this.#players.get(name);
    if (player === undefined) throw new Error(`there is no ${name}`);
    return player;
  }
}
