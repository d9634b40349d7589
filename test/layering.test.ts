// The layers stand in .oxlintrc.json. These tests lint small files in a folder tree of their own, to
// see that each wall holds and that each door is open.

import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

interface Case {
  readonly file: string;
  readonly code: string;
  /** The rule that refuses it; undefined where it is allowed. */
  readonly refusedBy?: string;
}

const imports = (from: string) => `import { x } from '${from}';\nexport const y = x;\n`;
const walls = (folder: string, ...targets: string[]): Case[] =>
  targets.map((target, n) => ({
    file: `${folder}/wall-${n}.ts`,
    code: imports(target),
    refusedBy: 'no-restricted-imports',
  }));
const doors = (folder: string, ...targets: string[]): Case[] =>
  targets.map((target, n) => ({ file: `${folder}/door-${n}.ts`, code: imports(target) }));
const uses = (file: string, expression: string, refusedBy?: string): Case => ({
  file,
  code: `export const y = ${expression};\n`,
  ...(refusedBy !== undefined && { refusedBy }),
});

const cases: readonly Case[] = [
  ...walls(
    'storage',
    '../wrappers/membrane.ts',
    '../engine/turn.ts',
    '../world/room.ts',
    '../clients/wire.ts',
  ),
  ...doors('storage', './keys.ts', './journal/overlay.ts', 'node:fs/promises', 'classic-level'),
  ...walls('wrappers', '../storage/keys.ts', '../engine/turn.ts', '../world/room.ts', '../clients/wire.ts'),
  ...walls(
    'wrappers/deep',
    'node:fs',
    'node:fs/promises',
    'fs',
    'node:net',
    'node:child_process',
    'node:timers',
  ),
  ...doors('wrappers', './grant.ts', '@endo/marshal', 'node:crypto'),
  ...walls(
    'engine',
    '../world/room.ts',
    '../clients/wire.ts',
    '../test/setup.ts',
    '../storage/journal/overlay.ts',
    'node:net',
    'ws',
    'classic-level',
  ),
  ...doors('engine', '../storage/store.ts', '../wrappers/membrane.ts', '@endo/patterns', './turn.ts'),
  ...walls(
    'world',
    '../engine/turn.ts',
    '../storage/keys.ts',
    '../wrappers/membrane.ts',
    '../clients/wire.ts',
  ),
  ...walls('world/deep', 'node:fs', '@endo/patterns', 'ses', '../../engine/turn.ts'),
  ...doors('world', './room.ts', '../engine/authoring.ts'),
  ...doors('world/deep', '../room.ts', '../../engine/authoring.ts'),
  ...walls(
    'clients',
    '../wrappers/membrane.ts',
    '../engine/turn.ts',
    '../storage/journal/overlay.ts',
    '../test/setup.ts',
  ),
  ...doors(
    'clients',
    './wire.ts',
    '../storage/keys.ts',
    '../world/genesis.ts',
    '../engine/world.ts',
    'node:http',
    'ws',
  ),
  uses('storage/process.ts', 'process.pid', 'no-restricted-globals'),
  uses('wrappers/process.ts', 'process.pid', 'no-restricted-globals'),
  uses('engine/process.ts', 'process.pid', 'no-restricted-globals'),
  uses('clients/process.ts', 'process.pid', 'no-restricted-globals'),
  uses('clients/keystead.ts', 'process.pid'),
  uses('clients/world-process.ts', 'process.pid'),
  uses('clients/compile-world.ts', 'process.pid'),
  uses('world/time.ts', 'Date.now()', 'no-restricted-globals'),
  uses('world/promise.ts', 'Promise.resolve(1)', 'no-restricted-globals'),
  uses('world/timer.ts', 'setTimeout', 'no-restricted-globals'),
  uses('world/console.ts', 'console', 'no-restricted-globals'),
  uses('world/process.ts', 'process.pid', 'no-restricted-globals'),
  uses('world/chance.ts', 'Math.random()', 'no-restricted-properties'),
  uses('world/plain.ts', 'Math.max(1, 2)'),
  { file: 'engine/a.ts', code: `export { b } from './b.ts';\nexport const a = 1;\n`, refusedBy: 'no-cycle' },
  { file: 'engine/b.ts', code: `export { a } from './a.ts';\nexport const b = 1;\n`, refusedBy: 'no-cycle' },
];

interface Diagnostic {
  readonly code: string;
  readonly filename: string;
}

/** What oxlint has against each file, under the project's own configuration. */
function lint(): Map<string, string[]> {
  const root = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'keystead-layers-'));
  try {
    for (const settings of ['.oxlintrc.json', 'tsconfig.json'])
      copyFileSync(join(root, settings), join(folder, settings));
    for (const { file, code } of cases) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), code);
    }
    const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
    const run = spawnSync(process.execPath, [oxlint, '--format', 'json', '.'], {
      cwd: folder,
      encoding: 'utf8',
    });
    const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: Diagnostic[] };
    const found = new Map<string, string[]>();
    for (const { filename, code } of diagnostics) found.set(filename, [...(found.get(filename) ?? []), code]);
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('layers', () => {
  const found = lint();
  const title = ({ file, code }: Case) => `${dirname(file)}/: ${code.split('\n')[0]}`;
  const layering = /no-restricted-|no-cycle/;

  test.each(cases.filter((one) => one.refusedBy !== undefined).map((one) => [title(one), one] as const))(
    'refused: %s',
    (_title, { file, refusedBy }) => {
      expect(found.get(file)?.join() ?? '').toContain(refusedBy);
    },
  );

  test.each(
    cases
      .filter((one) => one.refusedBy === undefined)
      .map((one) => [`${one.file}, ${title(one)}`, one] as const),
  )('allowed: %s', (_title, { file }) => {
    expect((found.get(file) ?? []).filter((code) => layering.test(code))).toEqual([]);
  });
});
