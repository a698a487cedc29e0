import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HUBSPOT } from '../../src/clients/hubspot/module.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createLogger } from '../../src/observability/logging.ts';
import { readingForEvents } from '../../src/processes/event-terms.ts';
import { EXAMPLE_YAML } from '../unit/example-deals.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealseat-event-terms-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function termsOf(text: string | null) {
  const path = join(folder, 'catalog.yaml');
  if (text === null) await rm(path, { force: true });
  else await writeFile(path, text);
  const config = loadConfig({ DEALSEAT_CATALOG: path });
  return (await readingForEvents(config, HUBSPOT, createLogger({ level: 'silent' }))).terms;
}

const NOTHING = { kinds: [], wonStages: [], afterWon: [] };

test('a webhook server believes the events of the stages that its catalog names', async () => {
  const yaml = `${EXAMPLE_YAML}\ndeals: { hubspot: { wonStages: [signed], afterWon: [4711] } }`;
  expect(await termsOf(yaml)).toEqual({ kinds: [], wonStages: ['signed'], afterWon: ['4711'] });
});

test('a webhook server without a catalog, or with a broken one, believes the CRM’s own won stages alone', async () => {
  expect(await termsOf(null)).toEqual(NOTHING);
  expect(await termsOf('version: 2')).toEqual(NOTHING);
  expect(await termsOf(EXAMPLE_YAML)).toEqual(NOTHING);
});
