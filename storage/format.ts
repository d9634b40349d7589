import { StoreError } from './errors.ts';

/**
 * The newest format that this Keystead reads, and the one that it writes.
 *   1   the first
 *   2   keeps an index of references, `ref/`; a world of format 1 is given one when it is opened
 *   3   its checkpoints leave the index out; who restores one makes it anew
 *   4   the ids in its keys begin with the length of their numbers; all keys of an older world are made anew when it is opened
 */
export const FORMAT_VERSION = 4;

/** What a store is. `vat` is the name of the part of a larger world that it holds, `''` for a world in one part. */
export interface Format {
  readonly format: 'keystead';
  readonly version: number;
  readonly vat: string;
}

export const FORMAT: Format = Object.freeze({ format: 'keystead', version: FORMAT_VERSION, vat: '' });

export function formatText(format: Format): string {
  return JSON.stringify(format);
}

/**
 * Reads the format out of its text. `where` is the folder or file that it was found in.
 * Throws `FormatForeign` for anything that is not a Keystead format, `FormatNewer` for one of a later version.
 */
export function parseFormat(alleged: string, where: string): Format {
  let value: unknown;
  try {
    value = JSON.parse(alleged);
  } catch {
    value = undefined;
  }
  const { format, version, vat } = (typeof value === 'object' && value !== null ? value : {}) as Partial<
    Record<keyof Format, unknown>
  >;
  if (format !== 'keystead' || typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
    throw foreign(where, `its format says ${JSON.stringify(alleged.slice(0, 80))}`);
  }
  if (version > FORMAT_VERSION) {
    throw new StoreError(
      'FormatNewer',
      `"${where}" was written by a newer Keystead (format ${version}; this one reads up to ${FORMAT_VERSION}): ` +
        'run the newer Keystead, or name another folder',
    );
  }
  if (typeof vat !== 'string') throw foreign(where, 'its format names no vat');
  return { format, version, vat };
}

/** For a world that is as an older Keystead left it, where it is only looked at or mended. */
export function older(where: string, version: number): StoreError {
  return new StoreError(
    'FormatOlder',
    `the world in "${where}" was written by an older Keystead (format ${version}, and this one's is ${FORMAT_VERSION}): start ` +
      'it once with "keystead start", which makes it new',
  );
}

export function foreign(where: string, why: string): StoreError {
  return new StoreError(
    'FormatForeign',
    `"${where}" is not a Keystead world (${why}): name another folder, or an empty one for a new world`,
  );
}
