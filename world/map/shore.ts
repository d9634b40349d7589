/** The island's edge, where everybody arrives. */
export const SHORE = {
  landing: {
    name: 'The Landing',
    text:
      'A stone slip runs down into brown water and goes on, by the look of it, some way underneath. Weed marks the heights of ' +
      'twenty years of tides on the wall, and somebody has chalked a date beside each of the proud ones. Above you the keep ' +
      'stands with its back to the estuary, every window a keyhole.',
  },
  boathouse: {
    name: 'The Boathouse',
    text:
      'Tar, rope, and light that comes up through the floor: between the planks the water throws slow coins at the rafters. ' +
      'A skiff hangs upside down from two slings, like a bat with a nameplate. It has not been wanted since the causeway was mended.',
  },
  saltmarsh: {
    name: 'The Saltmarsh',
    text:
      'Sea lavender, samphire, and a path of laid hurdles that gives a little at each step and takes it back behind you. ' +
      'Redshanks go up ahead, complaining of you to each other. The keep is a grey tooth to the east.',
  },
  mudflats: {
    name: 'The Mudflats',
    text:
      'Mud to the edge of the sky, polished by a tide that has only just stepped out. Worm casts, a tyre, the ribs of a boat ' +
      'that was going to be finished. High in the cliff of the keep a square iron lip sticks out of the masonry; whatever ' +
      'comes out of it comes out at some speed, to judge by the dent in the mud beneath.',
  },
} as const;
