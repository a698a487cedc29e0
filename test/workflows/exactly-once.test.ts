import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import { handingOver, SEQUENCE } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence, salesforceEvidence, writeCount } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';

const rig = openRig();

const NEVER_LISTED = { ti: { listingDelayMs: Number.POSITIVE_INFINITY } };

/** Every way in which a write is carried out and its answer is lost. */
const LOST_ANSWERS: readonly Pick<Fault, 'kind' | 'commit'>[] = [
  { kind: 'dropAfterCommit' },
  { kind: 'stall' },
  { kind: 'truncate' },
  { kind: 'html', commit: true },
];

describe('A create whose answer is lost', () => {
  for (const lost of LOST_ANSWERS) {
    test.concurrent(`by "${lost.kind}" ends with exactly one group`, () =>
      rig.withSandbox({ callTimeoutMs: 4_000 }, async (tenant) => {
        const { faults, ti } = tenant.sandbox;
        faults.add({ system: 'ti', method: 'POST', path: /\/redemptionCodes$/, ...lost });
        const deal = await tenant.startHubSpot();
        expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
        expect(faults.hits).toHaveLength(1);
        expect(ti.state.groups).toHaveLength(1);
        expect(hubspotEvidence(tenant.sandbox, deal).rosters).toEqual([codesMade(tenant.sandbox)]);
      }));
  }

  test.concurrent('ends with exactly one group even when the search does not know the group yet', () =>
    rig.withSandbox({ ti: { indexDelayMs: 700 }, policy: { lookUpMs: 8_000 } }, async (tenant) => {
      const { faults, ti } = tenant.sandbox;
      faults.add({ system: 'ti', method: 'POST', path: /\/redemptionCodes$/, kind: 'dropAfterCommit' });
      const { id } = await tenant.startSalesforce();
      await tenant.resultOf(id);
      expect(ti.state.groups).toHaveLength(1);
    }));
});

describe('A hand-over whose answer is lost', () => {
  const lose = (fault: Omit<Fault, 'kind' | 'method'>): Fault => ({
    ...fault,
    method: 'POST',
    kind: 'dropAfterCommit',
  });
  test.concurrent('leaves one file, one note and one mail in HubSpot', () =>
    rig.withSandbox(async (tenant) => {
      const { faults, hubspot } = tenant.sandbox;
      faults.add(lose({ system: 'hubspot', path: /\/files\/v3\/files$/ }));
      faults.add(lose({ system: 'hubspot', path: /\/objects\/notes$/ }));
      faults.add(lose({ system: 'hubspot', path: /\/single-email\/send$/ }));
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(faults.hits).toHaveLength(3);
      expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(hubspot.state.engagementsOf('notes', { object: 'deals', id: deal.dealId })).toHaveLength(1);
      expect(seen.mailedTo).toEqual(['dana.reyes@acme.example']);
      expect(seen.tasks).toEqual([]);
    }));

  test.concurrent('leaves one enrolment in a HubSpot sequence', () =>
    rig.withSandbox({ catalog: handingOver({ hubspot: SEQUENCE }) }, async (tenant) => {
      const { faults, hubspot } = tenant.sandbox;
      faults.add(lose({ system: 'hubspot', path: /\/sequences\/enrollments$/ }));
      const { id } = await tenant.startHubSpot();
      await tenant.resultOf(id);
      expect(faults.hits).toHaveLength(1);
      expect(hubspot.state.sequences.enrollments).toHaveLength(1);
    }));

  test.concurrent('leaves one file, one mail and one task in Salesforce', () =>
    rig.withSandbox(async (tenant) => {
      const { faults } = tenant.sandbox;
      faults.add(lose({ system: 'salesforce', path: /\/sobjects\/ContentVersion$/i }));
      faults.add(lose({ system: 'salesforce', path: /\/emailSimple$/ }));
      faults.add(lose({ system: 'salesforce', path: /\/sobjects\/Task$/i }));
      const deal = await tenant.startSalesforce();
      const { messages } = await tenant.resultOf(deal.id);
      const seen = salesforceEvidence(tenant.sandbox, deal);
      expect(faults.hits).toHaveLength(3);
      expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(seen.mailedTo).toEqual(['robin.vale@globex.example']);
      expect(seen.tasks.filter((subject) => subject === 'Dealseat: 3 seats delivered')).toHaveLength(1);
      // The second attempt found the logged mail; only a mail that was found has a reference.
      expect(messages).toEqual([
        expect.objectContaining({ state: 'accepted', reference: expect.stringMatching(/^02s|^00T/) }),
      ]);
    }));
});

describe('A deal that is reported again', () => {
  test.concurrent('while it is at work, by twenty callers at once, has one run and one group', () =>
    rig.withSandbox(NEVER_LISTED, async (tenant) => {
      const { ti } = tenant.sandbox;
      const { id, dealId } = await tenant.startHubSpot();
      const callers = Array.from({ length: 20 }, () => tenant.provision(tenant.ref('hubspot', dealId)));
      expect(new Set(await Promise.all(callers))).toEqual(new Set([id]));
      expect(tenant.runCount(id)).toBe(1);
      ti.state.options.listingDelayMs = 0;
      await tenant.resultOf(id);
      expect(ti.state.groups).toHaveLength(1);
      expect(hubspotEvidence(tenant.sandbox, { id, dealId }).mailedTo).toHaveLength(1);
    }));

  for (const crm of ['hubspot', 'salesforce'] as const) {
    test.concurrent(`after it was delivered is left as it is (${crm})`, () =>
      rig.withSandbox(async (tenant) => {
        const { id, dealId } =
          crm === 'hubspot' ? await tenant.startHubSpot() : await tenant.startSalesforce();
        const first = await tenant.resultOf(id);
        const before = writeCount(tenant.sandbox);
        await tenant.provision(tenant.ref(crm, dealId));
        const second = await tenant.resultOf(id);
        expect(tenant.runCount(id)).toBe(2);
        expect(second).toMatchObject({
          status: 'Delivered',
          seatCount: 3,
          groupIds: first.groupIds,
          groupLabels: first.groupLabels,
          messages: [],
        });
        expect(writeCount(tenant.sandbox)).toBe(before);
      }));
  }

  test.concurrent('after it was skipped is delivered once it is won', () =>
    rig.withSandbox(async (tenant) => {
      const { id, dealId } = await tenant.startHubSpot({ stage: 'contractsent' });
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Skipped', code: 'deal.not_won' });
      expect(writeCount(tenant.sandbox)).toBe(0);
      tenant.sandbox.hubspot.state.edit('deals', dealId, { dealstage: 'closedwon' });
      await tenant.provision(tenant.ref('hubspot', dealId));
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
    }));
});

describe('A deal', () => {
  test.concurrent('with nothing but products without seats is skipped, and says so', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await tenant.startHubSpot({ lineItems: [{ sku: 'SUPPORT-GOLD', quantity: 1 }] });
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Skipped', code: 'deal.no_seats' });
      expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('Skipped');
      expect(tenant.sandbox.ti.state.groups).toEqual([]);
    }));

  test.concurrent('that changed since its dry run is not provisioned with the old hash', () =>
    rig.withSandbox(async (tenant) => {
      const { id, dealId } = await tenant.startHubSpot({ stage: 'contractsent' });
      await tenant.resultOf(id);
      const { state } = tenant.sandbox.hubspot;
      state.edit('deals', dealId, { dealstage: 'closedwon' });
      const ref = tenant.ref('hubspot', dealId);
      const { hash: oldHash } = await tenant.console.preview(ref);
      state.addLineItem(dealId, { sku: 'LEAD-101', quantity: 1 });
      const { hash: newHash } = await tenant.console.preview(ref);
      expect(writeCount(tenant.sandbox)).toBe(0);

      await tenant.provision(ref, { planHash: oldHash ?? '' });
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Skipped', code: 'plan.changed' });
      expect(writeCount(tenant.sandbox)).toBe(0);
      await tenant.provision(ref, { planHash: newHash ?? '' });
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 4 });
    }));

  test.concurrent('of more than 10,000 seats is split into groups that the platform takes', () =>
    rig.withSandbox(
      {
        ti: { codesPerPage: 2_000 },
        catalog: (catalog) => ({ ...catalog, approveAboveSeats: null }),
      },
      async (tenant) => {
        const deal = await tenant.startHubSpot({ lineItems: [{ sku: 'LEAD-101', quantity: 10_001 }] });
        expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 10_001 });
        const { groups } = tenant.sandbox.ti.state;
        expect(groups.map(({ totalCodesCount }) => totalCodesCount).sort()).toEqual([1, 10_000]);
        expect(new Set(groups.map(({ label }) => label)).size).toBe(2);
        const [roster] = hubspotEvidence(tenant.sandbox, deal).rosters;
        expect(roster).toEqual(codesMade(tenant.sandbox));
      },
    ));
});
