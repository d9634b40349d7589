import { editRecord } from '../../clients/check/edit-record.ts';
import { openFixture } from '../engine/fixture.ts';
import { MemoryJournal } from '../engine/memory-journal.ts';
import { idIn } from '../key-id.ts';
import {
  contentsIn,
  findings,
  folderWith,
  keysOf,
  played,
  repair,
  usePlayedWorld,
  value,
  type Changes,
} from './damaged-world.ts';
import { ledgerWorld, storeOf, viewOf } from './stored-world.ts';

usePlayedWorld();

/** The world with one record changed. */
async function edited(key: string, change: (record: Record<string, unknown>) => void): Promise<Changes> {
  const ops = editRecord(idIn(key), change);
  const [op] = typeof ops === 'function' ? await ops(viewOf(await storeOf(played))) : [];
  return op !== undefined && 'put' in op ? { [key]: op.value } : {};
}

describe('every thing is in exactly one place:', () => {
  const roomWithThings = () =>
    keysOf(/^o\//).find((key) => /"class":"Room"/.test(value(key)) && /\\"things\\":\[\{/.test(value(key))) ??
    'nothing';
  const otherRoom = () =>
    keysOf(/^o\//).find((key) => /"class":"Room"/.test(value(key)) && key !== roomWithThings()) ?? 'nothing';
  type List = { readonly thing: unknown }[];

  async function repaired(changes: Changes): Promise<readonly string[]> {
    const data = await folderWith(changes);
    const found = await findings(data);
    const { left } = await repair(data);
    expect(left).toBe(0);
    expect(await findings(data)).toEqual([]);
    const fixture = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(await contentsIn(data)) });
    fixture.world.input('sid-1', 12, 'look');
    await fixture.settle();
    await fixture.close();
    return found.filter((line) => !line.startsWith('ref/'));
  }

  test('a thing that its place does not have is nowhere after a repair', async () => {
    const changes = await edited(roomWithThings(), (record) => {
      record['things'] = (record['things'] as List).slice(1);
    });
    expect(await repaired(changes)).toEqual([
      expect.stringMatching(/^o\/\do\d+: it says that it is in o\d+, which does not/),
    ]);
  });

  test('a thing that says that it is elsewhere is struck out of the place that has it', async () => {
    const changes = await edited(roomWithThings(), (record) => {
      const [first, second, ...more] = record['things'] as { spot: unknown }[];
      record['things'] = [{ ...first, spot: second?.spot }, second, ...more];
    });
    const found = await repaired(changes);
    expect(found).toContainEqual(expect.stringMatching(/^o\/\do\d+: o\d+ has o\d+ in it, which is in o\d+$/));
  });

  test('a thing that is in one place twice is there once', async () => {
    const changes = await edited(roomWithThings(), (record) => {
      const [first, ...more] = record['things'] as List;
      record['things'] = [first, ...more, first];
    });
    expect(await repaired(changes)).toEqual([
      expect.stringMatching(/^o\/\do\d+: o\d+ has o\d+ in it twice$/),
    ]);
  });

  test('a player whose room lost its people is nowhere, and comes home', async () => {
    const rooms = keysOf(/^o\//).filter((key) => /\\"people\\":\[\{/.test(value(key)));
    let all: Changes = {};
    for (const room of rooms)
      all = {
        ...all,
        ...(await edited(room, (record) => {
          record['people'] = [];
        })),
      };
    const data = await folderWith(all);
    await repair(data);
    const fixture = await openFixture({ ...ledgerWorld, journal: new MemoryJournal(await contentsIn(data)) });
    fixture.world.input('sid-1', 12, 'home');
    fixture.world.input('sid-1', 13, 'look');
    await fixture.settle();
    expect(JSON.stringify(fixture.outs)).toContain('Ways out');
    await fixture.close();
    expect(await findings(data)).toEqual([]);
  });

  test('a room that is gone leaves its things nowhere, and is no fault', async () => {
    const data = await folderWith({ [roomWithThings()]: null });
    const found = await findings(data);
    expect(found.filter((line) => !/^(?:ref|of)\//.test(line))).toEqual([]);
    expect(otherRoom()).not.toBe('nothing');
  });
});
