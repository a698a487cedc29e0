import { describe, expect, test } from '@jest/globals';
import type { Exchange } from '../../sandbox/http.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { toLearners } from '../support/delivered-deals.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant } from '../support/sandbox-tenant.ts';

const rig = openRig();

const selling = (quantity: number) => ({ lineItems: [{ name: 'Leadership', sku: 'LEAD-101', quantity }] });

const withoutApproval = (example: Catalog): Catalog => ({ ...example, approveAboveSeats: null });

const learnersWithoutApproval = (example: Catalog) => toLearners(withoutApproval(example));

/** On a busy machine an attempt that was cut off would read the list once more. */
const PATIENT = { rosterAttemptMs: 240_000, writeTotalMs: 300_000 };

/** As the platform saw them, codes and their groups alike. */
function requestsOf({ sandbox }: SandboxTenant): string[] {
  return sandbox.exchanges.flatMap(({ system, method, path }) =>
    system === 'ti' ? [`${method} ${path.endsWith('/codes') ? 'codes' : 'groups'}`] : [],
  );
}

async function deliver(tenant: SandboxTenant, seats: number): Promise<string[]> {
  const { id } = await tenant.startHubSpot(selling(seats));
  expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: seats });
  return requestsOf(tenant);
}

describe('The platform is asked', () => {
  test.concurrent('at most four times for 25 seats whose codes are listed after a moment', () =>
    rig.withSandbox({ ti: { listingDelayMs: 100 }, policy: { pollIntervalMs: 500 } }, async (tenant) => {
      const requests = await deliver(tenant, 25);
      expect(requests.length).toBeLessThanOrEqual(4);
      // Of a platform that is new to Dealseat, a look finds out how soon it shows what was made.
      expect(requests.filter((request) => request !== 'GET groups')).toEqual(['POST groups', 'GET codes']);
    }));

  test.concurrent('at most four times for 25 seats of learners', () =>
    rig.withSandbox({ catalog: toLearners, policy: { pollIntervalMs: 500 } }, async (tenant) => {
      expect((await deliver(tenant, 25)).length).toBeLessThanOrEqual(4);
    }));

  test.concurrent('at most 205 times for 10,000 seats of a buyer', () =>
    rig.withSandbox({ catalog: withoutApproval, policy: PATIENT }, async (tenant) => {
      expect((await deliver(tenant, 10_000)).length).toBeLessThanOrEqual(205);
    }));

  test.concurrent('at most 205 times for 10,000 seats of learners, whose messages carry links', () =>
    rig.withSandbox({ catalog: learnersWithoutApproval, policy: PATIENT }, async (tenant) => {
      expect((await deliver(tenant, 10_000)).length).toBeLessThanOrEqual(205);
      expect(tenant.sandbox.outbox.mails.map(({ to }) => to)).toContain('lee.park@acme.example');
    }));
});

/** Without the host, and with `{id}` for what is another one in each portal. */
function named({ method, path }: Exchange): string {
  return `${method} ${path.replace(/\/[0-9a-f-]{36}$/, '/{id}').replace(/(?<=\/)\d{4,}/g, '{id}')}`;
}

const DEAL = '/crm/v3/objects/deals/{id}';
const UPLOAD = 'POST /files/v3/files';
/** docs/decisions/0010 says of each why it cannot be spared. */
const DELIVERY = [
  `GET ${DEAL}`,
  'POST /crm/v3/objects/line_items/batch/read',
  'GET /crm/v4/objects/deals/{id}/associations/contacts',
  'POST /crm/v3/objects/companies/batch/read',
  'POST /crm/v3/objects/contacts/batch/read',
  // The hold, written and proven.
  ...[`PATCH ${DEAL}`, `GET ${DEAL}`],
  ...[UPLOAD, 'POST /crm/v3/objects/notes'],
  // What is about to be handed over.
  `PATCH ${DEAL}`,
  ...['POST /marketing/v3/transactional/single-email/send', 'GET /marketing/v3/email/send-statuses/{id}'],
  // The mark, and how the deal looks then.
  ...[`PATCH ${DEAL}`, `GET ${DEAL}`],
];

/** What a delivery of 25 seats asks of a portal that the worker knows. */
async function hubspotRequests(tenant: SandboxTenant): Promise<string[]> {
  await deliver(tenant, 25);
  const before = tenant.sandbox.exchanges.length;
  await deliver(tenant, 25);
  const asked = tenant.sandbox.exchanges.slice(before);
  return asked.filter(({ system }) => system === 'hubspot').map(named);
}

describe('HubSpot is asked', () => {
  test.concurrent('fourteen times for 25 seats', () =>
    rig.withSandbox({ policy: { ...PATIENT, holdTrustMs: 240_000 } }, async (tenant) => {
      expect((await hubspotRequests(tenant)).sort()).toEqual([...DELIVERY].sort());
    }));

  test.concurrent('once more where the catalog has a workbook attached', () =>
    rig.withSandbox(
      {
        policy: { ...PATIENT, holdTrustMs: 240_000 },
        catalog: (example) => ({ ...example, handOver: { ...example.handOver, workbook: true } }),
      },
      async (tenant) => {
        expect((await hubspotRequests(tenant)).sort()).toEqual([...DELIVERY, UPLOAD].sort());
      },
    ));
});
