/**
 * A process of its own: where the time of a turn goes, without portal and sockets. It runs the world of a folder, has
 * players say something each as soon as the last answer is durable, and sorts the samples of Node's own profiler.
 * Arguments: the folder, the room that the first one goes to, how many share a room, how many players, seconds.
 */
import '../../engine/lockdown.ts';
import { Session as Inspector, type Profiler } from 'node:inspector/promises';
import { classes } from '../../world/classes.ts';
import type { SessionOut } from '../../engine/sessions.ts';
import { openWorld } from './in-process-world.ts';
import { route, wayTo } from '../../world/generated/layout.ts';

/** How much of a turn one part takes. */
export interface Share {
  readonly part: string;
  readonly microseconds: number;
  readonly share: number;
}

export interface TurnProfile {
  readonly turnsPerSecond: number;
  /** Share of the main thread's time in which it had nothing to do. */
  readonly idle: number;
  readonly parts: readonly Share[];
}

/** Parts of a turn, by the compiled file that the time was spent in or on behalf of. The first that fits counts. */
const PARTS: readonly (readonly [part: string, file: RegExp])[] = [
  ['the world: parse and do', /\/world\//],
  [
    'calls: membrane, guards, crossing',
    /\/wrappers\/(membrane|guard|crossing|shape|capability|call-context)/,
  ],
  ['encode: marshal, envelope, grants', /\/wrappers\//],
  ['turn: begin, note, compare, finish', /\/engine\/(turn|authoring|object-table)/],
  ['sessions: number and store output', /\/engine\/sessions/],
  ['commit: gather', /\/engine\/commits/],
  ['commit: journal and LevelDB', /\/storage\/|\/classic-level\/|\/abstract-level\//],
  ['queue and the rest of the engine', /\/engine\//],
];
const COLLECTOR = 'garbage collection';
const OTHER = 'Node, and this bench itself';

const [folder = '', firstRoom = '0', perRoom = '1', players = '200', seconds = '5'] = process.argv.slice(2);
const LINE = 'say hello';

let heard: (out: SessionOut) => void = () => {};
const world = await openWorld(folder, {
  classes,
  genesis: () => {
    throw new Error('There is no world in the folder.');
  },
  onOut: (outs) => {
    for (const out of outs) heard(out);
  },
});

const sent = new Map<string, number>();
let answered = 0;
let going = true;
heard = (out) => {
  world.acknowledge(out.sid, out.n);
  if (!going || out.in !== sent.get(out.sid)) return;
  answered += 1;
  sent.set(out.sid, out.in + 1);
  world.input(out.sid, out.in + 1, LINE);
};
for (const { sid } of world.sessions) await world.end(sid); // of the last time
for (let n = 0; n < Number(players); n += 1) {
  const sid = `bench-player-${n}`.padEnd(22, '-');
  const terms = { sid, keyHash: '-'.repeat(43), keep: false, name: sid };
  await world.begin(terms, (invoke) => invoke(world.roots.gate, 'newGuest', []) as object);
  const way = route(Number(firstRoom) + Math.floor(n / Number(perRoom)));
  way.forEach((room, step) => world.input(sid, step + 1, `go ${wayTo(room)}`));
  await world.settle();
  sent.set(sid, way.length + 1);
}
for (const [sid, n] of sent) world.input(sid, n, LINE);
await pause(1);

const inspector = new Inspector();
inspector.connect();
await inspector.post('Profiler.enable');
await inspector.post('Profiler.start');
const before = answered;
const began = performance.now();
await pause(Number(seconds));
const turns = answered - before;
const turnsPerSecond = (turns * 1000) / (performance.now() - began);
const { profile } = await inspector.post('Profiler.stop');
going = false;
process.stdout.write(
  `${JSON.stringify({ turnsPerSecond, ...sorted(profile, turns) } satisfies TurnProfile)}\n`,
);
process.exit(); // the world is of no use any more

function sorted(profile: Profiler.Profile, turns: number): Pick<TurnProfile, 'idle' | 'parts'> {
  const partOf = partsByNode(profile);
  const spent = new Map<string, number>();
  const deltas = profile.timeDeltas ?? [];
  (profile.samples ?? []).forEach((node, at) => {
    const part = partOf.get(node) ?? OTHER;
    spent.set(part, (spent.get(part) ?? 0) + (deltas[at] ?? 0));
  });
  const all = [...spent.values()].reduce((sum, each) => sum + each, 0);
  const idle = spent.get('') ?? 0;
  const order = [...PARTS.map(([part]) => part), COLLECTOR, OTHER];
  const parts = order.map((part) => {
    const microseconds = spent.get(part) ?? 0;
    return { part, microseconds: microseconds / turns, share: microseconds / (all - idle) };
  });
  return { idle: idle / all, parts };
}

/** What a function of Node or of a library does, it does for the part that called it. '' is idle time. */
function partsByNode(profile: Profiler.Profile): Map<number, string> {
  const parts = new Map<number, string>();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node] as const));
  const visit = (id: number, above: string): void => {
    const node = nodes.get(id);
    if (node === undefined) return;
    const { functionName, url } = node.callFrame;
    let part = PARTS.find(([, file]) => file.test(url))?.[0] ?? above;
    if (functionName === '(garbage collector)') part = COLLECTOR;
    if (functionName === '(idle)') part = '';
    parts.set(id, part);
    for (const child of node.children ?? []) visit(child, part);
  };
  const root = profile.nodes[0];
  if (root !== undefined) visit(root.id, OTHER);
  return parts;
}

function pause(forSeconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, forSeconds * 1000);
  });
}
