import { starterWorld } from '../starter-world.ts';
import { openTestWorld } from '../world-fixture.ts';

test('a command that comes to nothing is answered for people in words, and for clients by a code', async () => {
  const world = await openTestWorld(starterWorld);
  const ada = world.session('Ada');
  const answers: unknown[] = [];
  for (const command of ['frobnicate', 'get moon', 'go sideways']) {
    await ada.command(command);
    answers.push(ada.items().at(-1));
  }
  expect(answers).toEqual([
    ['error', { code: 'NotUnderstood' }],
    ['error', { code: 'NotFound' }],
    ['error', { code: expect.stringMatching(/^(?:NotFound|Refused)$/) }],
  ]);
  await world.close();
});

test('a command that fails half-way says why in its own words', async () => {
  const world = await openTestWorld(starterWorld);
  const ada = world.session('Ada');
  expect((await ada.command('@aside lamp')).at(-1)).toMatch(/^Which one\? "@aside" lists/);
  expect((await ada.command('@letters retry 1')).at(-1)).toMatch(/^That takes a capability on Storage/);
  await world.close();
});

test('a description that is too long is refused, and not cut', async () => {
  const world = await openTestWorld(starterWorld);
  const ada = world.session('Ada');
  await ada.command('@create boat');
  expect(await ada.command(`@describe boat as ${'x'.repeat(4001)}`)).toEqual([
    'A description can have at most 4000 characters, and that one has 4001.',
  ]);
  expect(await ada.command(`@describe boat as ${'x'.repeat(4000)}`)).toEqual([
    'That is what people will read about the boat.',
  ]);
  await world.close();
});

test.each(["O'Neil", 'X', '1st', 'Guest7', 'Ada Lovelace', 'x'.repeat(21)])(
  'nobody comes in as "%s"',
  async (name) => {
    const world = await openTestWorld(starterWorld);
    const { gate } = world.world.roots;
    await expect(world.world.run((invoke) => invoke(gate, 'newPlayer', [name]))).rejects.toThrow(/^A name /);
    await world.close();
  },
);

test('nobody comes in as "It"', async () => {
  const world = await openTestWorld(starterWorld);
  const { gate } = world.world.roots;
  await expect(world.world.run((invoke) => invoke(gate, 'newPlayer', ['It']))).rejects.toThrow(
    'Nobody could say whom he means by "it". Choose another name.',
  );
  await world.close();
});

test('nobody signs what he writes as what came with the world is signed', async () => {
  const world = await openTestWorld(starterWorld);
  const ada = world.session('Ada');
  expect((await ada.command('@classes')).join()).toMatch(/Lamp: version 1, by Keystead, approved/);
  const { gate } = world.world.roots;
  for (const name of ['Keystead', 'keyStead'])
    await expect(world.world.run((invoke) => invoke(gate, 'newPlayer', [name]))).rejects.toThrow(
      'Keystead is who wrote what came with the world. Choose another name.',
    );
  await world.close();
});
