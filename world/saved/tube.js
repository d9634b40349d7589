const { line } = words;

/** One end of a speaking tube. What goes into it comes out of the other, a moment later. */
class Tube extends Thing {
  static facets = {
    ...Thing.facets,
    mouthpiece: { carry: M.call(M.string()).returns() },
    owner: {
      ...Thing.facets.owner,
      mouthpiece: M.call().returns(M.remotable()),
      join: M.call(M.remotable()).returns(),
    },
  };
  static verbs = { 'blow into': 'blow', 'shout|speak * into': 'speak' };

  #farEnd = null;

  toRecord() {
    return { ...super.toRecord(), farEnd: this.#farEnd };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#farEnd = record.farEnd;
  }

  mouthpiece() {
    return facet(this, 'mouthpiece');
  }

  join(farEnd) {
    this.#farEnd = farEnd;
  }

  carry(text) {
    this.sound(line(text));
  }

  blow() {
    this.#send('The speaking tube lets out a thin, dusty whistle.');
    return 'You blow into the tube. Far off, something whistles.';
  }

  speak(_by, text) {
    this.#send(`A small brass voice comes out of the speaking tube: "${line(text)}"`);
    return `You put your mouth to the brass and say, "${line(text)}" The tube swallows it.`;
  }

  #send(text) {
    if (this.#farEnd !== null) send(this.#farEnd, 'carry', [text]);
  }
}
