import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import type { Policy } from '../../src/contracts/policy.ts';
import { codesMade, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant } from '../support/sandbox-tenant.ts';

const rig = openRig();

/** Steps give up soon, and the probe asks often enough for a test. */
const SHORT: Partial<Policy> = { readTotalMs: 1_500, writeTotalMs: 1_500, pollDeadlineMs: 1_500 };
const BY_SALES = { by: 'sales ops', reason: 'the customer withdrew' };

type System = Fault['system'];

function goesAway({ sandbox }: SandboxTenant, system: System, since: Partial<Fault> = {}): void {
  const away = { kind: 'status', status: 503, times: Number.POSITIVE_INFINITY } as const;
  sandbox.faults.add({ system, ...away, ...since });
}

function pings({ sandbox }: SandboxTenant): number {
  return sandbox.exchanges.filter(({ system, path }) => system === 'ti' && path.endsWith('/ping')).length;
}

// One after another: the runs of a task queue share the probe of the platform.
describe('A run whose system stays away longer than a step is repeated', () => {
  test('waits for the platform with nothing undone, says so on the deal, and is delivered by itself', () =>
    rig.withSandbox({ policy: SHORT }, async (tenant) => {
      const { faults, ti } = tenant.sandbox;
      goesAway(tenant, 'ti', { method: 'GET', path: /\/codes$/ });
      goesAway(tenant, 'ti', { path: /\/ping$/ });
      const deal = await tenant.startHubSpot();
      const { problems, step, undone } = await tenant.waitForStatus(deal.id, 'NeedsAttention');
      expect(problems).toMatchObject([{ code: 'lms.unavailable' }]);
      expect(step).toBe('Waiting until the learning platform answers again');
      expect(undone).toEqual([]);
      await tenant.waitForEvidence(
        () => hubspotEvidence(tenant.sandbox, deal).fields.status === 'NeedsAttention',
      );
      faults.clear();
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(ti.state.groups).toHaveLength(1);
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen.mailedTo).toHaveLength(1);
      expect(seen.openTasks).toEqual(['Dealseat: 3 seats delivered']);
    }));

  test('twenty deals wait for one probe, and each is delivered once when it is answered', () =>
    rig.withSandbox({ policy: SHORT }, async (tenant) => {
      const { faults, ti } = tenant.sandbox;
      goesAway(tenant, 'ti');
      const deals = await Promise.all(Array.from({ length: 20 }, () => tenant.startHubSpot()));
      for (const { id } of deals) await tenant.waitForStatus(id, 'NeedsAttention');
      const before = tenant.sandbox.exchanges.length;
      const pinged = pings(tenant);
      await tenant.waitForEvidence(() => pings(tenant) >= pinged + 2);
      const asked = tenant.sandbox.exchanges.slice(before).filter(({ system }) => system === 'ti');
      // Nothing but the probe reaches the platform.
      expect(asked.filter(({ path }) => !path.endsWith('/ping'))).toEqual([]);
      expect(asked.length).toBeLessThan(10);
      faults.clear();
      for (const { id } of deals) expect((await tenant.resultOf(id)).status).toBe('Delivered');
      expect(ti.state.groups).toHaveLength(20);
      expect(codesMade(tenant.sandbox)).toHaveLength(60);
    }));

  test('a create whose answer was lost before the platform went away makes no second group', () =>
    rig.withSandbox({ policy: SHORT, ti: { indexDelayMs: 2_500 } }, async (tenant) => {
      const { faults, ti } = tenant.sandbox;
      faults.add({ system: 'ti', method: 'POST', path: /\/redemptionCodes$/, kind: 'dropAfterCommit' });
      goesAway(tenant, 'ti', { method: 'GET', path: /\/redemptionCodes$/, after: 1 });
      goesAway(tenant, 'ti', { path: /\/ping$/, times: 3 });
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      faults.clear();
      const { question } = await tenant.console.progress(deal.id);
      if (question !== null) await tenant.answer(deal.id, 'retry').catch(() => undefined);
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(ti.state.groups).toHaveLength(1);
    }));

  test('is undone when a person cancels it meanwhile', () =>
    rig.withSandbox({ policy: SHORT }, async (tenant) => {
      const { faults, ti } = tenant.sandbox;
      goesAway(tenant, 'ti', { method: 'GET', path: /\/codes$/ });
      goesAway(tenant, 'ti', { path: /\/ping$/ });
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      await tenant.console.cancel(deal.id, BY_SALES);
      await tenant.waitForStatus(deal.id, 'Cancelled');
      faults.clear();
      expect(ti.state.groups).toHaveLength(1);
      expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('Cancelled');
      expect(hubspotEvidence(tenant.sandbox, deal).tasks.join()).toContain('made and not handed out');
    }));

  test('is undone at the deadline, and what it waited for is said', () =>
    rig.withSandbox({ policy: { ...SHORT, attentionDeadlineMs: 2_000 } }, async (tenant) => {
      goesAway(tenant, 'ti');
      const deal = await tenant.startHubSpot();
      const { code, message } = await tenant.failureOf(deal.id);
      expect(code).toBe('run.attention_expired');
      expect(message).toContain('Still open:');
      tenant.sandbox.faults.clear();
    }));
});

describe('A run whose CRM stays away', () => {
  test.concurrent('before the deal is read asks the CRM nothing but the one probe, and goes on when it is answered', () =>
    rig.withSandbox({ policy: SHORT }, async (tenant) => {
      goesAway(tenant, 'hubspot');
      const deal = await tenant.startHubSpot();
      const { problems } = await tenant.waitForStatus(deal.id, 'NeedsAttention');
      expect(problems).toMatchObject([{ code: 'crm.unavailable' }]);
      tenant.sandbox.faults.clear();
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
      expect(codesMade(tenant.sandbox)).toHaveLength(3);
    }));

  test.concurrent('while the mail is on its way sends it once', () =>
    rig.withSandbox({ policy: SHORT }, async (tenant) => {
      const { faults } = tenant.sandbox;
      const path = /\/actions\/standard\/emailSimple$/;
      faults.add({ system: 'salesforce', method: 'POST', path, kind: 'dropAfterCommit' });
      const isSending = () => faults.hits.length > 0;
      goesAway(tenant, 'salesforce', { when: isSending });
      const deal = await tenant.startSalesforce();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      faults.clear();
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
      expect(salesforceEvidence(tenant.sandbox, deal).mailedTo).toHaveLength(1);
    }));

  test.concurrent('before the mark is written is marked when it is back', () =>
    rig.withSandbox({ policy: SHORT }, async (tenant) => {
      const { faults } = tenant.sandbox;
      const isMailed = () => tenant.sandbox.outbox.mails.length > 0;
      goesAway(tenant, 'hubspot', { when: isMailed });
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      faults.clear();
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered' });
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen).toMatchObject({ fields: { status: 'Delivered' } });
      expect(seen.mailedTo).toHaveLength(1);
    }));
});
