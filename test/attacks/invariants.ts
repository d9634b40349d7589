import { SECRET } from './victims.ts';
import { isPaidBy, lineOf, objectsIn, partsOf, tokensIn, type Contents, type StoredObject } from './store.ts';
import { idIn } from '../key-id.ts';

/** What is known of the two sides before the attack begins. */
export interface Sides {
  /** Everything that was stored then. */
  readonly before: Contents;
  /** The object that the attacker spends from, and the one that pays for his classes. */
  readonly banks: readonly string[];
  /** The tokens of all capabilities that he was given. */
  readonly given: readonly string[];
  /** Blocks that his banks could pay for in all. */
  readonly blocks: number;
}

/** Characters of store that a block may take, with everything around it. */
const CHARACTERS_OF_A_BLOCK = 4_096;
/** What a world has besides: sessions, messages, output that waits. */
const CHARACTERS_BESIDES = 400_000;

/** What is wrong with the store after an attack: what has leaked into it, and what was changed in it. */
export function wrongInStore(after: Contents, sides: Sides): readonly string[] {
  const wrong: string[] = [];
  const [before, now] = [objectsIn(sides.before), objectsIn(after)];
  const his = (object: StoredObject | undefined): boolean =>
    object !== undefined &&
    (sides.banks.includes(object.id) || sides.banks.some((bank) => isPaidBy(now, object, bank)));

  for (const [id, then] of before) {
    if (his(then)) continue;
    const object = now.get(id);
    if (object === undefined) wrong.push(`${then.class} ${id} is gone`);
    else wrong.push(...changedVictim(then, object, now, his));
  }
  for (const [id, object] of now) {
    if (his(object)) wrong.push(...leakedInto(object, now, sides, his, before));
    else if (!before.has(id)) wrong.push(`${object.class} ${id} is new and was not paid by the attacker`);
  }
  const tokens = tokensIn(after);
  for (const [key, text] of after) {
    if (key.startsWith('x/') && !his(now.get(idIn(key))))
      wrong.push(`${key}: an innocent is set aside: ${text}`);
    if (key.startsWith('e/') || key.startsWith('src/')) wrong.push(...secretsIn(bodyOf(text), tokens, key));
  }
  wrong.push(...unpaid(after, now, sides, his));
  return wrong;
}

/** What may not be in a text that the attacker got. */
export function secretsIn(text: string, tokens: ReadonlySet<string>, where: string): readonly string[] {
  const wrong: string[] = [];
  if (text.includes(SECRET)) wrong.push(`${where} has the secret in it`);
  for (const word of text.match(/[A-Za-z0-9_-]{22,}/g) ?? []) {
    for (let at = 0; at + 22 <= word.length; at += 1) {
      if (tokens.has(word.slice(at, at + 22))) wrong.push(`${where} has a token in it`);
    }
  }
  return wrong;
}

/** What the hall may cost its bank by its visitors, of whom it takes so many. */
const HALL_GROWS = 30;

function leftIn(bank: StoredObject): number {
  return Number(/"left":(\d+)/.exec(bank.body)?.[1] ?? 0);
}

/** A victim is as it was, but for what everybody may do to it. */
function changedVictim(
  then: StoredObject,
  now: StoredObject,
  objects: ReadonlyMap<string, StoredObject>,
  his: (object: StoredObject | undefined) => boolean,
): readonly string[] {
  const wrong: string[] = [];
  const what = `${then.class} ${then.id}`;
  if (then.class !== now.class || then.of !== now.of || then.bank !== now.bank)
    wrong.push(`${what} is another`);
  // Of the hall, the mint, the registry and the bystander the harness asks themselves.
  const lively = ['Hall', 'Mint', 'ClassRegistry', 'Ear'].includes(then.class);
  if (then.class === 'Bank' && leftIn(then) - leftIn(now) <= HALL_GROWS && leftIn(then) >= leftIn(now))
    return wrong;
  if (!lively && (then.body !== now.body || then.slots.join() !== now.slots.join()))
    wrong.push(`${what} has another record: ${now.body}`);
  const kept = new Map(now.grants.map((grant) => [grant[0], grant] as const));
  for (const grant of then.grants) {
    const still = kept.get(grant[0]);
    if (still === undefined) {
      if (then.class !== 'Hall') wrong.push(`${what} has lost a grant`);
    } else if (still[1] !== grant[1] || JSON.stringify(still.slice(3)) !== JSON.stringify(grant.slice(3))) {
      wrong.push(`${what} has another grant`);
    }
  }
  const old = new Set(then.grants.map(([token]) => token));
  for (const [token, , parent] of now.grants) {
    if (old.has(token) || parent !== -1 || then.class === 'Hall') continue;
    if (!his(objects.get(then.id))) wrong.push(`${what} has a new grant that comes from nowhere`);
  }
  return wrong;
}

/** An object of the attacker's holds only what he has, or what was made from it, or what is his own. */
function leakedInto(
  object: StoredObject,
  objects: ReadonlyMap<string, StoredObject>,
  sides: Sides,
  his: (object: StoredObject | undefined) => boolean,
  before: ReadonlyMap<string, StoredObject>,
): readonly string[] {
  const wrong: string[] = [];
  const tokens = new Set([...objects.values()].flatMap((each) => each.grants.map(([token]) => token)));
  wrong.push(...secretsIn(object.body, tokens, `the record of ${object.id}`));
  for (const slot of object.slots) {
    const { id, token } = partsOf(slot);
    const target = objects.get(id);
    if (target === undefined || his(target) || mayHold(target, token, sides, before.get(id))) continue;
    wrong.push(`${object.id} holds a capability on ${target.class} ${id} that it was not given`);
  }
  return wrong;
}

/** Whether the attacker may have a capability: he was given it or one above it, or it is a seat in the hall. */
export function mayHold(
  target: StoredObject,
  token: string,
  sides: Sides,
  before: StoredObject | undefined,
): boolean {
  const line = lineOf(target, token);
  if (line.length === 0) return true; // dead
  if (line.some((each) => sides.given.includes(each))) return true;
  const root = line.at(-1);
  return target.class === 'Hall' && before !== undefined && !before.grants.some(([each]) => each === root);
}

/** What the attacker has was paid for, and nobody else paid. */
function unpaid(
  after: Contents,
  now: ReadonlyMap<string, StoredObject>,
  sides: Sides,
  his: (object: StoredObject | undefined) => boolean,
): readonly string[] {
  const wrong: string[] = [];
  let blocks = 0;
  for (const object of now.values()) {
    if (!his(object)) continue;
    if (!sides.banks.includes(object.id)) blocks += object.paid ?? 1;
    if (object.class === 'Bank') blocks += Number(/"left":(\d+)/.exec(object.body)?.[1] ?? 0);
  }
  if (blocks > sides.blocks)
    wrong.push(`the attacker has ${blocks} blocks, of ${sides.blocks} that he was given`);
  const size = (contents: Contents): number =>
    contents.reduce(
      (sum, [key, value]) => sum + (/^(?:[uts]|m|shape|dead)\//.test(key) ? 0 : value.length),
      0,
    );
  const grown = size(after) - size(sides.before);
  if (grown > sides.blocks * CHARACTERS_OF_A_BLOCK + CHARACTERS_BESIDES)
    wrong.push(`the store has grown by ${grown} characters, for ${sides.blocks} blocks`);
  const waiting = after.reduce((sum, [key, value]) => sum + (/^[mt]\//.test(key) ? value.length : 0), 0);
  if (waiting > 50 * CHARACTERS_BESIDES) wrong.push(`${waiting} characters of messages wait`);
  return wrong;
}

/** The text of an entry of a collection, or a source, without the slots. */
function bodyOf(text: string): string {
  try {
    const parsed = JSON.parse(text) as { data?: { body?: string } };
    return parsed.data?.body ?? text;
  } catch {
    return text;
  }
}
