import type { TestSession, TestWorld } from '../world-fixture.ts';

/** What a line that begins with "!" asks for. */
type Order = 'advance' | 'restart' | 'end' | 'class' | 'admin';

/**
 * A transcript is what people type in a world and what they are shown. The grammar, by lines:
 *
 *   @NAME             from here on NAME is the one who types; the first time, that player comes into being.
 *                     A name that begins with "guest" is a guest. Lines beneath it are what NAME was shown since last.
 *   > COMMAND         NAME types it; lines beneath it are the answer, and what else NAME is shown of what comes of it
 *   ! advance MS      the world's clock goes on by so many milliseconds
 *   ! restart         the world stops, and starts again from its store
 *   ! end             NAME's session ends from outside
 *   ! admin OTHER     OTHER, who is there, is given all of Storage, as by "keystead admin OTHER"
 *   ! class FILE      NAME types the class that is in the file: "@class" with its name, the lines, and a single "."; lines
 *                     beneath it are the answer to that
 *   # COMMENT
 *   anything else     a line that is expected; "..." in it stands for any text, and alone for any number of lines
 *
 * Where nothing stands beneath, nothing is checked. Blank lines mean nothing.
 */
export interface Step {
  readonly line: number;
  readonly what: 'actor' | 'command' | Order;
  readonly text: string;
  readonly expected: readonly string[];
}

export function parseTranscript(source: string): readonly Step[] {
  const steps: (Step & { readonly expected: string[] })[] = [];
  for (const [at, line] of source.split('\n').entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const step = stepOf(line);
    if (step !== undefined) steps.push({ ...step, line: at + 1, expected: [] });
    else if (steps.length === 0)
      throw new Error(`Line ${at + 1} expects something before anything was typed.`);
    else steps.at(-1)?.expected.push(line);
  }
  return steps;
}

function stepOf(line: string): Pick<Step, 'what' | 'text'> | undefined {
  if (line.startsWith('> ')) return { what: 'command', text: line.slice(2) };
  if (/^@\w+$/.test(line)) return { what: 'actor', text: line.slice(1) };
  const order = /^! (?:(advance) (\d+)|(restart|end)|(class|admin) (\S+))$/.exec(line);
  if (order === null) return undefined;
  const what = (order[1] ?? order[3] ?? order[4]) as Order;
  return { what, text: order[2] ?? order[5] ?? '' };
}

/**
 * Plays a transcript. Throws at the first answer that differs, with both. `read` gives the text of a file that is
 * named in it.
 */
export async function play(
  steps: readonly Step[],
  world: TestWorld,
  read: (file: string) => string = noFile,
): Promise<void> {
  const actors = new Map<string, TestSession>();
  let actor: TestSession | undefined;
  for (const step of steps) {
    let shown: readonly string[] = [];
    switch (step.what) {
      case 'actor':
        await world.settle();
        actor = actors.get(step.text);
        if (actor === undefined) {
          actor = world.session(step.text.startsWith('guest') ? undefined : step.text);
          actors.set(step.text, actor);
          await world.settle();
        }
        shown = actor.lines();
        break;
      case 'command':
        if (actor === undefined) throw new Error(`Line ${step.line}: nobody is there to type.`);
        await world.settle();
        actor.lines();
        shown = await answered(actor, world, step.text);
        break;
      case 'class':
        if (actor === undefined) throw new Error(`Line ${step.line}: nobody is there to type.`);
        for (const line of classLines(read(step.text))) shown = await answered(actor, world, line);
        break;
      case 'advance':
        await world.advance(Number(step.text));
        break;
      case 'restart':
        await world.restart();
        break;
      case 'end':
        await actor?.end();
        break;
      case 'admin':
        await world.makeAdmin(step.text);
        break;
    }
    if (step.expected.length > 0 && !fits(shown, step.expected)) {
      throw new Error(
        `Line ${step.line}, after "${step.text}":\n${side('expected', step.expected)}${side('shown', shown)}`,
      );
    }
  }
}

/** The answer, and what else came of it by itself: sends arrive in turns of their own, sooner or later. */
async function answered(actor: TestSession, world: TestWorld, typed: string): Promise<readonly string[]> {
  const answer = await actor.command(typed);
  await world.settle();
  return [...answer, ...actor.lines()];
}

/** What somebody types to save a class. */
function classLines(source: string): readonly string[] {
  const [, name] = /^class (\w+)/m.exec(source) ?? [];
  if (name === undefined) throw new Error('There is no class in that file.');
  return [`@class ${name}`, ...source.trimEnd().split('\n'), '.'];
}

function noFile(file: string): never {
  throw new Error(`This transcript is played without files, and names ${file}.`);
}

/** Whether lines fit what is expected of them. */
export function fits(shown: readonly string[], expected: readonly string[]): boolean {
  const [first, ...rest] = expected;
  if (first === undefined) return shown.length === 0;
  if (first === '...') return shown.some((_, at) => fits(shown.slice(at), rest)) || fits([], rest);
  const [line, ...more] = shown;
  return line !== undefined && fitsLine(line, first) && fits(more, rest);
}

function fitsLine(shown: string, expected: string): boolean {
  const [begin = '', ...parts] = expected.split('...');
  const end = parts.pop();
  if (end === undefined) return shown === begin;
  if (!shown.startsWith(begin) || !shown.endsWith(end) || shown.length < begin.length + end.length)
    return false;
  let at = begin.length;
  for (const part of parts) {
    const found = shown.indexOf(part, at);
    if (found === -1 || found + part.length > shown.length - end.length) return false;
    at = found + part.length;
  }
  return true;
}

function side(title: string, lines: readonly string[]): string {
  return `  ${title}:\n${lines.map((line) => `    ${line}\n`).join('')}`;
}
