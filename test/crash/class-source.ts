/** One text that the source of a class can be. Its name stands in it, and in every record that its code writes. */
export interface ClassText {
  /** `Kind07t3`: the third text of the class Kind07. */
  readonly id: string;
  /** Its upgrade hook throws for the objects whose serial number this divides; 0: for none. */
  readonly fails: number;
  /** The public facet has one method more. */
  readonly extra: boolean;
  readonly source: string;
}

export interface ClassTextOptions {
  readonly kind: string;
  readonly number: number;
  readonly fails: number;
  readonly extra: boolean;
  /** The class that it is built on; null for a built-in one. */
  readonly base: string | null;
  /** A class that its code names, and calls. */
  readonly uses: string | null;
}

/** Milliseconds of the timers that objects set. */
const RINGS_AFTER = 150;

/**
 * Writes a text. What its objects store of their counts has a name that only this text knows, so code that gets a record
 * of another text finds nothing, and says so.
 */
export function classText(options: ClassTextOptions): ClassText {
  const { kind, number, fails, extra, base } = options;
  const id = `${kind}t${number}`;
  const text = { ...options, id };
  return { id, fails, extra, source: base === null ? rootSource(text) : derivedSource(text) };
}

/** The same with a mistake in a line, and that line. */
export function withMistake({ source }: ClassText): { source: string; line: number; right: string } {
  const lines = source.split('\n');
  const at = lines.findIndex((line) => line.includes('  return '));
  const right = lines[at] ?? '';
  return { source: lines.with(at, right.replace('return', 'retrun')).join('\n'), line: at + 1, right };
}

interface Named extends ClassTextOptions {
  readonly id: string;
}

/** What a class does with its own part of the record, whatever it is built on. */
function ownPart({ kind, id, fails }: Named, begins: string): string {
  return `  #own = null;
  init(spec) {
    super.init(spec);
    this.#own = { text: TEXT, serial: Number(spec.name.slice(2)), trail: [], count${id}: 0${begins} };
  }
  static upgrade(record, from) {
    const { ['count' + record.${kind}.text]: count, ...own } = record.${kind};
    ${fails === 0 ? '' : `if (own.serial % ${fails} === 0) throw fail('Stubborn', 'It stays as it is.');`}
    const trail = [...own.trail, from + ':' + own.text].slice(-20);
    return { ...record, ${kind}: { ...own, text: TEXT, trail, count${id}: count } };
  }
  fromRecord(record) {
    super.fromRecord(record);
    const own = record.${kind};
    if (own.text !== TEXT || own.count${id} === undefined) throw fail('Mixed', 'MIXED: ' + TEXT + ' got a record of ' + own.text);
    this.#own = own;`;
}

function rootSource(text: Named): string {
  const { kind, id, extra, uses } = text;
  return `const TEXT = '${id}';
class ${kind} extends Container {
  static facets = {
    ...Container.facets,
    public: {
      ...Container.facets.public,
      told: M.call(M.string(), M.number()).returns(M.any()),
      mail: M.call(M.string(), M.number()).returns(),${extra ? '\n      extra: M.call().returns(M.string()),' : ''}
    },
    own: { tick: M.call(M.number()).returns(), ring: M.call(M.number()).returns() },
  };
  static verbs = { 'stamp * on': 'stamp', report: 'report' };
  #partner = null;
${ownPart(text, ', sent: 0, ticked: 0, set: 0, rung: 0, calls: 0, mails: 0, told: {}, post: {}, faults: []')}
    this.#partner = record.partner;
  }
  toRecord() {
    return { ...super.toRecord(), ${kind}: this.#own, partner: this.#partner };
  }
  enter(thing, ...more) {
    const spot = super.enter(thing, ...more);
    if (this.#partner === null && thing.told !== undefined) this.#partner = thing;
    return spot;
  }
  levels() {
    return [{ text: TEXT, count: this.#own.count${id}, trail: this.#own.trail }];
  }
  stamp(by, text) {
    const [who, number] = text.split('x');
    const seen = collection(this, 'seen');
    if ((seen.get(who) ?? 0) >= Number(number)) throw fail('Mixed', 'MIXED: ' + text + ' comes after ' + seen.get(who));
    seen.set(who, Number(number));
    const own = { ...this.#own, count${id}: this.#own.count${id} + 1, sent: this.#own.sent + 1 };
    send(facet(this, 'own'), 'tick', [own.sent]);
    if (own.sent % 3 === 0) {
      own.set += 1;
      after(${RINGS_AFTER}, facet(this, 'own'), 'ring', [own.set]);
    }
    let far = null;
    const partner = this.#partner;
    if (partner !== null) {
      own.calls += 1;
      const told = partner.told(this.label, own.calls);
      const more = partner.extra === undefined ? null : attempt(() => partner.extra());
      far = { ...told, extra: more === null ? '' : more.ok ? more.value : more.error.code };
      if (own.sent % 2 === 0) {
        own.mails += 1;
        send(partner, 'mail', [this.label, own.mails]);
      }
    }
    this.#own = own;
    return text + ' ' + JSON.stringify({ ...this.state(), far });
  }
  state() {
    const { version } = classOf(facet(this, 'public'));
    const { faults } = this.#own;
    const levels = this.levels().map(({ text, count }) => ({ text, count }));
    return { object: this.label, version, levels, uses: ${uses === null ? 'null' : `${uses}.current()`}, faults };
  }
  report() {
    const { sent, ticked, set, rung, calls, mails, told, post } = this.#own;
    const partner = this.#partner === null ? null : this.#partner.name();
    const trails = this.levels().map(({ trail }) => trail);
    return JSON.stringify({ ...this.state(), trails, partner, sent, ticked, set, rung, calls, mails, told, post });
  }
  tick(n) {
    this.#own = { ...this.count('tick', n, this.#own.ticked), ticked: n };
  }
  ring(n) {
    this.#own = { ...this.count('ring', n, this.#own.rung), rung: n };
  }
  told(who, n) {
    const last = this.#own.told[who] ?? 0;
    if (n !== last + 1) throw fail('Mixed', 'MIXED: call ' + n + ' of ' + who + ' after ' + last);
    this.#own = { ...this.#own, told: { ...this.#own.told, [who]: n } };
    const { object, version, levels } = this.state();
    return { object, version, levels };
  }
  mail(who, n) {
    const own = this.count('mail of ' + who, n, this.#own.post[who] ?? 0);
    this.#own = { ...own, post: { ...own.post, [who]: n } };
  }${extra ? '\n  extra() {\n    return TEXT;\n  }' : ''}
  count(what, n, last) {
    const own = this.#own;
    return n === last + 1 ? own : { ...own, faults: [...own.faults, what + ' ' + n + ' after ' + last].slice(-5) };
  }
}`;
}

function derivedSource(text: Named): string {
  const { kind, id, base } = text;
  return `const TEXT = '${id}';
class ${kind} extends ${base} {
${ownPart(text, '')}
  }
  toRecord() {
    return { ...super.toRecord(), ${kind}: this.#own };
  }
  levels() {
    return [...super.levels(), { text: TEXT, count: this.#own.count${id}, trail: this.#own.trail }];
  }
  stamp(by, text) {
    this.#own = { ...this.#own, count${id}: this.#own.count${id} + 1 };
    return super.stamp(by, text);
  }
}`;
}
