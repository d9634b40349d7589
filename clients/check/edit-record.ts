import { objectKey } from '../../storage/keys.ts';
import type { Fix } from './findings.ts';
import { indexOfSlot, type StoredObject } from '../../engine/stored-forms.ts';
import { jsonIn } from './surroundings.ts';

/** A capability in a record that is being edited. */
export class Held {
  readonly slot: string;
  /** What the body said that it is. */
  readonly look: string;

  constructor(slot: string, look: string) {
    this.slot = slot;
    this.look = look;
  }
}

/** What changes a record that was read: an object whose capabilities are `Held`. */
export type Edit = (record: Record<string, unknown>) => void;

/** Changes the record of an object as it stands in the store when that is done; nothing where it cannot be read. */
export function editRecord(id: string, edit: Edit): Fix['ops'] {
  return async (view) => {
    const key = objectKey(id);
    const text = await view.get(key);
    const edited = text === undefined ? undefined : rewritten(text, edit);
    return edited === undefined ? [] : [{ put: key, value: edited }];
  };
}

function rewritten(text: string, edit: Edit): string | undefined {
  const object = jsonIn(text) as StoredObject | undefined;
  const tree = jsonIn(String(object?.body).slice(1));
  if (object === undefined || typeof tree !== 'object' || tree === null) return undefined;
  const looks = new Map<number, string>();
  const record = opened(tree, object.slots, looks) as Record<string, unknown>;
  edit(record);
  const slots: string[] = [];
  const body = `#${JSON.stringify(closed(record, slots))}`;
  return JSON.stringify({ ...object, body, slots });
}

/** "$3.Alleged: Room" the first time, "$3" after that. */
function opened(tree: unknown, slots: readonly string[], looks: Map<number, string>): unknown {
  if (typeof tree === 'string') {
    const index = tree.startsWith('$') ? indexOfSlot(tree) : -1;
    const slot = slots[index];
    if (slot === undefined) return tree;
    if (!looks.has(index)) looks.set(index, tree.slice(String(index).length + 1));
    return new Held(slot, looks.get(index) ?? '');
  }
  if (typeof tree !== 'object' || tree === null) return tree;
  if (Array.isArray(tree)) return tree.map((member) => opened(member, slots, looks));
  return Object.fromEntries(
    Object.entries(tree).map(([name, member]) => [name, opened(member, slots, looks)]),
  );
}

function closed(tree: unknown, slots: string[]): unknown {
  if (tree instanceof Held) {
    const known = slots.indexOf(tree.slot);
    if (known >= 0) return `$${known}`;
    slots.push(tree.slot);
    return `$${slots.length - 1}${tree.look}`;
  }
  if (typeof tree !== 'object' || tree === null) return tree;
  if (Array.isArray(tree)) return tree.map((member) => closed(member, slots));
  return Object.fromEntries(Object.entries(tree).map(([name, member]) => [name, closed(member, slots)]));
}
