import { sourceKey } from '../storage/keys.ts';
import type { ClassIdentity, ClassSpec, ObjectClass } from '../wrappers/class-spec.ts';
import { raise } from '../wrappers/errors.ts';
import type { ObjectId } from '../wrappers/names.ts';
import type { AnyCap } from './authoring.ts';
import { charactersOfShape } from './charge.ts';
import type { Imports } from './class-object.ts';
import type { ClassState, ClassVersion, UsedClass } from './class-state.ts';
import { refuse } from './errors.ts';
import { mistakesTold } from './mistakes.ts';
import { checkSource } from './source-check.ts';
import type { Turn } from './turn.ts';

/** What a version is built on. */
interface Base {
  readonly name: string;
  readonly made: ObjectClass;
  readonly class: AnyCap | null;
  readonly version: number;
  readonly lineage: Readonly<Record<string, number>>;
  readonly hash: string;
}

/** The text of a source that is in the store. */
export function sourceOfVersion(turn: Turn, hash: string): string {
  return (
    turn.read(sourceKey(hash)) ?? raise('Damaged', 'The source of that version is missing from the store.')
  );
}

/**
 * The state of a class with one more version. The source is compiled here and now: what a class object keeps has loaded
 * once. Raises `BadSource`.
 */
export function addVersion(
  turn: Turn,
  id: ObjectId,
  state: ClassState,
  text: string,
  imports: Imports,
  note: string,
): ClassState {
  const { saved, limits, digest, meter } = turn.host;
  const { name, versions } = state;
  if (versions.length >= limits.classVersions)
    refuse('TooMany', `A class may have at most ${limits.classVersions} versions.`);
  // Nobody else pays for reading and compiling it.
  meter.work(turn.host.find(id).bank);
  const checked = mistakesTold(() => checkSource(name, text));
  const base = checked.extends === null ? null : findBase(turn, name, checked.extends, imports);
  const uses: UsedClass[] = [];
  for (const free of checked.free) {
    if (free === checked.extends || saved.isGiven(free)) continue;
    const used = findUsed(turn, free, imports);
    if (used !== null) uses.push({ name: free, class: used });
  }
  const number = versions.length + 1;
  const source = digest(text);
  const hash = digest(`${name}\n${source}\n${base?.hash ?? ''}`);
  const lineage = Object.freeze({ ...base?.lineage, [name]: number });
  const identity: ClassIdentity = { origin: id, version: number, lineage, hash };
  const names: Record<string, unknown> = base === null ? {} : { [base.name]: base.made };
  for (const each of uses) names[each.name] = each.class;
  const spec = saved.compile(name, text, names, identity, base?.class ?? null);
  meter.worked();

  const version: ClassVersion = {
    hash,
    source,
    note,
    when: turn.now,
    base: base?.name ?? null,
    baseClass: base?.class ?? null,
    baseVersion: base?.version ?? 0,
    uses,
    lineage,
  };
  turn.onUndo(() => {
    saved.forget(id, number, version);
  });
  turn.write(sourceKey(source), text);
  const { shapes } = turn.host.membrane;
  const before = shapes.count;
  supersedeFacets(turn, spec);
  // A text that the class had before is stored already.
  let characters = versions.some((each) => each.source === source) ? 0 : text.length;
  for (let at = before; at < shapes.count; at += 1) characters += charactersOfShape(shapes.get(at));
  turn.keep(turn.host.find(id), characters);
  turn.onCommit(() => {
    turn.host.administration.classChanged();
  });
  return { ...state, current: number, versions: [...versions, version] };
}

/** From the end of the turn on, all that is held on objects of a class looks as its facets do in `spec`. */
export function supersedeFacets(turn: Turn, spec: ClassSpec): void {
  const { granting, shapes } = turn.host.membrane;
  for (const facet of new Set([...spec.facets.keys(), ...shapes.facetsOf(spec.name)])) {
    const shape = granting.shapeNow(spec, facet);
    turn.onCommit(() => {
      shapes.supersede(shape);
    });
  }
}

/** The state of a class whose built-in base is another than when it was saved: one more version, of the same source. */
export function againstBuiltIns(turn: Turn, id: ObjectId, state: ClassState): ClassState {
  const { classes, saved } = turn.host;
  const last = state.versions[state.current - 1];
  if (last === undefined) return state;
  const number = state.versions.length + 1;
  const now: Record<string, number> = {};
  const changed: string[] = [];
  for (const [name, version] of Object.entries(last.lineage)) {
    const builtIn = name === state.name ? undefined : classes.get(name);
    now[name] = builtIn?.version ?? version;
    if (now[name] !== version) changed.push(name);
  }
  if (changed.length === 0) return state;
  const lineage = { ...now, [state.name]: number };
  const note = `${changed.join(', ')} changed`;
  const version: ClassVersion = { ...last, note, when: turn.now, lineage };
  turn.onUndo(() => {
    saved.forget(id, number, version);
  });
  turn.onCommit(() => {
    turn.host.administration.classChanged();
  });
  return { ...state, current: number, versions: [...state.versions, version] };
}

function findBase(turn: Turn, own: string, name: string, imports: Imports): Base | null {
  const { classes, saved, membrane } = turn.host;
  const given = Object.hasOwn(imports, name) ? imports[name] : undefined;
  const builtIn = given === undefined ? classes.shared(name) : undefined;
  if (builtIn !== undefined) {
    const { lineage = {} } = classes.specOf(builtIn) ?? {};
    return { name, made: builtIn, class: null, version: 0, lineage, hash: '' };
  }
  const capability = given ?? openClass(turn, name, 'extend');
  if (capability === null) return null;
  membrane.admits(capability, 'base');
  const id = classObjectBehind(turn, name, capability);
  membrane.invoke(capability, 'base', []); // which is a use of it: one that has none left is refused
  const state = saved.state(id);
  const spec = saved.specFor(id);
  if (spec.broken !== null) refuse('BadSource', `${own} cannot be built on ${name}: ${spec.broken}`);
  const { lineage, hash } = state.versions[state.current - 1] ?? { lineage: {}, hash: '' };
  if (Object.hasOwn(lineage, own))
    refuse('BadSource', `${own} cannot be built on ${name}, which is built on it.`);
  const made = spec.make as unknown as ObjectClass;
  return { name, made, class: capability, version: state.current, lineage, hash };
}

function findUsed(turn: Turn, name: string, imports: Imports): AnyCap | null {
  const given = Object.hasOwn(imports, name) ? imports[name] : undefined;
  const capability = given ?? openClass(turn, name, 'create');
  if (capability === null) return null;
  turn.host.membrane.admits(capability, 'make');
  classObjectBehind(turn, name, capability);
  return capability;
}

/** The facet of a class that is open to everybody. */
function openClass(turn: Turn, name: string, facet: 'create' | 'extend'): AnyCap | null {
  const { administration, saved, membrane, find } = turn.host;
  const id = administration.classNamed(name);
  if (id === null || !saved.state(id).open) return null;
  return membrane.granting.facet(find(id), facet, {});
}

/** Raises `BadSource` unless a capability is on the class of that name; `Revoked` and the like if it is dead. */
function classObjectBehind(turn: Turn, name: string, capability: AnyCap): ObjectId {
  const { membrane, administration, saved } = turn.host;
  const wrapper = membrane.objectOf(capability);
  if (!administration.isClassObject(wrapper) || saved.state(wrapper.id).name !== name) {
    refuse('BadSource', `What was given for ${name} is no capability on a class of that name.`);
  }
  return wrapper.id;
}
