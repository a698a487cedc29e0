import { describe, expect, test } from '@jest/globals';
import { MISSING_SCOPE_TO_WRITE_DEALS } from '../../sandbox/hubspot/refusals.ts';
import { refusedEdit, VALIDATION_RULE } from '../../sandbox/salesforce/refusals.ts';
import { hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

const HELP = 'Dealseat needs your help with this deal';

/** A rule of the org refuses every edit of an opportunity that is won. */
function refuseEdits({ sandbox }: SandboxTenant, refusal: ReturnType<typeof refusedEdit>): void {
  sandbox.faults.add({
    ...refusal,
    system: 'salesforce',
    method: 'PATCH',
    path: /\/sobjects\/Opportunity\//,
    times: Number.POSITIVE_INFINITY,
  });
}

function refuseTasks({ sandbox }: SandboxTenant): void {
  sandbox.faults.add({
    system: 'salesforce',
    method: 'POST',
    path: /\/sobjects\/Task/,
    kind: 'status',
    status: 403,
    body: [{ errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY', message: 'no tasks for this user', fields: [] }],
    times: Number.POSITIVE_INFINITY,
  });
}

async function askedBy(tenant: SandboxTenant, deal: StartedDeal): Promise<string> {
  const { sandbox } = tenant;
  await tenant.waitForEvidence(() => salesforceEvidence(sandbox, deal).openTasks.includes(HELP));
  return salesforceEvidence(sandbox, deal).taskTexts.join('\n');
}

describe('A CRM that does not let Dealseat write on the deal', () => {
  test.concurrent('a validation rule forbids edits of won opportunities -> the owner gets a task that quotes the rule, and the deal goes on when the rule exempts Dealseat', () =>
    rig.withSandbox(async (tenant) => {
      refuseEdits(tenant, VALIDATION_RULE);
      const deal = await tenant.startSalesforce();
      expect(await askedBy(tenant, deal)).toContain('Won opportunities cannot be edited.');
      const { warnings } = await tenant.waitForProgress(deal.id, (seen) => seen.warnings.length > 0);
      expect(warnings.join('\n')).toContain('crm.invalid_request');
      tenant.sandbox.faults.clear();
      await tenant.answer(deal.id, 'retry');
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(salesforceEvidence(tenant.sandbox, deal).openTasks).not.toContain(HELP);
    }));

  test.concurrent('an approval process locks the opportunity -> the owner gets a task that says the record is locked', () =>
    rig.withSandbox(async (tenant) => {
      const words = 'the entity is locked for editing';
      refuseEdits(tenant, refusedEdit('ENTITY_IS_LOCKED', words));
      const deal = await tenant.startSalesforce();
      expect(await askedBy(tenant, deal)).toContain(words);
      tenant.sandbox.faults.clear();
      await tenant.answer(deal.id, 'retry');
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    }));

  test.concurrent('no one mends it before the deadline -> the task about the failed run is made, though the deal still cannot be written', () =>
    rig.withSandbox({ policy: { attentionDeadlineMs: 1_500 } }, async (tenant) => {
      refuseEdits(tenant, VALIDATION_RULE);
      const deal = await tenant.startSalesforce();
      expect((await tenant.failureOf(deal.id)).code).toBe('run.attention_expired');
      expect(salesforceEvidence(tenant.sandbox, deal).openTasks).toContain(
        'Dealseat could not provision this deal',
      );
    }));

  test.concurrent('the HubSpot token may not write deals -> the owner gets a task that names the scope', () =>
    rig.withSandbox(async (tenant) => {
      tenant.sandbox.faults.add({
        ...MISSING_SCOPE_TO_WRITE_DEALS,
        system: 'hubspot',
        method: 'PATCH',
        path: /\/objects\/(0-3|deals)\//,
        times: Number.POSITIVE_INFINITY,
      });
      const deal = await tenant.startHubSpot();
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, deal).openTasks.includes(HELP));
      expect(hubspotEvidence(tenant.sandbox, deal).taskTexts.join('\n')).toContain('crm.objects.deals.write');
      tenant.sandbox.faults.clear();
      await tenant.answer(deal.id, 'retry');
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    }));

  test.concurrent('neither the deal nor a task can be written -> those who run Dealseat are alarmed and alerted, and the run says both reasons', () =>
    rig.withSandbox(async (tenant) => {
      const before = rig.untold();
      const alerts = rig.alertsOf(tenant.ref('salesforce', '1').account);
      refuseEdits(tenant, refusedEdit('ENTITY_IS_LOCKED', 'the entity is locked for editing'));
      refuseTasks(tenant);
      const deal = await tenant.startSalesforce();
      const { warnings } = await tenant.waitForProgress(deal.id, (seen) => seen.warnings.length > 1);
      await tenant.waitForEvidence(() => rig.untold() > before);
      expect(warnings.join('\n')).toMatch(/crm\.invalid_request[\s\S]*crm\.forbidden/);
      // It is about the task, which is not what the run itself waits for.
      await tenant.waitForEvidence(() => alerts.some(({ text }) => text.includes('crm.forbidden')));
      tenant.sandbox.faults.clear();
      await tenant.answer(deal.id, 'retry');
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    }));

  test.concurrent('the task cannot be made, but the deal can be written -> the deal itself says what to do, and no alarm is raised for it', () =>
    rig.withSandbox(async (tenant) => {
      refuseTasks(tenant);
      const deal = await tenant.startSalesforce({ lineItems: [] });
      await tenant.waitForEvidence(
        () => salesforceEvidence(tenant.sandbox, deal).fields.status === 'NeedsAttention',
      );
      expect(salesforceEvidence(tenant.sandbox, deal).fields.detail).toContain('no line items');
      // The problem and its cure are two sentences, each with one full stop.
      expect(salesforceEvidence(tenant.sandbox, deal).fields.detail).not.toContain('..');
      tenant.sandbox.faults.clear();
      await tenant.console.cancel(deal.id, { by: 'sales ops', reason: 'seen' });
      await tenant.resultOf(deal.id);
    }));
});

describe('A step that fails again and again', () => {
  /** Their ids, where the deal itself names none, or the lines. */
  const READING_OF_LINES = /line_items(\/batch\/read)?$/;
  const forLong = { status: 503, times: Number.POSITIVE_INFINITY, kind: 'status' } as const;

  test.concurrent('the learning platform is down for minutes -> the deal says what is being repeated and why, no task is made, and the text goes away when it works again', () =>
    rig.withSandbox(async (tenant) => {
      tenant.sandbox.faults.add({ system: 'ti', ...forLong });
      const deal = await tenant.startHubSpot();
      const detail = () => hubspotEvidence(tenant.sandbox, deal).fields.detail ?? '';
      await tenant.waitForEvidence(() => detail().includes('keeps trying'));
      expect(detail()).toContain('the learning platform does not answer');
      expect(hubspotEvidence(tenant.sandbox, deal).tasks).toEqual([]);
      tenant.sandbox.faults.clear();
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(detail()).not.toContain('keeps trying');
    }));

  test.concurrent('the lines of a won deal cannot be read for minutes -> the deal says so, and nothing else is written on it', () =>
    rig.withSandbox(async (tenant) => {
      const { sandbox } = tenant;
      sandbox.faults.add({ system: 'hubspot', path: READING_OF_LINES, ...forLong });
      const dealId = sandbox.hubspot.state.createDeal({
        lineItems: [{ sku: 'LEAD-101', name: 'Leadership Essentials', quantity: 3 }],
        contacts: [{ id: '6001', labels: ['Buyer'] }],
      });
      const deal = { dealId, id: await tenant.report(tenant.ref('hubspot', dealId)) };
      await tenant.waitForEvidence(() => 'detail' in hubspotEvidence(sandbox, deal).fields);
      expect(Object.keys(hubspotEvidence(sandbox, deal).fields)).toEqual(['detail']);
      expect(hubspotEvidence(sandbox, deal).fields.detail).toContain('the CRM does not answer');
      sandbox.faults.clear();
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(hubspotEvidence(sandbox, deal).fields.detail).not.toContain('keeps trying');
    }));

  test.concurrent('a delivered deal cannot be read again for minutes -> what it says of its delivery stays', () =>
    rig.withSandbox(async (tenant) => {
      const { sandbox } = tenant;
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      const before = hubspotEvidence(sandbox, deal).fields;
      sandbox.faults.add({ system: 'hubspot', path: READING_OF_LINES, ...forLong });
      const id = await tenant.report(tenant.ref('hubspot', deal.dealId));
      await tenant.waitForEvidence(() => sandbox.faults.hits.length > 10);
      sandbox.faults.clear();
      await tenant.resultOf(id);
      expect(hubspotEvidence(sandbox, deal).fields.detail).toBe(before.detail);
    }));

  test.concurrent('the lines of a deal that turns out not to be won cannot be read for minutes -> the text is taken away, and nothing is left on the deal', () =>
    rig.withSandbox(async (tenant) => {
      const { sandbox } = tenant;
      sandbox.faults.add({ system: 'hubspot', path: READING_OF_LINES, ...forLong });
      const dealId = sandbox.hubspot.state.createDeal({
        stage: 'closedlost',
        contacts: [{ id: '6001', labels: ['Buyer'] }],
      });
      const deal = { dealId, id: await tenant.report(tenant.ref('hubspot', dealId)) };
      await tenant.waitForEvidence(() => 'detail' in hubspotEvidence(sandbox, deal).fields);
      sandbox.faults.clear();
      expect((await tenant.resultOf(deal.id)).status).toBe('Skipped');
      expect(Object.values(hubspotEvidence(sandbox, deal).fields).join('')).toBe('');
    }));

  test.concurrent('the same in Salesforce -> the text is taken away', () =>
    rig.withSandbox(async (tenant) => {
      const { sandbox } = tenant;
      const dealId = sandbox.salesforce.state.createOpportunity({
        name: 'Lost',
        stageName: 'Closed Lost',
        closeDate: '2026-11-20',
      });
      sandbox.faults.add({ system: 'salesforce', path: /\/query$/, ...forLong, times: 9 });
      const deal = { dealId, id: await tenant.report(tenant.ref('salesforce', dealId)) };
      expect((await tenant.resultOf(deal.id)).status).toBe('Skipped');
      expect(sandbox.faults.hits).toHaveLength(9);
      expect(Object.values(salesforceEvidence(sandbox, deal).fields).join('')).toBe('');
    }));

  test.concurrent('a deal whose owner was asked for help cannot be read again for minutes -> what it asks for stays on it', () =>
    rig.withSandbox({ policy: { lookAgainMs: 300 } }, async (tenant) => {
      const { sandbox } = tenant;
      const deal = await tenant.startHubSpot({ lineItems: [] });
      const detail = () => hubspotEvidence(sandbox, deal).fields.detail ?? '';
      await tenant.waitForEvidence(() => detail().includes('no line items'));
      sandbox.faults.add({ system: 'hubspot', path: READING_OF_LINES, ...forLong });
      await tenant.waitForEvidence(() => sandbox.faults.hits.length > 10);
      expect(detail()).toContain('no line items');
      sandbox.faults.clear();
      await tenant.console.cancel(deal.id, { by: 'sales ops', reason: 'seen' });
      await tenant.resultOf(deal.id);
    }));
});
