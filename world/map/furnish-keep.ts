import { create } from '../../engine/authoring.ts';
import { Container } from '../container.ts';
import type { Unlocking } from '../lock.ts';
import { Thing } from '../thing.ts';
import { Echo } from '../things/echo.ts';
import { Mechanism } from '../things/mechanism.ts';
import type { SpeakingTube } from './furnish-shore.ts';
import type { RoomName } from './rooms.ts';
import type { Site } from './site.ts';

/** Where the fog bell is heard, and by what it comes in. */
const ECHOES: readonly (readonly [room: RoomName, name: string, description: string])[] = [
  [
    'landing',
    'tide table',
    'Painted on a board in three colours, two of which have gone. High water is at a time that has passed.',
  ],
  ['courtyard', 'fig tree', 'It has no business being here and bears more fruit than all that have.'],
  [
    'common',
    'notice board',
    'ASK HERE FOR LEAVE TO BUILD. The bees have been minded, somebody has added, and are fine.',
  ],
];

export function furnishKeep(site: Site, unlocking: Unlocking, tube: SpeakingTube): void {
  const { bank } = site;
  site.put(
    'gatehouse',
    site.make('Porter', {
      name: 'porter',
      also: ['man'],
      description:
        'A large man behind a small newspaper. He has been given charge of one door, once, and has never got over it. Perhaps he ' +
        'can be asked, nicely, for passage.',
      fixed: 'The porter is a fixture.',
      turns: unlocking,
    }),
  );
  site.put(
    'gatehouse',
    site.make('Book', {
      name: "visitors' book",
      also: ['book', 'visitors book'],
      description: 'Bound in sailcloth, with a pencil on a string. People read in it, and sign it.',
      fixed:
        "It is chained to the porter's desk; the porter is not chained to anything, but might as well be.",
      pages: [
        'The first page: "Whoever comes in by the gate is welcome to what is not locked. Whoever can open what is locked is welcome to that."',
        'The second page: "Nobody here will ask you who you are. We only look at what you are holding."',
        'The third page is a drawing of a wren.',
      ],
      signing: true,
    }),
  );
  site.put(
    'hall',
    site.make('Hourglass', {
      name: 'hourglass',
      also: ['glass'],
      description:
        'Two pears of blown glass in a brass cage, and a pinch of red sand from somewhere warm. Its hour is a minute long.',
      runsFor: 60_000,
    }),
  );
  site.put(
    'hall',
    create(bank, Mechanism, {
      name: 'great fire',
      also: ['fire'],
      description: 'It eats an oak a week, and looks at you between the logs.',
      fixed: 'You warm your hands instead.',
      verbs: ['poke', 'feed', 'stir'],
      answers: [
        'Sparks go up the chimney in a hurry, like people who have remembered something.',
        'The logs settle. For a moment there is a city in there, with all its windows lit. Then it falls.',
      ],
      seen: 'The fire leaps and crackles.',
    }),
  );
  site.put(
    'kitchen',
    site.make('Kettle', {
      name: 'copper kettle',
      also: ['kettle'],
      description: 'Dented on every side that a kettle can fall on.',
      fixed: 'It belongs to the crane, and the crane to the chimney.',
    }),
  );
  const farTube = site.put(
    'kitchen',
    site.make<SpeakingTube>('Tube', {
      name: 'speaking tube',
      also: ['tube'],
      description:
        'A brass trumpet by the dresser, with a cork in it against draughts and remarks. The label says BOATHOUSE.',
      fixed: 'It is plumbed in.',
    }),
  );
  tube.join(farTube.mouthpiece());
  farTube.join(tube.mouthpiece());
  const crock = site.put(
    'kitchen',
    create(bank, Container, {
      name: 'stone crock',
      also: ['crock'],
      description: 'Salt-glazed, the colour of a wet road.',
      lid: 'open',
    }),
  );
  create(bank, Thing, {
    name: 'pickled walnut',
    also: ['walnut'],
    description: 'Black, wrinkled and full of thoughts.',
  }).bring(crock.entry());
  crock.setLid('shut');

  site.put(
    'library',
    site.make('Lamp', {
      name: 'green lamp',
      also: ['lamp'],
      description: 'A brass stem and a shade the colour of pond water.',
      fixed: 'It is screwed to the desk. They know about readers here.',
    }),
  );
  site.put(
    'library',
    site.make('Book', {
      name: 'treatise on locks',
      also: ['treatise', 'book'],
      description: 'A thin book that has been much opened at one place.',
      pages: [
        'It opens by itself: "A lock that asks for your name can be told another\'s. A lock that asks for its key can only be shown it."',
        'You turn the page: "Never lend the key if you can lend one turning of it. And keep the string that it hangs by."',
        'You turn the page: "A door in a house is a kindness. A door in a wall is a promise. A door in a story is a rudeness to the reader."',
      ],
    }),
  );
  const bell = site.make('Bell', {
    name: 'fog bell',
    also: ['bell'],
    description: 'Waist high, green, with a thumbprint in the lip. Its rope goes down through the floor.',
    fixed: 'Eleven hundredweight of bronze declines.',
    peal: 'The fog bell speaks: one round green note that goes out over the water and does not come back.',
    afar: 'From somewhere up in the keep comes the fog bell: one note, round and green.',
    echoes: ECHOES.map(([room, name, description]) =>
      site.put(room, create(bank, Echo, { name, description, fixed: 'It stays where it is.' })).sounding(),
    ),
  });
  site.put('belfry', bell);
  site.put(
    'belfry',
    site.make('Jackdaw', {
      name: 'jackdaw',
      also: ['daw', 'bird'],
      description: 'Grey at the nape, silver in the eye. It is listening.',
      fixed: 'It hops just as far as your arm is long, and waits for you to say something.',
    }),
  );

  const cabinet = site.put(
    'keyroom',
    create(bank, Container, {
      name: 'glass cabinet',
      also: ['cabinet'],
      description: 'For the keys of things that are not there any more.',
      fixed: 'It is older than the floor.',
      lid: 'open',
    }),
  );
  for (const [name, description] of [
    ['glass key', 'It weighs nothing and opens, the label says, "the other one".'],
    [
      'silver key',
      'For a music box. The music box is under forty feet of water, and, on some nights, not quite silent.',
    ],
  ] as const) {
    create(bank, Thing, { name, description }).bring(cabinet.entry());
  }
  cabinet.setLid('shut');
  site.put(
    'lantern',
    create(bank, Mechanism, {
      name: 'turntable',
      also: ['lamp', 'great lamp'],
      description: 'The lamp is cold, but the turntable rides on mercury and moves at a push.',
      fixed: 'It is the size of a carousel.',
      verbs: ['push', 'turn', 'spin'],
      answers: [
        'You lean on it. Without a sound the whole great eye comes round and looks at you, and goes on by.',
      ],
      seen: 'The great lamp turns, looks everybody in the face, and comes to rest.',
    }),
  );
}
