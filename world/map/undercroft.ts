/** Below the kitchen. */
export const UNDERCROFT = {
  cellar: {
    name: 'The Cellar',
    text:
      'Barrels to the left, bottles to the right, and in between a floor worn into a channel by people who knew exactly what they ' +
      'came for. Chalk marks on the wall keep count of something in fives. The last group has only four.',
  },
  cistern: {
    name: 'The Cistern',
    text:
      'Your steps come back to you late and slightly altered. Black water lies between squat pillars, so still that the vault seems ' +
      'to go down as far as it goes up. Every drop that falls is heard out to the end. Something stands on the far ledge.',
  },
} as const;
