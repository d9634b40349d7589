import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportWorld, type Exported } from '../../clients/archive/export-world.ts';
import { importWorld } from '../../clients/archive/import-world.ts';
import { collection, create, M, type AnyCap } from '../../engine/authoring.ts';
import { FORMAT, formatText } from '../../storage/format.ts';
import { ALL_KEYS } from '../../storage/keys.ts';
import { openLevelStore } from '../../storage/level-store.ts';
import type { Store } from '../../storage/store.ts';
import type { View } from '../../storage/view.ts';
import { openFixture, type Fixture } from '../engine/fixture.ts';
import { starterWorld } from '../starter-world.ts';
import { MemoryStore } from '../storage/memory-store.ts';

/** Keeps lists by texts and by capabilities. */
export class Ledger {
  static facets = {
    owner: { note: M.call(M.string(), M.any(), M.any()).returns(), front: M.call().returns(M.remotable()) },
    public: { all: M.call(M.string()).returns(M.any()) },
  };
  toRecord(): object {
    return {};
  }
  fromRecord(): void {}
  note(list: string, key: string | object, value: unknown): void {
    collection(this, list).set(key, value);
  }
  all(list: string): unknown {
    return collection(this, list).entries();
  }
  front(): AnyCap {
    return this;
  }
}

/** The starter world with one class more, for collections. */
export const ledgerWorld = { ...starterWorld, classes: [...starterWorld.classes, Ledger] } as const;

/** All that the store of a world holds, in key order. */
export type Contents = Map<string, string>;

function contentsOf(fixture: Fixture): Contents {
  return new Map([['format', formatText(FORMAT)], ...fixture.journal.contents()]);
}

/**
 * The starter world after some play: two players, things made, carried and left, a guest who has gone, text in several
 * scripts, a revoked capability, a timer, lists, an account, a session with unread lines, something set aside.
 */
export async function playedWorld(): Promise<Contents> {
  const fixture = await openFixture(ledgerWorld);
  const { world } = fixture;
  try {
    const enter = async (sid: string, name: string): Promise<void> => {
      await world.begin(
        { sid, keyHash: 'k'.repeat(43), keep: true, name },
        (invoke) => invoke(world.roots.gate, 'newPlayer', [name]) as AnyCap,
        (capability) => [
          [
            `a/${name.toLowerCase()}`,
            JSON.stringify({
              name,
              salt: 's',
              hash: 'h',
              cost: { N: 16384, r: 8, p: 5 },
              capability: world.slotText(capability),
            }),
          ],
        ],
      );
    };
    await enter('sid-1', 'Ada');
    await enter('sid_2', 'Bob');
    await world.begin(
      { sid: 'sid3', keyHash: '', keep: false, name: 'Guest' },
      (invoke) => invoke(world.roots.gate, 'newGuest', []) as AnyCap,
    );
    let n = 0;
    for (const line of [
      '@create brass lamp',
      '@describe brass lamp as A lamp. \u0007“Grüße” \u{1f56f} מנורה \u202eevil',
      'get brass lamp',
      '@create toy as box',
      'put lamp in toy',
      '@dig Cave',
      'say hello\there',
      'north',
      'drop brass lamp',
      '@destroy brass lamp',
      'get all',
    ])
      world.input('sid-1', (n += 1), line);
    world.input('sid_2', 1, 'north');
    world.input('sid_2', 2, 'ring bell');
    await fixture.settle();
    await world.end('sid3');
    world.acknowledge('sid-1', 4);
    const ledger = (await world.run(() => create(world.roots.bank, Ledger))) as AnyCap;
    const note = (list: string, key: unknown, value: unknown): Promise<unknown> =>
      fixture.call(ledger, 'note', list, key, value);
    for (let at = 0; at < 5; at += 1)
      await note('mail', `letter ${at}`, { at, to: ledger, '10': 1, $x: '!' });
    await note('mail', '', null);
    await note('mail', '#special', '#undefined');
    await note('constructor', 'a name that every object inherits', 1);
    await note('friends', ledger, 'owner');
    await note('friends', world.roots.bank, { since: 1n, never: undefined });
    await fixture.settle();
    return contentsOf(fixture);
  } finally {
    await fixture.close();
  }
}

/** A view of what a store holds. */
export function viewOf(store: Store): View {
  return {
    seq: 0,
    get: async (key) => store.get(key),
    range: (range) => store.range(range),
    close: () => Promise.resolve(),
  };
}

export async function storeOf(contents: ReadonlyMap<string, string>): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.batch(
    [...contents].map(([put, value]) => ({ put, value })),
    { sync: true },
  );
  return store;
}

export async function allOf(store: Store): Promise<Contents> {
  const all: Contents = new Map();
  for await (const [key, value] of store.range(ALL_KEYS)) all.set(key, value);
  return all;
}

export interface ExportedText extends Exported {
  readonly text: string;
  readonly missing: readonly string[];
}

export async function exported(store: Store, tokens: 'keep' | 'new' = 'keep'): Promise<ExportedText> {
  let text = '';
  const missing: string[] = [];
  const done = await exportWorld(viewOf(store), {
    tokens,
    write: async (part) => {
      text += part;
    },
    onLeftOut: (key) => missing.push(key),
  });
  return { ...done, text, missing };
}

/** The store that an import makes of a text. `size`: bytes that come at a time. */
export async function imported(text: string, edited = false, size = 65_536): Promise<MemoryStore> {
  const store = new MemoryStore();
  const bytes = Buffer.from(text);
  await importWorld(store, {
    edited,
    open: async function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    },
  });
  return store;
}

/** A folder with that world in it; its functions are for the end of the test. */
export async function folderOf(
  contents: ReadonlyMap<string, string>,
): Promise<{ readonly data: string; readonly remove: () => void }> {
  const parent = mkdtempSync(join(tmpdir(), 'keystead-backup-'));
  const data = join(parent, 'data');
  const store = await openLevelStore(data, { create: true });
  await store.batch(
    [...contents].map(([put, value]) => ({ put, value })),
    { sync: true },
  );
  await store.close();
  return {
    data,
    remove: () => {
      rmSync(parent, { recursive: true, force: true });
    },
  };
}
