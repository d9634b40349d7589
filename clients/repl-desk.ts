import type { Console } from '../engine/console.ts';
import { runCommand, type CommandPowers } from '../engine/console-commands.ts';
import type { ControlHandlers } from './control-socket.ts';
import { asReplAsked, type ReplAnswer, type ReplAsked } from './repl-protocol.ts';

/** The world's side of `keystead repl`: each conversation has a console of its own, which ends with it. */
export function replDesk(
  open: () => Console,
  powers: CommandPowers,
): ControlHandlers['conversations'][string] {
  return async (_request, lines, over) => {
    const console = open();
    const closing = new Promise<'closing'>((resolve) => {
      over.addEventListener('abort', () => {
        resolve('closing');
      });
    });
    for (;;) {
      const line = over.aborted ? 'closing' : await Promise.race([lines.next(), closing]);
      if (line === undefined) return;
      if (line === 'closing') {
        await lines.write(JSON.stringify({ t: 'closing' } satisfies ReplAnswer));
        return;
      }
      const asked = asReplAsked(line);
      if (asked === undefined) throw new Error('that is no request of the REPL');
      await lines.write(JSON.stringify(await answer(asked, console, powers)));
    }
  };
}

async function answer(asked: ReplAsked, console: Console, powers: CommandPowers): Promise<ReplAnswer> {
  if (asked.t === 'complete') return { t: 'names', ...console.complete(asked.text) };
  const outcome =
    asked.t === 'entry' ? await console.run(asked.source) : await runCommand(asked.line, console, powers);
  return { t: 'outcome', ...outcome };
}
