import { StoreError } from '../errors.ts';
import { foreign, formatText, parseFormat, type Format } from '../format.ts';

/** What the first line of a checkpoint says. */
export interface CheckpointHeader extends Format {
  /** Its number among the checkpoints of its world. */
  readonly checkpoint: number;
  /** When it was taken, as its writer put it. */
  readonly when: string;
  /** The last journal entry in it. */
  readonly seq: number;
}

export function headerText(header: CheckpointHeader): string {
  const { checkpoint, when, seq } = header;
  const rest = JSON.stringify({ checkpoint, when, seq });
  return `${formatText({ format: header.format, version: header.version, vat: header.vat }).slice(0, -1)},${rest.slice(1)}\n`;
}

/** Reads the first line of a checkpoint. Throws `FormatForeign` and `FormatNewer`. */
export function parseHeader(line: string, file: string): CheckpointHeader {
  const format = parseFormat(line, file);
  const { checkpoint, when, seq } = JSON.parse(line) as Record<string, unknown>;
  const natural = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!natural(checkpoint) || typeof when !== 'string' || !natural(seq)) {
    throw foreign(file, 'its first line is not that of a checkpoint');
  }
  return { ...format, checkpoint, when, seq };
}

/** What a checkpoint is refused with that is not what was written. */
export function damagedCheckpoint(file: string, why: string): StoreError {
  return new StoreError(
    'CheckpointDamaged',
    `the checkpoint "${file}" is damaged: ${why}; use the one before it, or a copy of this one`,
  );
}
