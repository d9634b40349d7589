import { SourceError } from '../../engine/source-problem.ts';
import { indexOfSlot, partsOfSlot } from '../../engine/stored-forms.ts';
import { metaKey, objectKey, sourceKey } from '../../storage/keys.ts';
import type { View } from '../../storage/view.ts';
import { safeName, type Stanza } from './shown.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Body {
  readonly tree: Fields;
  readonly slots: readonly string[];
}

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
    for (const [name, id] of await this.#registered()) {
      const doesNotLoad = await this.why(id);
      if (doesNotLoad === null) continue;
      const title = `${safeName(name)}, written in the world, does not load`;
      yield { title, kind: 'written', key: objectKey(id), fields: { class: name, of: id, doesNotLoad } };
    }
  }

  /** The names of all classes that were written in the world, and what holds each: one record has them all. None where it is damaged. */
  async #registered(): Promise<readonly (readonly [name: string, id: string])[]> {
    const read = async (key: string): Promise<Body | undefined> =>
      storedBody((await this.#view.get(key).catch(() => undefined)) ?? '');
    const roots = await read(metaKey('roots'));
    const registry = idIn(roots, roots?.tree['classes']);
    const body = registry === undefined ? undefined : await read(objectKey(registry));
    return Object.entries(body?.tree['classes'] ?? {}).flatMap(([name, capability]) => {
      const id = idIn(body, capability);
      return id === undefined ? [] : [[name, id] as const];
    });
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
    if (body === undefined) return null;
    const { name, current, versions } = body.tree;
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
    const on = idIn(body, baseClass);
    const why = on === undefined ? null : await this.why(on, baseVersion);
    return why === null ? null : `${String(base)}, which it is built on, does not load: ${why}`;
  }
}

/** The record of an object as its value has it, texts escaped as they are there; undefined for what is none. */
function storedBody(value: string): Body | undefined {
  try {
    const { body, slots } = JSON.parse(value) as { readonly body: string; readonly slots: readonly string[] };
    const tree = JSON.parse(body.slice(1)) as Fields | null;
    return typeof tree === 'object' && tree !== null ? { tree, slots } : undefined;
  } catch {
    return undefined;
  }
}

/** The object that a capability in a body is on; undefined for what is none. */
function idIn(body: Body | undefined, capability: unknown): string | undefined {
  if (typeof capability !== 'string') return undefined;
  return partsOfSlot(body?.slots[indexOfSlot(capability)] ?? '')?.id;
}
