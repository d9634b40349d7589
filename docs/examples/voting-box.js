// A voting box: one vote each, by capability.
//
// It asks nobody who he is. Whoever prepares the vote puts a paper into the box for each voter (ballot.js): it gets a
// capability for one vote, and whoever has the paper has the vote. `uses: 1` is kept by the box, so it does not matter
// what the paper thinks of it; and which vote was whose, nobody can tell.
//
// Everything can be prepared by whoever has the box within reach, until it is sealed, and nothing from then on: so seal it
// before you put it down.

const { line } = words;

const MOST_CHOICES = 20;

class VotingBox extends Container {
  static facets = { ...Container.facets, voter: { vote: M.call(M.string()).returns(M.string()) } };
  static verbs = { 'offer * in': 'offer', seal: 'seal', count: 'count' };

  #sealed = false;
  #choices = []; // { name, votes }, in the order in which they were offered

  toRecord() {
    return { ...super.toRecord(), sealed: this.#sealed, choices: this.#choices };
  }

  fromRecord(record) {
    super.fromRecord(record);
    this.#sealed = record.sealed;
    this.#choices = record.choices;
  }

  offer(_by, text) {
    if (this.#sealed) return 'It is sealed.';
    const name = line(text).toLowerCase().slice(0, 40);
    if (this.#choices.length >= MOST_CHOICES || this.#find(name) !== undefined) return 'It is full of that.';
    this.#choices = [...this.#choices, { name, votes: 0 }];
    return `One can vote for ${this.#names()}.`;
  }

  enter(thing, holder, ...more) {
    const spot = super.enter(thing, holder, ...more);
    if (!this.#sealed && holder.stamp !== undefined)
      holder.stamp(facet(this, 'voter', { for: 'one voter', uses: 1 }));
    return spot;
  }

  seal() {
    if (this.#choices.length < 2) return 'There is nothing to choose from. Like this: offer tea in box.';
    this.#sealed = true;
    return `You seal it. One can vote for ${this.#names()}.`;
  }

  // What fails has not happened: a vote for nothing does not use the capability up.
  vote(name) {
    if (!this.#sealed) throw fail('NotYet', 'The box has not been sealed yet.');
    const chosen = this.#find(name.toLowerCase());
    if (chosen === undefined) throw fail('NoChoice', `One can vote for ${this.#names()}.`);
    const { votes } = chosen;
    this.#choices = this.#choices.map((each) => (each === chosen ? { ...each, votes: votes + 1 } : each));
    return chosen.name;
  }

  count() {
    if (!this.#sealed) return 'It is not sealed yet.';
    return `So far: ${this.#choices.map(({ name, votes }) => `${name} ${votes}`).join(', ')}.`;
  }

  #find(name) {
    return this.#choices.find((each) => each.name === name);
  }

  #names() {
    return words.list(
      this.#choices.map(({ name }) => name),
      'or',
    );
  }
}
