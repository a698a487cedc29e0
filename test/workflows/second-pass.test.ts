import { describe, expect, test } from '@jest/globals';
import type {
  EnsureCodeGroupInput,
  ProvisioningActivities,
  RecordWrite,
  WriteRecordInput,
} from '../../src/contracts/activities.ts';
import { formatHold } from '../../src/domain/deal/hold.ts';
import { DealseatError, type FailureCode, problem } from '../../src/domain/failure.ts';
import { deliveredLedger } from '../../src/domain/planning/ledger-after.ts';
import type { MessageOutcome } from '../../src/domain/seats/message-outcome.ts';
import { setQuantity } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence } from '../support/evidence.ts';
import { EVERY_MAIL_REFUSED } from '../support/refused-mails.ts';
import { type FakeTenant, openRig } from '../support/rig.ts';
import type { Tenant } from '../support/tenant.ts';
import { until } from '../support/until.ts';

const rig = openRig();

const OPS = { by: 'ops', reason: 'signed by mistake' };

function failing(code: FailureCode): () => Promise<never> {
  return async () => {
    throw new DealseatError({ code, message: 'as the test wants it' });
  };
}

/** The e-mail tool says this of every message. */
function saying(is: 'refused' | 'inDoubt', code: FailureCode): ProvisioningActivities['sendMessages'] {
  const outcome: MessageOutcome = { is, problem: problem(code, 'as the test wants it') };
  return async ({ plan }) => Object.fromEntries(plan.messages.map(({ sendKey }) => [sendKey, outcome]));
}

function written({ calls }: FakeTenant): RecordWrite[] {
  return calls.flatMap(({ activity, input }) =>
    activity === 'writeRecord' ? [(input as WriteRecordInput).write] : [],
  );
}

function count({ calls }: FakeTenant, activity: keyof ProvisioningActivities): number {
  return calls.filter((call) => call.activity === activity).length;
}

/** How long the run has waited for people each time that it began to wait, in milliseconds. */
async function waitsOf(tenant: Tenant, id: string): Promise<number[]> {
  const { events } = await tenant.historyOf(id);
  return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
    timer
      ? [Number(timer.startToFireTimeout?.seconds) * 1_000 + Number(timer.startToFireTimeout?.nanos) / 1e6]
      : [],
  );
}

describe('A run that tries again after a problem', () => {
  test.concurrent('leaves what people were told on the deal until it gets further', () =>
    rig.withFakes({ overrides: () => ({ ensureCodeGroup: failing('lms.unauthorized') }) }, async (tenant) => {
      const id = await tenant.start();
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.waitForEvidence(() => count(tenant, 'notifyOwner') === 1);
      await tenant.answer(id, 'retry');
      await tenant.waitForEvidence(() => count(tenant, 'notifyOwner') === 2);
      await tenant.console.cancel(id, OPS);
      await tenant.resultOf(id);
      expect(written(tenant).map(({ status }) => status)).toEqual([
        'NeedsAttention',
        'NeedsAttention',
        'Compensating',
        'Cancelled',
      ]);
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
      const [before, waitCount] = [stamp(), (await waitsOf(tenant, deal.id)).length];
      await tenant.provision(tenant.ref('salesforce', deal.dealId));
      await until('it waits again', async () => (await waitsOf(tenant, deal.id)).length > waitCount);
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
      await until('it waits again', async () => (await waitsOf(tenant, id)).length === 2);
      await tenant.console.cancel(id, OPS);
      await tenant.resultOf(id);
      const waits = await waitsOf(tenant, id);
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
    const overrides = ({ planDeal }: ProvisioningActivities): Partial<ProvisioningActivities> => ({
      // As if the deal had changed each time that the run looks.
      planDeal: ({ seen: _, ...input }) => planDeal(input),
      attachRoster: refused,
    });
    return rig.withFakes({ overrides }, async (tenant) => {
      const id = await tenant.start();
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.waitForEvidence(() => count(tenant, 'notifyOwner') === 1);
      await tenant.provision(tenant.deal);
      await tenant.waitForEvidence(() => answers === 2);
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.console.cancel(id, OPS);
      await tenant.resultOf(id);
      expect(count(tenant, 'notifyOwner')).toBe(1);
      expect(written(tenant).map(({ status }) => status)).toEqual([
        'NeedsAttention',
        'Compensating',
        'Cancelled',
      ]);
    });
  });

  test.concurrent('of a deal that was renamed leaves one roster', () =>
    rig.withSandbox(async (tenant) => {
      const { faults, hubspot } = tenant.sandbox;
      faults.add({ system: 'hubspot', method: 'POST', path: /single-email/, kind: 'status', status: 400 });
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      hubspot.state.edit('deals', deal.dealId, { dealname: 'Acme, under its right name' });
      await tenant.answer(deal.id, 'retry');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
      expect(hubspotEvidence(tenant.sandbox, deal).rosters).toEqual([codesMade(tenant.sandbox)]);
    }));
});

describe('A run whose deal somebody else delivered while it waited', () => {
  test.concurrent('undoes nothing of it', () => {
    let deliverElsewhere = async (): Promise<unknown> => undefined;
    const overrides = (going: ProvisioningActivities): Partial<ProvisioningActivities> => ({
      attachRoster: async (input) => {
        const { deal, hold, plan, groups } = input;
        const roster = await going.attachRoster(input);
        const ledger = deliveredLedger(plan, groups, roster);
        const write = { what: 'mark', status: 'Delivered', detail: '', facts: null, ledger } as const;
        deliverElsewhere = () => going.writeRecord({ deal, hold, write });
        return roster;
      },
      sendMessages: saying('refused', 'crm.mail_rejected'),
    });
    return rig.withFakes({ overrides }, async (tenant) => {
      const id = await tenant.start();
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.waitForEvidence(() => count(tenant, 'notifyOwner') === 1);
      await deliverElsewhere();
      await tenant.provision(tenant.deal);
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(count(tenant, 'removeRoster')).toBe(0);
      expect(count(tenant, 'quarantineCodeGroup')).toBe(0);
    });
  });

  test.concurrent('says nothing on the deal and undoes nothing when it is cancelled', () =>
    rig.withSandbox(async (tenant) => {
      const { faults, hubspot } = tenant.sandbox;
      faults.add({ system: 'hubspot', method: 'POST', path: /single-email/, kind: 'status', status: 400 });
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, deal).tasks.length === 1);
      hubspot.state.edit('deals', deal.dealId, {
        dealseat_claim: formatHold({
          deployment: 'default/another-server',
          run: 'run-of-other',
          at: new Date().toISOString(),
          isDone: true,
        }),
      });
      const before = hubspotEvidence(tenant.sandbox, deal);
      expect(before.rosters).toEqual([codesMade(tenant.sandbox)]);
      await tenant.console.cancel(deal.id, OPS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Cancelled' });
      const { undone } = await tenant.console.progress(deal.id);
      expect(undone.map(({ outcome }) => outcome)).toEqual(['kept', 'kept']);
      expect(hubspotEvidence(tenant.sandbox, deal)).toEqual(before);
    }));
});

describe('A run that ends before it could read the deal', () => {
  test.concurrent('by a failure says so, and leaves what an earlier delivery wrote', () =>
    rig.withFakes({ overrides: () => ({ planDeal: failing('lms.not_found') }) }, async (tenant) => {
      const { code } = await tenant.failureOf(await tenant.start());
      expect(code).toBe('lms.not_found');
      const [end, ...more] = written(tenant);
      expect(end).toEqual({ what: 'end', status: 'Failed', detail: expect.any(String), facts: null });
      expect(more).toEqual([]);
    }));

  test.concurrent('by a cancel notes which closing was stopped, once the deal can be read', () => {
    let isAway = true;
    const overrides = ({ planDeal }: ProvisioningActivities): Partial<ProvisioningActivities> => ({
      planDeal: (input) => (isAway ? failing('crm.unavailable')() : planDeal(input)),
    });
    return rig.withFakes({ overrides }, async (tenant) => {
      const id = await tenant.start();
      await tenant.waitForEvidence(() => count(tenant, 'planDeal') > 0);
      await tenant.console.cancel(id, OPS);
      await tenant.waitForStatus(id, 'Compensating');
      expect(written(tenant)).toEqual([]);
      isAway = false;
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Cancelled' });
      expect(written(tenant)).toMatchObject([
        { what: 'end', status: 'Cancelled', facts: null, stopped: { by: 'ops', wonAt: expect.any(String) } },
      ]);
    });
  });
});

describe('A message that may have gone out', () => {
  test.concurrent('keeps the run past its pivot, whatever the next attempts find', () => {
    const attempts = [saying('inDoubt', 'crm.mail_unknown'), failing('crm.unauthorized')];
    const overrides = (): Partial<ProvisioningActivities> => ({
      sendMessages: (input) => (attempts.shift() ?? saying('inDoubt', 'crm.mail_unknown'))(input),
    });
    return rig.withFakes({ overrides }, async (tenant) => {
      const id = await tenant.start();
      await tenant.answer(id, 'retry');
      await tenant.waitForProgress(id, ({ problems }) => problems[0]?.code === 'crm.unauthorized');
      await expect(tenant.console.cancel(id, OPS)).rejects.toMatchObject({
        cause: { message: expect.stringContaining('may be with people already') },
      });
      expect(count(tenant, 'removeRoster')).toBe(0);
      await tenant.terminate(id);
    });
  });
});

describe('A quantity that is raised while the run is at work, and told by nobody', () => {
  test.concurrent('is seen by the look after the mark: both are delivered', () =>
    rig.withSandbox({ ti: { listingDelayMs: Number.POSITIVE_INFINITY } }, async (tenant) => {
      const { ti } = tenant.sandbox;
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'AwaitingCodes');
      setQuantity(tenant, deal, 5);
      ti.state.options.listingDelayMs = 0;
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      expect(ti.state.groups.map(({ totalCodesCount }) => totalCodesCount)).toEqual([3, 2]);
      expect(hubspotEvidence(tenant.sandbox, deal).fields).toMatchObject({ status: 'Delivered', seats: '5' });
    }));
});
