/** Writes what the pages take from the code, from measured figures and from the names of tests: `node scripts/write-docs.ts` after a change of them. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDocument } from '../bench/document.ts';
import { readMeasured } from '../bench/measured.ts';
import { withCurrentActRequests } from './docs/act-requests.ts';
import { withCurrentConfiguration } from './docs/configuration.ts';
import { withCurrentEffects } from './docs/effect-tables.ts';
import { withCurrentTables } from './docs/failure-tables.ts';
import { withCurrentRealities } from './docs/realities.ts';
import { withCurrentScaling } from './docs/scaling.ts';
import { textPages, textSections } from './docs/texts.ts';

const PAGES: Readonly<Record<string, (page: string) => string>> = {
  'benchmarks.md': () => writeDocument(readMeasured()),
  'failures.md': withCurrentTables,
  'configuration.md': withCurrentConfiguration,
  'remote-writes.md': withCurrentEffects,
  'crm-realities.md': withCurrentRealities,
  'seats.md': withCurrentActRequests,
  'scaling.md': (page: string) => withCurrentScaling(page),
};

for (const [name, refresh] of Object.entries(PAGES)) {
  const page = join(import.meta.dirname, '..', 'docs', name);
  await writeFile(page, refresh(await readFile(page, 'utf8')));
}
for (const [name, text] of Object.entries(textPages(await textSections()))) {
  await writeFile(join(import.meta.dirname, '..', 'docs', name), text);
}
