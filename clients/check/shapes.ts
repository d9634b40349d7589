import { shapeKey } from '../../storage/keys.ts';
import type { Inspection } from './inspection.ts';

/** At the end. Method sets are numbered from 0 without a gap: the world does not start where there is one. */
export function missingShapes(inspection: Inspection): void {
  const { shapes } = inspection.around;
  const highest = Math.max(inspection.highestShape, ...shapes.keys());
  for (let number = 0; number <= highest; number += 1) {
    if (shapes.has(number)) continue;
    // Its name is nobody's: nothing will ever be granted by it.
    const lost = { className: `Lost${number}`, methods: [] };
    inspection.report({
      key: shapeKey(number),
      what: 'this method set is not there',
      means: 'the world does not start',
      fix: {
        said: `put a method set without methods in the place of ${number}: capabilities of it do nothing`,
        ops: [{ put: shapeKey(number), value: JSON.stringify(lost) }],
        keep: [shapeKey(number)],
      },
    });
  }
}
