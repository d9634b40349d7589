/**
 * What jest-light-runner leaves out, added to it in every test thread: a time limit on each test and
 * hook, `expect.assertions`, failures that can be read under lockdown, and a check that a test file
 * has closed what it opened. It works by replacing the functions that jest-circus collects, which
 * the runner then calls.
 */

import { addEventHandler } from 'jest-circus';
import { JestAssertionError } from 'expect';
import { stackOf } from '../engine/stack.ts';

const LIMIT = 15_000; // ms for a test or a hook that names no limit of its own
const GRACE = 3_000; // ms that sockets and processes have to go away after the last test of a file

// expect makes the error of a failed `.resolves` or `.rejects` first and assigns its message later,
// which an inherited frozen property refuses: the class gets a writable one of its own.
Object.defineProperty(JestAssertionError.prototype, 'message', { value: '', writable: true });

type Run = () => unknown;
type Guarded = () => Promise<void>;

/** What a test thread has open, by kind. */
function opened(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (/Wrap$|^Timeout$|^FSReqCallback$/.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Fails when more is open than was at the start of the file, after some time to finish closing. */
function closedAgain(before: Map<string, number>): Guarded {
  return async () => {
    const deadline = performance.now() + GRACE;
    for (;;) {
      const left = [...opened()].filter(([kind, count]) => count > (before.get(kind) ?? 0));
      if (left.length === 0) return;
      if (performance.now() > deadline) {
        throw failure(`this file leaves open: ${left.map(([kind, n]) => `${n} ${kind}`).join(', ')}`);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
}

/** An error whose `stack` is this text: all that the runner prints of a failure. */
function failure(text: string): Error {
  return Object.defineProperty(new Error(text), 'stack', { value: text });
}

/** What the test announced with `expect.assertions` or `expect.hasAssertions` and did not keep. */
function unmet(): string | undefined {
  // Not `extractExpectedAssertionsErrors`: it assigns to a message that its error inherits, which a
  // frozen Error.prototype refuses.
  const { assertionCalls, expectedAssertionsNumber, isExpectingAssertions } = expect.getState();
  if (typeof expectedAssertionsNumber === 'number' && assertionCalls !== expectedAssertionsNumber) {
    return `expected ${expectedAssertionsNumber} assertions, saw ${assertionCalls}`;
  }
  return isExpectingAssertions && assertionCalls === 0 ? 'expected assertions, saw none' : undefined;
}

/** Runs a test or hook within its limit; what it throws arrives with a stack that can be printed. */
function guarded(what: string, run: Run, limit: number): Guarded {
  return async () => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} is not done after ${limit} ms`)), limit);
    });
    try {
      await Promise.race([run(), late]);
    } catch (error) {
      throw failure(stackOf(error));
    } finally {
      clearTimeout(timer);
    }
  };
}

/** Checks after a test that it made the assertions that it announced. */
function counted(what: string, run: Guarded): Guarded {
  return async () => {
    expect.setState({
      assertionCalls: 0,
      expectedAssertionsNumber: null,
      isExpectingAssertions: false,
    });
    await run();
    const missing = unmet();
    if (missing) throw failure(`${what} ${missing}`);
  };
}

// What nobody catches ends the thread; jest then prints its message only.
process.on('uncaughtExceptionMonitor', (error) => process.stderr.write(`${stackOf(error)}\n`));

const roots = new WeakMap<object, Guarded>();

addEventHandler((event, state) => {
  const root = state.rootDescribeBlock;
  const block = state.currentDescribeBlock;
  // Taken before our own hook joins the list: it may be the first event of the file.
  const added = block.hooks.at(-1);
  let last = roots.get(root);
  if (last === undefined) {
    last = closedAgain(opened());
    roots.set(root, last);
    root.hooks.push({
      type: 'afterAll',
      fn: last,
      asyncError: new Error('afterAll'),
      parent: root,
      seenDone: false,
      timeout: undefined,
    });
  }
  if (event.name === 'add_test') {
    const test = block.children.at(-1);
    if (test?.type !== 'test') return;
    if (test.mode === 'todo') test.mode = 'skip';
    if (test.mode === 'skip') return;
    const { fn, name } = test;
    if (test.failing) throw new Error(`"${name}": test.failing is not known here`);
    if (fn.length > 0) throw new Error(`"${name}": return a promise; done callbacks are not known here`);
    test.fn = counted(`"${name}"`, guarded(`"${name}"`, fn as Run, test.timeout ?? LIMIT));
  } else if (event.name === 'add_hook') {
    if (added === undefined) return;
    added.fn = guarded(added.type, added.fn as Run, added.timeout ?? LIMIT);
    // The runner calls hooks in order: the check of the file has to stay behind them all.
    if (block === root) root.hooks.sort((a, b) => Number(a.fn === last) - Number(b.fn === last));
  }
});
