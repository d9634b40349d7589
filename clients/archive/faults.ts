import { parseKey, collectionsKey } from '../../storage/keys.ts';
import type { Store } from '../../storage/store.ts';
import { checkWorld } from '../check/check-world.ts';
import type { Finding } from '../check/findings.ts';
import { readHeading } from './headings.ts';
import type { ImportOptions } from './import-world.ts';
import { ArchiveReader } from './read-archive.ts';

/**
 * What `keystead check` would say of the world that was made of a file, a line for each finding, with the line of its
 * stanza where it has one; '' if it would say nothing. At most `most` are told.
 */
export async function faultsIn(
  store: Pick<Store, 'get' | 'range'>,
  options: ImportOptions,
  most: number,
): Promise<string> {
  const findings: Finding[] = [];
  const { onProgress } = options;
  const view = {
    seq: 0,
    get: async (key: string) => store.get(key),
    range: store.range.bind(store),
    close: () => Promise.resolve(),
  };
  const checked = await checkWorld(view, {
    onFinding: (finding) => {
      if (findings.length < most) findings.push(finding);
    },
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  if (findings.length === 0) return '';
  const lines = await linesOf(new Set(findings.map(({ key }) => stanzaOf(key))), options);
  const told = findings.map(({ key, what, means }) => {
    const line = lines.get(stanzaOf(key));
    return `${line === undefined ? '' : `line ${line}: `}${key}: ${what}. For players: ${means}.`;
  });
  const more = checked.findings - findings.length;
  return `${told.join('\n')}\n${more > 0 ? `and ${more} more\n` : ''}`;
}

/** Entries stand together, below their first one. */
function stanzaOf(key: string): string {
  const parsed = parseKey(key);
  return parsed?.kind === 'entry' ? collectionsKey(parsed.id) : key;
}

async function linesOf(keys: ReadonlySet<string>, options: ImportOptions): Promise<Map<string, number>> {
  const lines = new Map<string, number>();
  for await (const { heading, at } of new ArchiveReader(options.open(), options).read()) {
    const [, entries] = /^entry (\S+) /.exec(heading) ?? [];
    const key = entries === undefined ? readHeading(heading)?.key : collectionsKey(entries);
    if (key !== undefined && keys.has(key) && !lines.has(key)) lines.set(key, at);
  }
  return lines;
}
