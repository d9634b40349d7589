import type { Profiler } from 'node:inspector';
import { BUNDLE } from './bundle-modules.ts';

/** How much of a turn one part takes. */
export interface Share {
  readonly part: string;
  readonly microseconds: number;
  readonly share: number;
}

interface Rule {
  readonly part: string;
  readonly file: RegExp;
  /** Of the file's functions, only these. */
  readonly name?: RegExp;
  /** Whatever is called from there belongs to it as well, also if it has a rule of its own. */
  readonly whole?: true;
}

/** Whose time a function's is, by the compiled file that it is in. The first rule that fits counts. */
const RULES: readonly Rule[] = [
  {
    part: 'compare records',
    file: /\/wrappers\/membrane\.js/,
    name: /^(?:recordOf|#recordOf)$/,
    whole: true,
  },
  { part: 'compare records', file: /\/engine\/turn\.js/, name: /^#recordOf$/, whole: true },
  {
    part: 'encode: marshal, envelope',
    file: /\/wrappers\/(?:marshal|encoding|wrapper|names)\.js/,
    whole: true,
  },
  { part: 'index of references', file: /\/engine\/references\.js/, whole: true },
  {
    part: 'parse: words, nouns, what is in reach',
    file: /\/world\/(?:parse|nouns|reach|words|verb-patterns|directions|commands\/table)\.js/,
  },
  { part: "the world's own methods", file: /\/world\// },
  {
    part: 'calls through the membrane',
    file: /\/wrappers\/(?:membrane|shape|capability|call-context|class-spec)\.js/,
  },
  { part: 'guards, crossing', file: /\/wrappers\/(?:guard|crossing|copied|as-is)\.js/ },
  { part: 'grants: make, find, revoke', file: /\/wrappers\/grant(?:ing)?\.js/ },
  {
    part: 'turn: begin, touch, finish, roll back',
    file: /\/engine\/(?:turn|turn-changes|turn-writes|allowance|turn-host|turn-runner|undoing|doings|dues|authoring|open-turn|charge|object-table|attempt)\.js/,
  },
  { part: 'sessions: number and keep output', file: /\/engine\/(?:sessions|output)\.js/ },
  {
    part: 'note, watchdog, meter',
    file: /\/engine\/(?:meter|shares|running-job|penalties)\.js|\/clients\/(?:watchdog|running-note)\.js/,
  },
  {
    part: 'pack and commit: journal, LevelDB',
    file: /\/storage\/|\/engine\/commits\.js|\/classic-level\/|\/abstract-level\//,
  },
  { part: 'pipe to and from the portal', file: /\/clients\// },
  { part: 'queue, and the rest of the engine', file: /\/engine\/(?!bounded-|bounds\.js|substitution\.js)/ },
];
const COLLECTOR = 'garbage collection';
const SYSTEM = 'Node: event loop, system calls';
const IDLE = '';

/**
 * The parts of a profile of a main thread, of which `microseconds` is what one turn took of its processor in all.
 * `moduleAt`: whose code stands in a line of the bundle.
 */
export function partsOf(
  profile: Profiler.Profile,
  microseconds: number,
  moduleAt: (line: number) => string,
): readonly Share[] {
  const partOf = partsByNode(profile, moduleAt);
  const spent = new Map<string, number>();
  const deltas = profile.timeDeltas ?? [];
  (profile.samples ?? []).forEach((node, at) => {
    const part = partOf.get(node) ?? SYSTEM;
    spent.set(part, (spent.get(part) ?? 0) + (deltas[at] ?? 0));
  });
  spent.delete(IDLE);
  const all = [...spent.values()].reduce((sum, each) => sum + each, 0);
  const order = new Set([...RULES.map(({ part }) => part), COLLECTOR, SYSTEM]);
  return [...order].map((part) => {
    const share = (spent.get(part) ?? 0) / all;
    return { part, microseconds: share * microseconds, share };
  });
}

/** What a function of Node, of a library or of the language does, it does for the part that called it. */
function partsByNode(profile: Profiler.Profile, moduleAt: (line: number) => string): Map<number, string> {
  const parts = new Map<number, string>();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node] as const));
  const visit = (id: number, above: string, whole: boolean): void => {
    const node = nodes.get(id);
    if (node === undefined) return;
    const { functionName, url, lineNumber } = node.callFrame;
    const file = url.endsWith(BUNDLE) ? moduleAt(lineNumber) : url;
    const rule = whole ? undefined : ruleFor(file, functionName);
    const below = rule?.part ?? above;
    parts.set(
      id,
      functionName === '(garbage collector)' ? COLLECTOR : functionName === '(idle)' ? IDLE : below,
    );
    for (const child of node.children ?? []) visit(child, below, whole || rule?.whole === true);
  };
  const root = profile.nodes[0];
  if (root !== undefined) visit(root.id, SYSTEM, false);
  return parts;
}

function ruleFor(file: string, functionName: string): Rule | undefined {
  const name = functionName.slice(functionName.lastIndexOf(' ') + 1);
  return RULES.find((rule) => rule.file.test(file) && (rule.name === undefined || rule.name.test(name)));
}
