/** Classes for the rows that measure turns of objects whose classes are written in the world. */
import { M, type AnyCap } from '../../engine/authoring.ts';
import { textOf as codeOf } from '../../engine/class-text.ts';
import type { ObjectClass } from '../../wrappers/class-spec.ts';

/** Takes commands like somebody's body. Each changes its record, and that is all. */
export class Counter {
  static facets = {
    public: {
      attached: M.call().returns(),
      command: M.call(M.string()).returns(),
      detached: M.call().returns(),
      pass: M.call(M.remotable(), M.number()).returns(),
    },
  };

  #count = 0;
  #last = '';

  toRecord(): { readonly count: number; readonly last: string } {
    return { count: this.#count, last: this.#last };
  }

  fromRecord(record: { readonly count: number; readonly last: string }): void {
    this.#count = record.count;
    this.#last = record.last;
  }

  attached(): void {}

  command(line: string): void {
    this.#count += 1;
    this.#last = line;
  }

  detached(): void {}

  /** Has another one count. */
  pass(other: Pick<Counter, 'command'>, times: number): void {
    for (let done = 0; done < times; done += 1) other.command('count one more');
  }
}

/** Keeps capabilities over a restart. */
export class Shelf {
  static facets = { public: { all: M.call().returns(M.any()) } };

  #all: readonly AnyCap[] = [];

  init(all: readonly AnyCap[]): void {
    this.#all = all;
  }

  toRecord(): { readonly all: readonly AnyCap[] } {
    return { all: this.#all };
  }

  fromRecord(record: { readonly all: readonly AnyCap[] }): void {
    this.#all = record.all;
  }

  all(): readonly AnyCap[] {
    return this.#all;
  }
}

/** The text of a built-in class, to be written in the world under a name of its own. */
export function textOf(objectClass: ObjectClass, name: string): string {
  return codeOf(objectClass).replace(`class ${objectClass.name}`, `class ${name}`);
}
