import { createHash } from 'node:crypto';
import { objectKey } from '../../storage/keys.ts';
import { WORLD_LIMITS } from '../../engine/limits.ts';
import { isExpiry, isObjectId, isToken, type StoredObject } from '../../engine/stored-forms.ts';
import { excessOf } from './amounts.ts';
import type { Finding } from './findings.ts';
import type { Inspection } from './inspection.ts';
import { jsonIn } from './surroundings.ts';

/** An object that can be read. */
export interface ReadObject {
  readonly id: string;
  readonly className: string;
  /** The object of its class, if that was written in the world. */
  readonly of: string | undefined;
  readonly record: Readonly<Record<string, unknown>>;
  readonly slots: readonly string[];
}

const LOST = 'calls on it fail, and who meets it finds nothing there; the rest of the world runs';
const STANDS_STILL = 'it takes no calls until it is mended; the rest of the world runs';
const STUCK = 'it can be read, and no change of it is kept';
const NO_BANK = 'what it paid for cannot grow, and gives nothing back when it ends';

/** Judges objects: their grants, class, bank, body and slots. */
export class Objects {
  readonly #inspection: Inspection;
  /** Banks that pay for something, and the first thing that they pay for. */
  readonly #paying = new Map<string, string>();
  /** The banks that there are, and what pays for each. */
  readonly #banks = new Map<string, string | null>();
  /** Objects that cannot be read, which have been told. */
  readonly #unread = new Set<string>();
  /** Sources that classes name: which class, and which of its versions is the first to do so. */
  readonly sources = new Map<string, { readonly key: string; readonly version: string }>();

  constructor(inspection: Inspection) {
    this.#inspection = inspection;
  }

  /** Reports what is wrong; gives undefined for an object that cannot be read. */
  check(id: string, value: string): ReadObject | undefined {
    const inspection = this.#inspection;
    const key = objectKey(id);
    inspection.usesObject(id);
    const object = jsonIn(value) as Partial<StoredObject> | undefined;
    const problem = object === undefined ? 'it is no JSON' : problemOf(object, inspection);
    if (problem !== undefined || object === undefined) {
      return this.#unreadable(id, problem ?? 'it is no JSON');
    }
    const examined = inspection.examine(object);
    if ('problem' in examined) {
      return this.#unreadable(id, examined.problem);
    }
    const { tree, slots } = examined;
    if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) {
      return this.#unreadable(id, 'it has no record');
    }
    const { class: className = '', of, bank = null } = object;
    this.#class(key, id, object);
    if (bank !== null) this.#bank(bank, id);
    for (const { 7: payer } of object.grants ?? []) if (payer !== undefined) this.#bank(payer, id);
    if (className === 'Bank' && of === undefined) this.#banks.set(id, bank);
    const excess = excessOf(tree, WORLD_LIMITS.record);
    if (excess !== undefined) inspection.report({ key, what: `its record ${excess}`, means: STUCK });
    const record = tree as Record<string, unknown>;
    if (className === 'ClassObject' && of === undefined) this.#noteSources(key, record);
    return { id, className, of, record, slots };
  }

  #unreadable(id: string, problem: string): undefined {
    this.#unread.add(id);
    this.#inspection.unusable(objectKey(id), `the object cannot be read: ${problem}`, LOST);
  }

  /** Its class has to be there, in the version that the object is of. */
  #class(key: string, id: string, object: Partial<StoredObject>): void {
    const inspection = this.#inspection;
    const { builtIn, written, asides } = inspection.around;
    const { class: className = '', of, v = 1, bank = null } = object;
    let why: string | undefined;
    if (of === undefined) {
      if (builtIn === undefined) return; // told once, where it is lost
      const versions = builtIn.get(className);
      if (versions === undefined) why = `no built-in class is called ${className}`;
      else if (v > versions) why = `it is of version ${v} of ${className}, which there never was`;
    } else {
      inspection.usesObject(of);
      const known = written.get(of);
      if (known === undefined) why = `its class ${className}, the object ${of}, is not there`;
      else if (v > known.versions) why = `it is of version ${v} of ${className}, which there never was`;
    }
    if (why === undefined || asides.has(id)) return;
    const fix = inspection.setAside(id, { className, bank, why });
    inspection.report({ key, what: why, means: STANDS_STILL, fix });
  }

  #bank(bank: string, id: string): void {
    const inspection = this.#inspection;
    inspection.usesObject(bank);
    if (this.#paying.has(bank)) return;
    this.#paying.set(bank, id);
    if (inspection.around.grants.has(bank)) return;
    const what = `the bank that pays for ${id}, and perhaps others, is not there`;
    inspection.report({ key: objectKey(bank), what, means: NO_BANK, fix: this.#closedBank(bank) });
  }

  /** At the end: what pays has to be a bank, and none may pay for itself, by whatever detour. */
  finishBanks(): void {
    const { around } = this.#inspection;
    for (const [bank, id] of this.#paying) {
      if (this.#banks.has(bank) || !around.grants.has(bank) || around.unreadable.has(bank)) continue;
      if (this.#unread.has(bank)) continue;
      const what = `it pays for ${id}, and perhaps others, and is no bank`;
      this.#inspection.report({ key: objectKey(bank), what, means: NO_BANK });
    }
    const through = new Set<string>();
    for (const first of this.#banks.keys()) {
      const way = new Set<string>();
      let at: string | null | undefined = first;
      for (; typeof at === 'string' && !through.has(at) && !way.has(at); at = this.#banks.get(at))
        way.add(at);
      if (typeof at === 'string' && way.has(at)) {
        const what = 'this bank is paid for by itself, or by one that it pays for';
        this.#inspection.report({
          key: objectKey(at),
          what,
          means: 'the world stands still at what it pays for',
        });
      }
      for (const each of way) through.add(each);
    }
  }

  /** As a bank is after its owner's giver has taken it back. */
  #closedBank(id: string): NonNullable<Finding['fix']> {
    const version = this.#inspection.around.builtIn?.get('Bank') ?? 1;
    const bank = {
      class: 'Bank',
      ...(version > 1 ? { v: version } : {}),
      bank: null,
      grants: [],
      body: '#{"closed":true,"left":0,"reports":null}',
      slots: [],
    };
    return {
      said: `put a closed bank in the place of ${id}`,
      ops: [{ put: objectKey(id), value: JSON.stringify(bank) }],
    };
  }

  #noteSources(key: string, record: Readonly<Record<string, unknown>>): void {
    const { name, versions } = record as { readonly name?: unknown; readonly versions?: unknown };
    if (!Array.isArray(versions)) return;
    versions.forEach((version: { readonly source?: unknown } | null, at) => {
      const source = version?.source;
      if (typeof source === 'string' && !this.sources.has(source))
        this.sources.set(source, { key, version: `${String(name)} ${at + 1}` });
    });
  }

  /** A source that is there and is what its hash names. */
  source(hash: string, text: string): boolean {
    if (createHash('sha256').update(text).digest('hex') !== hash) return false;
    this.sources.delete(hash);
    return true;
  }

  /** At the end: sources that classes name and that are not there. Nothing brings them back but their authors. */
  missingSources(): void {
    for (const [hash, { key, version }] of this.sources)
      this.#inspection.report({
        key,
        what: `the source of ${version} (src/${hash}) is not there`,
        means: 'objects of that version take no calls until its author saves the class again',
      });
  }
}

/** What keeps the world from reading the envelope of an object. */
function problemOf(object: Partial<StoredObject>, inspection: Inspection): string | undefined {
  if (typeof object !== 'object' || object === null) return 'it is no object';
  const { class: className, of, v = 1, paid = 0, kept = 0, bank, grants } = object;
  if (typeof className !== 'string') return 'it names no class';
  if (of !== undefined && !isId(of)) return 'what it says of its class is no object';
  if (bank !== null && !isId(bank)) return 'it does not say who pays for it';
  if (!Number.isSafeInteger(v) || v < 1) return 'its version is no number';
  if (!isCount(paid) || !isCount(kept)) return 'what is paid for it is no number';
  if (!Array.isArray(grants)) return 'it has no grants';
  const tokens = new Set<unknown>();
  for (const [at, grant] of grants.entries()) {
    if (!Array.isArray(grant) || (grant.length !== 7 && grant.length !== 8)) return `grant ${at + 1} is none`;
    const [token, shape, parent, label, standing, expires, uses, payer] = grant as readonly unknown[];
    if (!isToken(token)) return `grant ${at + 1} has no token`;
    if (tokens.has(token)) return `grant ${at + 1} has the token of another one`;
    tokens.add(token);
    if (!inspection.usesShape(shape)) return `grant ${at + 1} is of no method set`;
    if (!Number.isSafeInteger(parent) || Number(parent) < -1 || Number(parent) >= at)
      return `the parent of grant ${at + 1} is not there`;
    if (typeof label !== 'string' || (standing !== null && typeof standing !== 'string'))
      return `grant ${at + 1} is for nobody that can be named`;
    if ((expires !== null && !isExpiry(expires)) || (uses !== null && !isCount(uses)))
      return `the limits of grant ${at + 1} are no numbers from 0`;
    if (payer !== undefined && !isId(payer)) return `grant ${at + 1} is paid for by nobody`;
  }
  return undefined;
}

function isId(value: unknown): boolean {
  return typeof value === 'string' && isObjectId(value);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
