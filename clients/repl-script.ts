import { PortalError } from './errors.ts';
import type { ReplLink } from './repl-link.ts';
import { shownOf } from './repl-show.ts';
import type { Step } from './repl-source.ts';

/** Where what comes of a script is written to. */
export interface Written {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Runs the steps one after the other, each a turn of its own, up to the first that fails; says whether all succeeded.
 * `numbered`: what fails is told with its line. Throws what `ReplLink.ask` throws, with that line.
 */
export async function runScript(
  steps: readonly Step[],
  link: ReplLink,
  { out, err }: Written,
  numbered: boolean,
): Promise<boolean> {
  for (const { line, what, text } of steps) {
    if (what === 'command' && /^\s*\.exit\s*$/.test(text)) return true;
    const asked =
      what === 'entry' ? ({ t: 'entry', source: text } as const) : ({ t: 'command', line: text } as const);
    const answer = await link.ask(asked).catch((error: unknown) => {
      if (!numbered || !(error instanceof PortalError)) throw error;
      throw new PortalError(error.code, `line ${line}: ${error.message}`);
    });
    if (answer.t !== 'outcome') throw new PortalError('RequestFailed', 'The world answered something else.');
    const shown = shownOf(answer, numbered ? line : null);
    out(shown.out);
    err(shown.err);
    if (!answer.ok) return false;
  }
  return true;
}
