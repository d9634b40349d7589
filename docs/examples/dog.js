// A dog that follows: something that listens, walks and obeys.
//
// Its room tells it what is said, by `hear`, and what can be seen, by `witness`, as it tells everybody who is in it. The dog
// knows its owner by his capability, whoever says what. A line of text says no more than a name, so before it follows it
// looks whether he is really gone.
//
// What it is given in the room comes to `receive`: also a bank, with "@bank split 3 for Rex". Without one nothing can be made.

const { capital, line, the } = words;

const TRICKS = { sit: 'sits down', heel: 'gets up', speak: 'barks', dig: 'digs' };

class Dog extends Actor {
  static facets = {
    ...Actor.facets,
    self: { ...Actor.facets.self, follow: M.call(M.string()).returns(), dig: M.call().returns() },
  };
  static verbs = { adopt: 'adopt', 'pet|stroke': 'pet' };

  #owner = null; // { person, name }
  #stays = false;
  #bank = null;
  #bone = null;

  toRecord() {
    const own = { owner: this.#owner, stays: this.#stays, bank: this.#bank, bone: this.#bone };
    return { ...super.toRecord(), ...own };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#owner = record.owner;
    this.#stays = record.stays;
    this.#bank = record.bank;
    this.#bone = record.bone;
  }

  describe() {
    return `${super.describe()} It ${this.#stays ? 'sits, and waits' : 'stands, and wags'}.`;
  }

  adopt(by) {
    if (this.#owner !== null)
      return `${capital(the(this.label))} looks at you, and then for ${this.#owner.name}.`;
    this.#owner = { person: by, name: line(by.name()) };
    return `${capital(the(this.label))} is yours from now on. It knows "sit", "heel", "speak" and "dig".`;
  }

  pet(by) {
    return by === this.#owner?.person ? 'It leans on your leg.' : 'It lets you.';
  }

  hear(_text, said, by) {
    const [trick] = /\b(?:sit|heel|speak|dig)\b/.exec(said?.toLowerCase() ?? '') ?? [];
    if (trick === undefined || by !== this.#owner?.person) return;
    if (trick === 'sit' || trick === 'heel') this.#stays = trick === 'sit';
    this.later('show', TRICKS[trick]);
    if (trick === 'dig') this.later('dig');
  }

  // `on` is what the capability is on; with a bank, the person who gives it.
  receive(on, capability, note) {
    if (on === this.#owner?.person && capability.pay !== undefined) this.#bank = capability;
    else super.receive(on, capability, note); // refuses
  }

  // `create` gives the owner facet of the bone. Nobody else ever has it, so the dog keeps it, and brings the bone wherever it digs.
  dig() {
    const floor = this.spot.floor?.();
    if (floor === undefined || this.#bank === null) return;
    this.#bone ??= create(this.#bank, Thing, { name: 'old bone' });
    this.#bone.bring(floor);
  }

  witness(text) {
    const [, name, way] = /^(.+) goes (\S+)\.$/.exec(text) ?? [];
    if (way !== undefined && !this.#stays && name === this.#owner?.name) this.later('follow', way);
  }

  follow(way) {
    const seen = this.spot.look?.(); // as far as it is on its feet
    const isHere = ({ thing }) => thing === this.#owner.person;
    if (seen !== undefined && !seen.people.some(isHere)) this.walk(way);
  }
}
