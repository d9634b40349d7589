import { ALL_KEYS, accountKey, entryRange, FORMAT_KEY, parseKey, type KeyKind } from '../../storage/keys.ts';
import { isObjectId } from '../../engine/stored-forms.ts';
import { PortalError } from '../errors.ts';
import type { OpenedView } from '../view.ts';
import { Looks } from './capabilities.ts';
import { headOf, takeCensus } from './census.ts';
import { classList } from './class-list.ts';
import { KINDS, stanzaOf } from './kinds.ts';
import { Loading } from './loading.ts';
import { grantsPage, holderStanzas, objectPage } from './object-page.ts';
import { firstTarget, Owners } from './owners.ts';
import { safeLine, safeName, type Stanza } from './shown.ts';
import { stanzasIn } from './stanzas.ts';
import { bankShown, bankText, sizeText, summary } from './summary.ts';

/** Words that name a section, with the kinds of keys in it. */
const LISTS = {
  accounts: ['account'],
  aside: ['aside'],
  dead: ['dead'],
  garbage: ['garbage'],
  restarts: ['restart'],
  sends: ['send'],
  sessions: ['session', 'unread'],
  timers: ['timer'],
  watches: ['watched'],
} as const satisfies Readonly<Record<string, readonly KeyKind[]>>;

/** Words that are followed by the id of an object, or the name of a player. */
export const OF_OBJECT = ['grants', 'holders', 'entries', 'player'] as const;
type OfObject = (typeof OF_OBJECT)[number];

/** All words that name a section by themselves. */
export const SECTIONS: readonly string[] = ['all', 'classes', 'objects', 'owners', ...Object.keys(LISTS)];

/** What is asked for. */
export type Question =
  | { readonly ask: 'summary' }
  | { readonly ask: 'section'; readonly section: string }
  | { readonly ask: OfObject; readonly of: string }
  | { readonly ask: 'kind'; readonly kind: string }
  | { readonly ask: 'named'; readonly name: string };

/** Reads the words of a command. Gives the word that lacks the object that it is about, where one does. */
export function questionsIn(words: readonly string[]): readonly Question[] | { readonly incomplete: string } {
  if (words.length === 0) return [{ ask: 'summary' }];
  const questions: Question[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as string;
    const ofObject = OF_OBJECT.find((name) => name === word);
    if (ofObject !== undefined) {
      at += 1;
      const of = words[at];
      if (of === undefined) return { incomplete: word };
      questions.push({ ask: ofObject, of });
    } else if (SECTIONS.includes(word)) questions.push({ ask: 'section', section: word });
    else if (word.startsWith('#')) questions.push({ ask: 'kind', kind: word.slice(1) });
    else questions.push({ ask: 'named', name: word });
  }
  return questions;
}

/**
 * What a world says to a question, stanza by stanza: lists of any length take the memory of one page. Throws `NothingThere`
 * for a name that means nothing in it, and what reading a view throws.
 */
export async function* answer(view: OpenedView, question: Question): AsyncGenerator<Stanza> {
  const looks = await Looks.read(view);
  switch (question.ask) {
    case 'summary':
      yield await summary({
        census: await takeCensus(view),
        owners: await Owners.read(view),
        format: await view.get(FORMAT_KEY).catch(() => undefined),
        seq: view.seq,
        running: view.running,
      });
      return;
    case 'section':
      yield* section(view, question.section, looks);
      return;
    case 'kind':
      yield* ofKind(view, question.kind, looks);
      return;
    case 'grants':
      yield (await grantsPage(view, await objectNamed(view, question.of), looks)) ?? nothing(question.of);
      return;
    case 'holders':
      yield* holderStanzas(view, await objectNamed(view, question.of));
      return;
    case 'entries': {
      const id = await objectNamed(view, question.of);
      yield* stanzasIn(view, entryRange(id), looks);
      return;
    }
    case 'player':
      yield* page(view, await playerNamed(view, question.of), looks, question.of);
      return;
    case 'named':
      yield* page(view, await objectNamed(view, question.name), looks, question.name);
  }
}

function nothing(name: string): never {
  throw new PortalError(
    'NothingThere',
    `Nothing in this world is called ${safeName(name)}. Say an object as o17, a player's name, ` +
      `a kind of key or a class as #kind, or: ${[...SECTIONS, ...OF_OBJECT].join(', ')}.`,
  );
}

async function* page(view: OpenedView, id: string, looks: Looks, asked: string): AsyncGenerator<Stanza> {
  yield (await objectPage(view, id, looks, await Owners.read(view))) ?? nothing(asked);
}

async function objectNamed(view: OpenedView, name: string): Promise<string> {
  return isObjectId(name) ? name : playerNamed(view, name);
}

async function playerNamed(view: OpenedView, name: string): Promise<string> {
  let key: string;
  try {
    key = accountKey(name);
  } catch {
    return nothing(name);
  }
  const account = await view.get(key);
  return (account === undefined ? undefined : firstTarget(key, account)) ?? nothing(name);
}

async function* section(view: OpenedView, name: string, looks: Looks): AsyncGenerator<Stanza> {
  switch (name) {
    case 'all':
      yield* stanzasIn(view, ALL_KEYS, looks);
      return;
    case 'objects':
      yield* stanzasIn(view, KINDS.object.range, looks, (key, value) => briefly(key, value, looks));
      return;
    case 'classes':
      yield* classList(view, looks);
      return;
    case 'owners': {
      const owners = await Owners.read(view);
      for (const share of (await takeCensus(view)).banks) {
        const row = await bankShown(share, owners);
        yield { title: bankText(row), kind: 'owner', fields: { ...row }, brief: true };
      }
      return;
    }
    default:
      for (const kind of LISTS[name as keyof typeof LISTS]) yield* stanzasIn(view, KINDS[kind].range, looks);
      if (name === 'aside') yield* new Loading(view).all();
  }
}

/** A kind of key by its name, or all objects of the classes of a name. */
async function* ofKind(view: OpenedView, kind: string, looks: Looks): AsyncGenerator<Stanza> {
  if (Object.hasOwn(KINDS, kind)) {
    yield* stanzasIn(view, KINDS[kind as KeyKind].range, looks);
    return;
  }
  let found = false;
  for await (const [key, value] of view.range({ ...KINDS.object.range, onDamaged: () => {} })) {
    if (headOf(value)?.className !== kind) continue;
    found = true;
    yield stanzaOf(key, value, looks);
  }
  if (!found) nothing(`#${kind}`);
}

/** An object in a line. Its record is not looked at. */
function briefly(key: string, value: string, looks: Looks): Stanza {
  const head = headOf(value);
  const parsed = parseKey(key);
  if (head === undefined || parsed?.kind !== 'object') return stanzaOf(key, value, looks);
  const { id } = parsed;
  const { className, of, version, bank, blocks, kept } = head;
  const size = Buffer.byteLength(value);
  const payer = bank === '' ? 'no bank' : `bank ${safeLine(bank)}`;
  return {
    title: `${id} ${safeName(className)}, version ${version}, ${payer}, ${sizeText(size + kept)}`,
    kind: 'object',
    key,
    fields: {
      id,
      class: className,
      ...(of === '' ? {} : { of }),
      version,
      bank: bank === '' ? null : bank,
      blocks,
      ...(kept === 0 ? {} : { kept }),
      size,
    },
    brief: true,
  };
}
