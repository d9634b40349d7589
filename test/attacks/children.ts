import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Said, Task } from './process.ts';
import type { Verdict } from './trial.ts';

const PROGRAM = fileURLToPath(new URL('./process.js', import.meta.url));

/** Memory of such a process, in MiB: what fills it fills it soon. */
const HEAP = 1024;

/** How long one attack may take before its process counts as hanging, in milliseconds. */
const PATIENCE = 20_000;

/** How much of what it writes to standard error is told, in characters: the end of it. */
const COMPLAINTS = 400;

/** How a process ended, with what it said last. */
export interface Ended {
  readonly verdicts: ReadonlyMap<string, Verdict>;
  /** The attack that was on when it died, or null when it came to its end. */
  readonly diedIn: string | null;
  readonly how: string;
}

/** Runs one process to its end, or kills it when it hangs. `onBegan` may kill it in the middle. */
export async function runChild(
  task: Task,
  onBegan: (child: ChildProcess) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [`--max-old-space-size=${HEAP}`, PROGRAM, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-COMPLAINTS);
  });
  const verdicts = new Map<string, Verdict>();
  let on: string | null = null;
  let how = '';
  let hanging: NodeJS.Timeout | undefined;
  const wait = (): void => {
    clearTimeout(hanging);
    hanging = setTimeout(() => {
      how = `it hung for ${PATIENCE} ms`;
      child.kill('SIGKILL');
    }, PATIENCE);
  };
  wait();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = saidIn(line);
    if (said === null) return;
    wait();
    on = said.at;
    if (said.what === 'began') onBegan(child);
    if (said.what === 'ended') {
      verdicts.set(said.at, said.verdict);
      on = null;
    }
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(hanging);
  if (code === 0) return { verdicts, diedIn: null, how: '' };
  return {
    verdicts,
    diedIn: on ?? '',
    how: `${how || `it ended with ${signal ?? code}`} ${complaints}`.trim(),
  };
}

/** Null for what was cut off: the process died while it wrote it. */
function saidIn(line: string): Said | null {
  try {
    return JSON.parse(line) as Said;
  } catch {
    return null;
  }
}

/** Tries attacks in processes: when one dies, the next attack is tried in another. */
export async function runAll(
  attacks: readonly string[],
  evictAlways: boolean,
): Promise<ReadonlyMap<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  for (let left = attacks; left.length > 0;) {
    const ended = await runChild({ attacks: left, evictAlways });
    for (const [at, verdict] of ended.verdicts) verdicts.set(at, verdict);
    if (ended.diedIn !== null) {
      const died = ended.diedIn === '' ? (left[0] as string) : ended.diedIn;
      verdicts.set(died, { wrong: [`the process died: ${ended.how}`], told: [], slowest: 0 });
    }
    left = left.filter((at) => !verdicts.has(at));
  }
  return verdicts;
}
