import { Classes } from '../../engine/classes.ts';
import { keepText, textOf } from '../../engine/class-text.ts';
import type { ObjectClass } from '../../wrappers/class-spec.ts';

/** Two of one name: the second is the first as a bundle may write it. */
const OWN: ObjectClass = class Lamp {
  static facets = { public: {} };
  toRecord(): object {
    return {};
  }
  fromRecord(): void {}
};
const BUNDLED: ObjectClass = class Lamp {
  static facets = { public: {} };
  fromRecord(): void {}
  toRecord(): object {
    return {};
  }
};

test('a class that a bundle has written anew is the one that it was, once its own text is told', () => {
  const { text } = new Classes([OWN], []).identify(undefined, String);
  const asBundled = (): unknown => new Classes([BUNDLED], []).identify(text, String).changed;
  expect(asBundled()).toEqual([{ name: 'Lamp', from: 1, to: 2 }]);
  keepText(BUNDLED, textOf(OWN));
  expect(asBundled()).toEqual([]);
});
