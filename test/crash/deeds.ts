/** What a line would do if it is done, and how its answer then begins. */
export interface Deed {
  readonly line: string;
  /** The answer when it is done; every other answer says why not. Undefined: nothing depends on it. */
  readonly answer?: string;
  readonly thing?: string;
  readonly from?: Place;
  readonly to?: Place;
  readonly dig?: { readonly den: string; readonly way: string; readonly room: string };
  /** It goes somewhere else: nothing else may be under way. */
  readonly walks?: boolean;
  /** The number that it says. */
  readonly says?: number;
}

type Kind = 'chat' | 'take' | 'drop' | 'put' | 'out' | 'give' | 'walk' | 'home' | 'make' | 'dig' | 'destroy' | 'bring';

const WEIGHTS: Readonly<Record<Kind, number>> = {
  chat: 18, take: 16, drop: 12, put: 12, out: 12, give: 12, walk: 8, home: 1, make: 4, dig: 2, destroy: 1, bring: 4,
};
/** Things that one client keeps in the world at most. */
const MOST_THINGS = 10;

  /** Something to do, as far as it knows; undefined when what it chose cannot be done here. */
  #choose(): Deed | undefined {
    const { atlas, moves } = this.#company;
    const here = this.view.room;
    const back = atlas.isOnStage(here) ? undefined : atlas.wayBack(here);
    if (back !== undefined) return { line: back, walks: true };
    const busy = new Set(this.#open.flatMap(({ deed }) => (deed.thing === undefined ? [] : [deed.thing])));
    const at = (place: Place) => moves.things.filter((thing) => !busy.has(thing) && moves.where(thing) === place);
    const held = at(this.name);
    const floor = at(here);
    const boxes = [...held, ...floor].filter(isBox);
    switch (this.#chance.weighed(WEIGHTS)) {
      case 'chat':
        return undefined;
      case 'take':
        return this.#with(floor, (thing) => this.#move(`take ${thing}`, `You take ${thing}.`, thing, here, this.name));
      case 'drop':
        return this.#with(held, (thing) => this.#move(`drop ${thing}`, `You drop ${thing}.`, thing, this.name, here));
      case 'put':
        return this.#with(held, (thing) =>
          this.#with(boxes.filter((box) => box !== thing), (box) =>
            this.#move(`put ${thing} in ${box}`, `You put ${thing} in ${box}.`, thing, this.name, box),
          ),
        );
      case 'out':
        return this.#with(boxes, (box) =>
          this.#with(at(box), (thing) =>
            this.#move(`take ${thing} from ${box}`, `You take ${thing} out of ${box}.`, thing, box, this.name),
          ),
        );
      case 'give':
        return this.#with(held, (thing) =>
          this.#with([...this.view.others], (other) =>
            this.#move(`give ${thing} to ${other}`, `You give ${thing} to ${other}.`, thing, this.name, other),
          ),
        );
      case 'walk':
        return this.#with(
          atlas.waysFrom(here).filter(([, to]) => atlas.isOnStage(to)),
          ([way]) => ({ line: way, walks: true }),
        );
      case 'home':
        return { line: 'home', walks: true };
      case 'make':
        return this.#mine.size >= MOST_THINGS ? undefined : this.make(this.#chance.happens(0.25) ? 'Box' : 'Gem');
      case 'dig':
        return here === atlas.meeting || isDen(here) ? this.dig(here) : undefined;
      case 'destroy':
        return this.#with(
          held.filter((thing) => this.#mine.has(thing)),
          (thing) => this.#move(`@destroy ${thing}`, `${thing} is no more.`, thing, this.name, NOWHERE),
        );
      case 'bring':
        return this.#with(
          [...this.#mine].filter((thing) => !busy.has(thing)),
          (thing) => {
            const [word, to] = this.#chance.happens(0.5) ? ['me', this.name] : ['here', here];
            return this.#move(`@teleport ${thing} to ${word}`, `${thing} is there.`, thing, ANYWHERE, to);
          },
        );
    }
  }

  /** The making of a thing. */
  make(kind: 'Box' | 'Gem'): Deed {
    const thing = numbered(kind, (this.#company.count += 1));
    const answer = `You make ${thing} out of nothing much. It is yours, and in your hands.`;
    const line = `@create ${thing}${kind === 'Box' ? ' as box' : ''}`;
    return { line, answer, thing, from: NOWHERE, to: this.name };
  }

  /** The digging of a room. */
  dig(room: string): Deed {
    const number = (this.#company.count += 1);
    const dig = { den: numbered('Den', number), way: numbered('way', number), room };
    const answer = `You make ${dig.den}, ${dig.way} of here, with a way out again. All of it is yours.`;
    return { line: `@dig ${dig.way} to ${dig.den}`, answer, dig };
  }

  #move(line: string, answer: string, thing: string, from: Place, to: Place): Deed {
    return { line, answer, thing, from, to };
  }

  #with<T>(list: readonly T[], deed: (one: T) => Deed | undefined): Deed | undefined {
    return list.length === 0 ? undefined : deed(this.#chance.one(list));
  }
}
