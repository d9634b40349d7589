import { list, sentence } from './words.ts';

/** What the engine tells the owner of a bank of something that the bank pays for. */
interface BlameReport {
  readonly number: number;
  readonly className: string;
  readonly author: string;
  readonly code: string;
  readonly message: string;
  /** It is set aside from here on. */
  readonly aside: boolean;
}

/** What the engine tells the author of a class whose objects he had upgraded. */
interface UpgradeReport {
  readonly className: string;
  readonly upgraded: number;
  /** The first few of those that stay as they were. */
  readonly failed: readonly { readonly id: string; readonly message: string }[];
  readonly failures: number;
}

/** Objects that stay as they were, named in one line. */
const MOST_NAMED = 5;

export function blameInWords({ number, className, author, code, message, aside }: BlameReport): string {
  const by = author === '' ? '' : `, of the class ${className} by ${author}`;
  if (code === 'Stopped')
    return `An admin has stopped something that your bank pays for${by}: ${sentence(message)} "@aside ${number}" tells more, "@destroy ${number}" unmakes it.`;
  const now = aside
    ? ` It is set aside: "@aside ${number}" tells more, "@mend ${number}" lets it go on.`
    : '';
  return `Something that your bank pays for was at fault${by}: ${sentence(message)}${now}`;
}

export function upgradeInWords({ className, upgraded, failed, failures }: UpgradeReport): string {
  const done = `The upgrade of ${className} is done: ${upgraded} ${upgraded === 1 ? 'object is' : 'objects are'} of the newest version.`;
  if (failures === 0) return done;
  const why = failed.slice(0, MOST_NAMED).map(({ id, message }) => `${id} (${message})`);
  return `${done} ${failures} ${failures === 1 ? 'stays as it was' : 'stay as they were'}, among them ${list(why)}.`;
}

/** What the search for holders found, in words. */
export function holdersInWords(report: {
  readonly holders: readonly string[];
  readonly found: number;
}): string {
  const { holders: named, found } = report;
  if (found === 0) return 'Nothing in the store holds it.';
  return `${found} ${found === 1 ? 'holds' : 'hold'} it: ${list(named)}${found > named.length ? ' and others' : ''}.`;
}
