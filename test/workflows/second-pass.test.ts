import { describe, expect, test } from '@jest/globals';
import type { DealStatusInput, EnsureCodeGroupInput } from '../../src/contracts/activities.ts';
import { DealseatError, type FailureCode } from '../../src/domain/failure.ts';
import type { Plan, PlanOutcome } from '../../src/domain/planning/plan.ts';
import { codesMade, hubspotEvidence } from '../support/evidence.ts';
import { EVERY_MAIL_REFUSED } from '../support/refused-mails.ts';
import { type FakeTenant, openRig } from '../support/rig.ts';

const rig = openRig();

const OPS = { by: 'ops', reason: 'signed by mistake' };

function failing(code: FailureCode): () => Promise<never> {
  return async () => {
    throw new DealseatError({ code, message: 'as the test wants it' });
  };
}

function written({ calls }: FakeTenant): DealStatusInput[] {
  return calls.flatMap(({ activity, input }) =>
    activity === 'writeDealStatus' ? [input as DealStatusInput] : [],
  );
}

function count({ calls }: FakeTenant, activity: string): number {
  return calls.filter((call) => call.activity === activity).length;
}

/** What planning finds once somebody has delivered the plan. */
function deliveredAs({ groups, seatCount }: Plan): PlanOutcome {
  return {
    kind: 'delivered',
    deal: {
      dealId: '9001',
      name: 'n',
      url: 'u',
      ownerId: null,
      markedStatus: 'Delivered',
      hasSeats: true,
      isUnfinished: false,
      hasRejection: false,
    },
    mark: {
      status: 'Delivered',
      groupIds: groups.map(({ token }) => `id-of-${token}`),
      groupLabels: groups.map(({ label }) => label),
      seatCount,
      ledger: {
        wonAt: null,
        roster: null,
        groups: groups.map(({ token, productKey: product, part, seatCount: seats }) => ({
          token,
          product,
          part,
          group: `id-of-${token}`,
          issued: seats,
          active: seats,
        })),
        kept: {},
      },
    },
  };
}

describe('A run that tries again after a problem', () => {
  test.concurrent('leaves what people were told on the deal until it gets further', () =>
    rig.withFakes({ overrides: () => ({ ensureCodeGroup: failing('lms.unauthorized') }) }, async (tenant) => {
      const id = await tenant.start();
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.waitForEvidence(() => count(tenant, 'notifyOwner') === 1);
      await tenant.console.retry(id, OPS);
      await tenant.waitForEvidence(() => count(tenant, 'ensureCodeGroup') === 2);
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.console.cancel(id, OPS);
      await tenant.resultOf(id);
      expect(written(tenant).map(({ status }) => status)).toEqual(['NeedsAttention', 'Cancelled']);
      const starts = tenant.calls.flatMap(({ activity, input }) =>
        activity === 'ensureCodeGroup' ? [(input as EnsureCodeGroupInput).start !== undefined] : [],
      );
      expect(starts).toEqual([true, false]);
    }));

  test.concurrent('edits nothing in Salesforce, which would report the edit and wake it again', () =>
    rig.withSandbox(async (tenant) => {
      const { faults, salesforce } = tenant.sandbox;
      faults.add(EVERY_MAIL_REFUSED);
      const deal = await tenant.startSalesforce();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      const stamp = () => salesforce.state.opportunity(deal.dealId).SystemModstamp;
      const isTold = () => salesforce.state.rows('Task').some(({ WhatId }) => WhatId === deal.dealId);
      await tenant.waitForEvidence(isTold);
      const [before, hitCount] = [stamp(), faults.hits.length];
      await tenant.provision(tenant.ref('salesforce', deal.dealId));
      await tenant.waitForEvidence(() => faults.hits.length > hitCount);
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      expect(stamp()).toBe(before);
      expect(salesforce.state.opportunity(deal.dealId).Dealseat_Status__c).toBe('NeedsAttention');
      await tenant.console.cancel(deal.id, OPS);
      await tenant.resultOf(deal.id);
    }));

  test.concurrent('has no more time for the same problem, however often it is woken in vain', () =>
    rig.withFakes({ deal: { closeDate: null } }, async (tenant) => {
      const id = await tenant.start();
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.provision(tenant.deal);
      await tenant.waitForEvidence(() => count(tenant, 'planDeal') === 2);
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.console.cancel(id, OPS);
      await tenant.resultOf(id);
      const { events } = await tenant.historyOf(id);
      const waits = (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
        timer
          ? [
              Number(timer.startToFireTimeout?.seconds) * 1_000 +
                Number(timer.startToFireTimeout?.nanos) / 1e6,
            ]
          : [],
      );
      expect(waits).toHaveLength(2);
      expect(waits[1]).toBeLessThan(waits[0] ?? 0);
    }));

  test.concurrent('tells the same problem once, though HubSpot names another correlation id each time', () => {
    let answers = 0;
    const refused = async (): Promise<never> => {
      answers += 1;
      throw new DealseatError({
        code: 'crm.forbidden',
        message: `HubSpot: upload file: MISSING_SCOPES (correlation id 0000-${answers})`,
      });
    };
    return rig.withFakes({ overrides: () => ({ attachRoster: refused }) }, async (tenant) => {
      const id = await tenant.start();
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.waitForEvidence(() => count(tenant, 'notifyOwner') === 1);
      await tenant.provision(tenant.deal);
      await tenant.waitForEvidence(() => answers === 2);
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.console.cancel(id, OPS);
      await tenant.resultOf(id);
      expect(written(tenant).map(({ status }) => status)).toEqual(['NeedsAttention', 'Cancelled']);
    });
  });

  test.concurrent('of a deal that was renamed leaves one roster', () =>
    rig.withSandbox(async (tenant) => {
      const { faults, hubspot } = tenant.sandbox;
      faults.add({ system: 'hubspot', method: 'POST', path: /single-email/, kind: 'status', status: 400 });
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      hubspot.state.edit('deals', deal.dealId, { dealname: 'Acme, under its right name' });
      await tenant.console.retry(deal.id, OPS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
      expect(hubspotEvidence(tenant.sandbox, deal).rosters).toEqual([codesMade(tenant.sandbox)]);
    }));
});

describe('A run whose deal somebody else delivered while it waited', () => {
  test.concurrent('undoes nothing of it', () => {
    let delivered: Plan | null = null;
    return rig.withFakes(
      {
        overrides: (going) => ({
          planDeal: async (input) => (delivered === null ? going.planDeal(input) : deliveredAs(delivered)),
          attachRoster: async (input) => {
            const receipt = await going.attachRoster(input);
            delivered = input.plan;
            return receipt;
          },
          sendMessages: failing('crm.mail_rejected'),
        }),
      },
      async (tenant) => {
        const id = await tenant.start();
        await tenant.waitForStatus(id, 'NeedsAttention');
        await tenant.provision(tenant.deal);
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
        expect(count(tenant, 'removeRoster')).toBe(0);
        expect(count(tenant, 'quarantineCodeGroup')).toBe(0);
      },
    );
  });

  test.concurrent('says nothing on the deal and undoes nothing when it is cancelled', () =>
    rig.withFakes(
      {
        overrides: () => ({
          sendMessages: failing('crm.mail_rejected'),
          isClaimedElsewhere: async () => true,
        }),
      },
      async (tenant) => {
        const id = await tenant.start();
        await tenant.waitForStatus(id, 'NeedsAttention');
        await tenant.waitForEvidence(() => count(tenant, 'notifyOwner') === 1);
        await tenant.console.cancel(id, OPS);
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Cancelled' });
        expect(count(tenant, 'removeRoster')).toBe(0);
        expect(written(tenant).map(({ status }) => status)).toEqual(['NeedsAttention']);
      },
    ));
});

describe('A run that ends before it could read the deal', () => {
  test.concurrent('by a failure says so, and leaves what an earlier delivery wrote', () =>
    rig.withFakes({ overrides: () => ({ planDeal: failing('lms.not_found') }) }, async (tenant) => {
      const { code } = await tenant.failureOf(await tenant.start());
      expect(code).toBe('lms.not_found');
      const [end] = written(tenant);
      expect(end).toMatchObject({ status: 'Failed' });
      for (const field of ['groupLabels', 'groupIds', 'rosterUrl', 'ledger'])
        expect(end).not.toHaveProperty(field);
    }));

  test.concurrent('by a cancel writes nothing', () =>
    rig.withFakes({ overrides: () => ({ planDeal: failing('crm.unavailable') }) }, async (tenant) => {
      const id = await tenant.start();
      await tenant.waitForEvidence(() => count(tenant, 'planDeal') > 0);
      await tenant.console.cancel(id, OPS);
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Cancelled' });
      expect(written(tenant)).toEqual([]);
    }));
});

describe('A message that may have gone out', () => {
  test.concurrent('keeps the run past its pivot, whatever the next attempts find', () => {
    const codes: FailureCode[] = ['crm.mail_unknown', 'crm.unauthorized'];
    return rig.withFakes(
      { overrides: () => ({ sendMessages: () => failing(codes.shift() ?? 'crm.mail_unknown')() }) },
      async (tenant) => {
        const id = await tenant.start();
        await tenant.waitForStatus(id, 'NeedsAttention');
        await tenant.console.retry(id, OPS);
        await tenant.waitForEvidence(() => codes.length === 0);
        await tenant.waitForStatus(id, 'NeedsAttention');
        await expect(tenant.console.cancel(id, OPS)).rejects.toThrow();
        expect(count(tenant, 'removeRoster')).toBe(0);
        await tenant.terminate(id);
      },
    );
  });
});

describe('A quantity that is raised while the run is at work, and told by nobody', () => {
  test.concurrent('is seen by the mark: both are delivered', () =>
    rig.withSandbox({ ti: { listingDelayMs: Number.POSITIVE_INFINITY } }, async (tenant) => {
      const { hubspot, ti } = tenant.sandbox;
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'AwaitingCodes');
      const [line] = hubspot.state.associations.linked({ object: 'deals', id: deal.dealId }, 'line_items');
      hubspot.state.edit('line_items', line?.id ?? '', { quantity: 5 });
      ti.state.options.listingDelayMs = 0;
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      expect(ti.state.groups.map(({ totalCodesCount }) => totalCodesCount)).toEqual([3, 2]);
      expect(hubspotEvidence(tenant.sandbox, deal).fields).toMatchObject({ status: 'Delivered', seats: '5' });
    }));
});
