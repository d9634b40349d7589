import { create, type AnyCap } from '../../engine/authoring.ts';
import { Container } from '../container.ts';
import { Key } from '../key.ts';
import type { Unlocking } from '../lock.ts';
import { Thing } from '../thing.ts';
import { Mechanism } from '../things/mechanism.ts';
import type { Placeable, Site } from './site.ts';

/** How long the iron key can be away before it is missed, in milliseconds. */
const KEY_RETURNS_AFTER = 15 * 60_000;

/** One end of the speaking tube, and what the other is joined to it by. */
export interface SpeakingTube extends Placeable {
  mouthpiece(): AnyCap;
  join(farEnd: AnyCap): void;
}

/** Gives the end of the speaking tube, to be joined to the other. */
export function furnishShore(site: Site, unlocking: Unlocking): SpeakingTube {
  const { bank } = site;
  site.put(
    'landing',
    site.make('Lamp', {
      name: 'storm lantern',
      also: ['lamp'],
      description:
        'Tin and thick glass, with a bail worn to the shape of a hand. It has been out in worse than you have.',
    }),
  );
  site.put(
    'landing',
    create(bank, Mechanism, {
      name: 'mooring ring',
      description:
        'Iron, as wide as a hug, and polished by ropes. It hangs from the jaws of a lion who has got used to it.',
      fixed: 'The lion will not let go.',
      verbs: ['pull', 'lift', 'knock'],
      answers: [
        'You lift the ring and let it fall. It knocks once, and far inside the keep something politely knocks back.',
        'It knocks. You wait. Nothing knocks back. It seems to have been a coincidence.',
      ],
      seen: 'The mooring ring falls against the stone: knock.',
    }),
  );

  const chest = site.put(
    'boathouse',
    create(bank, Container, {
      name: 'sea-chest',
      also: ['chest', 'sea chest'],
      description: 'Camphor wood, rope handles, and a name on the lid that has been planed off, twice.',
      fixed: 'It is bolted to the floor, on account of the tides.',
      lid: 'open',
    }),
  );
  const tin = create(bank, Container, {
    name: 'biscuit tin',
    also: ['tin'],
    description: 'The lid is lost. On the side, a highland stag regards a bicycle.',
  });
  tin.bring(chest.entry());
  chest.setLid('shut');
  create(bank, Key, {
    name: 'iron key',
    description:
      'As long as your hand, cold, and heavier than it looks. The bit is cut like a small maze. What matters is not the iron: ' +
      'it holds the one thing that the lock upstairs will listen to, and lends it to whoever holds the key.',
    turns: unlocking,
    home: tin.entry(),
    returnsAfter: KEY_RETURNS_AFTER,
  }).bring(tin.entry());
  create(bank, Thing, {
    name: 'ginger biscuit',
    also: ['biscuit'],
    description: 'Older than the tin. You could shingle a roof with it.',
  }).bring(tin.entry());

  const tube = site.make<SpeakingTube>('Tube', {
    name: 'speaking tube',
    also: ['tube'],
    description:
      'A brass trumpet on a lead pipe that goes into the wall and, it is said, comes out in the kitchen.',
    fixed: 'It is plumbed in.',
  });
  site.put('boathouse', tube);
  site.put(
    'saltmarsh',
    create(bank, Thing, {
      name: 'sprig of sea lavender',
      also: ['sea lavender', 'lavender'],
      description: 'Dry, mauve, and faintly indignant. It will look exactly like this for ever.',
    }),
  );
  site.put(
    'mudflats',
    create(bank, Thing, {
      name: 'odd boot',
      also: ['boot'],
      description: 'A left one. The mud has the right, and is not giving it back.',
    }),
  );
  return tube;
}
