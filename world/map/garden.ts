/** East of the walls, where things grow. */
export const GARDEN = {
  garden: {
    name: 'The Physic Garden',
    text:
      'Four beds for the four humours, edged in oyster shell. The labels have outlived most of the plants, and now a healthy ' +
      'stand of nettles answers to MELANCHOLY. Bees commute over the wall. It smells of everything at once, and a little of cat.',
  },
  orchard: {
    name: 'The Orchard',
    text:
      'Old trees on their elbows in long grass. The apples are called Warden, Turnkey and Sweet Reprieve, and fall when they ' +
      'are ready with a sound like one slow footstep. A wall of straw skeps hums to itself along the south side.',
  },
  common: {
    name: 'The Common',
    text:
      'A wide green shoulder of land, pegged out with string and optimism. Nobody owns it, so anybody may build on it who has ' +
      'asked. A board by the gate says how:\n' +
      '    ASK HERE FOR LEAVE TO BUILD\n' +
      '    @DIG NORTH TO "THE ATTIC"\n' +
      'and under that, in another hand: and mind the bees.',
  },
} as const;
