import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import { again, delivered, setQuantity, setStage } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import { HUBSPOT_DEAL, SALESFORCE_DEAL, type SandboxTenant } from '../support/sandbox-tenant.ts';

const rig = openRig();

/** Longer than any test takes: what is believed only after that is not believed here. */
const PATIENT = { policy: { passingMs: 3_600_000 } };
const HELP = 'Dealseat needs your help with this deal';

function answers({ sandbox }: SandboxTenant, fault: Omit<Fault, 'kind'>): void {
  sandbox.faults.add({ kind: 'status', ...fault });
}

const oneGroup = { system: 'ti', method: 'GET', path: /\/redemptionCodes\/[^/?]+$/, status: 404 } as const;

/** One seat of three is used, and two are sold now; the platform does not find the group for a moment. */
async function withdrawalIsAsked(tenant: SandboxTenant, ask: 'report' | 'provision'): Promise<string> {
  const { ti, faults } = tenant.sandbox;
  const deal = await delivered(tenant);
  const [code] = codesMade(tenant.sandbox);
  ti.state.redeem(code ?? '');
  setQuantity(tenant, deal, 2);
  answers(tenant, { ...oneGroup, body: { error: 'not found' }, times: 2 });
  await tenant[ask](tenant.ref('hubspot', deal.dealId));
  const { problems } = await tenant.waitForProgress(
    deal.id,
    ({ question }) => question?.kind === 'withdrawal',
  );
  expect(faults.hits).toHaveLength(2);
  const [{ id: question } = { id: '' }] = [
    (await tenant.waitForStatus(deal.id, 'NeedsAttention')).question ?? { id: '' },
  ];
  await tenant.console.keep(deal.id, { by: 'boss', reason: 'agreed', question });
  await tenant.resultOf(deal.id);
  return problems.map(({ message }) => message).join('\n');
}

describe('Something that is not there for a moment', () => {
  test.concurrent('the learning platform does not find the group of a delivered deal that sells fewer seats now -> it is asked again, so that used codes are known', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      expect(await withdrawalIsAsked(tenant, 'report')).toContain(
        '2 of the delivered codes are not redeemed',
      );
    }));

  test.concurrent('the same where a person waits for the answer -> it is asked again too', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      expect(await withdrawalIsAsked(tenant, 'provision')).toContain(
        '2 of the delivered codes are not redeemed',
      );
    }));

  test.concurrent('HubSpot does not find a deal that a run is at work on -> the step is repeated, and the deal is delivered', () =>
    rig.withSandbox(PATIENT, async (tenant) => {
      const { sandbox } = tenant;
      // The reading finds it, and the steps after that do not.
      answers(tenant, {
        system: 'hubspot',
        method: 'GET',
        path: /objects\/(0-3|deals)\/\d+$/,
        status: 404,
        after: 2,
        times: 2,
      });
      const dealId = sandbox.hubspot.state.createDeal(HUBSPOT_DEAL);
      const deal = { dealId, id: await tenant.report(tenant.ref('hubspot', dealId)) };
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(sandbox.faults.hits).toHaveLength(2);
      expect(codesMade(sandbox)).toHaveLength(3);
      expect(hubspotEvidence(sandbox, deal).tasks).not.toContain(HELP);
    }));

  test.concurrent('Salesforce shows no such opportunity while the run waits for its owner -> the run goes on waiting', () =>
    rig.withSandbox({ policy: { ...PATIENT.policy, lookAgainMs: 300 } }, async (tenant) => {
      const { sandbox } = tenant;
      const dealId = sandbox.salesforce.state.createOpportunity({ ...SALESFORCE_DEAL, lineItems: [] });
      const deal = { dealId, id: await tenant.report(tenant.ref('salesforce', dealId)) };
      await tenant.waitForEvidence(() => salesforceEvidence(sandbox, deal).openTasks.includes(HELP));
      const body = { totalSize: 0, done: true, records: [] };
      answers(tenant, { system: 'salesforce', path: /\/query$/, status: 200, body, times: 3 });
      await tenant.waitForEvidence(() => sandbox.faults.hits.length === 3);
      sandbox.salesforce.state.addLineItem(dealId, {
        productCode: 'LEAD-101',
        name: 'Leadership Essentials',
        quantity: 3,
      });
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    }));

  test.concurrent('a person started the deal, and it is not found when the run looks by itself -> the run goes on waiting', () =>
    rig.withSandbox({ policy: { ...PATIENT.policy, lookAgainMs: 300 } }, async (tenant) => {
      const { sandbox } = tenant;
      const deal = await tenant.startHubSpot({ lineItems: [] });
      await tenant.waitForEvidence(() => hubspotEvidence(sandbox, deal).openTasks.includes(HELP));
      answers(tenant, {
        system: 'hubspot',
        method: 'GET',
        path: /objects\/(0-3|deals)\/\d+$/,
        status: 404,
        times: 2,
      });
      await tenant.waitForEvidence(() => sandbox.faults.hits.length === 2);
      sandbox.hubspot.state.addLineItem(deal.dealId, {
        sku: 'LEAD-101',
        name: 'Leadership Essentials',
        quantity: 3,
      });
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    }));

  test.concurrent('a deal is merged into another one right after its delivery, when the learning platform does not show its codes in searches yet -> the other one takes them over, and none are made again', () =>
    rig.withSandbox(async (tenant) => {
      const { ti, hubspot } = tenant.sandbox;
      const dealId = hubspot.state.createDeal({ ...HUBSPOT_DEAL, stage: 'qualifiedtobuy' });
      const survivor = { dealId, id: provisioningId(tenant.ref('hubspot', dealId)) };
      ti.state.options.indexDelayMs = 1_000;
      const merged = await delivered(tenant);
      hubspot.state.merge('deals', survivor.dealId, merged.dealId);
      setStage(tenant, survivor, 'closedwon');
      expect(await again(tenant, survivor)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(ti.state.groups).toHaveLength(1);
      expect(hubspotEvidence(tenant.sandbox, survivor).rosters).toEqual([codesMade(tenant.sandbox)]);
    }));
});
