/** A source of a class that counts up by `step`, with more of its own. */
export function counter(name: string, base: string, step: number, more = '', facets = ''): string {
  return `class ${name} extends ${base} {
    static facets = {
      public: { ...${base}.facets.public, count: M.call().returns(M.number()) },
      owner: {
        ...${base}.facets.owner,
        count: M.call().returns(M.number()),
        add: M.call().returns(M.number()),
        keep: M.call(M.any()).returns(),
        kept: M.call().returns(M.any()),
        front: M.call().returns(M.remotable()),
        lend: M.call(M.any()).returns(M.remotable()),
        take: M.call(M.remotable()).returns(),
        later: M.call(M.number(), M.string()).returns(),
        isKept: M.call(M.remotable()).returns(M.boolean()),
      },
      self: { add: M.call().returns(M.number()) },
      ${facets}
    };
    #count = 0;
    #kept = null;
    toRecord() { return { ...super.toRecord(), count${name}: this.#count, kept${name}: this.#kept }; }
    fromRecord(record) {
      super.fromRecord(record);
      this.#count = record.count${name};
      this.#kept = record.kept${name};
    }
    count() { return this.#count; }
    add() { this.#count += ${step}; return this.#count; }
    keep(what) { this.#kept = what; }
    kept() { return this.#kept; }
    front() { return this; }
    lend(terms) { return facet(this, 'owner', terms); }
    take(held) { revoke(this, held); }
    later(ms, method) { after(ms, facet(this, 'self'), method, []); }
    isKept(what) { return this.#kept === what; }
    ${more}
  }`;
}

/** An upgrade that says in the record that it was there. */
export const tells = (name: string): string =>
  `static upgrade(record, from) { return { ...record, label: record.label + ' ${name} ' + from }; }`;
