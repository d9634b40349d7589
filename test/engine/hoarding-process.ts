// A process of memory.test.ts: objects that keep far more in memory, in many turns, than the process may have. Prints "through".
import '../../engine/lockdown.ts';
import type { AnyCap } from '../../engine/authoring.ts';
import { isHeapTight } from '../../clients/heap-use.ts';
import { Powers } from './fixture.ts';
import { openStudio } from './studio.ts';

const HOARDER = `class Hoarder extends Base {
  static facets = { owner: { ...Base.facets.owner, hoard: M.call().returns(M.number()) } };
  #kept = [];
  #times = 0;
  toRecord() { return { ...super.toRecord(), times: this.#times }; }
  fromRecord(record) { super.fromRecord(record); this.#times = record.times; }
  hoard() { this.#kept.push(Array(500000).fill(this.#times)); this.#times += 1; return this.#times; }
}`;

const powers = Object.assign(new Powers(), { isHeapTight });
const studio = await openStudio({ powers });
await studio.save('Hoarder', HOARDER);
const hoarders: AnyCap[] = [];
for (let n = 0; n < 5; n += 1) hoarders.push(await studio.make('Hoarder'));
for (let times = 1; times <= 40; times += 1)
  for (const hoarder of hoarders)
    if ((await studio.call(hoarder, 'hoard')) !== times) throw new Error('What it stores is lost.');
await studio.close();
process.stdout.write('through');
