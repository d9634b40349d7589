/** Run in the place of a world process: writes the environment that it was given into the pipe. */
import { writeSync } from 'node:fs';

writeSync(3, JSON.stringify(process.env));
