import { array, assert, constantFrom, property } from 'fast-check';
import { pieces } from '../../world/listing.ts';

test('a text in pieces has all of its lines, also those that are blank', () => {
  assert(
    property(array(constantFrom('', 'one', 'twelve more')), (lines) => {
      const found = pieces(lines.join('\n'), 20);
      expect(found.join('\n')).toBe(lines.join('\n'));
      for (const piece of found) expect(piece.length).toBeLessThanOrEqual(20);
    }),
  );
});
