import { attempt } from '../../engine/authoring.ts';
import { dayOf } from '../calendar.ts';
import { ownClass, writtenClass } from '../class-ring.ts';
import { visible } from '../listing.ts';
import { splitAt } from '../parse.ts';
import type { Player } from '../player.ts';
import { Sorry } from '../sorry.ts';
import { line } from '../words.ts';
import type { ClassReport } from '../written-class.ts';
import type { Commands } from './command.ts';

export const CLASSES: Commands = {
  '@classes': {
    usage: '@classes',
    does: 'lists all classes: who wrote them, and whether an admin approved them',
    run: classes,
  },
  '@source': {
    usage: '@source CLASS [version N]',
    does: 'shows its code; anybody may read any',
    run: source,
  },
  '@versions': { usage: '@versions CLASS', does: 'tells its versions', run: versions },
  '@rollback': {
    usage: '@rollback CLASS to N',
    does: 'makes a new version of yours, with the code of version N',
    run: rollback,
  },
  '@upgrade': {
    usage: '@upgrade CLASS',
    does: 'brings all objects of yours to the newest version now, and not when each is used next',
    run: upgrade,
  },
  '@open': {
    usage: '@open CLASS',
    does: 'lets everybody make objects of yours, and build classes on it',
    run: (me, name) => {
      setOpen(me, name, true);
    },
  },
  '@close': {
    usage: '@close CLASS',
    does: 'ends that; to let one person, see "help @lend"',
    run: (me, name) => {
      setOpen(me, name, false);
    },
  },
};

/** Classes that are listed at once. */
const MOST_LISTED = 200;

function classes(me: Player): void {
  const reports = me.classes.names().map((name) => me.classes.describe(name, true));
  const saved = reports.filter((each) => each.saved);
  const builtIn = reports.filter((each) => !each.saved).map(({ name }) => name);
  const lines = saved.slice(0, MOST_LISTED).map((each) => `  ${each.name}: ${inWords(each)}`);
  if (saved.length > MOST_LISTED) lines.push(`  and ${saved.length - MOST_LISTED} more`);
  me.show(
    [
      saved.length === 0 ? 'Nobody has written a class here yet.' : 'Written here:',
      ...lines,
      `Built in: ${builtIn.join(', ')}.`,
    ].join('\n'),
  );
}

function inWords({ saved, version, author, safe, broken }: ClassReport): string {
  if (!saved) return 'built in';
  const approved = safe ? 'approved' : 'not approved by an admin';
  return `version ${version}, by ${line(author)}, ${approved}${broken === '' ? '' : `; it does not load: ${line(broken)}`}`;
}

function source(me: Player, typed: string): void {
  const [, name, number] = /^(\S+)(?: +(?:version +)?(\d{1,6}))?$/.exec(typed) ?? [];
  if (name === undefined)
    throw new Sorry('Whose code? Like this: @source Kiosk, or @source Kiosk version 2.');
  const read = attempt(() => {
    const report = me.classes.describe(name);
    const version = number === undefined ? undefined : Number(number);
    return {
      report,
      text: version === undefined ? me.classes.source(name) : me.classes.source(name, version),
    };
  });
  if (!read.ok) throw new Sorry(read.error.message, read.error.code === 'NotAClass' ? 'NotFound' : 'Refused');
  const { report, text } = read.value;
  const now = number === undefined ? '' : ` Here is version ${number}.`;
  me.show(`${name}: ${inWords(report)}.${now}\n${visible(text)}`);
}

function versions(me: Player, name: string): void {
  const found = writtenClass(me, name);
  const lines = found.versions().map(({ version, note, when, hash }) => {
    const why = note === '' ? '' : `, ${line(note)}`;
    return `  ${version}: ${dayOf(when)}${why} (${hash.slice(0, 8)})`;
  });
  me.show(`Versions of ${name}, by ${line(found.author())}; ${found.current()} counts:\n${lines.join('\n')}`);
}

function rollback(me: Player, typed: string): void {
  const sides = splitAt(typed, ['to'], 'last');
  const number = Number(/^(?:version )?(\d{1,6})$/.exec(sides?.right ?? '')?.[1]);
  if (sides === undefined || Number.isNaN(number))
    throw new Sorry('Back to which version? Like this: @rollback Kiosk to 1.');
  const own = ownClass(me, sides.left);
  const made = me.trying(() => own.rollback(number));
  me.say(`Version ${made} of ${sides.left} is as version ${number} was.`);
}

function upgrade(me: Player, name: string): void {
  const own = ownClass(me, name);
  me.trying(() => {
    own.upgrade(me.told, 'upgraded');
  });
  me.say(`All there is of ${name} is being brought to its newest version. You will be told.`);
}

function setOpen(me: Player, name: string, open: boolean): void {
  const own = ownClass(me, name);
  me.trying(() => {
    own.open(open);
  });
  me.say(
    open
      ? `Everybody may make objects of ${name} now, and build classes on it.`
      : `Only who holds something on ${name} may use it from now on. What was made of it stays.`,
  );
}
