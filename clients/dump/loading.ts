import { SourceError } from '../../engine/source-problem.ts';
import { indexOfSlot, partsOfSlot } from '../../engine/stored-forms.ts';
import { objectKey, prefixRange, sourceKey } from '../../storage/keys.ts';
import type { View } from '../../storage/view.ts';
import { headOf } from './census.ts';
import { safeName, type Stanza } from './shown.ts';

/** The class of what holds a class that was written in the world. */
export const CLASS_OBJECT = 'ClassObject';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Why classes that were written in the world do not load in this program, as far as their sources tell, and those of the classes that
 * they are built on: these are read, and nothing of them is run. Nothing is stored about that: it is so until the source or the
 * program is another.
 */
export class Loading {
  readonly #view: View;
  readonly #known = new Map<string, string | null>();

  constructor(view: View) {
    this.#view = view;
  }

  /** All that do not. */
  async *all(): AsyncGenerator<Stanza> {
    for await (const [key, value] of this.#view.range({ ...prefixRange('o'), onDamaged: () => {} })) {
      if (headOf(value)?.className !== CLASS_OBJECT) continue;
      const id = key.slice('o/'.length);
      const why = await this.why(id);
      if (why === null) continue;
      const name = String(storedBody(value)?.tree['name']);
      const fields = { class: name, of: id, doesNotLoad: why };
      yield { title: `${safeName(name)}, written in the world, does not load`, kind: 'written', key, fields };
    }
  }

  /** Of a version of a class, the current one if none is named. Null where nothing is found against it, or it is damaged. */
  async why(id: string, version?: unknown): Promise<string | null> {
    const key = `${id} ${String(version)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, null); // as long as it is looked at: by hand one can be built on itself
    const why = await this.#look(id, version).catch(() => null);
    this.#known.set(key, why);
    return why;
  }

  async #look(id: string, version: unknown): Promise<string | null> {
    const body = storedBody((await this.#view.get(objectKey(id))) ?? '');
    const { name, current, versions } = body?.tree ?? {};
    const number = Number(version ?? current);
    const entry = Array.isArray(versions) ? (versions as readonly unknown[])[number - 1] : undefined;
    if (typeof entry !== 'object' || entry === null) return `there is no version ${number} of it`;
    const { source: hash, base, baseClass, baseVersion } = entry as Fields;
    const source = await this.#view.get(sourceKey(String(hash)));
    if (source === undefined) return 'its source is missing from the store';
    // What reads sources needs the language as the world has it.
    await import('../../engine/lockdown.ts');
    const { checkSource } = await import('../../engine/source-check.ts');
    try {
      checkSource(String(name), source);
    } catch (error) {
      if (error instanceof SourceError) return error.message.split('\n', 1).join();
      throw error;
    }
    if (typeof baseClass !== 'string') return null;
    const on = partsOfSlot(body?.slots[indexOfSlot(baseClass)] ?? '')?.id;
    const why = on === undefined ? null : await this.why(on, baseVersion);
    return why === null ? null : `${String(base)}, which it is built on, does not load: ${why}`;
  }
}

/** The record of an object as its value has it, texts escaped as they are there; undefined for what is none. */
function storedBody(value: string): { readonly tree: Fields; readonly slots: readonly string[] } | undefined {
  try {
    const { body, slots } = JSON.parse(value) as { readonly body: string; readonly slots: readonly string[] };
    const tree = JSON.parse(body.slice(1)) as Fields | null;
    return typeof tree === 'object' && tree !== null ? { tree, slots } : undefined;
  } catch {
    return undefined;
  }
}
