import { line } from '../words.ts';
import { splitAt } from '../parse.ts';
import type { Player } from '../player.ts';
import { meantTruly, type Reached } from '../reach.ts';
import { Sorry } from '../sorry.ts';
import { wizardry } from '../wizard.ts';
import type { Commands } from './command.ts';

/** For whoever keeps a capability on Storage; each of them needs its own method of it. */
export const WIZARDRY: Commands = {
  '@approve': {
    usage: '@approve CLASS HASH',
    does: 'lists the code that you have read as safe: at its hash, which "@versions CLASS" tells',
    run: approve,
  },
  '@disapprove': {
    usage: '@disapprove CLASS',
    does: 'takes its newest version off that list',
    run: disapprove,
  },
  '@own': { usage: '@own CLASS', does: 'puts all that can be done with a class on your keyring', run: own },
  '@grants': {
    usage: '@grants THING, @grants THING from N',
    does: 'lists the grants on it, those from number N on',
    run: grants,
  },
  '@revoke': {
    usage: '@revoke MARK on THING',
    does: 'ends the grant that has this mark in that list, and all made from it',
    run: revokeOne,
  },
  '@holders': {
    usage: '@holders THING',
    does: 'searches the whole store for who holds its public capability; you are told later',
    run: holders,
  },
  '@show': { usage: '@show THING', does: 'shows its record', run: showRecord },
  '@accounts': { usage: '@accounts', does: 'tells what the code of each class has cost', run: accounts },
  '@stop': {
    usage: '@stop THING because TEXT',
    does: 'sets it aside: it takes no calls until it is mended; "@stop list" tells all that are',
    run: stop,
  },
  '@resume': { usage: '@resume THING', does: 'lets it go on', run: resume },
  '@letters': {
    usage: '@letters, @letters after N, @letters retry N, @letters drop N',
    does: 'lists messages that could not be delivered, those behind number N, has one tried again, or drops it',
    run: letters,
  },
  '@checkpoint': { usage: '@checkpoint', does: 'has a checkpoint taken', run: checkpoint },
  '@reload': {
    usage: '@reload all',
    does: "starts the world again with its code as it is now, the program's own too; nobody is cut off",
    run: reload,
  },
};

function approve(me: Player, typed: string): void {
  const [, name, start] = /^(\S+) +([0-9a-f]{8,64})$/.exec(typed) ?? [];
  if (name === undefined || start === undefined)
    throw new Sorry('Approve which code? Like this: @approve Kiosk 3f9a01bc. Read it first: @source Kiosk.');
  const storage = wizardry(me, 'approve');
  const { hash } = me.trying(() => me.classes.describe(name));
  if (!hash.startsWith(start)) throw new Sorry(`The newest code of ${name} has another hash: read it again.`);
  // An author can make versions that begin alike, have one read, and save the other one meanwhile.
  const versions = me.classes.find(name)?.versions() ?? [];
  if (versions.some((each) => each.hash !== hash && each.hash.startsWith(start)))
    throw new Sorry(
      `Another version of ${name} begins with ${start} too, which is no accident. Read the newest again; its hash is ${hash}.`,
    );
  me.trying(() => {
    storage.approve(name, hash);
  });
  me.say(`The code of ${name} is approved at ${hash.slice(0, 8)}. A new version will not be.`);
}

function disapprove(me: Player, name: string): void {
  const storage = wizardry(me, 'disapprove');
  const { hash } = me.trying(() => me.classes.describe(name));
  me.trying(() => {
    storage.disapprove(hash);
  });
  me.say(`The newest version of ${name} is not approved.`);
}

function own(me: Player, name: string): void {
  const storage = wizardry(me, 'classOwner');
  me.trying(() => {
    const owner = storage.classOwner(name);
    me.keepOwn(owner.front(), owner);
  });
  me.say(`You can change ${name} now: it is on your keyring.`);
}

/** "here" by what the room gave him: one that is set aside shows nothing of itself, and a stranger's may say that it is another. */
function meantByAdmin(me: Player, typed: string): Pick<Reached, 'thing' | 'name'> {
  return typed.toLowerCase() === 'here' ? { thing: me.here, name: 'this place' } : meantTruly(me, typed);
}

/** Grants that are listed at once, and methods of each that are named. */
const MOST_GRANTS = 50;
const MOST_METHODS = 40;

function grants(me: Player, typed: string): void {
  const storage = wizardry(me, 'grants');
  const [, words = typed, first = '0'] = /^(.*\S) +from +(\d{1,9})$/.exec(typed) ?? [];
  const { thing, name } = meantByAdmin(me, words);
  const all = me.trying(() => storage.grants(thing, Number(first), MOST_GRANTS));
  const lines = all.map(({ number, mark, methods, for: label, parent, expires, uses }) => {
    const terms = [
      ...(parent < 0 ? [] : [`from ${parent}`]),
      ...(uses === null ? [] : [`${uses} uses left`]),
      ...(expires === null ? [] : ['ends by itself']),
    ];
    const rest = methods.length - MOST_METHODS;
    const named = [...methods.slice(0, MOST_METHODS), ...(rest > 0 ? [`and ${rest} more`] : [])].join(' ');
    return `  ${number} ${mark}: ${line(label === '' ? 'no label' : label)}${terms.length > 0 ? ` (${terms.join(', ')})` : ''}: ${named}`;
  });
  const last = all.at(-1);
  if (last === undefined) throw new Sorry(`There is no grant ${first} on ${name}.`);
  const next = last.number + 1;
  const isMore = me.trying(() => storage.grants(thing, next, 1)).length > 0;
  const more = isMore ? [`  More: "@grants ${words} from ${next}".`] : [];
  me.show([`Grants on ${name}:`, ...lines, ...more].join('\n'));
}

function revokeOne(me: Player, typed: string): void {
  const sides = splitAt(typed, ['on']);
  const mark = sides?.left.toLowerCase() ?? '';
  // A number would be another one's as soon as one before it has ended.
  if (sides === undefined || !/^[0-9a-f]{10}$/.test(mark))
    throw new Sorry(
      'Revoke which one? Like this: @revoke 3f9a01bc22 on lamp. "@grants lamp" tells the mark of each.',
    );
  const storage = wizardry(me, 'revokeGrant');
  const { thing, name } = meantByAdmin(me, sides.right);
  me.trying(() => {
    storage.revokeGrant(thing, mark);
  });
  me.say(`Grant ${mark} on ${name} has ended, with all that was made from it.`);
}

function holders(me: Player, typed: string): void {
  const storage = wizardry(me, 'holders');
  const { thing, name } = meantTruly(me, typed);
  me.trying(() => {
    storage.holders(thing, me.told, 'found');
  });
  me.say(`The store is being searched for who holds ${name}.`);
}

function showRecord(me: Player, typed: string): void {
  const storage = wizardry(me, 'show');
  const { thing } = meantByAdmin(me, typed);
  me.show(me.trying(() => storage.show(thing)));
}

/** Classes that are listed. */
const MOST_ACCOUNTS = 50;

function accounts(me: Player): void {
  const storage = wizardry(me, 'accounts');
  const all = me.trying(() => storage.accounts());
  const lines = all.slice(0, MOST_ACCOUNTS).map(({ className, author, milliseconds, calls }) => {
    const each = calls === 0 ? 0 : Math.round((1000 * milliseconds) / calls);
    return `  ${className} by ${line(author)}: ${Math.round(milliseconds)} ms in ${calls} calls, ${each} us each`;
  });
  const title = 'What classes written here have cost since the world was started:';
  me.show(lines.length === 0 ? 'No class written here has run yet.' : [title, ...lines].join('\n'));
}

/** As many as Storage tells of. */
const MOST_ASIDE = 100;

function stop(me: Player, typed: string): void {
  if (typed.toLowerCase() === 'list') {
    const all = wizardry(me, 'aside').aside();
    const lines = all.map(({ id, className, message }) => `  ${className} ${id}: ${line(message)}`);
    const more = all.length < MOST_ASIDE ? [] : ['  There may be more: "keystead dump aside" tells all.'];
    me.show(lines.length === 0 ? 'Nothing is set aside.' : ['Set aside:', ...lines, ...more].join('\n'));
    return;
  }
  const sides = splitAt(typed, ['because']);
  const storage = wizardry(me, 'setAside');
  const { thing, name } = meantByAdmin(me, sides?.left ?? typed);
  me.trying(() => {
    storage.setAside(thing, sides?.right ?? 'an admin has stopped it');
  });
  me.say(`${name} is set aside.`);
}

function resume(me: Player, typed: string): void {
  const storage = wizardry(me, 'mend');
  const { thing, name } = meantByAdmin(me, typed);
  me.trying(() => {
    storage.mend(thing);
  });
  me.say(`${name} takes calls again.`);
}

/** Letters that are listed at once. */
const MOST_LETTERS = 50;

function letters(me: Player, typed: string): void {
  const [, what = '', digits = '0'] = /^(retry|drop|after) +([0-9]{1,15})$/.exec(typed.toLowerCase()) ?? [];
  if (what === '' && typed !== '')
    throw new Sorry('Like this: @letters, or @letters retry 17, @letters drop 17, @letters after 17.');
  const number = Number(digits);
  if (what === 'retry') {
    me.trying(() => {
      wizardry(me, 'retryLetter').retryLetter(number);
    });
    me.say(`Letter ${number} is being delivered again.`);
  } else if (what === 'drop') {
    me.trying(() => {
      wizardry(me, 'dropLetter').dropLetter(number);
    });
    me.say(`Letter ${number} is dropped.`);
  } else listLetters(me, number);
}

function listLetters(me: Player, after: number): void {
  const all = wizardry(me, 'letters').letters(after, MOST_LETTERS);
  const lines = all.map(({ number, from, to, method, code, text, tries }) => {
    const again = tries > 1 ? `, ${tries} times` : '';
    return `  ${number}: ${method} of ${to}, from ${from ?? 'the world'}${again}: ${line(text)} [${code}]`;
  });
  const more = all.length < MOST_LETTERS ? [] : [`More: @letters after ${all.at(-1)?.number}`];
  me.show(
    lines.length === 0 ? 'There are no dead letters.' : ['Dead letters:', ...lines, ...more].join('\n'),
  );
}

function checkpoint(me: Player): void {
  wizardry(me, 'checkpoint').checkpoint();
  me.say('A checkpoint is being taken.');
}

function reload(me: Player, typed: string): void {
  if (typed.toLowerCase() !== 'all')
    throw new Sorry(
      'All or nothing: @reload all. Classes written here are loaded anew whenever they are saved.',
    );
  wizardry(me, 'reload').reload();
  me.say('All code is loaded anew.');
}
