import { COUNTED } from './stored-forms.ts';

/** A turn, as far as it can be told how to take something back. */
export interface Undoable {
  onUndo(undo: () => void): void;
}

/** Where the numbers of objects and messages stand. None is given twice; a turn that fails gives its own back. */
export class Counters {
  #object = 1;
  #message = 1;
  #stored = '';

  takeObject(turn: Undoable): number {
    const number = this.#object;
    // First: the turn may be stopped at any point.
    turn.onUndo(() => {
      this.#object = number;
    });
    this.#object = number + 1;
    return number;
  }

  /** `turn`: null for a message of the engine's own. */
  takeMessage(turn: Undoable | null): number {
    const number = this.#message;
    turn?.onUndo(() => {
      this.#message = number;
    });
    this.#message = number + 1;
    return number;
  }

  /** The stored form if it is not what was asked for last, else undefined. */
  takeChanged(): string | undefined {
    const text = JSON.stringify({ object: this.#object, message: this.#message });
    if (text === this.#stored) return undefined;
    this.#stored = text;
    return text;
  }

  restore(text: string): void {
    const { object, message } = JSON.parse(text) as { object: number; message: number };
    const isWell = (number: number): boolean =>
      Number.isSafeInteger(number) && number > 0 && number < COUNTED;
    if (![object, message].every(isWell)) throw new Error('they are no numbers');
    this.#object = object;
    this.#message = message;
    this.#stored = text;
  }
}
