import { limitsWith } from '../../clients/limits.ts';
import { LoginThrottle, placeOf } from '../../clients/login-throttle.ts';
import { TokenBucket } from '../../clients/rate-limit.ts';

test('a bucket gives what is in it, and one more after each interval', () => {
  const bucket = new TokenBucket(2, 100, 0);
  expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([true, true, false]);
  expect(bucket.wait(40)).toBe(60);
  expect(bucket.take(99)).toBe(false);
  expect(bucket.take(100)).toBe(true);
  expect(bucket.take(100)).toBe(false);
});

test('a bucket holds no more than its size, and time that runs backwards adds nothing', () => {
  const bucket = new TokenBucket(2, 100, 1000);
  bucket.take(1000);
  expect(bucket.take(50)).toBe(true);
  expect(bucket.take(60)).toBe(false);
  expect([bucket.take(99_000), bucket.take(99_000), bucket.take(99_000)]).toEqual([true, true, false]);
});

test('nobody waits for a clock that was set back, where something is left', () => {
  const bucket = new TokenBucket(2, 100, 1_000_000);
  expect([bucket.wait(50), bucket.take(50), bucket.wait(50), bucket.take(50)]).toEqual([0, true, 0, true]);
  expect([bucket.wait(50), bucket.wait(1_000_100)]).toEqual([100, 0]);
});

test('what is given back to a full bucket is not kept', () => {
  const bucket = new TokenBucket(2, 100, 0);
  bucket.give();
  expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([true, true, false]);
});

const limits = limitsWith({
  failedLoginsPerAddress: 4,
  failedLoginsPerAddressEvery: 1,
  failedLoginsPerName: 2,
  failedLoginsPerNameEvery: 10,
  newcomersPerAddress: 2,
  newcomersPerAddressEvery: 5,
  throttleEntries: 3,
});

test('failures on one name are slowed, from wherever they come', () => {
  const throttle = new LoginThrottle(limits);
  expect(throttle.attempt('connect', '10.0.0.1', 'Ann', 0)).toBe(0);
  expect(throttle.attempt('connect', '10.0.0.2', 'ann', 0)).toBe(0);
  expect(throttle.attempt('connect', '10.0.0.3', 'ANN', 0)).toBe(10_000);
  expect(throttle.attempt('connect', '10.0.0.3', 'Bob', 0)).toBe(0);
  expect(throttle.attempt('connect', '10.0.0.3', 'Ann', 10_000)).toBe(0);
});

test('failures from one address are slowed, whatever the name', () => {
  const throttle = new LoginThrottle(limits);
  for (const name of ['a1', 'a2', 'a3', 'a4'])
    expect(throttle.attempt('connect', '10.0.0.1', name, 0)).toBe(0);
  expect(throttle.attempt('connect', '10.0.0.1', 'a5', 0)).toBe(1000);
  expect(throttle.attempt('connect', '10.0.0.2', 'a5', 0)).toBe(0);
});

test('whoever may choose among the addresses of a network is slowed as one', () => {
  const throttle = new LoginThrottle(limits);
  for (const n of [1, 2, 3, 4]) expect(throttle.attempt('connect', `2001:db8:1:2::${n}`, `a${n}`, 0)).toBe(0);
  expect(throttle.attempt('connect', '2001:db8:1:2::5', 'a5', 0)).toBe(1000);
  throttle.givenBack('2001:db8:1:2::6', 'a4', 0);
  expect(throttle.attempt('connect', '2001:db8:1:2::7', 'a5', 0)).toBe(0);
  for (const n of [1, 2]) expect(throttle.attempt('guest', `2001:db8:1:2::${n}`, undefined, 0)).toBe(0);
  expect(throttle.attempt('guest', '2001:db8:1:2::3', undefined, 0)).toBe(5000);
});

test('what is not let through counts nowhere', () => {
  const throttle = new LoginThrottle(limits);
  for (const n of [1, 2]) throttle.attempt('connect', `10.0.0.${n}`, 'Ann', 0);
  for (let n = 0; n < 10; n += 1) expect(throttle.attempt('connect', '10.0.0.3', 'Ann', 0)).toBe(10_000);
  for (const name of ['a1', 'a2', 'a3', 'a4'])
    expect(throttle.attempt('connect', '10.0.0.3', name, 0)).toBe(0);
});

test('those who get in are not slowed', () => {
  const throttle = new LoginThrottle(limits);
  for (let i = 0; i < 100; i += 1) {
    expect(throttle.attempt('connect', '10.0.0.1', 'Ann', 0)).toBe(0);
    throttle.givenBack('10.0.0.1', 'Ann', 0);
  }
});

test('newcomers from one address are slowed', () => {
  const throttle = new LoginThrottle(limits);
  expect(throttle.attempt('guest', '10.0.0.1', undefined, 0)).toBe(0);
  expect(throttle.attempt('create', '10.0.0.1', 'Ann', 0)).toBe(0);
  expect(throttle.attempt('guest', '10.0.0.1', undefined, 0)).toBe(5000);
  expect(throttle.attempt('connect', '10.0.0.1', 'Ann', 0)).toBe(0);
});

test('what is remembered is bounded, and the oldest is forgotten', () => {
  const throttle = new LoginThrottle(limits);
  for (let i = 0; i < 50; i += 1) throttle.attempt('connect', `10.0.0.${i}`, `name${i}`, 0);
  expect(throttle.entries).toBe(3);
});

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s counts as %s', (address, place) => expect(placeOf(address)).toBe(place));
