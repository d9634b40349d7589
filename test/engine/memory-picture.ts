import { objectKey, parseKey, shapeKey } from '../../storage/keys.ts';
import { openTurn } from '../../engine/open-turn.ts';
import type { Turn } from '../../engine/turn.ts';
import { parseObjectId, type ObjectId } from '../../wrappers/names.ts';
import { encodeWrapper, type Wrapper } from '../../wrappers/wrapper.ts';
import type { Fixture } from './fixture.ts';
import { wrongReferences } from './reference-index.ts';

/** What a world holds in memory, written out so that two worlds can be compared: texts by what they are of. */
export type MemoryPicture = ReadonlyMap<string, string>;

/**
 * What memory holds when nothing is under way and everything is in the journal. All objects are brought up to date with
 * their classes first: when that happens is not the same in two worlds, what comes of it is. `torn` is told whatever may
 * not be so in any world.
 */
export async function pictureOf(fixture: Fixture, torn: (what: string) => void): Promise<MemoryPicture> {
  const { world, journal } = fixture;
  await fixture.settle();
  await world.run(() => {
    const turn = openTurn();
    for (const id of idsIn(fixture))
      for (const what of tornIn(turn, turn.host.find(id))) torn(`${id} ${what}`);
  });
  await world.run(() => {
    const turn = openTurn();
    for (const id of idsIn(fixture)) turn.note(turn.host.find(id));
  });
  await fixture.settle();
  for (const key of strayIn(fixture)) torn(`${key} belongs to nothing`);
  for (const wrong of wrongReferences(journal.contents())) torn(wrong);
  const picture = new Map<string, string>();
  await world.run(() => {
    const { host } = openTurn();
    const { shapes, marshal } = host.membrane;
    /** A stored capability names the method set that its facet had then; it is read as the one that it has now. */
    const asNow = (text: string): string =>
      text.replace(/"(o\d+\.[A-Za-z0-9_-]{22})\.(\d+)"/g, (_, grant: string, shape: string) => {
        return `"${grant}.${shapes.current(shapes.get(Number(shape))).id}"`;
      });
    for (const id of idsIn(fixture)) {
      const text = asNow(encodeWrapper(host.find(id), marshal.write(host.find(id).record)));
      if (text !== asNow(journal.get(objectKey(id)) ?? '')) torn(`${id} is not stored as it is in memory`);
      picture.set(id, text);
      picture.set(`messages of ${id}`, String(host.waiting.of(id).messages));
    }
    for (let at = 0; at < shapes.count; at += 1) {
      const { className, methods, facet, next } = shapes.get(at);
      picture.set(`method set ${at}`, `${className} ${facet} ${next}: ${[...methods].join()}`);
    }
    for (const [id, { code }] of host.asides.all()) picture.set(`aside ${id}`, code);
    picture.set(
      'next object',
      peek((undo) => host.blank(undo, host.classes.named('Bank'), null).id),
    );
    picture.set(
      'next message',
      peek((undo) => String(host.messageNumber(undo))),
    );
    // All have been looked at, so all are there: one more would be one that never was.
    if (fixture.world.statistics().resident > idsIn(fixture).length)
      torn('memory has objects that are not in the store');
    picture.set('timers', String(fixture.world.statistics().timers));
  });
  return picture;
}

/** Where two pictures differ. */
export function differences(one: MemoryPicture, other: MemoryPicture): readonly string[] {
  return [...new Set([...one.keys(), ...other.keys()])]
    .filter((what) => one.get(what) !== other.get(what))
    .map((what) => `${what}:\n${one.get(what)}\n${other.get(what)}`);
}

function idsIn({ journal }: Fixture): readonly ObjectId[] {
  return journal.contents().flatMap(([text]) => {
    const key = parseKey(text);
    const id = key?.kind === 'object' ? parseObjectId(key.id) : undefined;
    return id === undefined ? [] : [id];
  });
}

function tornIn(turn: Turn, wrapper: Wrapper): readonly string[] {
  const { active, working, gone, loaded, instance, record } = wrapper;
  const torn: string[] = [];
  if (active !== 0) torn.push(`has ${active} calls on the stack`);
  if (working !== undefined) torn.push('keeps what an attempt left');
  if (gone) torn.push('is gone, and there');
  if (!loaded) torn.push('is in the table, and not loaded');
  if (instance !== null && turn.host.membrane.recordOf(turn, wrapper, record) !== record)
    torn.push('has an instance that is not as its record');
  return torn;
}

/** Keys that belong to an object or a method set that is not there. */
function strayIn({ journal }: Fixture): readonly string[] {
  const isThere = (id: string): boolean => journal.get(objectKey(id)) !== undefined;
  const isStray = (text: string): boolean => {
    const key = parseKey(text);
    if (key === undefined) return true;
    if (key.kind === 'shape') return key.number > 0 && journal.get(shapeKey(key.number - 1)) === undefined;
    return 'id' in key && key.kind !== 'object' && !isThere(key.id);
  };
  return journal.contents().flatMap(([text]) => (isStray(text) ? [text] : []));
}

/** What would be taken, without taking it. */
function peek<T>(take: (undo: { onUndo(undo: () => void): void }) => T): T {
  const undos: (() => void)[] = [];
  const taken = take({ onUndo: (undo) => undos.push(undo) });
  for (const undo of undos) undo();
  return taken;
}
