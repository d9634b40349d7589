import { PutOff } from '../../engine/put-off.ts';
import type { Message } from '../../engine/turn-effects.ts';

interface Stage {
  readonly putOff: PutOff;
  readonly tried: number[];
  readonly timers: (() => void)[];
}

function stage(): Stage {
  const tried: number[] = [];
  const timers: (() => void)[] = [];
  const putOff = new PutOff({
    accountOf: ({ payer }) => payer ?? '',
    later: (_, then) => void timers.push(then),
    tryAgain: ({ number }) => void tried.push(number),
  });
  return { putOff, tried, timers };
}

const message = (number: number, payer = 'o1'): Message => ({ number, payer }) as Message;

test('a thousand messages of one account wait for one timer, and for one another', () => {
  const { putOff, tried, timers } = stage();
  const all = Array.from({ length: 1_000 }, (_, at) => message(at));
  for (const each of all) putOff.add(each);
  expect(timers).toHaveLength(1);
  timers.shift()?.();
  expect(tried).toEqual([0]);
  for (const each of all) putOff.over(each);
  expect(tried).toEqual(all.map(({ number }) => number));
  expect(timers).toEqual([]);
});

test('one that has to wait again comes first when the time comes, and the others behind it', () => {
  const { putOff, tried, timers } = stage();
  for (const number of [1, 2, 3]) putOff.add(message(number));
  timers.shift()?.();
  putOff.add(message(1));
  putOff.add(message(4));
  expect([tried, timers.length]).toEqual([[1], 1]);
  timers.shift()?.();
  for (const number of [1, 2, 3, 4]) putOff.over(message(number));
  expect(tried).toEqual([1, 1, 2, 3, 4]);
});

test('accounts do not wait for one another, and what was never put off is nobody’s', () => {
  const { putOff, tried, timers } = stage();
  putOff.add(message(1, 'o1'));
  putOff.add(message(2, 'o2'));
  putOff.over(message(9, 'o1'));
  expect(timers).toHaveLength(2);
  for (const ring of timers.splice(0)) ring();
  expect(tried).toEqual([1, 2]);
  putOff.over(message(1, 'o1'));
  putOff.add(message(3, 'o1'));
  expect(timers).toHaveLength(1);
});

test('one whose account has become another while it was tried holds up neither of them', () => {
  const { putOff, tried, timers } = stage();
  for (const number of [1, 2, 3]) putOff.add(message(number));
  timers.shift()?.();
  putOff.over(message(1, 'o2'));
  expect(tried).toEqual([1, 2]);
  putOff.add(message(2, 'o2'));
  expect([tried, timers.length]).toEqual([[1, 2, 3], 1]);
  putOff.over(message(3));
  timers.shift()?.();
  expect(tried).toEqual([1, 2, 3, 2]);
});
