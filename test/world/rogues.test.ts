import { openTestWorld, type TestWorld } from '../world-fixture.ts';
import { misplaced } from './census.ts';
import { rogueClasses, rogueGenesis } from './rogues.ts';
import { parseTranscript, play } from './transcript.ts';

describe.each([
  ['', false],
  [', with everything dropped after every turn', true],
])('what does not keep to the rules%s', (_, evictAlways) => {
  let world: TestWorld;
  beforeEach(async () => {
    world = await openTestWorld({ classes: rogueClasses, genesis: rogueGenesis, evictAlways });
  });
  afterEach(async () => {
    await world.close();
  });

  async function plays(transcript: string): Promise<void> {
    await play(parseTranscript(transcript), world);
    await world.settle();
    expect(misplaced(world.world)).toEqual([]);
  }

  test('a thing that only says that it moves stays where it is', async () => {
    await plays(`
@Ada
> get eel
The eel will not budge.
> i
You carry nothing.
> look
The Yard
...
You see an eel, ...
...`);
  });

  test('a thing that would be in two places is in the old one', async () => {
    await plays(`
@Ada
> get ghost
The ghost will not budge.
> i
You carry nothing.
> get stone
You take the stone.`);
  });

  test('a thing that fails after it has moved has not moved', async () => {
    await plays(`
@Ada
> get snail
...
> i
You carry nothing.
> get stone
You take the stone.`);
  });

  test('one thing that will not leave the hand keeps none of the others there', async () => {
    await plays(`
@Ada
> get burr
> get stone
> get coin
> drop all
The burr: It clings to your sleeve.
You drop the stone.
You drop the coin.
> drop burr
It clings to your sleeve.
> i
You carry a burr.`);
  });

  test('a thing that fails at everything can be looked at, heard around and carried', async () => {
    await plays(`
@Ada
@Bob
@Ada
> x bomb
There is nothing to be learnt about the bomb.
> defuse bomb
...Boom.
> say hello
You say, "hello"
@Bob
...
Ada says, "hello"
@Ada
> get bomb
You take the bomb.
> i
You carry a bomb.`);
  });

  test('nothing draws on a terminal, or speaks in the voice of another', async () => {
    await plays(`
@Ada
@Bob
@Ada
> x easel
A [2Jpicture.
(You can paint or sign it.)
> paint easel
Red  [31mpaint Ada says, "I give you everything"
You [31mpaint.
> sign easel
It could not be signed.
> look
The Yard
...
You see ... a x...
...`);
  });

  test('what ceases to exist is struck out when somebody reaches for it', async () => {
    await play(
      parseTranscript(`
@Ada
> light candle
It burns down at once.
> get candle
There is nothing left of it.
> get candle
You see no "candle" here.
> look
...
You see an eel, a ghost, a snail, a burr, a bomb, an easel, a stone, a coin, a bag, a box, a stash and a sack.
...`),
      world,
    );
    expect(misplaced(world.world)).toEqual([]);
  });

  test("what ceases to exist in somebody's hands is struck out there", async () => {
    await plays(`
@Ada
> get candle
> light candle
It burns down at once.
> drop candle
There is nothing left of it.
> i
You carry nothing.`);
  });

  test('a box cannot send on what is still coming in', async () => {
    await plays(`
@Ada
> get stone
> put stone in sack
The stone is on the move already.
> i
You carry a stone.
> look in stash
The stash is empty.`);
  });

  test('a room holds nothing on what has left it', async () => {
    await plays(`
@Ada
@Bob
@Ada
> get stone
> n
...
The Web
It still holds 1.
Ways out: ...
> drop stone
> look
...
The Web
It still holds 2.
...
> get stone
> s
The Yard
...
@Bob
> n
...
The Web
It still holds 1.
...
@Ada
> i
You carry a stone.
> look
The Yard
...`);
  });

  test('a place can refuse to let somebody in', async () => {
    await plays(`
@Ada
> e
...Not with those shoes, Ada.
> look
The Yard
...
> say still here
You say, "still here"`);
  });

  test('a room that keeps nothing but its people is left by going home', async () => {
    // The room still lists who has left; what it holds on him is dead.
    await play(
      parseTranscript(`
@Ada
> s
The Trap
...
> say hello
> look
...Snap...
> n
...Snap...
> home
The Yard
...
> look
The Yard
...
> n
...
> s
The Yard
...`),
      world,
    );
    expect(misplaced(world.world, ['Trap'])).toEqual([]);
  });

  test('a room that fails does not keep anybody from waking up in it', async () => {
    await play(parseTranscript('@Ada\n> s\n> say hello\n! end'), world);
    const gate = world.world.roots.gate;
    await expect(world.world.run((invoke) => invoke(gate, 'who', []))).resolves.toEqual([]);
  });

  test('boxes go into boxes, and never into themselves', async () => {
    await plays(`
@Ada
> get bag
> get box
> put bag in box
You put the bag in the box.
> get stone
> put stone in box
> get all from box
You take the bag.
You take the stone.
> put box in bag
You put the box in the bag.
> put bag in bag
The bag cannot go inside itself, which is a mercy.
> drop bag
> get box from bag
You take the box out of the bag.`);
  });
});
