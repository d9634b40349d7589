import { facet, send } from '../../engine/authoring.ts';
import { itemsOf } from '../items-of.ts';
import { act, openPuppets, play, type Act, type Puppet } from './puppet.ts';

/** A name that draws on terminals, and is longer than any memory when it is written down. */
function endless(): string {
  let name = '\u0001\u001b[2J\n';
  while (name.length < 2 ** 28) name += name;
  return name;
}

const ACTS: Record<string, Act> = {
  'a facet that there is not': (self) => facet<typeof Puppet, 'owner'>(self, endless() as 'owner'),
  'a method that is sent what may not cross': (self) =>
    send(self.bank, endless() as 'pay', [(() => 1) as unknown as number]),
  'a method that there is not': (self) => send(self.bank, endless() as 'pay', [1]),
  'what is thrown': () => {
    throw new Error(endless());
  },
  'the name of a member': (self) => self.make({}, '', { ['\u001b[2J']: () => 1 }),
};

test.each(Object.keys(ACTS))('an error that names %s can be kept and shown', async (name) => {
  const fixture = await openPuppets();
  const body = act(ACTS[name] as Act);
  const gate = await play(fixture, (self) => {
    self.state['command'] = body;
    return facet<typeof Puppet, 'session'>(self, 'session');
  });
  await fixture.world.begin({ sid: 's1', keyHash: 'k', keep: true, name: 'x' }, () => gate as object);
  fixture.world.input('s1', 1, 'go');
  await fixture.settle();
  expect(fixture.halts).toEqual([]);
  const told = fixture.outs.flatMap(itemsOf).at(-1);
  expect(told).toMatch(/^[^\p{Cc}]{20,600} \[\w+\]$/u);
  await fixture.close();
});
