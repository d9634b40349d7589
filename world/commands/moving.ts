import { directionOf } from '../directions.ts';
import { findNoun } from '../nouns.ts';
import { following } from '../parse.ts';
import type { Player } from '../player.ts';
import { Sorry } from '../sorry.ts';
import { wayNamed } from '../ways-out.ts';
import type { Commands } from './command.ts';

export const MOVING: Commands = {
  go: { usage: 'go WAY', does: 'walks; the way alone will do, and its short form: n, ne, u, in', run: go },
  home: { usage: 'home', does: 'takes you back to where you first came in', run: home },
};

/** Leaves by a way out, given in full or as the short form of a direction. */
export function goWay(me: Player, way: string): void {
  const full = directionOf(way) ?? way;
  const { here } = me;
  me.walk(() => {
    here.go(here, full);
  });
}

function go(me: Player, rest: string): void {
  const way = (following(rest, 'to', 'through', 'into', 'the') ?? rest).toLowerCase();
  if (way === '') throw new Sorry('Go where?');
  const { exits } = me.view;
  const known = directionOf(way) ?? wayNamed(exits, way)?.name;
  if (known !== undefined) {
    goWay(me, known);
    return;
  }
  const byName = findNoun(way, exits);
  const found =
    byName.kind === 'none'
      ? findNoun(
          way,
          exits.map((each) => ({ ...each, name: each.to })),
        )
      : byName;
  if (found.kind === 'many') throw new Sorry(`I don't know which ${found.words} you mean.`, 'Ambiguous');
  if (found.kind === 'none') throw new Sorry(`You cannot go ${way} from here.`);
  const same = exits.find(({ thing }) => thing === found.noun.thing);
  goWay(me, same?.name ?? way);
}

function home(me: Player): void {
  if (me.home === null) throw new Sorry('You have no home to go to.');
  me.appear(me.home);
}
