import { readFileSync } from 'node:fs';

/** The sources of the examples: they are not compiled. */
const FOLDER = new URL('../../../docs/examples/', import.meta.url);

/** Classes that everybody may use once they are opened, each after those that it names. */
export const SHARED_CLASSES = [
  'OilLamp',
  'TimeBomb',
  'BulletinBoard',
  'LockedChest',
  'ChestKey',
  'Mint',
  'Purse',
  'VendingMachine',
  'VotingBox',
  'Ballot',
  'ReadersTicket',
  'LoanBook',
  'Stage',
  'Actor',
  'Dog',
  'Shopkeeper',
] as const;

/** What somebody types to save a version of an example. */
export function example(name: string, version: number): readonly string[] {
  const file = name.replaceAll(/\B[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  const source = readFileSync(new URL(`${file}.js`, FOLDER), 'utf8').trimEnd();
  return [`@class ${name}`, ...source.split('\n'), `// Version ${version}.`, '.'];
}

/**
 * A clock, with all that waits or is waited for in it: it strikes again and again, publishes the hours, is told of starts
 * of the world, keeps a list, sends itself what fails, and grows a field in every third version.
 */
export function clock(name: string, version: number): readonly string[] {
  const era = Math.floor(version / 3);
  return `@class ${name}
class ${name} extends Thing {
  static facets = {
    ...Thing.facets,
    public: { ...Thing.facets.public, hours: M.call().returns(M.number()) },
    self: { strike: M.call().returns(), woken: M.call(M.string(), M.any(), M.any()).returns(), burst: M.call().returns() },
  };
  static verbs = { wind: 'wind', halt: 'halt', 'tap': 'tap', 'note * on': 'note' };
  #hours = 0;
  #woken = 0;
  #timer = null;
  #era = ${era};
  static upgrade(record) { return { ...record, era: ${era} }; }
  toRecord() { return { ...super.toRecord(), hours: this.#hours, woken: this.#woken, timer: this.#timer, era: this.#era }; }
  fromRecord(record) {
    super.fromRecord(record);
    this.#hours = record.hours;
    this.#woken = record.woken;
    this.#timer = record.timer;
    this.#era = record.era;
  }
  wind() {
    if (this.#timer !== null) return 'It goes.';
    const self = facet(this, 'self');
    this.#timer = every(${300_000 + version * 1000}, self, 'strike', []);
    onRestart('woken', self, 'woken', { args: [{ version: ${version} }], caps: [self] });
    return 'It goes now.';
  }
  halt() {
    if (this.#timer === null) return 'It stands.';
    cancel(this.#timer);
    offRestart('woken');
    this.#timer = null;
    return 'It stands now.';
  }
  tap() { send(facet(this, 'self'), 'burst', []); return 'It whirs.'; }
  burst() { throw fail('Burst', 'A spring jumps out: version ${version}.'); }
  note(by, text) {
    const notes = collection(this, 'notes');
    if (notes.size > 20) notes.delete(notes.keys(null, 1)[0]);
    notes.set(by, { text, hours: this.#hours });
    notes.set('note ' + this.#hours, by);
    return 'Noted, ' + notes.size + ' by now.';
  }
  hours() { return this.#hours; }
  strike() {
    this.#hours += 1;
    publish('hours', this.#hours);
    if (this.#hours % 12 === 0) this.sound('Twelve more hours have been struck.');
  }
  woken() { this.#woken += 1; }
}
.`.split('\n');
}

/** A case that watches the clock that is put into it, and keeps a capability on each that was. */
export function casing(name: string, version: number): readonly string[] {
  return `@class ${name}
class ${name} extends Container {
  static facets = { ...Container.facets, ears: { heard: M.call(M.number(), M.string()).returns() } };
  static verbs = { ...Container.verbs, deafen: 'deafen', part: 'part' };
  #heard = 0;
  #watched = null;
  #parts = [];
  toRecord() { return { ...super.toRecord(), heard: this.#heard, watched: this.#watched, parts: this.#parts }; }
  fromRecord(record) {
    super.fromRecord(record);
    this.#heard = record.heard;
    this.#watched = record.watched;
    this.#parts = record.parts;
  }
  enter(thing, holder, ...more) {
    const spot = super.enter(thing, holder, ...more);
    if (this.#watched === null && typeof thing.hours === 'function')
      this.#watched = { thing, number: watch(thing, 'hours', facet(this, 'ears'), 'heard') };
    return spot;
  }
  deafen() {
    if (this.#watched === null) return 'It hears nothing.';
    attempt(() => unwatch(this.#watched.thing, this.#watched.number));
    this.#watched = null;
    return 'It hears nothing now, of ' + this.#heard + '.';
  }
  // Version ${version} keeps what it makes, and forgets it again: nobody else has any of it.
  part() {
    this.#parts = this.#parts.length > ${2 + (version % 3)} ? [] : [...this.#parts, facet(this, 'ears', { for: 'part ' + this.#heard })];
    return 'It has ' + this.#parts.length + ' parts.';
  }
  heard(hours) { this.#heard = hours; }
}
.`.split('\n');
}

/** A character that makes things with a bank that it was given, and forgets all but the last few: garbage. */
export function baker(version: number): readonly string[] {
  return `@class Baker
class Baker extends Actor {
  static verbs = { bake: 'bake' };
  #bank = null;
  #loaves = [];
  toRecord() { return { ...super.toRecord(), bank: this.#bank, loaves: this.#loaves }; }
  fromRecord(record) { super.fromRecord(record); this.#bank = record.bank; this.#loaves = record.loaves; }
  receive(on, capability, note) {
    if (capability.pay === undefined) super.receive(on, capability, note);
    else this.#bank = capability;
  }
  bake() {
    if (this.#bank === null) return 'There is no flour.';
    const baked = attempt(() => create(this.#bank, Thing, { name: 'loaf ${version}' }));
    if (!baked.ok) return 'There is no flour any more.';
    this.#loaves = [baked.value, ...this.#loaves].slice(0, 3);
    return 'There are ' + this.#loaves.length + ' loaves.';
  }
}
.`.split('\n');
}
