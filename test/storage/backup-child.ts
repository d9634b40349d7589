import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { BackupFolder, openBackup } from '../../storage/backup-folder.ts';
import { CheckpointReader } from '../../storage/checkpoint-reader.ts';
import { restoreWorld } from '../../storage/restore.ts';
import { checkpointAt } from './backup-worlds.ts';

/** What this process does; it gets a list of them as JSON in its first argument, and says of each what came of it. */
export interface Errand {
  readonly folder: string;
  /** Makes checkpoint `number`, its backup, prunes to two and sweeps; or restores backup `number` into `into`. */
  readonly number: number;
  readonly into?: string;
  /** The call of the file system at which the fault happens, counted from 1. */
  readonly at: number;
  /** The process dies, with half of it written if it is a write; or it fails with that code, alone or with all after it. */
  readonly fault: 'torn' | { readonly code: string; readonly forEver: boolean };
}

const errands = JSON.parse(process.argv[2] ?? '') as Errand[];
let errand: Errand | undefined;
let calls = 0;

type Call = (...args: readonly unknown[]) => Promise<unknown>;

function faulty(subject: object, name: string): void {
  const methods = subject as Record<string, Call>;
  const call = methods[name] as Call;
  methods[name] = async (...args) => {
    if (errand === undefined) return call.apply(subject, [...args]);
    calls += 1;
    const { at, fault } = errand;
    if (calls === at && fault === 'torn') {
      if (name === 'writeFile' && subject !== fs.promises) {
        const content = Buffer.from(args[0] as string);
        await call.call(subject, content.subarray(0, content.length / 2));
      }
      process.kill(process.pid, 'SIGKILL');
    }
    if (typeof fault === 'object' && (calls === at || (calls > at && fault.forEver))) {
      throw Object.assign(new Error(`${fault.code}: a fault`), { code: fault.code });
    }
    const result = await call.apply(subject, [...args]);
    if (name === 'open') for (const each of ['writeFile', 'sync', 'read']) faulty(result as object, each);
    return result;
  };
}

for (const name of [
  'open',
  'mkdir',
  'mkdtemp',
  'rename',
  'rm',
  'rmdir',
  'readFile',
  'writeFile',
  'readdir',
  'stat',
])
  faulty(fs.promises, name);
syncBuiltinESMExports();

async function run({ folder, number, into }: Errand): Promise<void> {
  const backups = join(folder, 'backups');
  if (into !== undefined) {
    await restoreWorld(await openBackup(backups, number), into, () => []);
    return;
  }
  const file = await checkpointAt(join(folder, 'checkpoints'), number);
  const to = await BackupFolder.open(backups, 'world', `${process.pid}`);
  await to.add(await CheckpointReader.open(file));
  await to.prune(2);
  await to.sweep();
}

for (const each of errands) {
  errand = each;
  calls = 0;
  let came = 'done';
  try {
    await run(each);
  } catch (error) {
    came = (error as { code?: string }).code ?? 'Unknown';
  }
  errand = undefined;
  process.stdout.write(`${came} ${calls < each.at ? 'without' : 'with'}\n`);
}
