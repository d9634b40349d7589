/**
 * The world process, once, when Keystead is built: at its end it keeps what V8 has compiled of its program (`scripts/compile.js`).
 */
import { keepCompiled, startProgram } from './compiled-program.ts';

const program = new URL('./world-process.cjs', import.meta.url);
const script = startProgram(program);
process.on('exit', (code) => {
  if (code === 0) keepCompiled(program, script);
});
