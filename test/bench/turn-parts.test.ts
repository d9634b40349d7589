import type { Profiler } from 'node:inspector';
import { readFileSync } from 'node:fs';
import { BUNDLE, bundleModules } from './bundle-modules.ts';
import { partsOf } from './turn-parts.ts';

const lines = readFileSync(new URL(`../..${BUNDLE}`, import.meta.url), 'utf8').split('\n');

/** A profile of one sample, in this function of the world process. */
function inFunction(functionName: string, begins: string): Profiler.Profile {
  const lineNumber = lines.findIndex((line) => line.trim().startsWith(begins));
  expect([begins, lineNumber]).not.toEqual([begins, -1]);
  const frame = (name: string, url: string, line: number) => ({
    callFrame: { functionName: name, scriptId: '1', url, lineNumber: line, columnNumber: 0 },
    hitCount: 0,
  });
  return {
    nodes: [
      { id: 1, ...frame('(root)', '', -1), children: [2] },
      { id: 2, ...frame(functionName, `file:///dist${BUNDLE}`, lineNumber) },
    ],
    startTime: 0,
    endTime: 1,
    samples: [2],
    timeDeltas: [1],
  };
}

test.each([
  ['compare records', '#recordOf', '#recordOf('],
  ['encode: marshal, envelope', 'writeData', 'function writeData('],
  ['index of references', 'referencesChanged', 'function referencesChanged('],
  ['parse: words, nouns, what is in reach', 'parseLine', 'function parseLine('],
  ["the world's own methods", 'take', 'take(me, thing, hands)'],
  ['calls through the membrane', 'call', 'var Membrane = class'],
  ['grants: make, find, revoke', 'grantOf', 'var Grants = class'],
  ['turn: begin, touch, finish, roll back', 'finish', 'finish()'],
  ['pack and commit: journal, LevelDB', 'flush', 'var Commits = class'],
  ['pipe to and from the portal', 'send', 'var Pipe = class'],
])('the time of "%s" is found in the one file that the world process is', (part, name, begins) => {
  const shares = partsOf(inFunction(name, begins), 10, bundleModules());
  expect(shares.filter(({ share }) => share > 0)).toEqual([{ part, microseconds: 10, share: 1 }]);
});
