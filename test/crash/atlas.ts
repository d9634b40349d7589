import { ROOMS } from '../../world/map/rooms.ts';
import { WAYS } from '../../world/map/ways.ts';
import { DIRECTIONS } from '../../world/directions.ts';
import { capital } from './audit.ts';

/** Where the clients meet, dig, and come back to. */
const MEETING = 'common';
const DEN = /^Den\d{4}$/;

/** Names that the harness gives: all of the same length, so that none is the beginning of another. */
export function numbered(kind: 'Gem' | 'Box' | 'Den' | 'way', number: number): string {
  return `${kind}${String(number).padStart(4, '0')}`;
}

export function isThing(name: string): boolean {
  return /^(Gem|Box)\d{4}$/.test(name);
}

export function isBox(name: string): boolean {
  return name.startsWith('Box');
}

export function isDen(name: string): boolean {
  return DEN.test(name);
}

/** The rooms that the clients know of, and the ways between them. */
export class Atlas {
  readonly meeting = nameOf(MEETING);
  #ways = new Map<string, Map<string, string>>();
  readonly #stage: ReadonlySet<string>;

  constructor() {
    for (const key of Object.keys(ROOMS)) this.#ways.set(nameOf(key), new Map());
    for (const [from, way, to] of WAYS) {
      this.#ways.get(nameOf(from))?.set(way, nameOf(to));
      this.#ways.get(nameOf(to))?.set(DIRECTIONS[way]?.opposite ?? 'out', nameOf(from));
    }
    this.#stage = new Set([this.meeting, ...this.waysFrom(this.meeting).map(([, to]) => to)]);
  }

  isRoom(name: string): boolean {
    return this.#ways.has(name) || isDen(name);
  }

  waysFrom(room: string): readonly (readonly [way: string, to: string])[] {
    return [...(this.#ways.get(room) ?? [])];
  }

  add(from: string, way: string, to: string, back: string): void {
    this.#ways.get(from)?.set(way, to);
    this.#ways.set(to, new Map([[back, from]]));
  }

  /** Whether a room is near enough to the others to stay there. */
  isOnStage(room: string): boolean {
    return this.#stage.has(room) || isDen(room);
  }

  /** The first step of a shortest way to where the clients meet. */
  wayBack(from: string): string | undefined {
    const seen = new Set([from]);
    let edge = this.waysFrom(from).map(([way, to]) => ({ way, to }));
    while (edge.length > 0) {
      const found = edge.find(({ to }) => to === this.meeting);
      if (found !== undefined) return found.way;
      for (const { to } of edge) seen.add(to);
      edge = edge.flatMap(({ way, to }) => {
        return this.waysFrom(to)
          .filter(([, next]) => !seen.has(next))
          .map(([, next]) => ({ way, to: next }));
      });
    }
    return undefined;
  }
}

function nameOf(key: string): string {
  return capital((ROOMS as Readonly<Record<string, { readonly name: string }>>)[key]?.name ?? key);
}
