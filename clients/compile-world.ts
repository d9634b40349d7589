/**
 * The world process, once, when Keystead is built: at its end it keeps what V8 has compiled of its program (`scripts/compile.js`).
 */
import { setFlagsFromString } from 'node:v8';
import { keepCompiled, startProgram } from './compiled-program.ts';

const program = new URL('./world-process.cjs', import.meta.url);
const script = startProgram(program);
process.on('exit', (code) => {
  if (code !== 0) return;
  // V8 takes only what was compiled with the flags that it has itself: at a start this one is set later.
  setFlagsFromString('--allocation-site-pretenuring');
  keepCompiled(program, script);
});
