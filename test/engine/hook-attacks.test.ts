import {
  attempt,
  attenuate,
  create,
  facet,
  fail,
  only,
  revoke,
  send,
  emit,
  cancel,
  destroy,
} from '../../engine/authoring.ts';
import type { Fixture } from './fixture.ts';
import { act, codeOf, codeThrownBy, constructing, openPuppets, play, Puppet, type Doll } from './puppet.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openPuppets();
});
afterEach(async () => {
  await fixture.close();
});

describe('hooks', () => {
  test('toRecord, fromRecord and constructors can call and do nothing', async () => {
    const tried: string[] = [];
    let holder: Doll | undefined;
    const trying = (self: Puppet): void => {
      const doll = holder as Doll;
      const ways: (() => unknown)[] = [
        () => doll.look(),
        () => only(doll, 'look'),
        () => facet<typeof Puppet, 'public'>(self, 'public'),
        () => create(self.bank, Puppet),
        () => send(doll, 'look', []),
        () => emit('x'),
        () => attempt(() => 1),
        () => revoke(self, doll),
        () => destroy(self),
        () => cancel(1),
        () => fail('Mine', 'this alone is allowed') && undefined,
      ];
      for (const way of ways) tried.push(codeThrownBy(way));
    };
    const toRecord = act((self: Puppet) => {
      trying(self);
      return { ...self.state };
    });
    const fromRecord = act((self: Puppet) => trying(self));
    const doll = (await play(fixture, (self) => {
      holder = self.make();
      return self.make({ toRecord, fromRecord });
    })) as Doll;
    expect(tried.length).toBeGreaterThanOrEqual(11);
    await fixture.call(doll, 'look');
    const next = await fixture.restart();
    const gate = next.world.capabilityFrom(fixture.world.slotText(doll));
    constructing.now = () => trying(new Map() as unknown as Puppet);
    try {
      await next.call(gate, 'look');
    } finally {
      constructing.now = null;
    }
    expect(new Set(tried)).toEqual(new Set(['NoCallsHere', 'none']));
    expect(tried.filter((code) => code === 'none').length * 11).toBe(tried.length);
    await next.close();
  });

  test('the record that a class gets has no grants in it, and one that it gives cannot make any', async () => {
    const seen: unknown[] = [];
    const fromRecord = act((self: Puppet) => void seen.push(self.state));
    const doll = (await play(fixture, (self) => {
      const made = self.make({
        fromRecord,
        grants: [['x'.repeat(22), 1, -1, '', 'owner', null, null]],
        class: 'Bank',
        slots: ['o1.x.1'],
        body: '#{}',
        bank: self.bank,
      });
      attenuate(made, { for: 'Bob' });
      return made;
    })) as Doll;
    const next = await fixture.restart();
    const again = next.world.capabilityFrom(fixture.world.slotText(doll));
    expect(await next.call(again, 'look')).toBe('a puppet');
    expect(Object.keys(seen[0] as object).sort()).toEqual([
      'bank',
      'body',
      'class',
      'fromRecord',
      'grants',
      'slots',
    ]);
    expect(JSON.stringify(seen)).not.toMatch(/seed/);
    await next.close();
  });

  test('a stored capability that is changed by hand opens nothing', async () => {
    const text = fixture.world.slotText((await play(fixture, (self) => only(self.make(), 'look'))) as object);
    const [id, token, shape] = (JSON.parse(text) as { slots: string[] }).slots[0]?.split('.') ?? [];
    const forge = (slot: string): string => JSON.stringify({ body: '#"$0"', slots: [slot] });
    for (let other = 0; other < Number(shape); other += 1) {
      const forged = fixture.world.capabilityFrom(forge(`${id}.${token}.${other}`));
      for (const method of ['take', 'act', 'set', 'pay', 'balance']) {
        expect(await codeOf(fixture.call(forged, method, 'x', 1))).not.toBe('none');
      }
    }
    for (const slot of [
      `${id}.${'A'.repeat(22)}.${shape}`,
      `o1.${token}.${shape}`,
      `o999.${token}.${shape}`,
    ]) {
      expect(['Revoked', 'Gone']).toContain(
        await codeOf(fixture.call(fixture.world.capabilityFrom(forge(slot)), 'look')),
      );
    }
    for (const slot of [
      '',
      'o1',
      `${id}.${token}`,
      `${id}.short.1`,
      `${id}.${token}.-1`,
      `${id}.${token}.01`,
      `${id}.${token}.1 `,
      `${id}.${token}.99999`,
    ]) {
      expect(() => fixture.world.capabilityFrom(forge(slot))).toThrow();
    }
  });
});
