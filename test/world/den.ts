/**
 * The source of a room, dug by whoever wrote it, that keeps the way out of itself: so what is said in it can come into the
 * room where it was dug. `fields` are further ones that are stored, null at first.
 */
export function den(methods: string, ...fields: readonly string[]): string {
  const all = ['way', ...fields];
  return `
class Den extends Room {
${all.map((field) => `  #${field} = null;`).join('\n')}
  toRecord() { return { ...super.toRecord(), ${all.map((field) => `${field}: this.#${field}`).join(', ')} }; }
  fromRecord(record) { super.fromRecord(record); ${all.map((field) => `this.#${field} = record.${field};`).join(' ')} }
  addExit(name, also, to, front, passage) {
    this.#way = passage;
    super.addExit(name, also, to, front, passage);
  }
${methods}
}`;
}
