import { describe, expect, test } from '@jest/globals';
import { handingOver, SEQUENCE, toLearners } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant } from '../support/sandbox-tenant.ts';
import { until } from '../support/until.ts';

const rig = openRig();

describe('A won HubSpot deal', () => {
  test.concurrent('becomes one group, one roster, one mail to the buyer and the mark on the deal, and leaves nobody a task', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await tenant.startHubSpot();
      const result = await tenant.resultOf(deal.id);
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(result).toMatchObject({ status: 'Delivered', seatCount: 3, warnings: [] });
      expect(tenant.sandbox.ti.state.groups.map(({ label }) => label)).toEqual(result.groupLabels);
      expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(seen.rosters[0]).toHaveLength(3);
      expect(seen.mailedTo).toEqual(['dana.reyes@acme.example']);
      expect(seen.tasks).toEqual([]);
      expect(seen.fields).toMatchObject({
        status: 'Delivered',
        seats: '3',
        group_label: result.groupLabels[0],
        group_id: result.groupIds[0],
        roster_file: result.roster?.url,
        run: deal.id,
      });
    }));

  test.concurrent('gives each learner one code and the buyer the rest, by mail', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      const seen = hubspotEvidence(tenant.sandbox, deal);
      const link = tenant.sandbox.hubspot.state.valuesOf('contacts', '6002').dealseat_redeem_link ?? '';
      const given = link.slice(link.lastIndexOf('/') + 1);
      expect([...(seen.rosters[0] ?? []), given].sort()).toEqual(codesMade(tenant.sandbox));
      expect([...seen.mailedTo].sort()).toEqual(['dana.reyes@acme.example', 'lee.park@acme.example']);
    }));

  test.concurrent('enrols its buyer in a sequence where the catalog says so', () =>
    rig.withSandbox({ catalog: handingOver({ hubspot: SEQUENCE }) }, async (tenant) => {
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      const enrolled = tenant.sandbox.hubspot.state.sequences.enrollments.map(({ contactId }) => contactId);
      expect(enrolled).toEqual(['6001']);
      expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('Delivered');
    }));

  test.concurrent('puts its learners on a list where the catalog says so', () =>
    rig.withSandbox(
      { catalog: handingOver({ to: 'learners', hubspot: { via: 'list', listId: '2001' } }) },
      async (tenant) => {
        const deal = await tenant.startHubSpot();
        await tenant.resultOf(deal.id);
        expect([...tenant.sandbox.hubspot.state.lists.get('2001').members.keys()]).toEqual(['6002']);
        expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('Delivered');
      },
    ));

  test.concurrent('is delivered without mail where the catalog wants none', () =>
    rig.withSandbox({ catalog: handingOver({ hubspot: { via: 'none' } }) }, async (tenant) => {
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen.mailedTo).toEqual([]);
      expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(seen.fields.status).toBe('Delivered');
    }));
});

describe('A won Salesforce opportunity', () => {
  test.concurrent('becomes one group, one file, one mail with the file and the mark on the record', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await tenant.startSalesforce();
      const result = await tenant.resultOf(deal.id);
      const seen = salesforceEvidence(tenant.sandbox, deal);
      expect(result).toMatchObject({ status: 'Delivered', seatCount: 3, warnings: [] });
      expect(tenant.sandbox.ti.state.groups.map(({ label }) => label)).toEqual(result.groupLabels);
      expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(seen.mailedTo).toEqual(['robin.vale@globex.example']);
      expect(tenant.sandbox.outbox.mails[0]?.attachments.map(({ name }) => name)).toEqual([
        result.roster?.fileName.replace(/csv$/, 'xlsx'),
        result.roster?.fileName,
      ]);
      expect(seen.tasks).toContain('Dealseat: 3 seats delivered');
      expect(seen.fields).toMatchObject({
        status: 'Delivered',
        seats: '3',
        group_id: result.groupIds[0],
        run: deal.id,
      });
    }));

  test.concurrent('gives each learner one code, and the buyer a file of the rest', () =>
    rig.withSandbox({ catalog: toLearners }, async (tenant) => {
      const deal = await tenant.startSalesforce();
      await tenant.resultOf(deal.id);
      const seen = salesforceEvidence(tenant.sandbox, deal);
      const links = tenant.sandbox.salesforce.state
        .rows('Contact')
        .flatMap(({ Dealseat_Redeem_Link__c: link }) => (typeof link === 'string' ? [link] : []));
      expect(links).toHaveLength(1);
      const given = links.map((link) => link.slice(link.lastIndexOf('/') + 1));
      expect([...(seen.rosters[0] ?? []), ...given].sort()).toEqual(codesMade(tenant.sandbox));
      expect(seen.mailedTo).toEqual(['robin.vale@globex.example']);
    }));

  test.concurrent('is delivered without mail where the catalog wants none', () =>
    rig.withSandbox({ catalog: handingOver({ salesforce: { via: 'none' } }) }, async (tenant) => {
      const deal = await tenant.startSalesforce();
      await tenant.resultOf(deal.id);
      const seen = salesforceEvidence(tenant.sandbox, deal);
      expect(seen.mailedTo).toEqual([]);
      expect(seen.fields.status).toBe('Delivered');
    }));
});

/** Of a delivery, the second one of its kind: what is read once for all deals is known by then. */
async function requestsOf(tenant: SandboxTenant, crm: 'hubspot' | 'salesforce'): Promise<string[]> {
  const { exchanges } = tenant.sandbox;
  let before = 0;
  for (const _ of ['first', 'second']) {
    before = exchanges.length;
    const { id } = await (crm === 'hubspot' ? tenant.startHubSpot() : tenant.startSalesforce());
    await tenant.resultOf(id);
  }
  return exchanges
    .slice(before)
    .flatMap(({ system, method, path }) => (system === crm ? [`${method} ${path}`] : []));
}

describe('An ordinary delivery', () => {
  test.concurrent('costs HubSpot at most 14 calls', () =>
    rig.withSandbox(async (tenant) => {
      expect((await requestsOf(tenant, 'hubspot')).length).toBeLessThanOrEqual(14);
    }));
});

describe('The history of a run', () => {
  test.concurrent.each([
    [1, 45, [{ sku: 'LEAD-101', quantity: 5 }]],
    [1, 45, [{ sku: 'LEAD-101', quantity: 500 }]],
    [
      2,
      55,
      [
        { sku: 'LEAD-101', quantity: 5 },
        { sku: 'NEGO-201', quantity: 5 },
      ],
    ],
  ])('of %s groups has at most %s events, however many codes', (groups, atMost, lineItems) =>
    rig.withSandbox(async (tenant) => {
      const { id } = await tenant.startHubSpot({ lineItems });
      expect((await tenant.resultOf(id)).groupIds).toHaveLength(groups);
      expect(await tenant.eventCount(id)).toBeLessThanOrEqual(atMost);
    }),
  );

  test.concurrent('is hardly longer for more than ten polls', () =>
    rig.withSandbox({ ti: { listingDelayMs: Number.POSITIVE_INFINITY } }, async (tenant) => {
      const { id } = await tenant.startSalesforce();
      const { exchanges, ti } = tenant.sandbox;
      const pollCount = () => exchanges.filter(({ path }) => path.endsWith('/codes')).length;
      await until('the code list was polled ten times', () => pollCount() > 10);
      ti.state.options.listingDelayMs = 0;
      await tenant.resultOf(id);
      expect(await tenant.eventCount(id)).toBeLessThanOrEqual(46);
    }));
});
