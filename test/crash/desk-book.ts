/** What may be on somebody's desk: his lines have had their turns up to one of them. */
export class DeskBook {
  #texts: readonly (string | null)[] = [null];

  /** Every text that is possible; null: no draft. */
  get texts(): readonly (string | null)[] {
    return this.#texts;
  }

  /** Frames are being typed into a draft that has `before`; `ends`: with a line that saves it. */
  typing(before: string | null, frames: readonly string[], ends: boolean): void {
    const texts: (string | null)[] = [before, ...(before === null ? [''] : [])];
    let text = before ?? '';
    for (const frame of frames) {
      text = text === '' ? frame : `${text}\n${frame}`;
      texts.push(text);
    }
    if (ends) texts.push(null);
    this.#texts = texts;
  }

  /** One of these is there. */
  changing(...texts: readonly (string | null)[]): void {
    this.#texts = texts;
  }

  has(text: string | null): void {
    this.#texts = [text];
  }
}
