import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { text } from 'node:stream/consumers';
import { stackOf } from '../engine/stack.ts';

describe('lockdown is in force in the test thread', () => {
  test('intrinsics are frozen', () => {
    for (const intrinsic of [Object, Object.prototype, Array.prototype, Function.prototype, Promise, Map]) {
      expect(Object.isFrozen(intrinsic)).toBe(true);
    }
    expect(() => {
      (Array.prototype as { at: unknown }).at = null;
    }).toThrow(TypeError);
  });

  test('a Compartment reaches nothing of the host', () => {
    const inside = new Compartment({});
    for (const name of ['process', 'console', 'require', 'setTimeout', 'fetch', 'getStackString', 'Buffer']) {
      expect(inside.evaluate(`typeof ${name}`)).toBe('undefined');
      expect(inside.evaluate(`typeof globalThis.${name}`)).toBe('undefined');
    }
    expect(inside.evaluate(`Function('return typeof process')()`)).toBe('undefined');
    expect(() => inside.evaluate(`(() => {}).constructor('return process')`)).toThrow(TypeError);
    expect(() => inside.evaluate('Date.now()')).toThrow(TypeError);
    expect(() => inside.evaluate('Math.random()')).toThrow(TypeError);
  });

  test('an error shows its frames to stackOf only', () => {
    const error = new RangeError('too far', { cause: new Error('no map') });
    expect(error.stack).toBe('');
    expect(stackOf(error)).toMatch(/^RangeError: too far\n\s+at .*lockdown\.test\.ts:\d+/);
    expect(stackOf(error)).toContain('because of Error: no map');
    expect(new Compartment({ error }).evaluate('error.stack')).toBe('');
  });

  test('stackOf runs nothing of what it prints', () => {
    const touched: string[] = [];
    const trap = (what: string) => ({ get: () => void touched.push(what) });
    const error = Object.defineProperties(new Error('kept'), { name: trap('name'), cause: trap('cause') });
    Object.setPrototypeOf(error, Object.create(Error.prototype, { toString: trap('toString') }));
    expect(stackOf(error)).toMatch(/^Error: kept\n/);
    expect(touched).toEqual([]);
  });

  // jest's own runner hangs here, without a word, once it has an AsyncLocalStorage active.
  test('a hardened promise still settles', async () => {
    const promise = harden(new Promise<string>((resolve) => void setImmediate(resolve, 'here')));
    expect(Object.isFrozen(promise)).toBe(true);
    expect(await promise).toBe('here');
    await expect(harden(Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});

/** Runs one file of test/fixtures/ in a jest of its own, set up as this one is. */
async function jestOn(fixture: string, fileLimit = 60_000): Promise<{ code: number; said: string }> {
  const root = process.cwd();
  const { default: config } = (await import(pathToFileURL(join(root, 'jest.config.js')).href)) as {
    default: { reporters: readonly unknown[] };
  };
  const [plain, [hang]] = config.reporters as [string, [string]];
  const own = {
    ...config,
    rootDir: root,
    testMatch: [`<rootDir>/dist/test/fixtures/${fixture}.js`],
    reporters: [plain, [hang, { file: fileLimit, exit: 15_000 }]],
  };
  const jest = spawn(
    process.execPath,
    [join(root, 'node_modules/jest/bin/jest.js'), '--config', JSON.stringify(own), '--colors=false'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '--enable-source-maps', FORCE_COLOR: '0' },
    },
  );
  const [out, err, [code]] = await Promise.all([
    text(jest.stdout),
    text(jest.stderr),
    once(jest, 'close') as Promise<[number]>,
  ]);
  return { code, said: out + err };
}

describe('a failure under lockdown is reported', () => {
  test('each with what was wrong and where', async () => {
    const { code, said } = await jestOn('fails');
    expect(code).toBe(1);
    expect(said).toContain('expect(received).toEqual(expected)');
    expect(said).toMatch(/-\s+"lamp": "out"/);
    expect(said).toMatch(/a wrong value\n[\s\S]*?fails\.ts:4:/);
    expect(said).toMatch(/RangeError: the well is dry\n\s+at deeper .*fails\.ts:9:/);
    expect(said).toContain('thrown: a bare string');
    expect(said).toContain('"an assertion too few" expected 1 assertions, saw 0');
    expect(said).toContain('Received promise resolved instead of rejected');
    expect(said).toContain('"never done" is not done after 50 ms');
    expect(said).toContain('beforeAll is not done after 50 ms');
    expect(said).toMatch(/Tests:\s+7 failed, 1 passed, 8 total/);
  }, 60_000);

  test('a server left open', async () => {
    const { code, said } = await jestOn('leaves-open');
    expect(code).toBe(1);
    expect(said).toContain('this file leaves open: 1 TCPServerWrap');
  }, 60_000);

  test('a file that holds its thread is named, and the run ends', async () => {
    const { code, said } = await jestOn('blocks', 3_000);
    expect(code).toBe(1);
    expect(said).toMatch(/hang: .*blocks\.js is not done after 3000 ms/);
  }, 60_000);
});
