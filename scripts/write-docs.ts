/** Writes the tables that the pages take from the code: `node scripts/write-docs.ts` after a change of them. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withCurrentTables } from './docs/failure-tables.ts';

const page = join(import.meta.dirname, '..', 'docs', 'failures.md');
await writeFile(page, withCurrentTables(await readFile(page, 'utf8')));
