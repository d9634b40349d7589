import { attempt } from '../../engine/authoring.ts';
import { act, openPuppets, play, type Doll } from './puppet.ts';
import type { Fixture } from './fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openPuppets();
});
afterEach(async () => {
  await fixture.close();
});

const boom = (): never => {
  throw new Error('boom');
};

test('an object that has just taken itself into its record may attempt something that fails', async () => {
  await play(fixture, (self) => {
    self.state['me'] = self;
    return attempt(boom).ok;
  });
  const alive = await play(fixture, (self) => (self.state['me'] as Doll).look());
  expect(alive).toBe('a puppet');
});

test('one that has taken itself into its record can be called in an attempt', async () => {
  const keep = act((self) => void (self.state['me'] = self));
  const look = act(() => 1);
  expect(
    await play(fixture, (self) => {
      const doll = self.make();
      self.state['doll'] = doll;
      doll.act(keep);
      return attempt(() => doll.act(look)).ok;
    }),
  ).toBe(true);
  await play(fixture, (self) => ((self.state['doll'] as Doll).get('me') as Doll).look());
});

test('one that was called in an attempt that failed keeps a living capability on itself', async () => {
  const keep = act((self) => void (self.state['me'] = self));
  const look = act(() => 1);
  await play(fixture, (self) => {
    const doll = self.make();
    self.state['doll'] = doll;
    doll.act(keep);
    attempt(() => {
      doll.act(look);
      boom();
    });
  });
  expect(await play(fixture, (self) => ((self.state['doll'] as Doll).get('me') as Doll).look())).toBe(
    'a puppet',
  );
});

test('so does one that was called in an attempt within the one that failed', async () => {
  const keep = act((self) => void (self.state['me'] = self));
  const look = act(() => 1);
  for (const inner of [() => 1, boom]) {
    await play(fixture, (self) => {
      const doll = self.make();
      self.state['doll'] = doll;
      doll.act(keep);
      attempt(() => {
        attempt(() => {
          doll.act(look);
          inner();
        });
        boom();
      });
    });
    expect(await play(fixture, (self) => ((self.state['doll'] as Doll).get('me') as Doll).look())).toBe(
      'a puppet',
    );
  }
});

test('one that takes itself into its record in the place of another one has itself there, also after a restart', async () => {
  const keep = act((self) => void (self.state['held'] = self));
  await play(fixture, (self) => {
    self.state['doll'] = self.make({ name: 'Ann', held: self.make({ name: 'Bob' }) });
    return null;
  });
  const heldIs = (): Promise<unknown> =>
    play(fixture, (self) => ((self.state['doll'] as Doll).get('held') as Doll).look());
  expect(await heldIs()).toBe('a puppet named Bob');
  await play(fixture, (self, body: string) => (self.state['doll'] as Doll).act(body) ?? null, keep);
  fixture = await fixture.restart();
  expect(await heldIs()).toBe('a puppet named Ann');
});
