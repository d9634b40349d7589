/**
 * An attack: a class that somebody writes in the world, and what he does with it. It tells on itself: whatever it gets
 * that it should not have, it puts into its `loot`, which has to come back empty. What no attack can tell is checked
 * from outside after each of them (invariants.ts).
 */
export interface Attack {
  /** What it tries, as a sentence. */
  readonly name: string;
  /** The text of the class `Attack`. */
  readonly source: string;
  /** Classes of the same author that are saved before it, by name. */
  readonly before?: Readonly<Record<string, string>>;
  /** The text may not be saved at all: what the refusal says. */
  readonly refused?: RegExp;
  /** What is done, in order. By default `run` is called on one object of the class. */
  readonly steps?: readonly Step[];
  /** It may hang the process or exhaust its memory: it runs in a process of its own. */
  readonly own?: 'process';
  /** It may kill the process that it runs in: then the world has to come back whole. */
  readonly kills?: true;
  /** Each word in the hall counts: nobody speaks while the attacker is at it. */
  readonly silence?: true;
  /** It asks for so much that the world needs longer than usual, in milliseconds. */
  readonly within?: number;
}

/** How a step ends. Without any of these it has to give an empty list: no loot. */
export interface Ending {
  /** It gives this. */
  readonly gives?: unknown;
  /** It fails with this code, or one of these. */
  readonly fails?: string | readonly string[];
  /** It may give something or fail, as long as there is no loot in it. */
  readonly either?: true;
}

export type Step =
  /**
   * A method of the attacker's object (the first one, unless `on` says another) is called with what he holds, and `args`.
   * Among these '@0' and '@1' stand for the owner facets of his objects, and '@60ms' for how far one counts in that time.
   */
  | ({
      readonly call: string;
      readonly on?: number;
      readonly args?: readonly unknown[];
      readonly times?: number;
    } & Ending)
  /** Another object of the class is made. */
  | ({ readonly make: true } & Ending)
  /** The attacker types a line, in a session of his first object: the name of the method that is to run. */
  | ({ readonly line: string } & Ending)
  /** A bystander says something in the hall, as everybody does. */
  | ({ readonly say: string } & Ending)
  /** An object of somebody else, of a class written in the world, does some honest work, so many times in a row. */
  | ({ readonly grind: number } & Ending)
  /** A bystander walks into the hall. */
  | ({ readonly enter: true } & Ending)
  /** The clock moves on by so many milliseconds. */
  | { readonly wait: number }
  /** Every object is dropped from memory, the world is closed and opened again. */
  | { readonly restart: true }
  /** Another version of the class is saved. */
  | ({ readonly save: string } & Ending)
  /** Another class is saved for the first time. */
  | ({ readonly define: string; readonly source: string } & Ending)
  /** The class is put back to an older version. */
  | ({ readonly rollback: number } & Ending)
  /** All objects of the class are upgraded at once. */
  | ({ readonly upgrade: true } & Ending);

export interface Family {
  readonly family: string;
  readonly attacks: readonly Attack[];
}

/** The parts of an attacker's class. Method bodies are given without their heads, which are in the comments. */
export interface Parts {
  /** Before the class. */
  readonly top?: string;
  readonly extends?: 'Thing';
  /** run(given): what the attacker calls. `given` is all that he holds; `loot` is there, and returned. */
  readonly run?: string;
  /** again(given): the same, for a second step. */
  readonly again?: string;
  /** third(given): the same, for a third. */
  readonly third?: string;
  /** poke(...args): what anybody may call. */
  readonly poke?: string;
  /** name(): what the hall and the vault ask him. */
  readonly name?: string;
  /** hear(text): what the hall tells him. */
  readonly hear?: string;
  /** toRecord(): by default { given, kept }. */
  readonly toRecord?: string;
  /** fromRecord(record). */
  readonly fromRecord?: string;
  /** init(given). */
  readonly init?: string;
  /** Further members. */
  readonly members?: string;
  /** Further entries of the public facet and of the owner's. */
  readonly publicly?: string;
  readonly privately?: string;
  /** Further facets. */
  readonly more?: string;
}

const looting = (name: string, body: string): string =>
  `  ${name}(given, ...args) {\n    const loot = [];\n${body}\n    return loot;\n  }`;

/** A method, unless the attack has one of its own. */
const unless = (parts: Parts, name: string, body = ''): string =>
  new RegExp(`(?:^|\\n)\\s*${name}\\(`).test(parts.members ?? '') ? '' : `  ${name}(line) { ${body} }`;

/**
 * The text of such a class. Its fields `given` and `kept` are kept in its record, `cache` is not.
 */
export function classText(parts: Parts = {}): string {
  const thing = parts.extends === 'Thing';
  const base = thing ? ' extends Thing' : '';
  const spread = (facet: string): string => (thing ? `...Thing.facets.${facet}, ` : '');
  const any = 'M.call().rest(M.any()).returns(M.any())';
  const named = thing ? '' : `name: M.call().returns(M.any()), `;
  const heard = thing ? '' : `hear: M.call(M.any()).rest(M.any()).returns(M.any()), `;
  const record = thing
    ? 'return { ...super.toRecord(), given: this.given, kept: this.kept };'
    : 'return { given: this.given, kept: this.kept };';
  const restored = thing ? 'super.fromRecord(record); ' : '';
  return `${parts.top ?? ''}
class Attack${base} {
  static facets = {
    ${thing ? '...Thing.facets,' : ''}
    public: { ${spread('public')}${named}${heard}poke: ${any}, ${parts.publicly ?? ''} },
    session: { attached: M.call().returns(), command: M.call(M.string()).returns(M.any()), detached: M.call().returns() },
    owner: { ${spread('owner')}session: M.call().returns(M.any()), run: ${any}, again: ${any}, third: ${any}, poke: ${any}, ${parts.privately ?? ''} },
    self: { run: ${any}, again: ${any}, third: ${any}, poke: ${any} },
    ${parts.more ?? ''}
  };
  given = null;
  kept = null;
  cache = null;
  init(given) { ${parts.init ?? (thing ? 'super.init(given); this.given = given;' : 'this.given = given;')} }
  toRecord() { ${parts.toRecord ?? record} }
  fromRecord(record) { ${parts.fromRecord ?? `${restored}this.given = record.given; this.kept = record.kept;`} }
  session() { return facet(this, 'session'); }
${unless(parts, 'attached')}
${unless(parts, 'command', "emit(['result', this[line](this.given)]);")}
${unless(parts, 'detached')}
${looting('run', parts.run ?? '')}
${looting('again', parts.again ?? '')}
${looting('third', parts.third ?? '')}
  poke(...args) { ${parts.poke ?? 'return null;'} }
${thing && parts.name === undefined ? '' : `  name() { ${parts.name ?? "return 'attack';"} }`}
${thing && parts.hear === undefined ? '' : `  hear(text) { ${parts.hear ?? ''} }`}
${parts.members ?? ''}
}
`;
}

/** An attack that is one method body, run once, which has to come back without loot. */
export function attack(name: string, run: string, more: Partial<Attack> & Parts = {}): Attack {
  const { own, kills, refused, steps, before, within, silence, source, ...parts } = more;
  return {
    name,
    source: source ?? classText({ run, ...parts }),
    ...(own === undefined ? {} : { own }),
    ...(kills === undefined ? {} : { kills }),
    ...(refused === undefined ? {} : { refused }),
    ...(steps === undefined ? {} : { steps }),
    ...(before === undefined ? {} : { before }),
    ...(silence === undefined ? {} : { silence }),
    ...(within === undefined ? {} : { within }),
  };
}

/** A text that may not be saved. `inside` is put into a method; a whole text is given as `source`. */
export function unsavable(name: string, refused: RegExp, inside: string, parts: Parts = {}): Attack {
  return attack(name, inside, { ...parts, refused });
}
