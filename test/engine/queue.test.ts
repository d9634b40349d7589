import { Queue, type Job } from '../../engine/queue.ts';
import { genuineError } from '../../wrappers/errors.ts';

/** A queue whose clock goes on by what its jobs take, and which tells what ran under each guard. */
function openQueue() {
  let now = 0;
  const soon: (() => void)[] = [];
  const guards: string[][] = [];
  const queue = new Queue({
    clock: () => now,
    soon: (job) => void soon.push(job),
    guard: (body) => {
      guards.push([]);
      body();
      return true;
    },
    starved: () => false,
    isHeld: () => false,
    onStopped: () => genuineError('OutOfTime', 'stopped'),
    afterRun: () => {},
  });
  const job = (name: string, milliseconds: number): Job => ({
    run: () => {
      guards.at(-1)?.push(name);
      now += milliseconds;
    },
    stopped: () => {},
  });
  return {
    queue,
    job,
    /** Somebody puts the clock back. */
    putBack: (milliseconds: number): void => void (now -= milliseconds),
    guards,
    /** The event loop goes round until nothing waits. */
    run: () => {
      for (let next = soon.shift(); next !== undefined; next = soon.shift()) next();
    },
  };
}

test('small jobs run under one guard, until a slice is over', () => {
  const { queue, job, guards, run } = openQueue();
  for (let n = 0; n < 10; n += 1) queue.add('asked', job(`${n}`, 2));
  run();
  expect(guards).toEqual([
    ['0', '1', '2', '3'],
    ['4', '5', '6', '7'],
    ['8', '9'],
  ]);
});

test('each job that takes longer than a slice has a guard of its own, so that it is stopped for its own time only', () => {
  const { queue, job, guards, run } = openQueue();
  for (let n = 0; n < 9; n += 1) queue.add('asked', job(`${n}`, 40));
  run();
  expect(guards).toEqual(Array.from({ length: 9 }, (_, n) => [`${n}`]));
});

test('a clock that is put back does not make a run longer', () => {
  const { queue, job, guards, run, putBack } = openQueue();
  const jump: Job = { ...job('', 0), run: () => putBack(3_600_000) };
  queue.add('asked', jump);
  for (let n = 0; n < 3; n += 1) queue.add('asked', job(`${n}`, 40));
  run();
  expect(guards).toEqual([[], ['0'], ['1'], ['2']]);
});

test('so it is when the world closes and the queue runs empty', () => {
  const { queue, job, guards } = openQueue();
  for (let n = 0; n < 9; n += 1) queue.add('sent', job(`${n}`, 40));
  queue.drain();
  expect(guards).toEqual(Array.from({ length: 9 }, (_, n) => [`${n}`]));
});

test('what is asked for and what is sent take turns, and each keeps its order', () => {
  const { queue, job, guards, run } = openQueue();
  for (const name of ['a1', 'a2', 'a3']) queue.add('asked', job(name, 0));
  for (const name of ['s1', 's2', 's3', 's4']) queue.add('sent', job(name, 0));
  run();
  expect(guards).toEqual([['a1', 's1', 'a2', 's2', 'a3', 's3', 's4']]);
});

test('the last run leaves what its jobs add', () => {
  const { queue, job, guards } = openQueue();
  const endless: Job = { ...job('again', 0), run: () => queue.add('sent', endless) };
  queue.add('sent', endless);
  queue.drain();
  expect(guards).toHaveLength(1);
  expect(queue.size).toBe(1);
});
