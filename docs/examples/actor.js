// An actor: a character that gets up on a stage, and can then do what people do.
//
// What is in a room as a person holds more of that room than what lies on its floor: it can look, speak, walk, and put things
// into the hands of others. And others can give it things, which nobody but itself gets out of its hands again.
//
// Much of what it notices comes in the middle of somebody else's turn, which it must neither hold up nor spoil. So it only makes up
// its mind there, and acts `later`, in a turn of its own. Classes for characters are built on this one: see dog.js,
// shopkeeper.js and broker.js.

const { a, capital, the } = words;

class Actor extends Carrier {
  static facets = {
    ...Carrier.facets,
    holder: { ...Carrier.facets.holder, wake: M.call(M.remotable()).returns() },
    // For what it sends to itself, and for nobody else.
    self: {
      say: M.call(M.string()).returns(),
      show: M.call(M.string()).returns(),
      walk: M.call(M.string()).returns(),
      handOver: M.call(M.remotable(), M.remotable()).returns(),
    },
  };

  // Both hold within one turn only, so they are not in the record.
  #walking = false;
  #giver = null;

  // By the stage: here is a door.
  wake(door) {
    this.#cross(door, 'from behind the scenes');
  }

  listens() {
    return true;
  }

  later(method, ...args) {
    send(facet(this, 'self'), method, args);
  }

  say(text) {
    this.spot.say?.(this.spot, text); // it has no `say` where somebody carries it
  }

  show(text) {
    this.spot.show?.(this.spot, text);
  }

  // The room asks the way whether it leads on, and then has whoever wants to go depart by its door.
  walk(way) {
    this.#walking = true;
    const went = attempt(() => this.spot.go?.(this.spot, way));
    this.#walking = false;
    if (!went.ok) this.show('gets no further');
  }

  depart(door, arriving) {
    if (!this.#walking) throw fail('Refused', `${capital(the(this.label))} stays.`);
    this.#cross(door, arriving);
  }

  // Whoever gives something first asks for a way into these hands, and it comes in by that.
  opening(by) {
    this.#giver = by;
    return super.opening(by);
  }

  // Who is giving what comes in now; null if it came by itself.
  giver() {
    return this.#giver;
  }

  // Gives somebody what is in these hands, or lets it fall if he does not take it.
  handOver(by, thing) {
    const { spot } = this;
    const { holder, name } = this.inHand(thing);
    const given = attempt(() => {
      holder.moveTo(spot.mouthOf(spot, by));
      spot.show(spot, '', by, `gives you ${a(name)}`);
    });
    if (!given.ok) holder.moveTo(spot.floor());
  }

  #cross(door, manner) {
    const left = this.goThrough((holder) => door.arrive(this, holder, this.label, true, manner));
    left?.vacate(left);
  }
}
