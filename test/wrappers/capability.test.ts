import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Capabilities } from '../../wrappers/capability.ts';
import { objectId, storedToken } from '../../wrappers/names.ts';
import { Shapes } from '../../wrappers/shape.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const ID = objectId(1);
const TOKEN = storedToken('-'.repeat(22));

test('a grant has one value, also when the end of an earlier one becomes known only now', async () => {
  const shape = new Shapes(() => undefined).intern('Lamp', ['light']);
  if (shape === undefined) throw new Error('there is room for one');
  const all = new Capabilities();
  const first = new WeakRef(all.of(ID, TOKEN, shape));
  await turnOfLoop();
  collectGarbage();
  expect(first.deref()).toBe(undefined);
  const second = all.of(ID, TOKEN, shape);
  for (let n = 0; n < 3; n += 1) await turnOfLoop(); // V8 says what it has collected
  expect(all.of(ID, TOKEN, shape)).toBe(second);
});

test('what nobody holds any more takes no room', async () => {
  const shape = new Shapes(() => undefined).intern('Lamp', ['light']);
  if (shape === undefined) throw new Error('there is room for one');
  const all = new Capabilities();
  all.of(ID, TOKEN, shape);
  await turnOfLoop();
  collectGarbage();
  while (all.size > 0) await turnOfLoop();
});
