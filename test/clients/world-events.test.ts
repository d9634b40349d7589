import type { Logger } from 'pino';
import { logEvent } from '../../clients/world-events.ts';
import type { WorldEvent } from '../../engine/world-options.ts';
import { genuineError } from '../../wrappers/errors.ts';

const error = genuineError('Gone', 'It is gone.');

/** One of each that is told as a warning or worse. */
const EVENTS: Readonly<Record<Exclude<WorldEvent['what'], 'collected'>, WorldEvent>> = {
  blamed: {
    what: 'blamed',
    id: 'o1',
    className: 'Lamp',
    author: 'Ada',
    code: 'OutOfTime',
    message: 'It ran for too long.',
    aside: false,
  },
  'broken class': { what: 'broken class', className: 'Lamp', version: 1, message: 'It does not load.' },
  'failed upgrade': { what: 'failed upgrade', id: 'o1', className: 'Lamp', to: 2, message: 'It failed.' },
  'changed classes': { what: 'changed classes', changed: [{ name: 'Thing', from: 1, to: 2 }] },
  killer: { what: 'killer', running: 'timer 1 o2', id: 'o2' },
  migrating: { what: 'migrating', done: 'read', keys: 0 },
  migrated: { what: 'migrated', from: 1, to: 4 },
  'failed errand': { what: 'failed errand', cause: new Error('oops') },
  damaged: { what: 'damaged', id: 'o1', message: 'It cannot be read.' },
  'dropped letter': { what: 'dropped letter', number: 1 },
  undelivered: { what: 'undelivered', method: 'ring', error },
  'failed turn': { what: 'failed turn', error, cause: new Error('oops') },
};

test.each(Object.entries(EVENTS))('%s is logged with a code, which tells it for good', (_, event) => {
  const codes: unknown[] = [];
  const told = (fields: { readonly code?: unknown }): void => void codes.push(fields.code);
  logEvent({ warn: told, error: told } as unknown as Logger, event);
  expect(codes).toEqual([expect.stringMatching(/^[A-Z][A-Za-z]+$/)]);
});
