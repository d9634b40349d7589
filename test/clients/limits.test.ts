import { LIMITS, limitsWith } from '../../clients/limits.ts';
import { PATIENCE, UNWATCHED_PATIENCE } from '../../clients/watchdog.ts';
import { WORLD_LIMITS } from '../../engine/limits.ts';
import { SLICE } from '../../engine/queue.ts';

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

test('a run that does not end is stopped well before the portal kills the process for it', () => {
  const { busyMs, silentMs, pingEveryMs } = limitsWith();
  const allowed = WORLD_LIMITS.turnMilliseconds + SLICE;
  expect(UNWATCHED_PATIENCE * allowed + pingEveryMs).toBeLessThan(busyMs);
  expect(PATIENCE * allowed + pingEveryMs).toBeLessThan(silentMs);
});
