import { attenuate, create, facet, only, send, type FacetOf } from '../../engine/authoring.ts';
import { openPuppets, play, Puppet, type Doll } from './puppet.ts';

/** Misuse is a type error; each line below is also one at run time, which the other tests hold. */
test('types of capabilities say what they admit', async () => {
  const f = await openPuppets();
  await play(f, (self) => {
    const doll: Doll = self.make();
    const weak = only(doll, 'look');
    weak.look();
    // @ts-expect-error -- it was made to look only
    expect(weak.take).toBeUndefined();
    // @ts-expect-error -- state is the instance's, not the capability's
    expect(doll.state).toBeUndefined();
    // @ts-expect-error -- the hooks are the membrane's business
    expect(doll.toRecord).toBeUndefined();
    const narrow = attenuate(doll, { only: ['get'], uses: 1 });
    narrow.get('x');
    // @ts-expect-error -- it was made to get only
    expect(narrow.look).toBeUndefined();
    const mine: FacetOf<typeof Puppet, 'public'> = facet<typeof Puppet, 'public'>(self, 'public');
    // @ts-expect-error -- the public facet cannot take
    expect(mine.take).toBeUndefined();
    // Not run: what the types refuse here.
    (): void => {
      // @ts-expect-error -- there is no such method
      only(doll, 'fly');
      // @ts-expect-error -- a weaker one has no such method
      only(weak, 'take');
      // @ts-expect-error -- no such facet
      facet<typeof Puppet, 'nothing'>(self, 'nothing');
      // @ts-expect-error -- arguments as the method takes them
      send(doll, 'set', [1, 2]);
      // @ts-expect-error -- a bank is needed
      create(doll, Puppet);
      // @ts-expect-error -- a name for whom, not a number
      attenuate(doll, { for: 1 });
      // @ts-expect-error -- capabilities are read-only
      doll.look = () => 'mine';
    };
    return null;
  });
  await f.close();
});
