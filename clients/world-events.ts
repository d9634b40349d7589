import type { Logger } from 'pino';
import { stackOf } from '../engine/stack.ts';
import type { WorldEvent } from '../engine/world-options.ts';
import type { LogCode } from './log-codes.ts';

/** Writes down what the world reports. Nothing that code in the world made is handed to the log as it is. */
export function logEvent(log: Logger, event: WorldEvent): void {
  switch (event.what) {
    case 'damaged':
      log.error({ code: 'Damaged', id: event.id }, event.message);
      return;
    case 'undelivered':
      log.warn({ code: event.error.code, method: event.method }, event.error.message);
      return;
    case 'dropped letter':
      log.warn(
        { code: 'LetterDropped' satisfies LogCode, number: event.number },
        'a dead letter made room for a newer one',
      );
      return;
    case 'failed turn':
      if (event.cause === undefined) log.debug({ code: event.error.code }, event.error.message);
      else log.warn({ code: event.error.code, stack: stackOf(event.cause) }, event.error.message);
      return;
    case 'blamed': {
      const { id, className, author, code, aside } = event;
      log.warn({ code, id, className, author, aside }, event.message);
      return;
    }
    case 'broken class': {
      const { className, version } = event;
      log.error(
        { code: 'BrokenClass' satisfies LogCode, className, version },
        `a class does not load, its objects are set aside: ${event.message}`,
      );
      return;
    }
    case 'failed upgrade': {
      const { id, className, to } = event;
      log.warn(
        { code: 'FailedUpgrade' satisfies LogCode, id, className, to },
        `an object stays in its version: ${event.message}`,
      );
      return;
    }
    case 'changed classes':
      for (const { name, from, to } of event.changed)
        log.warn(
          { code: 'ChangedClass' satisfies LogCode, className: name, from, to },
          'a built-in class is another than before: its objects follow',
        );
      return;
    case 'killer':
      log.error(
        { code: 'Killer' satisfies LogCode, id: event.id, running: event.running },
        'a message killed the process twice and is set aside',
      );
      return;
    case 'collected': {
      const { live, waiting, removed, milliseconds } = event;
      log.info({ live, waiting, removed, ms: Math.round(milliseconds) }, 'garbage was collected');
      return;
    }
    case 'migrating':
      if (event.done === 'written') log.info({ keys: event.keys }, 'keys of an older format were made new');
      else if (event.keys > 0) log.info({ keys: event.keys }, 'keys of an older format were looked at');
      else
        log.warn(
          { code: 'Migrating' satisfies LogCode },
          'the world is of an older format, and is made one of this: that may take minutes',
        );
      return;
    case 'migrated':
      log.warn(
        { code: 'Migrated' satisfies LogCode, from: event.from, to: event.to },
        'the world was of an older format, and is of this one now',
      );
      return;
    case 'failed errand':
      log.error({ code: 'FailedErrand' satisfies LogCode, stack: stackOf(event.cause) }, 'an errand failed');
      return;
  }
}
