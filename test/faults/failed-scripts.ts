import type { Act } from './cell-script.ts';

/** Scripts for which the world was once not what the model says, by what was wrong; the test runs them all. */
export const FAILED_SCRIPTS: Readonly<Record<string, readonly Act[]>> = {
  'a turn that fails is told of before what it saw is on disk': [
    {
      act: 'crash',
      deeds: [
        { do: 'create', name: 'ann' },
        { do: 'move', thing: 'cup', from: 'cyd', to: 'ann' },
      ],
      write: 1,
      fault: 'fail',
    },
  ],
  'two capabilities of one label, of which the crash leaves one': [
    { act: 'deed', deed: { do: 'create', name: 'ann' } },
    {
      act: 'crash',
      deeds: [
        { do: 'create', name: 'bob' },
        { do: 'lend', from: 'ann', to: 'bob', label: 'x' },
        { do: 'lend', from: 'bob', to: 'bob', label: 'x' },
      ],
      write: 1,
      fault: 'fail-whole',
    },
    { act: 'deed', deed: { do: 'revoke', name: 'bob', label: 'x' } },
  ],
};
