import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Actor } from './actor.ts';
import { isThing } from './atlas.ts';
import { audit, type Whereabouts } from './audit.ts';
import type { Digs } from './digs.ts';
import { readImage, type StoredSession } from './image.ts';
import { copyFolder } from './keystead.ts';
import { NOWHERE, type Moves } from './moves.ts';
import { WebPlayer } from './web-player.ts';

/**
 * What was found in the folder of a dead world. Some of it can be judged at once; what the clients were doing only when
 * they have been told what came of it.
 */
export class Finding {
  readonly #whereabouts: Whereabouts;
  readonly #stored: ReadonlyMap<string, StoredSession>;
  readonly #actors: readonly Actor[];
  /** The session that each client had at the crash. */
  readonly #sessions: ReadonlyMap<string, number>;
  readonly #wrong: (what: string) => void;

  private constructor(
    whereabouts: Whereabouts,
    stored: readonly StoredSession[],
    actors: readonly Actor[],
    wrong: (what: string) => void,
  ) {
    this.#whereabouts = whereabouts;
    this.#stored = new Map(stored.map((session) => [session.name, session]));
    this.#actors = actors;
    this.#sessions = new Map(actors.map(({ name, client }) => [name, client.session]));
    this.#wrong = wrong;
  }

  /** Reads a copy of a folder that no living process has open, and checks that nothing in it is half done. */
  static async make(data: string, actors: readonly Actor[], wrong: (what: string) => void): Promise<Finding> {
    const copy = await mkdtemp(join(tmpdir(), 'keystead-image-'));
    try {
      await copyFolder(data, copy);
      const image = await readImage(copy);
      const finding = new Finding(audit(image, wrong), image.sessions, actors, wrong);
      for (const actor of actors) finding.#checkSession(actor);
      return finding;
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  }

  /** Holds the books against what was found, and begins a new page in the one about things. */
  compare(moves: Moves, digs: Digs): void {
    const happened = ({ client, session, n }: { client: string; session: number; n: number }): boolean => {
      const then = this.#sessions.get(client) ?? 0;
      return session < then || (session === then && n <= (this.#stored.get(client)?.in ?? 0));
    };
    const places = new Map([...this.#whereabouts.places].filter(([name]) => isThing(name)));
    for (const thing of new Set([...moves.things, ...places.keys()])) {
      const misfit = moves.misfit(thing, places.get(thing) ?? NOWHERE, happened);
      if (misfit !== undefined) this.#wrong(misfit);
    }
    digs.compare(this.#whereabouts, happened, this.#wrong);
    // What a plain client sent in a session that ended before it was read never happens any more.
    const current = new Map(this.#actors.map(({ name, client }) => [name, client.session]));
    moves.rebase(places, (move) => happened(move) || move.session < (current.get(move.client) ?? 0));
  }

  #checkSession({ name, answered, client }: Actor): void {
    const stored = this.#stored.get(name);
    if (stored === undefined) {
      this.#wrong(`the session of ${name} is gone`);
      return;
    }
    if (stored.in < answered)
      this.#wrong(`${name} has the answer to ${answered}, and only ${stored.in} are stored`);
    if (!(client instanceof WebPlayer)) return;
    if (stored.out < client.have)
      this.#wrong(`${name} has chunk ${client.have}, and only ${stored.out} are stored`);
    const kept = stored.unread.filter((n) => n > client.acked).length;
    if (kept < stored.out - client.acked) {
      this.#wrong(`${name} acknowledged ${client.acked} of ${stored.out} chunks, and ${kept} are kept`);
    }
  }
}
