/** Writes the tables that the pages take from the code and from the names of tests: `node scripts/write-docs.ts` after a change of them. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withCurrentEffects } from './docs/effect-tables.ts';
import { withCurrentTables } from './docs/failure-tables.ts';
import { withCurrentRealities } from './docs/realities.ts';
import { withCurrentScaling } from './docs/scaling.ts';
import { textsPage } from './docs/texts.ts';

const PAGES = {
  'failures.md': withCurrentTables,
  'guarantees.md': withCurrentEffects,
  'crm-realities.md': withCurrentRealities,
  'scaling.md': (page: string) => withCurrentScaling(page),
};

for (const [name, refresh] of Object.entries(PAGES)) {
  const page = join(import.meta.dirname, '..', 'docs', name);
  await writeFile(page, refresh(await readFile(page, 'utf8')));
}

await writeFile(join(import.meta.dirname, '..', 'docs', 'texts.md'), textsPage());
