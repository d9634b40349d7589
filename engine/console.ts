import { types } from 'node:util';
import { stateOf } from '../wrappers/capability.ts';
import { errorFrom, genuineError, isGenuine, type KeysteadError } from '../wrappers/errors.ts';
import type { AnyCap } from './authoring.ts';
import { consoleNames, Printed, wrapperOf } from './console-names.ts';
import { ConsoleScope } from './console-scope.ts';
import { readEntry, type Entry } from './console-source.ts';
import { grantLine } from './object-text.ts';
import { openTurn } from './open-turn.ts';
import { showValue } from './show-value.ts';
import { SourceError } from './source-problem.ts';
import { placeOf } from './stack.ts';
import type { Roots } from './world-options.ts';
import type { World } from './world.ts';

/** What became of an entry. Texts may have come from the world: whoever shows them takes control characters out. */
export type Outcome =
  | {
      readonly ok: true;
      readonly lines: readonly string[];
      /** What it came to; null for nothing. */
      readonly value: string | null;
    }
  | {
      readonly ok: false;
      /** What it had printed. All else that it did is undone. */
      readonly lines: readonly string[];
      readonly code: string;
      readonly text: string;
      /** Where in the entry, if that is known; from 1. */
      readonly line: number | null;
      readonly column: number | null;
      /** That line with a caret beneath it, or ''. */
      readonly excerpt: string;
    };

export interface ConsoleOptions {
  readonly world: World;
  /** The capability that a player's account leads to; undefined if there is no such player. Called in a turn. */
  readonly player: (name: string) => AnyCap | undefined;
}

/** Names that are offered to complete one, at most. */
const OFFERED = 200;

/**
 * Where somebody who looks after a world types JavaScript: it finds Storage's full facet and the verbs, and no object runs
 * it. Each entry is one turn of the host's own: whole and durable before it is answered, or undone. Variables last as
 * long as the console; what a failed entry assigned to them is taken back with the rest, but not what it did inside of
 * a list or record that one holds.
 *
 * Entries run one after the other: whoever has one run waits for it before the next.
 */
export class Console {
  readonly #world: World;
  readonly #player: ConsoleOptions['player'];
  readonly #printed = new Printed();
  readonly #scope: ConsoleScope;

  constructor({ world, player }: ConsoleOptions) {
    this.#world = world;
    this.#player = player;
    this.#scope = new ConsoleScope(consoleNames({ roots: world.roots, player }, this.#printed));
  }

  /** Runs an entry. Never rejects. `aside`: what it comes to is not the last value. */
  async run(source: string, aside = false): Promise<Outcome> {
    let entry: Entry;
    try {
      entry = readEntry(source, this.#scope);
    } catch (thrown) {
      return this.#failed(thrown);
    }
    let shown: string | null = null;
    let last: unknown;
    let left: ReadonlyMap<string, unknown> = new Map();
    let line: number | null = null;
    try {
      await this.#world.run(
        () => {
          this.#printed.clear(); // it may be run again, after it was stopped
          const { membrane } = openTurn().host;
          line = null;
          try {
            ({ value: last, left } = this.#scope.run(entry, membrane.granting));
          } catch (thrown) {
            if (isGenuine(thrown)) throw thrown;
            line = lineOf(thrown, entry);
            throw ownError(thrown);
          }
          shown = last === undefined ? null : showValue(last);
        },
        undefined,
        source,
      );
    } catch (thrown) {
      return this.#failed(thrown, line);
    }
    this.#scope.accept(left, aside ? undefined : last);
    return { ok: true, lines: [...this.#printed.lines], value: shown };
  }

  /** Runs something of the engine's own in a turn, as an entry that prints. Never rejects. */
  async look(body: (print: (text: string) => void, storage: Roots['storage']) => void): Promise<Outcome> {
    try {
      await this.#world.run(() => {
        this.#printed.clear();
        body((text) => {
          this.#printed.add(text);
        }, this.#world.roots.storage);
      });
    } catch (thrown) {
      return this.#failed(thrown);
    }
    return { ok: true, lines: [...this.#printed.lines], value: null };
  }

  /** The names that entries find. */
  names(): Iterable<string> {
    return this.#scope.all();
  }

  /** Whether it is one of them. */
  knows(name: string): boolean {
    return this.#scope.has(name);
  }

  /** Those grants on an object that have one of these tokens, by it, as text; for tokens that somebody found in the store. */
  async grantsOf(id: string, tokens: ReadonlySet<string>): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    await this.#world.run(() => {
      const turn = openTurn();
      const grants = wrapperOf(id, this.#player).grants.inOrder();
      for (const grant of grants) if (tokens.has(grant.token)) found.set(grant.token, grantLine(grant, turn));
    });
    return found;
  }

  /**
   * What the end of a line could go on with, and how many of its characters that replaces. Evaluates nothing: names are
   * looked up, what they hold is only looked at, and a capability tells its methods by its shape.
   */
  complete(text: string): { readonly names: readonly string[]; readonly begun: number } {
    const path = pathAtEnd(text);
    const begun = path.pop() ?? '';
    const length = path.reduce((sum, name) => sum + name.length + 1, begun.length);
    // Behind a bracket, or a number.
    if (/[)\]}'"`.]/.test(text.charAt(text.length - length - 1)) || /^\d/.test(path[0] ?? begun))
      return { names: [], begun: 0 };
    const names = path.length === 0 ? this.#scope.all() : membersOf(this.#at(path));
    const fitting = [...new Set(names)].filter(
      (name) => name.startsWith(begun) && /^[A-Za-z_$][\w$]*$/.test(name),
    );
    return { names: fitting.sort().slice(0, OFFERED), begun: begun.length };
  }

  #at([first = '', ...rest]: readonly string[]): unknown {
    let at = this.#scope.value(first);
    for (const name of rest) {
      if (!isPlainObject(at)) return undefined;
      at = Object.getOwnPropertyDescriptor(at, name)?.value;
    }
    return at;
  }

  #failed(thrown: unknown, at: number | null = null): Outcome {
    const lines = [...this.#printed.lines];
    if (thrown instanceof SourceError && thrown.problems[0] !== undefined) {
      this.#printed.clear();
      const { line, column, what, text, caret } = thrown.problems[0];
      const excerpt = `${text}\n${' '.repeat(caret)}^`;
      return { ok: false, lines: [], code: 'BadSource', text: what, line, column, excerpt };
    }
    const { code: alleged, message: said } = thrown as {
      readonly code?: unknown;
      readonly message?: unknown;
    };
    const code = typeof alleged === 'string' ? alleged : 'Unknown';
    const text = typeof said === 'string' ? said : 'It failed.';
    return { ok: false, lines, code, text, line: at, column: null, excerpt: '' };
  }
}

/** What an entry's own code has thrown, as an error that may be shown. Runs nothing of it. */
function ownError(thrown: unknown): KeysteadError {
  const { code, message } = errorFrom(thrown, 'The entry', types.isProxy);
  return genuineError(code, message.replace(/^The entry failed: /, ''));
}

/** The line in which it was thrown, if the entry has several. */
function lineOf(thrown: unknown, { source }: Entry): number | null {
  const found = source.includes('\n') ? / \(line (\d+) of Entry\d+\)/.exec(placeOf(thrown)) : null;
  return found === null ? null : Number(found[1]);
}

/** The names at the end of a text that have points between them; the last may be ''. From the end, each character once. */
function pathAtEnd(text: string): string[] {
  let from = text.length;
  while (from > 0 && /[\w$.]/.test(text.charAt(from - 1))) from -= 1;
  const names = text.slice(from).split('.');
  return names.slice(names.lastIndexOf('', -2) + 1);
}

function membersOf(value: unknown): Iterable<string> {
  if (typeof value !== 'object' && typeof value !== 'function') return [];
  if (value === null || types.isProxy(value)) return [];
  const state = stateOf(value);
  if (state !== undefined) return state.shape.methods;
  return Object.getOwnPropertyNames(value);
}

function isPlainObject(value: unknown): value is object {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    !types.isProxy(value) &&
    stateOf(value) === undefined
  );
}
