import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { codesOfRoster } from '../../src/clients/roster-codes.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createSealer, parseSecretKeys } from '../../src/config/secret-keys.ts';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import { createPlatforms } from '../../src/processes/clients.ts';
import { CRMS } from '../../src/processes/crms.ts';
import type { RunningWebhooks } from '../../src/processes/webhooks.ts';
import { proveHandOver } from '../../src/runs/prove-hand-over.ts';
import { readSweep } from '../../src/runs/sweep-console.ts';
import { Acorn } from '../support/acorn-crm.ts';
import { acornModule, acornWebhooks } from '../support/acorn-module.ts';
import { openServiceWorld, type ServiceWorld } from '../support/service-world.ts';
import { until } from '../support/until.ts';

const SLOW = 360_000;
const KEY = 'acorn-key-0123456789';
const SECRET_KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`;

const CATALOG = `
version: 1
products:
  - match: { acornProductId: oak }
    title: Leadership Essentials
    grants: { courses: [8f2a1c34-5b6d-4e7f-9a01-2b3c4d5e6f70] }
buyer: { acornRole: Buyer }
partners:
  - { match: { acornCompanyId: forest }, label: forest }
handOver:
  to: buyer
  acorn: { via: letter, stamp: blue }
`;

const DEAL = {
  dealId: 'nut-1',
  name: 'Forest leadership rollout',
  isWon: true,
  stageHistory: [],
  stage: 'Won',
  closeDate: new Date().toISOString().slice(0, 10),
  owner: { id: 'owl', email: 'owl@acorn.example' },
  company: { id: 'forest', name: 'The Forest', domain: null },
  lineItems: [{ id: 'line-1', name: 'Leadership', quantity: 4, sku: null, productId: 'oak' }],
  contacts: [
    {
      id: 'squirrel',
      email: 'squirrel@acorn.example',
      firstName: 'Sam',
      lastName: 'Squirrel',
      roles: ['Buyer'],
      isPrimary: true,
      formerIds: [],
    },
  ],
  unseenCompany: null,
  unseenContacts: [],
  mergedDealIds: [],
};

const acorn = new Acorn(String(randomInt(1_000_000, 1_000_000_000)));
const module = acornModule(acorn);

let folder: string;
let world: ServiceWorld;
let webhooks: RunningWebhooks;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dealseat-third-crm-'));
  const catalog = join(folder, 'catalog.yaml');
  await writeFile(catalog, CATALOG);
  acorn.add(DEAL);
  world = await openServiceWorld({
    crms: [module],
    webhooks: [acornWebhooks(module)],
    env: {
      ACORN_ACCOUNT: acorn.account,
      ACORN_KEY: KEY,
      DEALSEAT_CATALOG: catalog,
      DEALSEAT_SECRET_KEYS: SECRET_KEYS,
    },
  });
  webhooks = await world.startWebhooks();
  await world.startWorker();
}, SLOW);

afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

test('a CRM that the product has never heard of is registered in this test alone', () => {
  expect(CRMS.map(({ name }) => name)).not.toContain(module.name);
});

test(
  'its event delivers its deal: seats, roster, letter and mark, all proven from both systems',
  async () => {
    expect(await announce('wrong-key')).toBe(401);
    expect(await announce(KEY)).toBe(200);
    const id = provisioningId(world.ref('acorn', DEAL.dealId));
    expect(id).toBe(`provision:acorn:${acorn.account}:nut-1`);
    await until('the deal is delivered', () => acorn.writtenOn(DEAL.dealId).status === 'Delivered');
    expect(await world.runs.result(id)).toMatchObject({ status: 'Delivered', seatCount: 4 });

    const { groupLabels, seats } = acorn.writtenOn(DEAL.dealId);
    expect(seats).toBe(4);
    expect(groupLabels).toEqual([expect.stringMatching(/^forest-/)]);
    const [roster, ...others] = acorn.rostersOf(DEAL.dealId);
    expect(others).toEqual([]);
    expect(new Set(roster && codesOfRoster(roster.csv)).size).toBe(4);
    expect(acorn.letters).toMatchObject([{ contactId: 'squirrel', dealId: 'nut-1' }]);

    const { ti } = loadConfig({ ...world.env }, [module]);
    if (ti === null) throw new Error('The learning platform is off');
    const { checks } = await proveHandOver({
      crm: acorn.client('acorn'),
      platforms: createPlatforms(ti),
      sealer: createSealer(parseSecretKeys(SECRET_KEYS) ?? []),
      dealId: DEAL.dealId,
      signal: new AbortController().signal,
    });
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter(({ isProven }) => !isProven)).toEqual([]);
  },
  SLOW,
);

test('its account is swept under its own name, and metrics, description and run carry that name', async () => {
  const sweep = await readSweep(world.client, { crm: 'acorn', account: acorn.account });
  expect(sweep).toMatchObject({ id: `sweep:acorn:${acorn.account}`, state: 'active' });
  const { values } = await world.metrics.webhookEvents.get();
  expect(values).toContainEqual(
    expect.objectContaining({ labels: { source: 'acorn', outcome: 'started' }, value: 1 }),
  );
  const answer = await fetch(`${webhooks.url}/openapi.json`);
  const document = (await answer.json()) as { readonly paths: object };
  expect(Object.keys(document.paths)).toContain('/webhooks/acorn');
  expect(Object.keys(document.paths)).not.toContain('/webhooks/hubspot');
  const id = provisioningId(world.ref('acorn', DEAL.dealId));
  // A sweep that sees the deal once more makes it go on in another execution.
  const { raw } = await world.client.workflow.getHandle(id).describe();
  const firstRunId = raw.workflowExecutionInfo?.firstRunId ?? '';
  const description = await world.client.workflow.getHandle(id, firstRunId).describe();
  expect(await description.staticSummary()).toBe('Acorn deal nut-1');
});

test('a dry run tells what would be written in its words', async () => {
  acorn.add({ ...DEAL, dealId: 'nut-2' });
  const { calls, groups } = await world.runs.preview(world.ref('acorn', 'nut-2'));
  expect(groups).toMatchObject([{ seats: 4 }]);
  expect(calls).toContain('Acorn: post a letter with the stamp blue for buyer contact squirrel');
});

async function announce(key: string): Promise<number> {
  const { status } = await fetch(`${webhooks.url}/webhooks/acorn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ deal: DEAL.dealId, event: 'event-1' }),
  });
  return status;
}
