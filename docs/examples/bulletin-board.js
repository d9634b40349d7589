// A bulletin board: more than a record should hold.
//
// The notes are in a collection, each stored by itself, so that to pin up one writes one, however many there are. The board
// pays for them, or rather the bank of whoever made it: so there is a limit, and the oldest note falls off.
//
// A public capability is the same value every time, so `by` tells whose a note is: only that person takes it down again. But `by`
// is what the place says: a box or a room of somebody's own could name anybody. So the board is `fixed`. Only its owner moves it
// (@teleport), and it is as fair as the room where he puts it.

const { line } = words;

const MOST_NOTES = 200;
const MOST_LETTERS = 300;
const MOST_IN_NAME = 40;
const AT_ONCE = 10;

class BulletinBoard extends Thing {
  static verbs = { read: 'read', 'read * on': 'readFrom', 'pin|post * on': 'pin', 'tear * off|from': 'tear' };

  #last = 0; // the number of the newest note

  init(spec) {
    super.init({ ...spec, fixed: 'It is nailed to the wall.' });
  }

  toRecord() {
    return { ...super.toRecord(), last: this.#last };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#last = record.last;
  }

  describe() {
    return `${super.describe()} There are ${collection(this, 'notes').size} notes on it.`;
  }

  pin(by, text) {
    const notes = collection(this, 'notes');
    const [oldest] = notes.keys(null, 1); // in the order in which they were pinned up
    if (notes.size >= MOST_NOTES) notes.delete(oldest);
    const told = attempt(() => line(by.name()));
    const name = told.ok ? told.value.slice(0, MOST_IN_NAME) : 'somebody';
    this.#last += 1;
    notes.set(String(this.#last), { by, name, text: line(text).slice(0, MOST_LETTERS) });
    return `You pin it up as number ${this.#last}.`;
  }

  read() {
    return this.#listed(null);
  }

  readFrom(_by, text) {
    const notes = collection(this, 'notes');
    if (!notes.has(text)) return `There is no number "${text}" on it.`;
    const { name, text: told } = notes.get(text);
    return `${name} wrote: ${told}\n${this.#listed(text)}`;
  }

  tear(by, text) {
    const notes = collection(this, 'notes');
    const note = notes.get(text);
    if (note === undefined) return `There is no number "${text}" on it.`;
    if (note.by !== by) return `${note.name} wrote that, not you.`;
    notes.delete(text);
    return 'You take it down.';
  }

  // The next few behind one; one more is read, to see whether there is more.
  #listed(after) {
    const found = collection(this, 'notes').entries(after, AT_ONCE + 1);
    const lines = found.slice(0, AT_ONCE).map(([number, { name, text }]) => `${number}. ${name}: ${text}`);
    if (found.length > AT_ONCE) lines.push(`There are more: read ${found[AT_ONCE][0]} on board.`);
    return lines.length === 0 ? 'There is nothing more on it.' : lines.join('\n');
  }
}
