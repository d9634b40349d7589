/**
 * A process of its own: builds the playground as `keystead bench world` does, with the two gadgets of gadgets.ts in each room.
 * Arguments: its folder, the seed, how many objects, how many rooms.
 */
import '../../engine/lockdown.ts';
import { create, type Cap } from '../../engine/authoring.ts';
import { savedSources } from '../../clients/saved-sources.ts';
import { classes, shared } from '../../world/classes.ts';
import { Maker } from '../../world/generated/maker.ts';
import { library } from '../../world/library.ts';
import { Mechanism } from '../../world/things/mechanism.ts';
import { planFor } from './bench-run.ts';
import { BUILT_IN_GADGET, GADGET_ANSWER, SAVED_GADGET } from './gadgets.ts';
import { openWorld } from './in-process-world.ts';
import { textOf } from './turn-classes.ts';

const [folder = '', seed = '1', objects = '0', rooms = '0'] = process.argv.slice(2);
const plan = planFor({ objects: Number(objects), rooms: Number(rooms), players: 0 });
const makers: Maker[] = [];
const world = await openWorld(folder, {
  classes,
  shared,
  library,
  sources: savedSources(new URL('../../world/saved/', import.meta.url)),
  genesis: (powers) => {
    const maker = new Maker(plan, Number(seed), powers);
    makers.push(maker);
    return { gate: maker.gate };
  },
});
const [maker] = makers;
if (maker === undefined) throw new Error('There is a world in the folder.');
const { bank } = world.roots;
const written = await world.run(() =>
  world.roots.classes.define(bank, 'The bench', 'Gadget', textOf(Mechanism, 'Gadget'), {}),
);
for (let number = 1; number <= plan.rooms; number += 1) {
  await world.run(() => {
    maker.room(number);
    const floor = maker.ownRoom(number).floor();
    const spec = { verbs: ['turn'], answers: [`${GADGET_ANSWER} once.`, `${GADGET_ANSWER} twice.`] };
    create(bank, Mechanism, { ...spec, name: BUILT_IN_GADGET }).bring(floor);
    (written.make(bank, { ...spec, name: SAVED_GADGET }) as Cap<Mechanism, 'bring'>).bring(floor);
  });
}
await world.close();
process.stdout.write('{}\n');
