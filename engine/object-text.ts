import { garbageKey } from '../storage/keys.ts';
import { isGenuine } from '../wrappers/errors.ts';
import type { Grant } from '../wrappers/grant.ts';
import type { Wrapper } from '../wrappers/wrapper.ts';
import { grantMark } from './grant-mark.ts';
import { printed } from './print.ts';
import { quoted } from './show-value.ts';
import type { Turn } from './turn.ts';

/**
 * An object as text for whoever looks after the world: its class, who pays, its record as it was last committed, and its
 * grants as a tree, with their marks for `.revoke`. No tokens. Nothing of the object is called.
 */
export function objectText(turn: Turn, wrapper: Wrapper, what: 'all' | 'grants'): string {
  const { host } = turn;
  const grants = treeOf(wrapper.grants.inOrder(), turn);
  const head = title(turn, wrapper);
  const listed = grants.length === 0 ? ['no grants'] : ['grants', ...grants];
  if (what === 'grants') return [head, ...listed].join('\n');
  const aside = host.asides.get(wrapper.id);
  return [
    head,
    ...(aside === undefined ? [] : [`set aside: ${aside.message} [${aside.code}]`]),
    ...garbageText(turn, wrapper),
    ...(wrapper.record === undefined
      ? ['made by this very entry']
      : ['record', indented(printed(wrapper.record))]),
    ...listed,
  ].join('\n');
}

function garbageText(turn: Turn, { id }: Wrapper): readonly string[] {
  let stored: string | undefined;
  try {
    stored = turn.read(garbageKey(id));
  } catch (thrown) {
    if (!isGenuine(thrown)) throw thrown;
    return [`since when nothing refers to it cannot be told: ${thrown.message}`];
  }
  if (stored === undefined) return [];
  const { since } = JSON.parse(stored) as { readonly since: number };
  return [`nothing that is reachable has referred to it since ${new Date(since).toISOString()}`];
}

/** The first line of an object's description: `Lamp o17, version 2, by Ada, paid by o3 (2 blocks)`. */
function title({ host }: Turn, { id, spec, version, bank, paid, kept }: Wrapper): string {
  const author = spec.origin === null ? '' : host.saved.state(spec.origin).author;
  return [
    `${spec.name} ${id}`,
    `version ${version}`,
    ...(author === '' ? [] : [`by ${author}`]),
    ...(bank === null ? [] : [`paid by ${bank} (${paid} block${paid === 1 ? '' : 's'})`]),
    ...(kept === 0 ? [] : [`${kept} characters in collections`]),
  ].join(', ');
}

/** Grants that are listed; the first ones of many. */
const MOST_GRANTS = 200;
/**
 * Characters of them: with a record, fewer than an entry may print. Labels and names of methods are chosen by whoever writes a
 * class, who must not keep an admin from seeing the first ones.
 */
const MOST_CHARACTERS = 150_000;
/** How far a line is moved in: whoever holds a grant chooses how long a chain of them is. */
const MOST_INDENTED = 20;
/** Methods of one grant that are listed. */
const MOST_METHODS = 40;

function treeOf(grants: readonly Grant[], turn: Turn): readonly string[] {
  const below = new Map<Grant | null, Grant[]>();
  for (const grant of grants) {
    const siblings = below.get(grant.parent);
    if (siblings === undefined) below.set(grant.parent, [grant]);
    else siblings.push(grant);
  }
  const lines: string[] = [];
  let characters = 0;
  const open = (below.get(null) ?? []).toReversed().map((grant) => ({ grant, depth: 1 }));
  for (let next = open.pop(); next !== undefined && lines.length < MOST_GRANTS; next = open.pop()) {
    const { grant, depth } = next;
    const line = `${'  '.repeat(Math.min(depth, MOST_INDENTED))}${grantLine(grant, turn)}`;
    characters += line.length;
    if (characters > MOST_CHARACTERS) break;
    lines.push(line);
    for (const each of (below.get(grant) ?? []).toReversed()) open.push({ grant: each, depth: depth + 1 });
  }
  return grants.length > lines.length ? [...lines, `  and ${grants.length - lines.length} more`] : lines;
}

/** The mark of a grant, and the grant: `3f9a01bc22: facet owner {off, on}`. */
export function grantLine(grant: Grant, { host, now }: Turn): string {
  return `${grantMark(grant.token, host.digest)}: ${grantText(grant, now)}`;
}

/** `facet owner {off, on}`, or `"lent to Bob" {on}, 3 uses left`. */
export function grantText({ standing, label, shape, uses, expires, payer }: Grant, now: number): string {
  const names = [...shape.methods];
  const methods = names.length > MOST_METHODS ? [...names.slice(0, MOST_METHODS), '…'] : names;
  const name = standing !== null ? `facet ${standing}` : label === '' ? 'no label' : quoted(label);
  return [
    `${name} {${methods.join(', ')}}`,
    // A child of a limited grant has a count of its own that never runs out.
    ...(uses === null || uses > Number.MAX_SAFE_INTEGER / 2 ? [] : [`${uses} uses left`]),
    ...(expires === null
      ? []
      : [expires <= now ? 'expired' : `ends in ${Math.ceil((expires - now) / 1000)} s`]),
    ...(payer === null ? [] : [`paid by ${payer}`]),
  ].join(', ');
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
