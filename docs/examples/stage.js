// A stage: a room where things get up and walk.
//
// Nobody is a person in a room but who came in by a door, and to things on the floor a room gives no door. This one is built
// on Room, and so it has a door to give: its own. It hands it to whatever is set down on it and has a method `wake`, in a
// later turn, when that thing lies still. Whoever has got up is a person here and everywhere: he can go out, and looks
// around, speaks, hears, and gives as people do.

class Stage extends Room {
  enter(thing, holder, ...more) {
    const spot = super.enter(thing, holder, ...more);
    if (holder.wake !== undefined) send(holder, 'wake', [facet(this, 'door')]);
    return spot;
  }
}
