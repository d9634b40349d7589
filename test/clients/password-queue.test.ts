import { PASSWORD_LIMITS, PasswordQueue } from '../../clients/password-queue.ts';

/** Work that ends when it is told to, and notes that it has begun. */
class Work {
  readonly begun: string[] = [];
  readonly #ends: (() => void)[] = [];

  readonly named =
    (name: string): (() => Promise<string>) =>
    () => {
      this.begun.push(name);
      return new Promise((resolve) => this.#ends.push(() => resolve(name)));
    };

  /** Ends the one that runs, once it does. */
  async endOne(): Promise<void> {
    while (this.#ends.length === 0) await Promise.resolve();
    expect(this.#ends).toHaveLength(1); // one at a time
    this.#ends.shift()?.();
  }
}

const NAMES = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'];

test('one is checked after the other, and places take turns', async () => {
  const [queue, work] = [new PasswordQueue(), new Work()];
  const all = NAMES.map((name) => queue.run(name.charAt(0), work.named(name)));
  const order = ['a1', 'a2', 'b1', 'c1', 'a3', 'b2'];
  for (const name of order) {
    await work.endOne();
    expect(await all[NAMES.indexOf(name)]).toBe(name);
  }
  expect(work.begun).toEqual(order);
  const later = queue.run('a', work.named('later'));
  await work.endOne();
  expect(await later).toBe('later');
});

test('what fails is told to whoever asked for it, and the next one has its turn', async () => {
  const queue = new PasswordQueue();
  const failing = queue.run('a', () => Promise.reject(new Error('odd')));
  const other = queue.run('a', () => Promise.resolve('well'));
  await expect(failing).rejects.toThrow('odd');
  expect(await other).toBe('well');
});

test('of one place as many wait as may, one more is refused, and those of another place are not', async () => {
  const [queue, work] = [new PasswordQueue(), new Work()];
  const first = queue.run('a', work.named('first'));
  const waiting = Array.from({ length: PASSWORD_LIMITS.loginsWaitingPerAddress.value }, (_, n) =>
    queue.run('a', work.named(String(n))),
  );
  await expect(queue.run('a', work.named('more'))).rejects.toMatchObject({ code: 'TooManyLogins' });
  const other = queue.run('b', work.named('other'));
  await work.endOne();
  expect(await first).toBe('first');
  await work.endOne();
  expect(await waiting[0]).toBe('0');
  await work.endOne();
  expect(await other).toBe('other');
  expect(work.begun.slice(0, 3)).toEqual(['first', '0', 'other']);
});

test('as many places have some waiting as may, and one more is refused until one has none', async () => {
  const [queue, work] = [new PasswordQueue(), new Work()];
  const first = queue.run('first', work.named('first'));
  const waiting = Array.from({ length: PASSWORD_LIMITS.addressesWaiting.value }, (_, n) =>
    queue.run(`p${n}`, work.named(`p${n}`)),
  );
  await expect(queue.run('more', work.named('more'))).rejects.toMatchObject({ code: 'TooManyLogins' });
  await work.endOne();
  expect(await first).toBe('first');
  await work.endOne();
  expect(await waiting[0]).toBe('p0');
  const more = queue.run('more', work.named('more'));
  for (const each of waiting.slice(1)) {
    await work.endOne();
    await each;
  }
  await work.endOne();
  expect(await more).toBe('more');
});
