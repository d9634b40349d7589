import { StoreError } from '../storage/errors.ts';
import type { JournalLook } from '../storage/journal.ts';
import { overlaid } from '../storage/stopped-view.ts';
import type { Reader } from '../storage/store.ts';
import type { Lines } from './control-lines.ts';
import type { ControlHandlers } from './control-socket.ts';

/*
 * The conversation `view` on the control socket: a running world shows all of its store, as it was when it was asked.
 * One JSON line is asked, one is answered, in turn:
 *
 *   (first)                               {"seq": N}
 *   {"get": KEY}                          {"value": TEXT} | {} (there is none) | {"damaged": REASON}
 *   {"range": NUMBER, "gte", "lt"}        PAGE: opens the range under that number, in place of one that has it
 *   {"more": NUMBER}                      PAGE: the next one of that range
 *   {"drop": NUMBER}                      {}
 *
 *   PAGE = {"items": [ITEM...], "end": true where nothing follows}
 *   ITEM = [KEY, VALUE] | [KEY, null, REASON] (damaged; the key is "" where the database lost a whole block)
 *
 * Anything else that goes wrong ends the conversation with the line that `control-socket.ts` gives to a failure.
 */

/** One entry of a page. */
type ServedItem = readonly [key: string, value: string] | readonly [key: string, none: null, reason: string];

/** What the world answers. */
export interface ServedPage {
  readonly items: readonly ServedItem[];
  readonly end: boolean;
}

/**
 * Bounds of one page. Turns wait while a page is put together: a few thousand characters more than these cost the
 * world less than a millisecond. One value that is larger is a page of its own.
 */
export const PAGE_MOST = Object.freeze({
  /** Entries. */
  entries: 256,
  /** Characters of keys and values. */
  size: 64 * 1024,
});

/** What a client may ask; all of it is alleged. */
interface Asked {
  readonly get?: unknown;
  readonly range?: unknown;
  readonly gte?: unknown;
  readonly lt?: unknown;
  readonly more?: unknown;
  readonly drop?: unknown;
}

/** A range that is being read, page by page. */
class OpenRange {
  readonly #entries: AsyncIterator<readonly [string, string]>;
  #damaged: ServedItem[] = [];

  constructor(reader: Reader, { gte, lt }: Asked) {
    if (typeof gte !== 'string' || typeof lt !== 'string') throw new Error('a range lies between two texts');
    const onDamaged = (key: string, error: StoreError): void => {
      this.#damaged.push([key, null, error.message]);
    };
    const entries = reader.range({
      gte,
      lt,
      onDamaged,
    });
    this.#entries = entries[Symbol.asyncIterator]();
  }

  async page(): Promise<ServedPage> {
    const items: ServedItem[] = [];
    let size = 0;
    while (items.length < PAGE_MOST.entries && size < PAGE_MOST.size) {
      const { done, value } = await this.#entries.next();
      // They were met before what was read now.
      items.push(...this.#damaged.splice(0));
      if (done === true) return { items, end: true };
      items.push(value);
      size += value[0].length + value[1].length;
    }
    return { items, end: false };
  }

  async close(): Promise<void> {
    await this.#entries.return?.();
  }
}

/** Answers the questions of one client on what was there at one moment. */
class Served {
  readonly #reader: Reader;
  readonly #open = new Map<number, OpenRange>();

  constructor(taken: JournalLook) {
    this.#reader = overlaid(taken);
  }

  async answer(asked: Asked): Promise<unknown> {
    if (typeof asked.get === 'string') return this.#get(asked.get);
    if (typeof asked.range === 'number') {
      const range = new OpenRange(this.#reader, asked);
      await this.#open.get(asked.range)?.close();
      this.#open.set(asked.range, range);
      return this.#page(asked.range, range);
    }
    if (typeof asked.more === 'number') {
      const range = this.#open.get(asked.more);
      if (range !== undefined) return this.#page(asked.more, range);
    }
    if (typeof asked.drop === 'number') {
      await this.#open.get(asked.drop)?.close();
      this.#open.delete(asked.drop);
      return {};
    }
    throw new Error('a view does not know that request');
  }

  async close(): Promise<void> {
    for (const range of this.#open.values()) await range.close();
  }

  #get(key: string): unknown {
    try {
      const value = this.#reader.get(key);
      return value === undefined ? {} : { value };
    } catch (error) {
      if (error instanceof StoreError && error.code === 'Damaged') return { damaged: error.message };
      throw error;
    }
  }

  async #page(number: number, range: OpenRange): Promise<ServedPage> {
    const page = await range.page();
    if (page.end) this.#open.delete(number);
    return page;
  }
}

/**
 * Makes the conversation of a way to take such looks. Each client has one of its own, which is closed when the client
 * goes and when the world closes.
 */
export function serveView(look: () => Promise<JournalLook>): ControlHandlers['conversations'][string] {
  return async (_, lines, over) => {
    const taken = await look();
    const served = new Served(taken);
    try {
      const next = () => nextUntil(lines, over);
      await lines.write(JSON.stringify({ seq: taken.seq }));
      for (let line = await next(); line !== undefined; line = await next()) {
        const asked: unknown = JSON.parse(line);
        if (typeof asked !== 'object' || asked === null) throw new Error('a request is a JSON object');
        await lines.write(JSON.stringify(await served.answer(asked)));
      }
    } finally {
      await served.close();
      await taken.close();
    }
  };
}

/** The next line; undefined where there is none, or when the world closes. */
function nextUntil(lines: Lines, over: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      resolve(undefined);
    };
    if (over.aborted) stop();
    over.addEventListener('abort', stop);
    lines
      .next()
      .then(resolve, reject)
      .finally(() => {
        over.removeEventListener('abort', stop);
      });
  });
}
