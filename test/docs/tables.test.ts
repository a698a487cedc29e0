import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createActivities } from '../../activities/index.ts';
import { withCurrentActRequests } from '../../scripts/docs/act-requests.ts';
import { defaultOf, VARIABLES, withCurrentConfiguration } from '../../scripts/docs/configuration.ts';
import { withCurrentEffects } from '../../scripts/docs/effect-tables.ts';
import { withCurrentTables } from '../../scripts/docs/failure-tables.ts';
import { withCurrentRealities } from '../../scripts/docs/realities.ts';
import { withCurrentScaling } from '../../scripts/docs/scaling.ts';
import { DEAL_PROPERTIES, REDEEM_LINK_PROPERTY } from '../../src/clients/hubspot/fields.ts';
import { CUSTOM_FIELDS, DEAL_FIELDS } from '../../src/clients/salesforce/fields.ts';
import { RUN_STATUSES } from '../../src/contracts/run.ts';
import { SEARCH_ATTRIBUTES } from '../../src/contracts/search-attributes.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { ROOT, readPage, tableRows } from './pages.ts';

const engineers = readPage('docs/engineers.md');

test('docs/failures.md has the tables of the code (else: node scripts/write-docs.ts)', () => {
  const { text } = readPage('docs/failures.md');
  expect(text).toBe(withCurrentTables(text));
});

test('docs/remote-writes.md has the remote calls of the code (else: node scripts/write-docs.ts)', () => {
  const { text } = readPage('docs/remote-writes.md');
  expect(text).toBe(withCurrentEffects(text));
});

test('docs/scaling.md has the sums of the limits and of what was counted (else: node scripts/write-docs.ts)', () => {
  const { text } = readPage('docs/scaling.md');
  expect(text).toBe(withCurrentScaling(text));
});

test('docs/seats.md has the counted requests of acts (else: node scripts/write-docs.ts)', () => {
  const { text } = readPage('docs/seats.md');
  expect(text).toBe(withCurrentActRequests(text));
});

test('docs/crm-realities.md has the cases of the tests (else: node scripts/write-docs.ts)', () => {
  const { text } = readPage('docs/crm-realities.md');
  expect(text).toBe(withCurrentRealities(text));
});

test('docs/configuration.md has the variables of the code (else: node scripts/write-docs.ts)', () => {
  const { text } = readPage('docs/configuration.md');
  expect(text).toBe(withCurrentConfiguration(text));
});

test('docs/configuration.md and .env.example name the same variables and defaults', () => {
  const example = readFileSync(join(ROOT, '.env.example'), 'utf8');
  const inExample = new Map(
    [...example.matchAll(/^#? ?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const documented = [...readPage('docs/configuration.md').text.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \|/gm)];
  expect(documented.map(([, name]) => name).sort()).toEqual([...inExample.keys()].sort());
  for (const [name, variable] of VARIABLES) {
    if (defaultOf(variable) !== '') expect([name, inExample.get(name)]).toEqual([name, defaultOf(variable)]);
  }
});

test('the Salesforce page asks for exactly the fields that are checked, with types that pass', () => {
  const documented = tableRows(readPage('docs/salesforce.md'), ['object', 'API name', 'data type']);
  expect(documented).toEqual(
    CUSTOM_FIELDS.map(({ object, apiName, dataType }) => [object, apiName, dataType]),
  );
});

test('the HubSpot page names every property that doctor creates', () => {
  const { text } = readPage('docs/hubspot.md');
  const named = new Set([...text.matchAll(/`(dealseat_\w+)`/g)].map(([, name]) => name));
  const created = [...Object.values(DEAL_PROPERTIES), REDEEM_LINK_PROPERTY].map(({ name }) => name);
  expect([...named].sort()).toEqual(created.sort());
});

test('sales operations are told of every field on the deal, by both names', () => {
  const rows = tableRows(readPage('docs/sales-ops.md'), [
    'HubSpot property',
    'Salesforce field',
    'what it says',
  ]);
  const fields = Object.keys(DEAL_PROPERTIES) as (keyof typeof DEAL_PROPERTIES)[];
  expect(rows.map(([hubspot, salesforce]) => [hubspot, salesforce]).sort()).toEqual(
    fields.map((field) => [DEAL_PROPERTIES[field].name, DEAL_FIELDS[field].apiName]).sort(),
  );
});

test('sales operations are told of statuses that exist', () => {
  const rows = tableRows(readPage('docs/sales-ops.md'), ['status', 'what it means', 'what you do']);
  const unknown = rows.map(([status = '']) => status).filter((status) => status !== 'empty');
  expect(unknown.filter((status) => !RUN_STATUSES.some((known) => known === status))).toEqual([]);
});

test('engineers find every search attribute with its type', () => {
  const rows = tableRows(engineers, ['search attribute', 'type', 'meaning']);
  expect(Object.fromEntries(rows.map(([name, type]) => [name, type]))).toEqual(SEARCH_ATTRIBUTES);
});

test('engineers find every metric of ours with its labels', async () => {
  const rows = tableRows(engineers, ['metric', 'labels']);
  const metrics = await createMetrics().registry.getMetricsAsJSON();
  const own = metrics.map(({ name }) => name).filter((name) => name.startsWith('dealseat_'));
  expect(rows.map(([name]) => name).sort()).toEqual(own.sort());
});

test('every activity has an effect class on the page of remote writes', () => {
  const rows = tableRows(readPage('docs/remote-writes.md'), [
    'class',
    'activities',
    'one attempt',
    'all attempts',
  ]);
  const classified = rows.flatMap(([, names = '']) => names.match(/[a-z]+[A-Z]\w+/g) ?? []);
  // Only the names are looked at, so nothing is asked of the clients.
  const activities = Object.keys(createActivities({} as Parameters<typeof createActivities>[0]));
  expect(classified.sort()).toEqual(activities.sort());
});
