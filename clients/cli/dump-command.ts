import type { Command } from 'commander';
import { answer, OF_OBJECT, questionsIn, SECTIONS } from '../dump/sections.ts';
import { stanzaJson, stanzaText } from '../dump/shown.ts';
import { openView, type OpenedView } from '../view.ts';
import { DATA, EXIT, type Cli } from './cli.ts';
import { outputTo } from './output.ts';
import { ProgressLine } from './progress.ts';

/** Keys between two tellings of how many have been read. */
const TOLD_EVERY = 4_096;

const HELP = `
WHAT, of which there may be several:
  o17              an object: its record, its grants as a tree, and who holds each of them
  NAME             the same of the player of that name (player NAME, where NAME is one of these words)
  ${SECTIONS.join(', ')}
                   a section; all: every key of the store
  #KIND            all keys of a kind (#shape, #meta ...), or all objects of a class (#Lamp)
  ${OF_OBJECT.map((word) => `${word} ID`).join(', ')}
Without WHAT: a summary.`;

/** `keystead dump`: what is in a world, running or stopped, as text or as a line of JSON for each thing. */
export function addDump(program: Command, cli: Cli): void {
  program
    .command('dump')
    .description('show what is in a world, running or stopped')
    .argument('[what...]', 'what to show; a summary if nothing is said')
    .option(...DATA)
    .option('--json', 'a line of JSON for each thing', false)
    .addHelpText('after', HELP)
    .exitOverride()
    .action((what: readonly string[], flags: { data: string; json: boolean }, command: Command) =>
      runDump(what, flags, command, cli),
    );
}

async function runDump(
  what: readonly string[],
  { data, json }: { readonly data: string; readonly json: boolean },
  command: Command,
  cli: Cli,
): Promise<void> {
  const questions = questionsIn(what);
  if ('incomplete' in questions)
    command.error(`error: '${questions.incomplete}' is to be followed by an object or a player`, {
      exitCode: EXIT.usage,
    });
  const view = await openView(data, cli.workingFolder, {
    onWait: () => {
      cli.note(`Waiting for another process to let go of '${data}'.`);
    },
  });
  const output = outputTo(cli.process.stdout);
  const progress = new ProgressLine(cli.process);
  let apart = false;
  let begun = false;
  let damaged = 0;
  const counted = counting(view, (keys) => {
    // Once there is something to read, that says how far it is.
    if (!begun) progress.at(`looking: ${keys} keys`);
  });
  try {
    for (const question of questions) {
      for await (const stanza of answer(counted, question)) {
        if ('damaged' in stanza.fields && stanza.kind !== 'summary') damaged += 1;
        const text = json ? stanzaJson(stanza) : stanzaText(stanza);
        // An empty line before and behind what takes several.
        const long = !json && stanza.brief !== true;
        progress.clear();
        if (!(await output.line(apart || (long && begun) ? `\n${text}` : text))) return;
        apart = long;
        begun = true;
      }
    }
  } finally {
    progress.clear();
    await view.close();
  }
  if (damaged > 0) cli.note(`${damaged} of these ${damaged === 1 ? 'is' : 'are'} damaged.`);
}

/** The view itself, which also tells how many keys have been read. */
function counting(view: OpenedView, onKeys: (keys: number) => void): OpenedView {
  let keys = 0;
  return {
    running: view.running,
    seq: view.seq,
    get: (key) => view.get(key),
    range: async function* (range) {
      for await (const entry of view.range(range)) {
        keys += 1;
        if (keys % TOLD_EVERY === 0) onKeys(keys);
        yield entry;
      }
    },
    close: () => view.close(),
  };
}
