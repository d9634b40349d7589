import type { World } from '../../engine/world.ts';
import { objectKey } from '../../storage/keys.ts';
import { parseObjectId } from '../../wrappers/names.ts';

/** As stored: see wrappers/wrapper.ts. */
interface Stored {
  readonly class: string;
  readonly body: string;
  readonly slots: readonly string[];
}

interface Listed {
  readonly thing: string;
  readonly holder: string;
  readonly spot: string;
}

/** Ids are given in order: after so many that are not there, there are no more. */
const GAP = 200;

/**
 * What is wrong with where things are, read from the store itself. Nothing is wrong when all that says it is
 * somewhere is listed in exactly that place and no other, each side holding what the other gave it last. What places
 * of the classes `lying` list is not believed: what says that it is there must only not be listed elsewhere.
 */
export function misplaced(world: World, lying: readonly string[] = []): readonly string[] {
  const objects = readAll(world);
  const listedIn = new Map<string, { place: string; entry: Listed }[]>();
  const faults: string[] = [];
  for (const [place, { record, slots, className }] of objects) {
    if (lying.includes(className)) continue;
    for (const key of ['people', 'things', 'inside', 'carried']) {
      const list = record[key];
      if (!Array.isArray(list)) continue;
      for (const raw of list as Listed[]) {
        const entry = {
          thing: slot(raw.thing, slots),
          holder: slot(raw.holder, slots),
          spot: slot(raw.spot, slots),
        };
        const id = idOf(entry.thing);
        listedIn.set(id, [...(listedIn.get(id) ?? []), { place, entry }]);
        if (!objects.has(id)) faults.push(`${place} lists ${id}, which does not exist`);
      }
    }
  }
  for (const [id, { record, slots, className }] of objects) {
    const places = listedIn.get(id) ?? [];
    const spot = typeof record['spot'] === 'string' ? slot(record['spot'], slots) : null;
    if (spot === null) {
      if (places.length > 0)
        faults.push(
          `${className} ${id} is nowhere, and listed in ${places.map(({ place }) => place).join()}`,
        );
      continue;
    }
    const held = typeof record['held'] === 'string' ? slot(record['held'], slots) : null;
    if (lying.includes(objects.get(idOf(spot))?.className ?? '')) {
      if (places.length > 0)
        faults.push(`${className} ${id} is also listed in ${places.map(({ place }) => place).join()}`);
      continue;
    }
    const [only, ...more] = places;
    if (only === undefined) faults.push(`${className} ${id} is listed nowhere`);
    else if (more.length > 0)
      faults.push(`${className} ${id} is listed in ${places.map(({ place }) => place).join()}`);
    else if (only.entry.spot !== spot)
      faults.push(`${className} ${id} and ${only.place} disagree on its spot`);
    else if (only.entry.holder !== held)
      faults.push(`${className} ${id} and ${only.place} disagree on its holder`);
  }
  return faults;
}

function readAll(
  world: World,
): Map<string, { record: Record<string, unknown>; slots: readonly string[]; className: string }> {
  const objects = new Map<
    string,
    { record: Record<string, unknown>; slots: readonly string[]; className: string }
  >();
  for (let number = 1, missing = 0; missing < GAP; number += 1) {
    const id = parseObjectId(`o${number}`);
    const text = id === undefined ? undefined : world.stored(objectKey(id));
    if (text === undefined || id === undefined) {
      missing += 1;
      continue;
    }
    missing = 0;
    const { class: className, body, slots } = JSON.parse(text) as Stored;
    objects.set(id, { record: JSON.parse(body.slice(1)) as Record<string, unknown>, slots, className });
  }
  return objects;
}

/** Smallcaps writes a capability as "$3.Alleged: Room" the first time and "$3" after that. */
function slot(text: string, slots: readonly string[]): string {
  return slots[Number(/^\$(\d+)/.exec(text)?.[1])] ?? '';
}

function idOf(slotText: string): string {
  return slotText.split('.')[0] ?? '';
}
