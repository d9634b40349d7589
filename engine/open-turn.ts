import { runningCall } from '../wrappers/call-context.ts';
import { raise } from '../wrappers/errors.ts';
import { Turn } from './turn.ts';

/** The turn that is running, for the engine's own verbs and classes: it leads to everything. */
export function openTurn(): Turn {
  const turn = runningCall();
  if (!(turn instanceof Turn)) return raise('NoTurn', 'This can be done only inside a turn.');
  if (turn.closed)
    return raise('NoCallsHere', 'toRecord, fromRecord and constructors may do nothing outside.');
  return turn;
}
