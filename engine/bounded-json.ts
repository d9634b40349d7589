import { types } from 'node:util';
import {
  admitList,
  admitText,
  apply,
  bounds,
  exchange,
  isArray,
  NATIVE_LIMITS,
  paced,
  refuse,
  textOf,
  type Made,
  type Native,
} from './bounds.ts';

/** Exchanges what reads and writes JSON. Writing can be stopped at each value, so it is not bounded. */
export function boundJson(): void {
  exchange(JSON, 'parse', parsing);
  exchange(JSON, 'rawJSON', (native) => ({
    method: (text: unknown): unknown => apply(native, JSON, [bounds.held ? admitText(text, 'json') : text]),
  }));
  exchange(JSON, 'stringify', stringifying);
}

function parsing(native: Native): Made {
  return {
    method(text: unknown, reviver?: unknown): unknown {
      if (!bounds.held) return apply(native, JSON, [text, reviver]);
      return apply(native, JSON, [admitText(text, 'json'), paced(reviver)]);
    },
  };
}

function stringifying(native: Native): Made {
  return {
    method(value: unknown, replacer?: unknown, space?: unknown): unknown {
      if (!bounds.held) return apply(native, JSON, [value, replacer, space]);
      return apply(native, JSON, [value, isArray(replacer) ? names(replacer) : paced(replacer), space]);
    },
  };
}

/** The names in a list of those that are to be kept: the built-in would read the whole list, and each text in it, at once. */
function names(list: readonly unknown[]): string[] {
  const length = admitList(list);
  const kept: string[] = [];
  let characters = 0;
  for (let at = 0; at < length; at += 1) {
    const each = list[at];
    if (!isName(each)) continue;
    const name = textOf(each);
    characters += name.length;
    if (characters > NATIVE_LIMITS.characters) refuse('These names are too long', 'characters');
    kept.push(name);
  }
  return kept;
}

function isName(value: unknown): boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'number' ||
    types.isStringObject(value) ||
    types.isNumberObject(value)
  );
}
