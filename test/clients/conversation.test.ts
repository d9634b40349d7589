import { Conversation } from '../../clients/conversation.ts';
import { limitsWith } from '../../clients/limits.ts';
import type { SessionId } from '../../clients/wire.ts';

const sid = 'AAAAAAAAAAAAAAAAAAAAAA' as SessionId;
const limits = limitsWith({ lineBurst: 3, linesPerSecond: 10, linesHeld: 5, charactersHeld: 20 });
const open = (committed = 0, seen = 0) => new Conversation(sid, committed, seen, limits, 0);
const drain = (talk: Conversation, now = 0) => {
  const sent: number[] = [];
  for (let line = talk.next(now); line !== undefined; line = talk.next(now)) sent.push(line.n);
  return sent;
};

test('lines go on in order, no faster than the rate', () => {
  const talk = open();
  for (const n of [1, 2, 3, 4, 5]) expect(talk.offer(n, 'x')).toBe('held');
  expect(drain(talk)).toEqual([1, 2, 3]);
  expect(talk.waiting).toBe(true);
  expect(drain(talk, 99)).toEqual([]);
  expect(drain(talk, 100)).toEqual([4]);
  expect(drain(talk, 200)).toEqual([5]);
  expect(talk.waiting).toBe(false);
});

test('a line that was had before is not taken twice', () => {
  const talk = open(7);
  expect(talk.offer(7, 'x')).toBe('known');
  expect(talk.offer(8, 'x')).toBe('held');
  expect(talk.offer(8, 'x')).toBe('known');
  expect(talk.nextNumber).toBe(9);
});

test('lines are held until committed: five, and not a sixth', () => {
  const talk = open();
  for (const n of [1, 2, 3, 4, 5]) expect(talk.offer(n, 'x')).toBe('held');
  expect(talk.offer(6, 'x')).toBe('full');
  expect(talk.commit(1)).toBe(true);
  expect(talk.offer(6, 'x')).toBe('held');
});

test('lines are held until committed: twenty characters, and not one more', () => {
  const talk = open();
  expect(talk.offer(1, 'x'.repeat(20))).toBe('held');
  expect(talk.offer(2, 'x')).toBe('full');
  talk.commit(1);
  expect(talk.offer(2, 'x'.repeat(21))).toBe('full');
  expect(talk.offer(2, 'x')).toBe('held');
});

test('after a restart of the world what it has not committed is sent again', () => {
  const talk = open();
  for (const n of [1, 2, 3]) talk.offer(n, 'x');
  expect(drain(talk)).toEqual([1, 2, 3]);
  talk.rewind(1);
  expect(drain(talk, 1000)).toEqual([2, 3]);
});

test('a refused line is not sent again, and those before it still are', () => {
  const talk = open();
  for (const n of [1, 2, 3]) talk.offer(n, 'x');
  drain(talk);
  talk.drop(2);
  talk.rewind(0);
  expect(drain(talk, 1000)).toEqual([1, 3]);
});

test('a chunk is shown once', () => {
  const talk = open(0, 4);
  expect([talk.show(0), talk.show(4), talk.show(5), talk.show(5)]).toEqual([false, false, true, false]);
});

test('only what was shown can be acknowledged, and only once', () => {
  const talk = open(0, 4);
  expect([talk.ack(5), talk.ack(4), talk.ack(4), talk.ack(3)]).toEqual([false, true, false, false]);
});

test('a client that comes back says from where it goes on', () => {
  const talk = open();
  talk.offer(1, 'x');
  for (const n of [1, 2, 3]) talk.show(n);
  talk.reopen(1, 1);
  expect(talk.committed).toBe(1);
  expect([talk.show(1), talk.show(2)]).toEqual([false, true]);
});
