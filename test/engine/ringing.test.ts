import { Post } from '../../engine/post.ts';
import type { Message } from '../../engine/turn-effects.ts';

test('of very many timers that are due at once some ring at a time, and all in the end, in order', () => {
  const commits = { put: () => {}, weigh: () => {} } as never;
  const waiting = { count: () => {} } as never;
  const rung: number[] = [];
  const post = new Post(commits, {} as never, waiting, ({ number }) => void rung.push(number));
  const timer: Omit<Message, 'number'> = {
    to: {},
    method: 'ring',
    args: [],
    failed: null,
    from: null,
    payer: null,
    due: 1_000,
    every: null,
    missed: 'late',
    size: 1,
    tries: 1,
  };
  for (let number = 1; number <= 12_000; number += 1) post.accept({ ...timer, number });
  const counts: number[] = [];
  while (post.nextDue() !== undefined) {
    post.ring(1_000);
    counts.push(rung.length);
  }
  expect(counts).toEqual([5_000, 10_000, 12_000]);
  expect(rung).toEqual(Array.from({ length: 12_000 }, (_, at) => at + 1));
});
