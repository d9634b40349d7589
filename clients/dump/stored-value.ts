import type { Looks } from './capabilities.ts';
import { DEEPEST, Special, type Shown } from './shown.ts';

/**
 * Stored values made readable without the objects: what `wrappers/marshal.ts` writes, smallcaps text and the slots in
 * it, as plain data with capabilities named. No code of the world is needed for it, so none runs. In JSON a capability is
 * `{"@object", "@class", "@facet", "@methods", "@more"}`, a number that JSON has not is `{"@number": "NaN"}`, a big integer
 * `{"@bigint": "12"}`, nothing `{"@undefined": true}`; a name in a record that begins with "@" has a second one before it.
 *
 * Throws an ordinary Error for text that is not of that form.
 */
export function storedValue(capData: unknown, looks: Looks): Shown {
  const { body, slots } = (capData ?? {}) as { readonly body?: unknown; readonly slots?: unknown };
  if (typeof body !== 'string' || !body.startsWith('#')) throw new Error('it does not begin with "#"');
  if (!Array.isArray(slots)) throw new Error('it has no list of slots');
  return decoded(JSON.parse(body.slice(1)), slots, looks, 0);
}

function decoded(tree: unknown, slots: readonly unknown[], looks: Looks, depth: number): Shown {
  if (depth > DEEPEST) throw new Error('it is nested too deep');
  if (typeof tree === 'string') return decodedText(tree, slots, looks);
  if (typeof tree !== 'object' || tree === null) return tree as number | boolean | null;
  if (Array.isArray(tree)) return tree.map((member) => decoded(member, slots, looks, depth + 1));
  return Object.fromEntries(
    Object.entries(tree).map(([name, value]) => [recordName(name), decoded(value, slots, looks, depth + 1)]),
  );
}

function recordName(name: string): string {
  const meant = name.startsWith('!') ? name.slice(1) : name;
  return meant.startsWith('@') ? `@${meant}` : meant;
}

function decodedText(text: string, slots: readonly unknown[], looks: Looks): Shown {
  switch (text.charAt(0)) {
    case '!':
      return text.slice(1);
    case '$': {
      const slot = slots[Number(/^\$(\d+)/.exec(text)?.[1])];
      if (typeof slot !== 'string') throw new Error('it refers to a slot that is not there');
      return looks.capability(slot);
    }
    case '+':
    case '-':
      return new Special(`${BigInt(text)}n`, { '@bigint': String(BigInt(text)) });
    case '#': {
      const word = text.slice(1);
      return word === 'undefined'
        ? new Special('undefined', { '@undefined': true })
        : new Special(/^-?\w+$/.test(word) ? word : '(unknown)', { '@number': word });
    }
    default:
      return text;
  }
}
