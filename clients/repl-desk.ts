import type { Console, Outcome } from '../engine/console.ts';
import { complete, runCommand, type CommandPowers } from '../engine/console-commands.ts';
import type { Reader } from '../storage/store.ts';
import type { View } from '../storage/view.ts';
import type { Lines } from './control-lines.ts';
import type { ControlHandlers } from './control-socket.ts';
import { asReplAsked, type ReplAnswer, type ReplAsked } from './repl-protocol.ts';

/**
 * Characters of a command, and of what stands before the cursor to be completed. Neither is looked at in a turn, where the
 * time that it takes would be bounded; and what is looked for in a command takes time by the square of its length.
 */
const MOST_TYPED = 2_000;

/** The world's side of `keystead repl`: each conversation has a console of its own, which ends with it. */
export function replDesk(
  open: () => Console,
  powers: CommandPowers,
): ControlHandlers['conversations'][string] {
  return async (_request, lines, over) => {
    const console = open();
    for (;;) {
      const line = await nextUnless(over, lines);
      if (line === undefined) return;
      if (typeof line !== 'string') {
        await lines.write(JSON.stringify({ t: 'closing' } satisfies ReplAnswer));
        return;
      }
      const asked = asReplAsked(line);
      if (asked === undefined) throw new Error('that is no request of the REPL');
      await lines.write(JSON.stringify(await answer(asked, console, powers)));
    }
  };
}

const TOO_LONG: Outcome = {
  ok: false,
  lines: [],
  code: 'LineTooLong',
  text: `A command has at most ${MOST_TYPED} characters: make an entry of what is longer.`,
  line: null,
  column: null,
  excerpt: '',
};

/** The world's own store as it is at each moment, for what reads views. Closing it closes nothing. */
export function viewOf(store: Reader & { readonly lastSeq: number }): View {
  return {
    seq: store.lastSeq,
    get: async (key) => store.get(key),
    range: (range) => store.range(range),
    close: () => Promise.resolve(),
  };
}

/** The next line, or `over` if that aborts first. */
function nextUnless(over: AbortSignal, lines: Lines): Promise<string | undefined | AbortSignal> {
  return new Promise((resolve, reject) => {
    const closing = (): void => {
      resolve(over);
    };
    if (over.aborted) closing();
    over.addEventListener('abort', closing);
    lines
      .next()
      .then(resolve, reject)
      .finally(() => {
        over.removeEventListener('abort', closing);
      });
  });
}

async function answer(asked: ReplAsked, console: Console, powers: CommandPowers): Promise<ReplAnswer> {
  if (asked.t === 'complete') return { t: 'names', ...complete(asked.text.slice(-MOST_TYPED), console) };
  if (asked.t === 'entry') return { t: 'outcome', ...(await console.run(asked.source)) };
  if (asked.line.length > MOST_TYPED) return { t: 'outcome', ...TOO_LONG };
  return { t: 'outcome', ...(await runCommand(asked.line, console, powers)) };
}
