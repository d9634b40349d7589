import { LIMITS, limitsWith } from '../../clients/limits.ts';

test('every limit has a unit, a positive value and a reason', () => {
  for (const limit of Object.values(LIMITS)) {
    expect(limit.unit).not.toBe('');
    expect(limit.value).toBeGreaterThan(0);
    expect(limit.why.length).toBeGreaterThan(20);
  }
});

test('limitsWith changes the limits that are named and no other', () => {
  const limits = limitsWith({ connections: 3 });
  expect(limits.connections).toBe(3);
  expect({ ...limits, connections: LIMITS.connections.value }).toEqual(limitsWith());
});
