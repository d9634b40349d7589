/**
 * A process of its own: the raw limit for a restart. Opens the database in a folder, reads one object, and says how
 * much memory that took. Whoever started it takes the time.
 */
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';

const db = new ClassicLevel(join(process.argv[2] ?? '', 'db'));
await db.open();
const found = db.getSync('o/1o1');
process.stdout.write(`${JSON.stringify({ found: found !== undefined, bytes: process.memoryUsage.rss() })}\n`);
await db.close();
