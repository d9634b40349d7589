import { asideKey, objectKey, parseKey, prefixRange, safeKey } from '../../storage/keys.ts';
import type { View } from '../../storage/view.ts';
import type { Looks } from './capabilities.ts';
import { headOf, takeCensus, type Share } from './census.ts';
import { instant } from './instant.ts';
import { stanzaOf } from './kinds.ts';
import { Loading } from './loading.ts';
import { safeName, type Shown, type Stanza } from './shown.ts';
import { classShown, classText } from './summary.ts';

/** The class of what holds a class that was written in the world. */
const CLASS_OBJECT = 'ClassObject';

type Fields = Readonly<Record<string, Shown>>;

/** Every class with its objects, the largest first; then those that were written in the world, with their versions. */
export async function* classList(view: View, looks: Looks): AsyncGenerator<Stanza> {
  const shares = new Map<string, Share>();
  for (const share of (await takeCensus(view)).classes) {
    shares.set(share.id, share);
    const row = classShown(share);
    yield { title: classText(row), kind: 'class', fields: { ...row }, brief: true };
  }
  const loading = new Loading(view);
  for await (const [key, value] of view.range({ ...prefixRange('o'), onDamaged: () => {} })) {
    if (headOf(value)?.className !== CLASS_OBJECT) continue;
    const parsed = parseKey(key);
    const stanza = stanzaOf(key, value, looks);
    yield 'damaged' in stanza.fields || parsed?.kind !== 'object'
      ? stanza
      : await written(view, parsed.id, stanza.fields, shares, loading);
  }
}

async function written(
  view: View,
  id: string,
  fields: Fields,
  shares: ReadonlyMap<string, Share>,
  loading: Loading,
): Promise<Stanza> {
  const { name = null, author = null, open = null, current = null, versions } = fieldsOf(fields['record']);
  const share = shares.get(id);
  const aside = await view.get(asideKey(id)).catch(() => '');
  const doesNotLoad = await loading.why(id);
  return {
    title: `${safeName(name)}, written in the world`,
    kind: 'written',
    key: objectKey(id),
    fields: {
      class: name,
      of: id,
      author,
      open,
      current,
      objects: share?.objects ?? 0,
      bytes: share?.size ?? 0,
      ...(aside === undefined ? {} : { setAside: true }),
      ...(doesNotLoad === null ? {} : { doesNotLoad }),
      versions: Array.isArray(versions)
        ? await Promise.all(
            (versions as readonly Shown[]).map((version, at) =>
              versionShown(view, fieldsOf(version), at + 1),
            ),
          )
        : [],
    },
  };
}

async function versionShown(view: View, version: Fields, number: number): Promise<Shown> {
  const { hash = null, source = null, note = null, when, base = null } = version;
  const approved = typeof hash === 'string' ? await isApproved(view, hash) : null;
  return { version: number, hash, source, note, when: instant(when), base, approved };
}

/** Those of a record; none of what is no record. */
function fieldsOf(shown: Shown | undefined): Fields {
  return typeof shown === 'object' && shown !== null ? (shown as Fields) : {};
}

/** Null where it cannot be told. */
async function isApproved(view: View, hash: string): Promise<boolean | null> {
  try {
    return (await view.get(safeKey(hash))) !== undefined;
  } catch {
    return null;
  }
}
