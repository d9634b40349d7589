/** Classes for the row that measures a call: something to call, something that calls it, and others beside them. */
import { M, type Cap } from '../../engine/authoring.ts';

const TAKE = M.call(M.string()).returns();
const MANY = M.call(M.remotable(), M.number()).returns(M.number());

/** Takes a string, like an object that is told something. */
export class Target {
  static facets = { public: { take: TAKE } };

  protected characters = 0;

  toRecord(): { characters: number } {
    return { characters: this.characters };
  }

  fromRecord(record: { characters: number }): void {
    this.characters = record.characters;
  }

  take(text: string): void {
    this.characters += text.length;
  }
}

export type TargetCap = Cap<Target, 'take'>;

/** Calls a target many times from inside an object, as code in the world does. */
export class Caller {
  static facets = { public: { many: MANY } };

  toRecord(): Record<string, never> {
    return {};
  }

  fromRecord(): void {}

  many(target: TargetCap, times: number): number {
    for (let done = 0; done < times; done += 1) target.take('hello');
    return times;
  }
}

// A world has many classes with methods of many forms. Without these the engine would see a single one, and the
// compiler would make of the wrapper something that no world ever has.

/** Tells a length. */
export class Measurer extends Target {
  static override facets = { public: { take: TAKE, length: M.call(M.string()).returns(M.number()) } };
  length(text: string): number {
    return text.length;
  }
}

/** Gives text back. */
export class Repeater extends Target {
  static override facets = {
    public: { take: TAKE, twice: M.call(M.string(), M.string()).returns(M.string()) },
  };
  twice(first: string, second: string): string {
    return first + second;
  }
}

/** Takes other capabilities, and data. */
export class Friend extends Target {
  static override facets = {
    public: {
      take: TAKE,
      meet: M.call(M.remotable()).optional(M.boolean()).returns(M.remotable()),
      list: M.call(M.number()).returns(M.arrayOf(M.string())),
    },
  };
  meet(other: Friend): Friend {
    other.list(1);
    return this;
  }
  list(most: number): readonly string[] {
    return ['a', 'b', 'c'].slice(0, most);
  }
}
