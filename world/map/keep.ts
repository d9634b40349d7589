/** The house itself, from the gate to the lantern. */
export const KEEP = {
  gatehouse: {
    name: 'The Gatehouse',
    text:
      "The gate is a foot thick and has not been shut since a wren built in the hinge. On the porter's side there is a stove, a " +
      'chair, and a board of four hundred hooks, each with a number and none with a key. Those are upstairs. They are always upstairs.',
  },
  courtyard: {
    name: 'The Courtyard',
    text:
      'Cobbles, a mounting block, a fig tree that has talked its way in through the drains. Swifts do the arithmetic of the ' +
      'evening overhead. Doors stand open on three sides, which in a house of this name seems to be a matter of policy.',
  },
  hall: {
    name: 'The Great Hall',
    text:
      'A fire you could stable a pony in, a table you could bury one on. The beams are painted with keys: church keys, cell keys, ' +
      'clock keys, the key of a piano. Under each is the name of the place that had it last, and most of those are under the sea.',
  },
  kitchen: {
    name: 'The Kitchen',
    text:
      'Copper, onions, a dresser that leans in to hear. The range has been alight since before anyone here was, and is fed in ' +
      'passing, like a shrine or a goose. Steps go down behind the flour bin into a breath of cold.',
  },
  library: {
    name: 'The Library',
    text:
      'The books have been shelved by somebody who thought of them as bricks. Ladders run on brass rails; a green lamp keeps a ' +
      'green pool on the reading desk. In the east wall, between Locks and Lochs, there is a small door plated with iron, ' +
      "with a keyhole at the height of a child's eye.",
  },
  stair: {
    name: 'The Turning Stair',
    text:
      'It turns the wrong way for a right-handed swordsman going down, which was once thought clever, and for everybody carrying ' +
      'a tray, which was not thought of at all. Slit windows show you the estuary in slices. The rope of a bell passes through ' +
      'the middle, swaying as though someone had just let go.',
  },
  belfry: {
    name: 'The Bell Loft',
    text:
      'Wind, pigeon feathers, and one bell, green as a pond. It was cast to call the ferry in fog, and the founder put his thumb ' +
      'in the mould: you can fit yours to it. Louvres on four sides cut the world into bars of bright and dark.',
  },
  keyroom: {
    name: 'The Hall of Keys',
    text:
      'They hang from the vault on threads of different lengths, some thousands of them, and turn when you breathe. Each one opens ' +
      'something that somebody could not bear to leave locked, or unlocked. It is very quiet. It is the quiet of a great many ' +
      'mouths shut at once.',
  },
  lantern: {
    name: 'The Lantern Room',
    text:
      'Glass on all sides and the whole estuary poured around it: the drowned villages are paler squares beneath the water, and on ' +
      'a still day you can make out the streets. The great lamp stands cold on its turntable. In the floor a hatch with a greased ' +
      'iron lip opens on a chute, for ash, laundry and, it says in paint, ABSOLUTELY NOBODY.',
  },
} as const;
