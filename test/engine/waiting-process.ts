// A process of memory.test.ts: starts a world whose timers and dead letters, as they are stored, take far more than the process
// may have. Prints "through".
import '../../engine/lockdown.ts';
import { after, send } from '../../engine/authoring.ts';
import { MemoryJournal } from './memory-journal.ts';
import { openPuppets, play } from './puppet.ts';

const MANY = 400;
/** Each character takes seven as it is stored. */
const TEXT = '\u0001'.repeat(100_000);

const f = await openPuppets();
await play(f, (self) => {
  const doll = self.make();
  after(1_000, doll, 'get', [TEXT]);
  send(doll, 'act', ['no such act', TEXT]);
});
await f.settle();
await f.world.close();

/** Has as many of each of these as there are to be. */
class Crowded extends MemoryJournal {
  override async *range(range: { gte: string; lt: string }): AsyncGenerator<readonly [string, string]> {
    for await (const [key, text] of super.range(range)) {
      const number = Number(key.slice(-16));
      if (!/^(?:t|dead)\//.test(key)) yield [key, text];
      else
        for (let at = number; at < number + MANY; at += 1)
          yield [
            key.slice(0, -16) + String(at).padStart(16, '0'),
            text.replace(`\\"number\\":${number}`, `\\"number\\":${at}`),
          ];
    }
  }
}

const next = await openPuppets({ journal: new Crowded(new Map(f.journal.contents())) });
if (next.world.statistics().timers !== MANY) throw new Error('Some have been lost.');
await next.world.close();
process.stdout.write('through');
