/** Writes long output no faster than it is read. */
export interface Output {
  /**
   * Writes a text and the end of its line; resolves when there is room for more. Gives false when nobody reads any more, as
   * when `head` has seen enough: there is no use in going on.
   */
  line(text: string): Promise<boolean>;
}

/** Output to a stream, which may be a pipe that is closed at any time; another error of the stream rejects. */
export function outputTo(stream: NodeJS.WritableStream): Output {
  let broken: NodeJS.ErrnoException | undefined;
  let wake = (): void => {};
  stream.on('error', (error: NodeJS.ErrnoException) => {
    broken = error;
    wake();
  });
  stream.on('drain', () => {
    wake();
  });
  return {
    line: async (text) => {
      if (broken === undefined && !stream.write(`${text}\n`)) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (broken === undefined) return true;
      if (broken.code === 'EPIPE') return false;
      throw broken;
    },
  };
}
