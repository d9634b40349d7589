// A locked chest: keys are capabilities, and what was given can be taken back.
//
// The lock asks nobody who he is. It opens to its `bolt`. While the chest is unlocked, whoever puts a key into it has it cut:
// the key gets a bolt of its own, which can be revoked alone. To change the lock revokes them all, wherever they are by
// then, and every copy that anybody stored.

const { capital, the } = words;

const MOST_KEYS = 20;

class LockedChest extends Container {
  static facets = {
    ...Container.facets,
    // What the command "unlock" needs of anything that has a lock.
    public: {
      ...Container.facets.public,
      present: M.call(M.remotable()).returns(M.string()),
      isLocked: M.call().returns(M.boolean()),
    },
    bolt: { unlock: M.call().returns() },
  };
  static verbs = { ...Container.verbs, lock: 'lock', change: 'change' };

  #locked = false;
  #cut = []; // the bolts of all keys

  init(spec) {
    super.init({ ...spec, lid: 'open' });
  }

  toRecord() {
    return { ...super.toRecord(), locked: this.#locked, cut: this.#cut };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#locked = record.locked;
    this.#cut = record.cut;
  }

  enter(thing, holder, name, ...more) {
    const spot = super.enter(thing, holder, name, ...more);
    if (holder.cut === undefined) return spot;
    if (this.#cut.length >= MOST_KEYS) throw fail('Full', 'There are too many keys to it. Change the lock.');
    const bolt = facet(this, 'bolt', { for: name });
    holder.cut(bolt);
    this.#cut = [...this.#cut, bolt];
    return spot;
  }

  open() {
    return this.#locked ? 'It is locked.' : super.open();
  }

  lock() {
    if (this.#locked) return 'It is locked already.';
    this.shut();
    this.#locked = true;
    return `You shut ${the(this.label)}, and it locks itself.`;
  }

  change() {
    if (this.#locked) return 'It is locked.';
    for (const bolt of this.#cut) revoke(this, bolt);
    this.#cut = [];
    return 'You change the lock. No key fits it any more, until you put it in to be cut.';
  }

  isLocked() {
    return this.#locked;
  }

  // Somebody tries a capability, whatever it is. What unlocks is that it unlocks.
  present(key) {
    if (!this.#locked) return 'It is not locked.';
    attempt(() => key.unlock());
    return this.#locked ? 'It does not turn.' : `${capital(the(this.label))} is unlocked.`;
  }

  unlock() {
    this.#locked = false;
  }
}
