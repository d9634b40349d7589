// A sealer: what it seals anybody may carry, and nobody but itself can open.
//
// `seal` gives a box: a capability without any method, which shows nothing and cannot be made by anybody else. What is in it the
// sealer keeps in a collection, with the box as the key. `unseal` gives it for the box. So whoever has `sealing` can close
// boxes for whoever has `unsealing`; and a box that opens proves that it was closed with this sealer.
//
// Here it is a press: it seals and unseals what lies in it, for whoever has it within reach. In a class of your own build on it,
// or make one, and give its two facets to two different objects.

class Sealer extends Container {
  static facets = {
    ...Container.facets,
    box: {},
    sealing: { seal: M.call(M.any()).returns(M.remotable()) },
    unsealing: { unseal: M.call(M.remotable()).returns(M.any()), discard: M.call(M.remotable()).returns() },
    owner: {
      ...Container.facets.owner,
      sealing: M.call().returns(M.remotable()),
      unsealing: M.call().returns(M.remotable()),
    },
  };
  static verbs = { 'seal with': 'press', 'unseal with': 'lift' };

  #tray = null; // the hold on what was put in last

  toRecord() {
    return { ...super.toRecord(), tray: this.#tray };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#tray = record.tray;
  }

  sealing() {
    return facet(this, 'sealing');
  }

  unsealing() {
    return facet(this, 'unsealing');
  }

  seal(contents) {
    const box = facet(this, 'box', { for: 'a sealed box' });
    collection(this, 'boxes').set(box, contents);
    return box;
  }

  unseal(box) {
    const boxes = collection(this, 'boxes');
    if (!boxes.has(box)) throw fail('NotSealed', 'That was not sealed here.');
    return boxes.get(box);
  }

  // Forgets a box: nobody opens it any more.
  discard(box) {
    if (collection(this, 'boxes').delete(box)) revoke(this, box);
  }

  enter(thing, holder, ...more) {
    const spot = super.enter(thing, holder, ...more);
    this.#tray = holder;
    return spot;
  }

  press() {
    return (
      this.#onTray('sealWith')?.sealWith(this.sealing()) ?? 'There is nothing in it that could be sealed.'
    );
  }

  lift() {
    return (
      this.#onTray('unsealWith')?.unsealWith(this.unsealing()) ??
      'There is nothing in it that could be unsealed.'
    );
  }

  #onTray(method) {
    const tray = this.#tray;
    return tray !== null && isLive(tray) && tray[method] !== undefined ? tray : null;
  }
}
