import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { after, attempt, create } from '../../engine/authoring.ts';
import type { Fixture } from './fixture.ts';
import { MemoryJournal } from './memory-journal.ts';
import { act, codeOf, constructing, openPuppets, play, Puppet, type Doll } from './puppet.ts';

/** A world with some puppets, changed here and there; the same whatever is evicted when. */
async function live(options: {
  resident?: number;
  evictAlways?: boolean;
}): Promise<{ f: Fixture; seen: unknown[] }> {
  const f = await openPuppets(options);
  const seen: unknown[] = [];
  await play(
    f,
    (self) =>
      void (self.state['dolls'] = Array.from({ length: 12 }, (_, at) => self.make({ name: `doll ${at}` }))),
  );
  for (let round = 0; round < 30; round += 1) {
    f.powers.reseed(`round${round}`);
    seen.push(
      await play(
        f,
        (self, round: number) => {
          const dolls = self.state['dolls'] as Doll[];
          const [one, other] = [dolls[round % 12] as Doll, dolls[(round * 7) % 12] as Doll];
          one.set('friend', other);
          const tried = attempt(() => {
            other.take();
            if (round % 3 === 0) throw new Error('no');
          });
          return [
            one.look(),
            other.get('taken') ?? null,
            tried.ok,
            (one.get('friend') as Doll).look(),
            one.get('friend') === other,
          ];
        },
        round,
      ),
    );
  }
  await f.settle();
  return { f, seen };
}

test('eviction changes nothing: a large memory, a tiny one, and none at all', async () => {
  const large = await live({});
  const tiny = await live({ resident: 2 });
  const none = await live({ evictAlways: true });
  expect(tiny.seen).toEqual(large.seen);
  expect(none.seen).toEqual(large.seen);
  expect(tiny.f.journal.contents()).toEqual(large.f.journal.contents());
  expect(none.f.journal.contents()).toEqual(large.f.journal.contents());
  expect(tiny.f.world.statistics().resident).toBeLessThanOrEqual(2);
  expect(none.f.world.statistics().resident).toBe(0);
  for (const { f } of [large, tiny, none]) await f.close();
});

test('only what is touched is loaded after a restart', async () => {
  const { f } = await live({});
  const next = await f.restart();
  expect(next.world.statistics()).toMatchObject({ resident: 0, faults: 0 });
  await play(next, (self) => (self.state['dolls'] as Doll[])[3]?.look());
  expect(next.world.statistics().faults).toBe(2);
  await next.close();
});

test('failed creations leave nothing in memory', async () => {
  const f = await openPuppets({ limits: { turnCreates: 2 }, resident: 1 });
  for (let round = 0; round < 20; round += 1) {
    expect(await codeOf(play(f, (self) => [1, 2, 3].map(() => self.make())))).toBe('TooMany');
    expect(
      await codeOf(
        play(f, (self) => {
          constructing.now = () => {
            throw new Error('no');
          };
          try {
            return self.make();
          } finally {
            constructing.now = null;
          }
        }),
      ),
    ).toBe('Damaged');
    await play(f, (self) => void (self.state['last'] = self.make()));
  }
  await f.settle();
  const { resident, evictions, faults } = f.world.statistics();
  expect(resident).toBeLessThanOrEqual(1);
  // All that was ever evicted had been made for good or loaded: 20 puppets, the gate, the bank, the storage.
  expect(evictions).toBeLessThanOrEqual(faults + 23);
  await f.close();
});

test('a record that did not change is not written again', async () => {
  const f = await openPuppets();
  await play(f, (self) => void (self.state['list'] = [1, { x: 2 }, self]));
  await play(f, (self) => self.state['list']);
  await f.settle();
  const seq = f.journal.lastSeq;
  await play(f, (self) => void (self.state['list'] = [1, { x: 2 }, (self.state['list'] as unknown[])[2]]));
  await play(f, () => null);
  await f.settle();
  expect(f.journal.lastSeq).toBe(seq);
  await f.close();
});

test('one that changed and is again what it was, with attempts in between, is not written again', async () => {
  const f = await openPuppets();
  await play(f, (self) => void (self.state['list'] = [1, { x: 2 }]));
  await f.settle();
  const seq = f.journal.lastSeq;
  await play(f, (self) => {
    for (const list of [[3], [1, { x: 2 }, 4], [1, { x: 2 }]]) {
      self.state['list'] = list;
      attempt(() => self.state['list']);
    }
  });
  await f.settle();
  expect(f.journal.lastSeq).toBe(seq);
  await f.close();
});

test('what was changed between attempts, and what an undone one changed, is as it should be, evicted or not', async () => {
  for (const evictAlways of [false, true]) {
    const f = await openPuppets({ evictAlways });
    await play(f, (self) => {
      self.state['made'] = self.make({ log: [] as string[] });
    });
    await play(f, (self) => {
      const made = self.state['made'] as Doll;
      const log = (word: string): unknown => made.set('log', [...(made.get('log') as string[]), word]);
      log('one');
      attempt(() => {
        log('two');
        attempt(() => {
          log('lost');
          throw new Error('undone');
        });
        log('three');
      });
      log('four');
      attempt(() => {
        log('lost too');
        throw new Error('undone');
      });
      log('five');
    });
    expect(await play(f, (self) => (self.state['made'] as Doll).get('log'))).toEqual([
      'one',
      'two',
      'three',
      'four',
      'five',
    ]);
    await f.close();
  }
});

describe('a damaged object', () => {
  const damages: Record<string, (text: string) => string> = {
    'is no JSON': (text) => text.replace('"grants":[[', '"grants":[[,'),
    'is cut off': (text) => text.slice(0, text.length / 2),
    'is empty': () => '',
    'has a slot that is none': (text) => text.replace(/"slots":\["[^"]*/, '"slots":["o1.x'),
    'names a class that is not there': (text) => text.replace('"Puppet"', '"Poppet"'),
    'names methods that are not there': (text) => text.replace(/(\[\["[^"]*",)\d+/, '$199999'),
    'has a grant whose parent is not there': (text) => text.replace(/(\[\["[^"]*",\d+,)-1/, '$17'),
    'has a body of another kind': (text) => text.replace('"body":"#{', '"body":"{'),
    'refers to a slot too many': (text) => text.replace('"body":"#{', '"body":"#{\\"x\\":\\"$9\\",'),
    'is not a record': (text) => text.replace(/"body":"#.*","slots"/, '"body":"#5","slots"'),
    'has a number too large': (text) =>
      text.replace('"body":"#{', `"body":"#{\\"x\\":\\"+${'9'.repeat(20)}x\\",`),
  };
  for (const [what, damage] of Object.entries(damages)) {
    test(`that ${what} answers Damaged, tells nothing of what is in it, and the world goes on`, async () => {
      const f = await openPuppets();
      await play(
        f,
        (self) =>
          void Object.assign(self.state, {
            doll: self.make({ secret: 'xyzzy', friend: self }),
            other: self.make(),
          }),
      );
      await f.settle();
      const key =
        f.journal
          .contents()
          .find(
            ([key, text]) => key.startsWith('o/') && text.includes('xyzzy') && !text.includes('other'),
          )?.[0] ?? '';
      const text = f.journal.get(key) ?? '';
      expect(damage(text)).not.toBe(text);
      f.journal.tamper(key, damage(text));
      const next = await f.crash();
      for (const again of [1, 2]) {
        const tried = await play(next, (self) => attempt(() => (self.state['doll'] as Doll).look()));
        expect([again, tried]).toMatchObject([again, { ok: false, error: { code: 'Damaged' } }]);
        expect(JSON.stringify(tried)).not.toMatch(/seed|xyzzy|secret/);
      }
      expect(next.powers.events.filter(({ what }) => what === 'damaged').length).toBeGreaterThan(0);
      expect(await play(next, (self) => (self.state['other'] as Doll).look())).toBe('a puppet');
      expect(await codeOf(play(next, (self) => void (self.state['new'] = self.make())))).toBe('none');
      // Nothing has been written over it: it can be mended.
      expect(next.journal.get(key)).toBe(damage(text));
      next.journal.tamper(key, text);
      const mended = await next.restart();
      expect(await play(mended, (self) => (self.state['doll'] as Doll).get('secret'))).toBe('xyzzy');
      await Promise.all([f.close(), mended.close()]);
    });
  }

  test('in a message does not keep the world from starting', async () => {
    const f = await openPuppets();
    await play(f, (self) => {
      const doll = self.make();
      self.state['doll'] = doll;
      after(5, doll, 'take', []);
      after(6, doll, 'take', []);
      return null;
    });
    await f.settle();
    const key = f.journal.contents().find(([key]) => key.startsWith('t/'))?.[0] ?? '';
    f.journal.tamper(key, (f.journal.get(key) ?? '').replace(/\.\d+"/, '.99999"'));
    const next = await f.crash();
    await next.advance(10);
    expect(await play(next, (self) => (self.state['doll'] as Doll).get('taken'))).toBe(1);
    await Promise.all([f.close(), next.close()]);
  });

  test('one whose fromRecord throws is as it was when the class is mended', async () => {
    const f = await openPuppets();
    let broken = true;
    const fromRecord = act(() => {
      if (broken) throw new Error('no');
    });
    const doll = (await play(f, (self) => self.make({ fromRecord, x: 1 }))) as Doll;
    const slot = f.world.slotText(doll);
    const next = await f.restart();
    expect(await codeOf(next.call(next.world.capabilityFrom(slot), 'get', 'x'))).toBe('Damaged');
    broken = false;
    expect(await next.call(next.world.capabilityFrom(slot), 'get', 'x')).toBe(1);
    await next.close();
  });
});

test('an empty journal becomes a world; a genesis that fails leaves it empty', async () => {
  const journal = new MemoryJournal();
  const failing = openPuppets({
    journal,
    genesis: ({ bank }) => {
      create(bank, Puppet);
      throw new Error('no');
    },
  });
  await expect(failing).rejects.toThrow();
  expect(journal.contents()).toEqual([]);
  const f = await openPuppets({ journal });
  expect(await codeOf(play(f, () => null))).toBe('none');
  await f.close();
});

test('objects that keep ever more in memory, and store none of it, do not end the process', async () => {
  expect(await runWith(200, new URL('./hoarding-process.js', import.meta.url))).toEqual(['through', 0]);
}, 60_000);

test('what waits is read piece by piece when a world starts: as it is stored it may take more than there is', async () => {
  expect(await runWith(150, new URL('./waiting-process.js', import.meta.url))).toEqual(['through', 0]);
}, 60_000);

/** What a process says that may have so many megabytes, and the code that it ends with. */
async function runWith(megabytes: number, file: URL): Promise<readonly [said: string, code: number]> {
  const run = spawn(process.execPath, [`--max-old-space-size=${megabytes}`, fileURLToPath(file)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [said, [code]] = await Promise.all([text(run.stdout), once(run, 'close') as Promise<[number]>]);
  return [said, code];
}
