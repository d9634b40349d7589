/**
 * Writing a class, line by line. The grammar of `@draft`:
 *
 *   draft := ''                               shows it, its lines numbered
 *          | N                                shows the lines around line N
 *          | N ' ' text                       exchanges line N
 *          | 'insert ' N [ ' ' text ]         puts a line before line N, or behind the last
 *          | 'delete ' N [ ' to ' N ]
 *          | 'of ' CLASS                      puts the code of a class of one's own on the desk
 *          | 'write' | 'save' | 'drop'
 *
 * A text keeps the spaces that it begins with, but for the one that ends what is before it.
 */
import { attempt } from '../../engine/authoring.ts';
import { CLASS_NAME, holdingOnClass, importsFor, ownClass } from '../class-ring.ts';
import { type Draft, DRAFT_LENGTH } from '../desk.ts';
import { numbered } from '../listing.ts';
import type { Player } from '../player.ts';
import { Sorry } from '../sorry.ts';
import type { Commands } from './command.ts';

export const WRITING: Commands = {
  '@class': {
    usage: '@class NAME',
    does:
      'begins a class, or a new version of one of yours: all lines that follow are its source, ' +
      'until one with a single "." saves it, or one with ".." leaves it on your desk',
    run: begin,
  },
  '@draft': {
    usage: '@draft [N TEXT]',
    does:
      'shows the class that is on your desk, or changes its line N. Also: "@draft insert N TEXT", "@draft delete N [to M]", ' +
      '"@draft write" to go on at its end, "@draft save", "@draft drop", and "@draft of CLASS" to begin with the code of one of yours',
    run: draft,
  },
};

/** Lines that are shown on either side of the one that was asked for. */
const AROUND = 5;

const THROWN_AWAY =
  'Until you type a line with a single ".", or "@class" again, what you type is thrown away: it may be the source of a class.';

/** Source as it was typed, without what cannot be seen but tabs. */
const UNSEEN = /[^\P{Cc}\t]|[\u2028\u2029]/gu;

/** A line, or several in one frame, that goes into the draft. */
export function writeDown(me: Player, typed: string): void {
  const lines = typed.split(/\r?\n/);
  for (const [at, line] of lines.entries()) {
    const text = line.replace(UNSEEN, '');
    const end = text.trim();
    if (end === '.' || end === '..') {
      if (lines.slice(at + 1).some((each) => each.trim() !== ''))
        me.say(`What came with the line "${end}", behind it, is not done: type it by itself.`);
      const { writing } = me;
      me.writing = false;
      if (writing === 'thrown away') me.say('That was not taken. What you type now is done again.');
      else if (end === '.') save(me);
      else
        me.say(`The draft of ${onDesk(me).name} is on your desk: "@draft" shows it, "@draft write" goes on.`);
      return;
    }
    if (me.writing === 'thrown away') {
      const again = /^@class(?: +(.*))?$/i.exec(end);
      if (again !== null) begin(me, again[1] ?? '');
      continue;
    }
    me.trying(() => {
      me.desk.write(text);
    });
  }
}

/** For who comes back and was in the middle of it. */
export function remindOfDraft(me: Player): void {
  if (me.writing === 'thrown away') {
    me.say(THROWN_AWAY);
    return;
  }
  const { name, text } = onDesk(me);
  me.say(
    `You are writing the class ${name}, ${howMany(linesOf(text).length)} so far. A line with a single "." saves it, one with ".." ends writing.`,
  );
}

/** What follows may have been typed, or pasted, already: where no class is begun none of it is a command. */
function begin(me: Player, name: string): void {
  try {
    beginClass(me, name);
  } catch (problem) {
    if (!(problem instanceof Sorry) || name === '') throw problem;
    me.writing = 'thrown away';
    throw new Sorry(`${problem.message}\n${THROWN_AWAY}`, problem.code);
  }
}

function beginClass(me: Player, name: string): void {
  if (!CLASS_NAME.test(name)) {
    throw new Sorry('A class has a name like TeaShop: a capital letter, then 1 to 39 letters or digits.');
  }
  const { desk, classes } = me;
  const before = desk.draft();
  if (before !== null && before.name !== name) {
    throw new Sorry(
      `There is a draft of ${before.name} on your desk. "@draft write" goes on with it; "@draft save" or "@draft drop" makes room.`,
    );
  }
  if (classes.find(name) !== null) ownClass(me, name);
  else if (classes.names().includes(name)) throw new Sorry(`${name} is built in. Choose another name.`);
  if (before !== null) desk.drop();
  desk.begin(name, '');
  me.writing = true;
  const anew =
    before === null || before.text === ''
      ? ''
      : ` The draft of ${howMany(linesOf(before.text).length)} is gone.`;
  me.say(
    `Write the class ${name}, at most ${DRAFT_LENGTH} characters. A line with a single "." saves it, one with ".." leaves it on your desk.${anew}`,
  );
}

function draft(me: Player, typed: string): void {
  const [, of] = /^of (\S+)$/.exec(typed) ?? [];
  if (of !== undefined) {
    const text = ownClass(me, of).source();
    me.trying(() => {
      me.desk.begin(of, text);
    });
    me.say(`The code of ${of} is on your desk: "@draft" shows it.`);
    return;
  }
  const current = onDesk(me);
  switch (typed.toLowerCase()) {
    case '':
      me.show(
        `Draft of ${current.name}, ${howMany(linesOf(current.text).length)}:\n${numbered(linesOf(current.text))}`,
      );
      return;
    case 'save':
      save(me);
      return;
    case 'drop':
      me.desk.drop();
      me.say(`You throw the draft of ${current.name} away.`);
      return;
    case 'write':
      me.writing = true;
      remindOfDraft(me);
      return;
    default:
      change(me, current, typed);
  }
}

function change(me: Player, { text }: Draft, typed: string): void {
  const lines = linesOf(text);
  const [, insert, into] = /^insert (\d{1,6})(?: (.*))?$/is.exec(typed) ?? [];
  const [, first, last = first] = /^delete (\d{1,6})(?: to (\d{1,6}))?$/i.exec(typed) ?? [];
  const [, number, by] = /^(\d{1,6})(?: (.*))?$/s.exec(typed) ?? [];
  if (insert !== undefined) {
    const at = within(lines.length + 1, insert);
    exchange(me, lines.toSpliced(at - 1, 0, into ?? ''), at);
  } else if (first !== undefined) {
    const from = within(lines.length, first);
    const to = within(lines.length, last ?? first);
    if (to < from) throw new Sorry(`From ${from} to ${to} there is nothing.`);
    exchange(me, lines.toSpliced(from - 1, to - from + 1), from);
  } else if (number === undefined) {
    throw new Sorry(
      'Like this: @draft, @draft 3 TEXT, @draft insert 3 TEXT, @draft delete 3, @draft save. "help @draft" tells more.',
    );
  } else if (by === undefined) showAround(me, lines, within(lines.length, number));
  else exchange(me, lines.with(within(lines.length, number) - 1, by), within(lines.length, number));
}

function exchange(me: Player, lines: readonly string[], at: number): void {
  me.trying(() => {
    me.desk.change(lines.join('\n'));
  });
  showAround(me, lines, at);
}

function showAround(me: Player, lines: readonly string[], at: number): void {
  const from = Math.max(0, at - 1 - AROUND);
  const some = lines.slice(from, at + AROUND);
  me.say(some.length === 0 ? 'There is no line left.' : numbered(some, from + 1));
}

function within(most: number, typed: string): number {
  const number = Number(typed);
  if (number < 1 || number > most) throw new Sorry(`There are lines 1 to ${most}.`);
  return number;
}

/** Makes a class, or a new version, of the draft. If it has mistakes, nothing has happened, and the draft is still there. */
function save(me: Player): void {
  const { name, text } = onDesk(me);
  const { bank, classes, desk } = me;
  const imports = importsFor(me, text);
  const own = classes.find(name) === null ? undefined : holdingOnClass(me, name, 'save');
  const saved = attempt(() => {
    if (own !== undefined) return { own, front: own.front(), version: own.save(text, imports) };
    const made = desk.define(bank, imports);
    return { own: made, front: made.front(), version: 1 };
  });
  if (!saved.ok) {
    throw new Sorry(
      `${saved.error.message}\nNothing is changed. The text is on your desk: "@draft" shows it, "@draft 3 TEXT" changes line 3, "@draft save" tries again.`,
    );
  }
  const { version, front } = saved.value;
  if (own === undefined) me.keepOwn(front, saved.value.own);
  desk.drop();
  me.say(
    version === 1
      ? `The class ${name} is saved, and is yours. "@create ${name} named something" makes one.`
      : `Version ${version} of ${name} is saved. What there is of it follows when it is used next; "@upgrade ${name}" does it now.`,
  );
}

function onDesk(me: Player): Draft {
  const found = me.desk.draft();
  if (found === null) throw new Sorry('There is no draft on your desk. "@class NAME" begins one.');
  return found;
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n');
}

function howMany(lines: number): string {
  return lines === 1 ? '1 line' : `${lines} lines`;
}
