import { create } from '../../engine/authoring.ts';
import { Container } from '../container.ts';
import { Thing } from '../thing.ts';
import { Mechanism } from '../things/mechanism.ts';
import { Veil } from '../things/veil.ts';
import type { Site } from './site.ts';

/** What is under the house and what is around it. */
export function furnishGrounds(site: Site): void {
  const { bank } = site;
  const barrel = site.put(
    'cellar',
    create(bank, Container, {
      name: 'barrel of sand',
      also: ['barrel', 'sand'],
      description: 'For keeping carrots in. You could keep other things in it.',
      fixed: 'It weighs about what you would expect of a barrel of sand.',
    }),
  );
  create(bank, Thing, { name: 'carrot', description: 'Sandy, and in no hurry.' }).bring(barrel.entry());
  site.put('cistern', create(bank, Veil, { name: 'something under a dust sheet', also: ['sheet', 'shape'] }));
  site.put(
    'garden',
    site.make('Cat', {
      name: 'cat',
      description:
        'Grey, broad, asleep in MELANCHOLY, on the one square foot that has no nettles. One eye is yellow and the other is shut.',
      fixed: 'The cat becomes, without moving, twice as heavy.',
    }),
  );
  site.put(
    'garden',
    create(bank, Mechanism, {
      name: 'well',
      description: 'A stone rim, a winch, and a round piece of sky a long way down.',
      fixed: 'That would leave a hole. Another hole.',
      verbs: ['wind', 'draw'],
      answers: [
        'You wind. After a long time the bucket comes up, full to the brim, with a small surprised frog in it. You let both down again.',
        'You wind. The bucket comes up with water so cold that it smokes. The frog has gone below.',
      ],
      seen: 'The winch of the well creaks round.',
    }),
  );
  const basket = site.put(
    'orchard',
    create(bank, Container, {
      name: 'willow basket',
      also: ['basket'],
      description: 'Woven tight at the bottom and looser towards the top, as the afternoon went on.',
    }),
  );
  for (const name of ['red apple', 'yellow apple']) {
    create(bank, Thing, { name, description: 'A Turnkey, by the shape. It squeaks when you rub it.' }).bring(
      basket.entry(),
    );
  }
  site.put(
    'orchard',
    create(bank, Mechanism, {
      name: 'straw skeps',
      also: ['skep', 'skeps', 'bees', 'hive'],
      description: 'Six of them, humming at a pitch just under the one you could name.',
      fixed: 'You look at the bees. The bees look at you.',
      verbs: ['inform', 'tap'],
      answers: [
        'You tell the bees your news, as one must. The note goes up by a half-tone, and comes down again.',
      ],
    }),
  );
}
