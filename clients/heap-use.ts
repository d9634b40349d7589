import { getHeapStatistics } from 'node:v8';

/** What may be in use of the heap, garbage included, before what need not be in memory is let go of. */
const USUAL = 1 / 2;

/** Whether the heap is so full that the process may soon die of it. */
export function isHeapTight(): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used > limit * USUAL;
}
