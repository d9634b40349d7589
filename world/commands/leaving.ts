import type { Commands } from './command.ts';

export const LEAVING: Commands = {
  quit: {
    usage: 'quit',
    does: 'leaves; you fall asleep where you are',
    run: (me) => {
      me.leave();
    },
  },
};
