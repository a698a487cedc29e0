import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SweepActivities, SweepInput } from '../../src/contracts/sweep.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import { hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { EVERY_MAIL_REFUSED } from '../support/refused-mails.ts';
import { openRig } from '../support/rig.ts';
import {
  HUBSPOT_DEAL,
  SALESFORCE_DEAL,
  type SandboxTenant,
  type StartedDeal,
} from '../support/sandbox-tenant.ts';
import { openSweepRig, type SweepRig, sweepInput, tenantSweepActivities } from '../support/sweep-rig.ts';
import { TEST_POLICY } from '../support/tenant.ts';
import { until } from '../support/until.ts';

const rig = openRig();
let sweeps: SweepRig;

const DAY_MS = 86_400_000;

beforeAll(async () => {
  sweeps = await openSweepRig();
});

afterAll(() => sweeps.close());

/** A won deal that nobody tells of. */
function wonUnheard({ sandbox, ref }: SandboxTenant, crm: CrmName): string {
  const dealId =
    crm === 'hubspot'
      ? sandbox.hubspot.state.createDeal(HUBSPOT_DEAL)
      : sandbox.salesforce.state.createOpportunity(SALESFORCE_DEAL);
  return provisioningId(ref(crm, dealId));
}

/** Of the latest run of this deal. */
async function runIdOf(id: string): Promise<string> {
  return (await sweeps.client.workflow.getHandle(id).describe()).runId;
}

/** Runs `body` while the tenant's stand-ins, in which no deal is won yet, can be swept. */
async function sweeping(
  tenant: SandboxTenant,
  body: (missed: readonly string[]) => Promise<void>,
): Promise<void> {
  const { hubspot, salesforce } = tenant.sandbox;
  hubspot.state.edit('deals', '9001', { dealstage: 'closedlost' });
  for (const { Id } of salesforce.state.rows('Opportunity')) {
    salesforce.state.setStage(String(Id), 'Closed Lost');
  }
  const { activities, missed } = tenantSweepActivities(tenant);
  for (const name of ['hubspot', 'salesforce'] as const) {
    sweeps.carryOut(tenant.ref(name, '1').account, activities);
  }
  await body(missed);
}

describe.each<CrmName>(['hubspot', 'salesforce'])('A sweep of %s', (crm) => {
  test('starts the won deal that no webhook told of, and counts it', () =>
    rig.withSandbox(async (tenant) => {
      await sweeping(tenant, async (missed) => {
        const id = wonUnheard(tenant, crm);
        const result = await sweeps.sweep(sweepInput(tenant, crm));
        expect(result).toMatchObject({ missed: 1, changed: 0, missedDeals: [id.split(':')[3]] });
        expect(missed).toEqual([crm]);
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
      });
    }));

  test('starts nothing for what was delivered, what is at work, and what was never won', () =>
    rig.withSandbox({ ti: { listingDelayMs: 0 } }, async (tenant) => {
      await sweeping(tenant, async () => {
        const delivered = crm === 'hubspot' ? await tenant.startHubSpot() : await tenant.startSalesforce();
        await tenant.resultOf(delivered.id);
        const runId = await runIdOf(delivered.id);
        tenant.sandbox.ti.state.options.listingDelayMs = Number.POSITIVE_INFINITY;
        const atWork = crm === 'hubspot' ? await tenant.startHubSpot() : await tenant.startSalesforce();
        await tenant.waitForStatus(atWork.id, 'AwaitingCodes');
        tenant.sandbox.hubspot.state.createDeal({ ...HUBSPOT_DEAL, stage: 'contractsent' });
        tenant.sandbox.salesforce.state.createOpportunity({ ...SALESFORCE_DEAL, stageName: 'Prospecting' });
        const result = await sweeps.sweep(sweepInput(tenant, crm));
        expect(result).toMatchObject({ found: 2, missed: 0, changed: 0, told: 1 });
        tenant.sandbox.ti.state.options.listingDelayMs = 0;
        await tenant.resultOf(atWork.id);
        expect(await runIdOf(delivered.id)).toBe(runId);
      });
    }));
});

describe.each<CrmName>(['hubspot', 'salesforce'])(
  'A deal of %s that was won before the sweep begins',
  (crm) => {
    test('is left alone, however often it is edited, until somebody starts it by hand', () =>
      rig.withSandbox(async (tenant) => {
        await sweeping(tenant, async () => {
          const { hubspot, salesforce } = tenant.sandbox;
          const id = wonUnheard(tenant, crm);
          const dealId = id.split(':')[3] ?? '';
          const since = Date.now() + 100;
          await until('the sweep begins', () => Date.now() > since);
          if (crm === 'hubspot') hubspot.state.edit('deals', dealId, { amount: '1' });
          else salesforce.state.updateOpportunity(dealId, { Amount: 1 });
          tenant.beginAt(new Date(since).toISOString());
          const input = { ...sweepInput(tenant, crm), since: new Date(since).toISOString() };
          expect(await sweeps.sweep(input)).toMatchObject({ found: 1 });
          expect(await tenant.resultOf(id)).toMatchObject({ status: 'Skipped', code: 'deal.won_before' });
          // A move between won stages, a merge or a restore is told by an event too, up to a day late.
          tenant.beginAt(new Date(since + 2 * DAY_MS).toISOString());
          await tenant.console.dealChanged(tenant.ref(crm, dealId), { by: crm, detail: 'event 1' });
          expect(await tenant.resultOf(id)).toMatchObject({ status: 'Skipped', code: 'deal.won_before' });
          const evidence = crm === 'hubspot' ? hubspotEvidence : salesforceEvidence;
          expect(evidence(tenant.sandbox, { id, dealId }).fields).toEqual({});
          expect(tenant.sandbox.ti.state.groups).toEqual([]);
          await tenant.provision(tenant.ref(crm, dealId));
          expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
        });
      }));
  },
);

describe('A deal that was won before the sweep begins, and whose run the sweep started', () => {
  test('is provisioned when somebody names it before that run has ended', () =>
    rig.withSandbox(async (tenant) => {
      await sweeping(tenant, async () => {
        const { hubspot } = tenant.sandbox;
        const id = wonUnheard(tenant, 'hubspot');
        const dealId = id.split(':')[3] ?? '';
        const since = Date.now() + 100;
        await until('the sweep begins', () => Date.now() > since);
        hubspot.state.edit('deals', dealId, { amount: '1' });
        // The first reading of the run is turned away, so it is still open when the deal is named.
        const path = /\/objects\/(0-3|deals)\/\d+$/;
        tenant.sandbox.faults.add({ system: 'hubspot', method: 'GET', path, kind: 'status', status: 403 });
        tenant.beginAt(new Date(since).toISOString());
        await sweeps.sweep({ ...sweepInput(tenant, 'hubspot'), since: new Date(since).toISOString() });
        await tenant.waitForStatus(id, 'NeedsAttention');
        await tenant.provision(tenant.ref('hubspot', dealId));
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
      });
    }));
});

describe('A deal that was too old for the day from which won deals were looked for', () => {
  test('is provisioned by the sweep once that day is set earlier', () =>
    rig.withSandbox(async (tenant) => {
      await sweeping(tenant, async () => {
        const id = wonUnheard(tenant, 'hubspot');
        const ref = tenant.ref('hubspot', id.split(':')[3] ?? '');
        tenant.beginAt(new Date(Date.now() + 2 * DAY_MS).toISOString());
        await tenant.console.dealChanged(ref, { by: 'hubspot', detail: 'event 1' });
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Skipped', code: 'deal.won_before' });
        tenant.beginAt('2020-01-01T00:00:00.000Z');
        expect(await sweeps.sweep(sweepInput(tenant, 'hubspot'))).toMatchObject({ changed: 1, missed: 0 });
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
      });
    }));
});

describe('Sweeps that overlap', () => {
  test('give each missed deal one delivery, and leave nothing to the next sweep', () =>
    rig.withSandbox(async (tenant) => {
      await sweeping(tenant, async () => {
        const ids = Array.from({ length: 5 }, () => wonUnheard(tenant, 'hubspot'));
        const input = sweepInput(tenant, 'hubspot');
        await Promise.all([sweeps.sweep(input), sweeps.sweep(input), sweeps.sweep(input)]);
        const results = await Promise.all(ids.map((id) => tenant.resultOf(id)));
        expect(results.map(({ status }) => status)).toEqual(ids.map(() => 'Delivered'));
        const runIds = await Promise.all(ids.map(runIdOf));
        expect(await sweeps.sweep(input)).toMatchObject({ found: ids.length, missed: 0 });
        expect(await Promise.all(ids.map(runIdOf))).toEqual(runIds);
        expect(tenant.sandbox.ti.state.groups).toHaveLength(ids.length);
        expect(tenant.sandbox.outbox.mails).toHaveLength(ids.length);
      });
    }));
});

describe('A run that waits for a person', () => {
  test('is left in peace by the sweep once it has read what it wrote on the deal itself', () =>
    rig.withSandbox(async (tenant) => {
      await sweeping(tenant, async () => {
        tenant.sandbox.faults.add(EVERY_MAIL_REFUSED);
        const deal = await tenant.startSalesforce();
        await tenant.waitForStatus(deal.id, 'NeedsAttention');
        await tenant.waitForEvidence(() => salesforceEvidence(tenant.sandbox, deal).tasks.length > 0);
        await until('a sweep has nothing to tell the run', async () => {
          const { told } = await sweeps.sweep(sweepInput(tenant, 'salesforce'));
          return told === 0;
        });
        await tenant.waitForStatus(deal.id, 'NeedsAttention');
        await tenant.console.cancel(deal.id, { by: 'sales ops', reason: 'signed by mistake' });
        await tenant.resultOf(deal.id);
      });
    }));

  test('is told by the sweep that its deal changed', () =>
    rig.withSandbox(async (tenant) => {
      await sweeping(tenant, async () => {
        const deal = await tenant.startHubSpot({ lineItems: [{ sku: 'LEAD-101', quantity: 0.5 }] });
        const { id, dealId } = deal;
        await tenant.waitForStatus(id, 'NeedsAttention');
        // A write of the run's own during the sweep would leave the deal to the next one.
        await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, deal).tasks.length > 0);
        const { hubspot } = tenant.sandbox;
        const [item] = hubspot.state.associations.linked({ object: 'deals', id: dealId }, 'line_items');
        hubspot.state.edit('line_items', item?.id ?? '', { quantity: 3 });
        hubspot.state.edit('deals', dealId, { dealname: 'Corrected' });
        expect(await sweeps.sweep(sweepInput(tenant, 'hubspot'))).toMatchObject({ told: 1, missed: 0 });
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      });
    }));
});

describe.each<CrmName>(['hubspot', 'salesforce'])(
  'A run of a deal of %s that was ended from outside',
  (crm) => {
    const evidenceOf = crm === 'hubspot' ? hubspotEvidence : salesforceEvidence;

    test('is found by the sweep, told to the owner and started again, and its task closes when it is over', () =>
      rig.withSandbox({ ti: { listingDelayMs: Number.POSITIVE_INFINITY } }, async (tenant) => {
        await sweeping(tenant, async () => {
          const { ti } = tenant.sandbox;
          const deal = crm === 'hubspot' ? await tenant.startHubSpot() : await tenant.startSalesforce();
          await tenant.waitForStatus(deal.id, 'AwaitingCodes');
          await tenant.terminate(deal.id);
          const input = sweepInput(tenant, crm);
          expect(await sweeps.sweep(input)).toMatchObject({ missed: 0 });
          const { openTasks } = evidenceOf(tenant.sandbox, deal);
          expect(openTasks).toEqual(['Dealseat was stopped while it worked on this deal']);
          ti.state.options.listingDelayMs = 0;
          expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
          expect(ti.state.groups).toHaveLength(1);
          expect(evidenceOf(tenant.sandbox, deal).openTasks).toEqual(['Dealseat: 3 seats delivered']);
          expect(await sweeps.sweep(input)).toMatchObject({ missed: 0, changed: 0, told: 0 });
        });
      }));

    test('is found though nothing on its deal has changed since', () =>
      rig.withSandbox({ ti: { listingDelayMs: Number.POSITIVE_INFINITY } }, async (tenant) => {
        await sweeping(tenant, async () => {
          const deal = crm === 'hubspot' ? await tenant.startHubSpot() : await tenant.startSalesforce();
          await tenant.waitForStatus(deal.id, 'AwaitingCodes');
          const since = new Date().toISOString();
          await tenant.terminate(deal.id);
          await until('the list of runs knows of it', async () => {
            const { found, changed } = await sweeps.sweep({ ...sweepInput(tenant, crm), since });
            expect(found).toBe(0);
            return changed === 1;
          });
          tenant.sandbox.ti.state.options.listingDelayMs = 0;
          expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
        });
      }));
  },
);

const aboveTwoSeats = { catalog: (catalog: Catalog) => ({ ...catalog, approveAboveSeats: 2 }) };

describe.each<CrmName>(['hubspot', 'salesforce'])('An approval for a deal of %s', (crm) => {
  const start = (tenant: SandboxTenant) =>
    crm === 'hubspot' ? tenant.startHubSpot() : tenant.startSalesforce();
  const evidenceOf = crm === 'hubspot' ? hubspotEvidence : salesforceEvidence;
  const asked = async (tenant: SandboxTenant, deal: StartedDeal) => {
    await tenant.waitForProgress(deal.id, ({ question }) => question?.kind === 'approval');
    await tenant.waitForEvidence(() => evidenceOf(tenant.sandbox, deal).tasks.length > 0);
  };

  test('that was rejected is not asked for again by any sweep', () =>
    rig.withSandbox(aboveTwoSeats, async (tenant) => {
      await sweeping(tenant, async () => {
        const deal = await start(tenant);
        await asked(tenant, deal);
        await tenant.answer(deal.id, 'reject', { by: 'boss', reason: 'not paid yet' });
        expect(await tenant.resultOf(deal.id)).toMatchObject({ code: 'approval.rejected' });
        const result = await sweeps.sweep(sweepInput(tenant, crm));
        expect(result).toMatchObject({ found: 1, missed: 0, changed: 0, told: 0 });
        expect(evidenceOf(tenant.sandbox, deal).fields.detail).toMatch(
          /Rejected by boss on .*: not paid yet/,
        );
      });
    }));

  test('is asked for once, though the sweep cannot tell the question on the deal from a change', () =>
    rig.withSandbox(aboveTwoSeats, async (tenant) => {
      await sweeping(tenant, async () => {
        const deal = await start(tenant);
        await asked(tenant, deal);
        const input = sweepInput(tenant, crm);
        await until('a sweep has nothing to tell the run', async () => {
          const { told } = await sweeps.sweep(input);
          return told === 0;
        });
        await asked(tenant, deal);
        expect(evidenceOf(tenant.sandbox, deal).tasks).toEqual(['Dealseat waits for approval']);
        await tenant.answer(deal.id, 'reject', { by: 'boss', reason: 'not paid yet' });
        await tenant.resultOf(deal.id);
      });
    }));
});

describe('A run that found nothing to do', () => {
  test('is followed by another when its deal is amended right after it was read', () =>
    rig.withSandbox(async (tenant) => {
      await sweeping(tenant, async () => {
        const { id, dealId } = await tenant.startHubSpot();
        await tenant.resultOf(id);
        await tenant.provision(tenant.ref('hubspot', dealId));
        expect(await tenant.resultOf(id)).toMatchObject({
          detail: expect.stringContaining('nothing was done'),
        });
        tenant.sandbox.hubspot.state.addLineItem(dealId, { sku: 'LEAD-101', quantity: 2 });
        tenant.sandbox.hubspot.state.edit('deals', dealId, { amount: '500' });
        expect(await sweeps.sweep(sweepInput(tenant, 'hubspot'))).toMatchObject({ missed: 0, changed: 1 });
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      });
    }));

  test('is followed by another when its deal is won after that', () =>
    rig.withSandbox(async (tenant) => {
      await sweeping(tenant, async () => {
        const { id, dealId } = await tenant.startHubSpot({ stage: 'contractsent' });
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Skipped', code: 'deal.not_won' });
        tenant.sandbox.hubspot.state.edit('deals', dealId, { dealstage: 'closedwon' });
        const result = await sweeps.sweep(sweepInput(tenant, 'hubspot'));
        expect(result).toMatchObject({ missed: 0, changed: 1 });
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
      });
    }));
});

describe('A sweep of many pages', () => {
  const input: SweepInput = {
    crm: 'hubspot',
    account: '1',
    since: '2026-01-01T00:00:00.000Z',
    lagMs: 0,
    lookBackMs: 0,
    policy: TEST_POLICY,
  };
  const atPage = (page: number) => new Date(Date.parse(input.since) + page * 60_000).toISOString();

  test('goes on in new runs with its cursor and its counts', async () => {
    const asked: string[] = [];
    const activities: SweepActivities = {
      startEndedDeals: async () => ({ ended: 0 }),
      findWonDeals: async ({ since }) => {
        asked.push(since);
        const page = asked.length;
        return {
          deals: [{ dealId: String(page), changedAt: since }],
          next: atPage(page),
          isComplete: page === 45,
        };
      },
      startSweptDeals: async ({ deals }) => ({
        found: 1,
        missed: 1,
        changed: 0,
        told: 0,
        missedDeals: deals.map(({ dealId }) => dealId),
      }),
    };
    sweeps.carryOut(input.account, activities);
    const result = await sweeps.sweep(input);
    expect(asked).toEqual(Array.from({ length: 45 }, (_, index) => atPage(index)));
    expect(result).toMatchObject({ found: 45, missed: 45, cursor: atPage(45), from: input.since });
  });
});
