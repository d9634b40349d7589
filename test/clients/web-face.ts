import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Without a browser there is nothing to say about the page. */
const present = existsSync(process.env['CHROMIUM'] ?? '/usr/bin/chromium');

/**
 * The face in jest of scenarios that run in a process of their own: a test for each name. `program` runs all of them
 * in that order and prints how each went as a line of JSON, `{"name", "trouble"}`.
 */
export function testScenarios(program: URL, names: Iterable<string>): void {
  const troubles = new Map<string, string>();
  const waiting = new Map<string, () => void>();
  let child: ChildProcess | undefined;
  let ended = false;

  beforeAll(() => {
    if (!present) return;
    const running = spawn(process.execPath, ['--enable-source-maps', fileURLToPath(program)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: running.stdout }).on('line', (line) => {
      const { name, trouble } = JSON.parse(line) as { name: string; trouble: string };
      troubles.set(name, trouble);
      waiting.get(name)?.();
    });
    child = running;
    running.on('close', () => {
      ended = true;
      for (const wake of waiting.values()) wake();
    });
  });
  afterAll(() => child?.kill('SIGKILL'));

  for (const name of names) {
    const inBrowser = present ? test : test.skip;
    inBrowser(
      name,
      async () => {
        if (!troubles.has(name) && !ended) await new Promise<void>((resolve) => waiting.set(name, resolve));
        const trouble = troubles.get(name) ?? 'the browser did not get as far as this';
        if (trouble !== '') throw new Error(trouble);
      },
      60_000,
    );
  }
}
