import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { PROVISION_DEAL } from '../../src/contracts/run.ts';
import { searchAttributeKeys } from '../../src/contracts/search-attributes.ts';
import { OPERATE_ON_SEAT } from '../../src/contracts/seat-operations.ts';
import { VIEWS } from '../../src/runs/run-url.ts';
import { ownNamespace, serverAddress } from '../support/server.ts';
import { until } from '../support/until.ts';

let client: Client;

/** Without a worker, so that they stay as they are started. */
const RUNS = [
  ['deal that waits', PROVISION_DEAL, 'NeedsAttention'],
  ['deal at work', PROVISION_DEAL, 'HandingOver'],
  ['change of a seat that waits', OPERATE_ON_SEAT, 'NeedsAttention'],
  ['change of a seat at work', OPERATE_ON_SEAT, 'Running'],
] as const;

beforeAll(async () => {
  const namespace = await ownNamespace();
  client = new Client({ connection: await Connection.connect({ address: serverAddress() }), namespace });
  for (const [workflowId, type, status] of RUNS) {
    const typedSearchAttributes = [{ key: searchAttributeKeys.status, value: status }];
    await client.workflow.start(type, { workflowId, taskQueue: 'nobody', args: [], typedSearchAttributes });
  }
  await until('the list shows all runs', async () => (await found('')).length === RUNS.length);
});
afterAll(async () => {
  for (const [workflowId] of RUNS) await client.workflow.getHandle(workflowId).terminate();
  await client.connection.close();
});

async function found(query: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
  return ids.sort();
}

test.each([
  ['deals', ['deal at work', 'deal that waits']],
  ['waitingDeals', ['deal that waits']],
  ['waitingOperations', ['change of a seat that waits']],
] as const)('The view %s lists %j, and engineers find it on their page', async (view, ids) => {
  expect(await found(VIEWS[view])).toEqual(ids);
  const page = await readFile(new URL('../../docs/engineers.md', import.meta.url), 'utf8');
  expect(page).toContain(`| \`${VIEWS[view]}\` |`);
});
