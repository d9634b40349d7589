import { stateOf } from './capability.ts';
import type { ClassSpec, Persistent } from './class-spec.ts';
import { Grants, type StoredGrant } from './grant.ts';
import type { Marshal } from './marshal.ts';
import type { ObjectId } from './names.ts';
import type { Shape } from './shape.ts';

const NO_TARGETS: readonly string[] = Object.freeze([]);

/**
 * The membrane around one object: holds its instance, its last good record and its grants. Nothing else holds the
 * instance; the membrane calls it, the turn decides what becomes of it.
 *
 * Invariants: `record` is a frozen copy, true as of the last turn that finished. `instance` is null or made from
 * `working ?? record` and whatever the running turn has done to it. Between turns `working` is undefined,
 * `active` is 0, and an instance that is not null equals `record`.
 */
export class Wrapper {
  readonly id: ObjectId;
  spec: ClassSpec;
  /** The bank object that paid for this one, which gets the price back. */
  readonly bank: ObjectId | null;
  grants: Grants;
  /** The version of its class that `record` is of. */
  version: number;
  /** Blocks that the bank has paid for. */
  paid: number;
  /** Characters that are stored for it outside its record, in its collections. */
  kept = 0;
  record: unknown;
  instance: Persistent | null = null;
  /** False once it has been evicted or discarded: links to it are stale. */
  loaded = true;
  gone = false;
  /** It is set aside, or its class has another version than `record`: `CallContext.attend` looks into it. */
  attention = false;
  /** Set aside: it takes no calls, and none of its code runs. */
  aside = false;

  /** The turn that touched it last, and the savepoint within that turn. Numbers are never reused. */
  turn = 0;
  mark = 0;
  /** Calls on it that are on the stack now. */
  active = 0;
  /** A method that may change it has run since its instance was known to equal `working ?? record`. */
  mayDiffer = false;
  /** What it was in the middle of this turn: when it was asked last, or where an undone attempt left it. */
  working: unknown = undefined;

  /** The objects that its stored form refers to, in the order of its slots: kept by whoever stores it. */
  targets: readonly string[] = NO_TARGETS;

  /** Changed since it was last encoded; such a wrapper cannot be evicted. */
  dirty = false;
  /** Neighbours in the table's order of use. */
  newer: Wrapper | null = null;
  older: Wrapper | null = null;

  constructor(id: ObjectId, spec: ClassSpec, bank: ObjectId | null, grants: Grants, record: unknown) {
    this.id = id;
    this.spec = spec;
    this.bank = bank;
    this.grants = grants;
    this.record = record;
    this.version = spec.version;
    this.paid = bank === null ? 0 : 1;
  }
}

/** The stored form: what toRecord gave, and beside it what the class must not see. */
interface Envelope {
  readonly class: string;
  /** The object that holds the class, if it was written in the world. */
  readonly of?: string;
  /** The version of the class that the record is of; 1 if it is left out. */
  readonly v?: number;
  /** Blocks paid for; 1 if it is left out and there is a bank. */
  readonly paid?: number;
  /** Characters in collections; 0 if it is left out. */
  readonly kept?: number;
  readonly bank: string | null;
  readonly grants: readonly StoredGrant[];
  readonly body: string;
  readonly slots: readonly string[];
}

/** Adds the grants to what toRecord gave, which is `data` when `Marshal.write` has written it. */
export function encodeWrapper(wrapper: Wrapper, data: string): string {
  const bank = wrapper.bank === null ? 'null' : `"${wrapper.bank}"`;
  const { name, origin } = wrapper.spec;
  const of = origin === null ? '' : `"of":"${origin}",`;
  const version = wrapper.version === 1 ? '' : `"v":${wrapper.version},`;
  const paid = wrapper.paid === (wrapper.bank === null ? 0 : 1) ? '' : `"paid":${wrapper.paid},`;
  const kept = wrapper.kept === 0 ? '' : `"kept":${wrapper.kept},`;
  return `{"class":"${name}",${of}${version}${paid}${kept}"bank":${bank},"grants":${wrapper.grants.toText()},${data}}`;
}

/** Takes the grants out again. Throws an ordinary Error if the text is not what `encodeWrapper` writes. */
export function decodeWrapper(
  id: ObjectId,
  text: string,
  marshal: Marshal,
  specOf: (className: string, origin: ObjectId | null, version: number) => ClassSpec,
  shapeOf: (shape: number) => Shape,
  targetsOf: (slots: readonly string[]) => readonly string[],
): Wrapper {
  const envelope = JSON.parse(text) as Envelope;
  const grants = Grants.fromRows(envelope.grants, shapeOf);
  const record = marshal.decode({ body: envelope.body, slots: envelope.slots });
  const isRecord = typeof record === 'object' && record !== null && !Array.isArray(record);
  if (!isRecord || stateOf(record) !== undefined) throw new Error('its stored form holds no record');
  const version = envelope.v ?? 1;
  const spec = specOf(envelope.class, (envelope.of ?? null) as ObjectId | null, version);
  const wrapper = new Wrapper(id, spec, envelope.bank as ObjectId | null, grants, record);
  wrapper.version = version;
  wrapper.paid = envelope.paid ?? wrapper.paid;
  wrapper.kept = envelope.kept ?? 0;
  wrapper.targets = targetsOf(envelope.slots);
  return wrapper;
}
