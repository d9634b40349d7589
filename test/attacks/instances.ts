import { attack, unsavable, type Attack, type Family, type Parts } from './attack.ts';

/** One object leaves something where another one of its class looks for it. */
const between = (name: string, put: string, look: string, parts: Partial<Attack> & Parts = {}): Attack =>
  attack(name, `try { ${put} } catch {}`, {
    again: `let found; try { found = ${look}; } catch {} if (found !== undefined && found !== null && found !== false) loot.push('found ' + String(found));`,
    steps: [{ call: 'run' }, { make: true }, { call: 'again', on: 1 }],
    ...parts,
  });

export const instances: Family = {
  family: 'stash between instances of one class',
  attacks: [
    between('in a property of the class', "Attack.stash = 'x';", 'Attack.stash'),
    between(
      'in a property of a method',
      "Attack.prototype.third.stash = 'x'; this.third.stash = 'x';",
      'this.third.stash',
    ),
    between(
      'in a property of the prototype',
      "Attack.prototype.stash = 'x'; Reflect.getPrototypeOf(this).stash = 'x';",
      'Reflect.getPrototypeOf(this).stash',
    ),
    between(
      'in a table at the top',
      "TABLE.list.push('x'); TABLE.stash = 'x';",
      'TABLE.stash ?? TABLE.list[0]',
      { top: 'const TABLE = { list: [] };' },
    ),
    between(
      'in a function at the top',
      "helper.stash = 'x'; helper.prototype.stash = 'x';",
      'helper.stash ?? helper.prototype.stash',
      { top: 'function helper() {}' },
    ),
    between('in an arrow at the top', "helper.stash = 'x';", 'helper.stash', {
      top: 'const helper = () => 1;',
    }),
    between(
      'in a static field',
      "Attack.shelf.stash = 'x'; Attack.shelf.deep[0] = 'x';",
      'Attack.shelf.stash ?? Attack.shelf.deep[0]',
      { members: 'static shelf = { deep: [] };' },
    ),
    between(
      'in the lastIndex of a pattern at the top',
      "PATTERN.lastIndex = 3; PATTERN.exec('xxxxx');",
      "PATTERN.lastIndex > 0 ? 'x' : undefined",
      { top: 'const PATTERN = /x/g;', refused: /pattern|flag/i },
    ),
    between(
      'in the lastIndex of a sticky pattern at the top',
      "PATTERN.test('xxxxx'); PATTERN.test('xxxxx');",
      "PATTERN.lastIndex > 0 ? 'x' : undefined",
      { top: 'const PATTERN = /x/y;', refused: /pattern|flag/i },
    ),
    between('in a pattern within a method', 'this.third(given, 1);', 'this.third(given, 0)[0]', {
      third:
        "const pattern = /x/g; if (args[0] === 1) { pattern.stash = 'x'; pattern.exec('xx'); } else loot.push(pattern.stash ?? (pattern.lastIndex > 0 ? 'x' : undefined));",
    }),
    between(
      'in the table of facets',
      "Attack.facets.stash = 'x'; Attack.facets.owner.stash = 'x'; Attack.facets.owner.run.stash = 'x';",
      'Attack.facets.stash ?? Attack.facets.owner.stash ?? Attack.facets.owner.run.stash',
    ),
    between(
      'in a private method',
      "const f = Attack.method(this); f.stash = 'x';",
      'Attack.method(this).stash',
      {
        members: '#hidden() { return 1; }\n  static method(it) { return it.#hidden; }',
        refused: /private/i,
      },
    ),
    between('in a private method that is reached by an optional chain', 'x', 'x', {
      members: '#hidden() { return 1; }\n  static method(it) { return it?.#hidden; }',
      refused: /private/i,
    }),
    between('in an object that a function makes once', "once().stash = 'x';", 'once().stash', {
      top: 'const MADE = { it: null };\nfunction once() { try { MADE.it ??= {}; } catch {} return MADE.it ?? {}; }',
    }),
    between('in a default of a parameter', "Attack.keep('x');", 'Attack.keep()', {
      members:
        'static keep(value, box = { stash: undefined }) { if (value !== undefined) box.stash = value; return box.stash; }',
    }),
    between('in a getter and setter of an object at the top', "BOX.it = 'x';", 'BOX.it', {
      top: 'const HELD = {};\nconst BOX = { get it() { return HELD.it; }, set it(value) { HELD.it = value; } };',
      refused: /./,
    }),
    between(
      'in the prototype of an object at the top',
      "Reflect.setPrototypeOf(BOX, { stash: 'x' });",
      'BOX.stash',
      { top: 'const BOX = { a: 1 };' },
    ),
    between(
      'in a map that is not at the top, but hardened',
      "Attack.shelf = harden(new Map([['a', 'x']]));",
      "Attack.shelf?.get('a')",
    ),
    unsavable('in a map at the top', /new|initial|pure/i, '', { top: 'const SHELF = new Map();' }),
    unsavable('in a closure at the top', /call|initial|pure/i, '', {
      top: 'const box = (() => { let it; return { put: (x) => { it = x; }, take: () => it }; })();',
    }),
    unsavable('in a let at the top', /let|const/i, '', { top: 'let stash;' }),
    unsavable('in a var at the top', /var|const/i, '', { top: 'var stash;' }),
    unsavable('in a tagged template', /tag|template/i, 'const tag = (strings) => strings; tag`x`;'),
    between(
      'by its own name in another version',
      "Attack.stash = 'x'; given.kind.save(given.kind.source() + '\\n', {});",
      'Attack.stash',
      { steps: [{ call: 'run', either: true }, { make: true }, { call: 'again', on: 1 }] },
    ),
    between(
      'in what an error of the world carries',
      "attempt(() => { try { given.vault.open(1); } catch (error) { error.stash = 'x'; Reflect.getPrototypeOf(error).stash = 'x'; throw error; } });",
      '(() => { let got; attempt(() => { try { given.vault.open(1); } catch (error) { got = error.stash ?? Reflect.getPrototypeOf(error).stash; throw error; } }); return got; })()',
    ),
    between(
      'in an argument that both hold',
      "given.stash = 'x'; given.hall.stash = 'x';",
      'given.stash ?? given.hall.stash',
    ),
    between("in the field of a method's home object", "super.stash = 'x';", 'super.stash'),
  ],
};
