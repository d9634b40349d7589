/** In the place of the world process: tells through its pipe whether it runs what was compiled of a program, that in its folder. */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readProgram } from '../../clients/compiled-program.ts';

const { data } = JSON.parse(process.argv[2] ?? '') as { data: string };
const { cachedDataRejected } = readProgram(pathToFileURL(join(data, 'world-process.cjs')));
writeSync(3, String(cachedDataRejected === false));
