import { Broken, runRounds } from './rounds.ts';

/** The long run: `node dist/test/crash/run.js --rounds 200 [--evict-always] [--seed N]`. Exits with 1 at the first broken promise. */
const { argv } = process;

function option(name: string, otherwise: number): number {
  const at = argv.indexOf(`--${name}`);
  const value = at < 0 ? otherwise : Number(argv[at + 1]);
  if (!Number.isSafeInteger(value) || value < 0) {
    process.stderr.write(`--${name} needs a whole number\n`);
    process.exit(2);
  }
  return value;
}

const rounds = option('rounds', 200);
const seed = option('seed', Math.floor(Math.random() * 2 ** 31));
const evictAlways = argv.includes('--evict-always');

process.stdout.write(`${rounds} rounds, seed ${seed}${evictAlways ? ', evicting always' : ''}\n`);
try {
  const onRound = (round: number, what: string) => process.stdout.write(`round ${round}: ${what}\n`);
  const report = await runRounds({ rounds, seed, evictAlways, onRound });
  process.stdout.write(`all promises kept: ${JSON.stringify(report)}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Broken ? error.message : String((error as Error).stack)}\n`);
  process.exitCode = 1;
}
