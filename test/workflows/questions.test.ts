import { describe, expect, test } from '@jest/globals';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { delivered, setQuantity, setStage } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

const BOSS = { by: 'boss', reason: 'signed off' };
const approveAbove =
  (seats: number) =>
  (catalog: Catalog): Catalog => ({ ...catalog, approveAboveSeats: seats });

const lines = (quantity: number) => [{ sku: 'LEAD-101', name: 'Leadership Essentials', quantity }];

/** What the run answers to a message that it refuses. */
const refusal = (words: string) => ({ cause: { message: expect.stringContaining(words) } });

/** The id of what the run asks, once it asks something of this kind that is not `other`. */
async function asked(tenant: SandboxTenant, id: string, kind: string, other = ''): Promise<string> {
  const { question } = await tenant.waitForProgress(
    id,
    (progress) => progress.question?.kind === kind && progress.question.id !== other,
  );
  return question?.id ?? '';
}

function openTasks({ sandbox }: SandboxTenant, { dealId }: StartedDeal): string[] {
  return sandbox.hubspot.state
    .engagementsOf('tasks', { object: 'deals', id: dealId })
    .filter(({ properties }) => properties.hs_task_status !== 'COMPLETED')
    .map(({ properties }) => `${properties.hs_task_priority} ${properties.hs_task_subject}`);
}

describe('An answer', () => {
  test.concurrent('to six seats does not let six hundred through', () =>
    rig.withSandbox({ catalog: approveAbove(5) }, async (tenant) => {
      const deal = await tenant.startHubSpot({ lineItems: lines(6) });
      const six = await asked(tenant, deal.id, 'approval');
      setQuantity(tenant, deal, 600);
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const many = await asked(tenant, deal.id, 'approval', six);
      await expect(tenant.console.approve(deal.id, { ...BOSS, question: six })).rejects.toMatchObject(
        refusal(many),
      );
      expect(codesMade(tenant.sandbox)).toHaveLength(0);
      await tenant.console.reject(deal.id, { ...BOSS, question: many });
      await tenant.resultOf(deal.id);
      expect(codesMade(tenant.sandbox)).toHaveLength(0);
    }));

  test.concurrent('about more seats never takes seats away', () =>
    rig.withSandbox({ catalog: approveAbove(9) }, async (tenant) => {
      const deal = await delivered(tenant, { lineItems: lines(4) });
      setQuantity(tenant, deal, 14);
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const more = await asked(tenant, deal.id, 'approval');
      setStage(tenant, deal, 'appointmentscheduled');
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const fewer = await asked(tenant, deal.id, 'withdrawal');
      await expect(tenant.console.approve(deal.id, { ...BOSS, question: more })).rejects.toMatchObject(
        refusal('withdraw'),
      );
      await expect(tenant.console.approve(deal.id, { ...BOSS, question: fewer })).rejects.toMatchObject(
        refusal('withdraw'),
      );
      expect(hubspotEvidence(tenant.sandbox, deal).rosters.flat()).toHaveLength(4);
      await tenant.console.keep(deal.id, { ...BOSS, question: fewer });
      await tenant.resultOf(deal.id);
      expect(hubspotEvidence(tenant.sandbox, deal).rosters.flat()).toHaveLength(4);
    }));

  test.concurrent('without a name or a reason is refused, whoever sends it', () =>
    rig.withSandbox({ catalog: approveAbove(1) }, async (tenant) => {
      const deal = await tenant.startHubSpot();
      const question = await asked(tenant, deal.id, 'approval');
      await expect(
        tenant.console.approve(deal.id, { question, by: 'boss', reason: ' ' }),
      ).rejects.toMatchObject(refusal('"reason"'));
      await expect(tenant.console.cancel(deal.id, 'x' as never)).rejects.toMatchObject(refusal('"by"'));
      await tenant.console.reject(deal.id, { ...BOSS, question });
      await tenant.resultOf(deal.id);
    }));
});

describe('Tasks', () => {
  test.concurrent('ask each time anew, and only the last question stands open', () =>
    rig.withSandbox({ catalog: approveAbove(9) }, async (tenant) => {
      const deal = await delivered(tenant, { lineItems: lines(5) });
      expect(openTasks(tenant, deal)).toEqual([]);
      setQuantity(tenant, deal, 15);
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const ten = await asked(tenant, deal.id, 'approval');
      await tenant.waitForEvidence(() =>
        openTasks(tenant, deal).includes('HIGH Dealseat waits for approval'),
      );
      await tenant.console.approve(deal.id, { ...BOSS, question: ten });
      await tenant.resultOf(deal.id);
      expect(openTasks(tenant, deal)).toEqual(['LOW Dealseat: 15 seats delivered (10 of them new)']);

      setQuantity(tenant, deal, 25);
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const tenMore = await asked(tenant, deal.id, 'approval', ten);
      await tenant.waitForEvidence(() =>
        openTasks(tenant, deal).includes('HIGH Dealseat waits for approval'),
      );
      await tenant.console.reject(deal.id, { ...BOSS, question: tenMore });
      await tenant.resultOf(deal.id);
      const { tasks } = hubspotEvidence(tenant.sandbox, deal);
      expect(tasks.filter((subject) => subject === 'Dealseat waits for approval')).toHaveLength(2);
      expect(openTasks(tenant, deal)).not.toContain('HIGH Dealseat waits for approval');
    }));

  test.concurrent('that ask for a group to be expired are closed when the group is used after all', () =>
    rig.withSandbox({ ti: { codesPath: null } }, async (tenant) => {
      const deal = await tenant.startHubSpot();
      await asked(tenant, deal.id, 'help');
      await tenant.console.cancel(deal.id, BOSS);
      await tenant.resultOf(deal.id);
      expect(openTasks(tenant, deal)).toEqual(['HIGH Dealseat: unused code group, please expire']);

      tenant.sandbox.ti.state.options.codesPath = '/redemptionCodes/{groupId}/codes';
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
      expect(openTasks(tenant, deal)).toEqual(['LOW Dealseat: 3 seats delivered']);
    }));

  test.concurrent('are not all: a deal that cannot be read says so, though another run delivered it before', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      tenant.sandbox.faults.add({
        system: 'hubspot',
        method: 'GET',
        path: /\/objects\/(0-3|deals)\/\d+$/,
        kind: 'status',
        status: 400,
        body: { status: 'error', category: 'VALIDATION_ERROR', message: 'refused by a rule' },
      });
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const question = await asked(tenant, deal.id, 'help');
      const isTold = () => hubspotEvidence(tenant.sandbox, deal).fields.status === 'NeedsAttention';
      await tenant.waitForEvidence(isTold, 30_000);
      await tenant.console.retry(deal.id, { ...BOSS, question });
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(openTasks(tenant, deal)).toEqual([]);
    }));

  test.concurrent('of a run that nobody helped name what is still open', () =>
    rig.withSandbox({ policy: { attentionDeadlineMs: 1_500 } }, async (tenant) => {
      const deal = await tenant.startHubSpot({ lineItems: [] });
      const failure = await tenant.failureOf(deal.id);
      expect(failure.code).toBe('run.attention_expired');
      expect(failure.message).toContain('has no line items');
      expect(hubspotEvidence(tenant.sandbox, deal).fields.detail).toContain('has no line items');
      expect(openTasks(tenant, deal)).toEqual(['HIGH Dealseat could not provision this deal']);
    }));
});

describe('What only an admin can fix', () => {
  const MISSING_SCOPES = {
    system: 'hubspot',
    method: 'POST',
    path: /\/files\/v3\/files$/,
    kind: 'status',
    status: 403,
    body: { status: 'error', category: 'MISSING_SCOPES', message: 'scopes' },
  } as const;

  test.concurrent('alerts the operators once for all deals, makes no task, and says when it is over', () =>
    rig.withSandbox(async (tenant) => {
      const { faults } = tenant.sandbox;
      const alerts = rig.alertsOf(tenant.ref('hubspot', '1').account);
      faults.add({ ...MISSING_SCOPES, times: 1_000 });
      const deals = [await tenant.startHubSpot(), await tenant.startHubSpot()];
      for (const { id } of deals) await tenant.waitForStatus(id, 'NeedsAttention');
      const states = () => alerts.map(({ state }) => state);
      await tenant.waitForEvidence(() => states().includes('repeated'), 30_000);
      expect(states().filter((state) => state === 'raised')).toHaveLength(1);
      expect(alerts[0]?.subject).toMatch(/^Dealseat: 2 deals wait: The CRM user or token lacks/);
      for (const deal of deals) {
        const { detail } = hubspotEvidence(tenant.sandbox, deal).fields;
        expect(detail).toContain('Held up: Dealseat lacks a permission in the CRM.');
        expect(detail).toMatch(/Your Dealseat administrator has been informed on .* UTC/);
        expect(detail).toContain('Your 3 codes are made and safe.');
        expect(openTasks(tenant, deal)).toEqual([]);
      }
      faults.clear();
      for (const { id } of deals) await tenant.answer(id, 'retry');
      for (const { id } of deals) expect((await tenant.resultOf(id)).status).toBe('Delivered');
      await tenant.waitForEvidence(() => states().includes('resolved'), 30_000);
      expect(states().filter((state) => state === 'raised')).toHaveLength(1);
      const [first] = deals;
      const { detail } = first ? hubspotEvidence(tenant.sandbox, first).fields : {};
      expect(detail).toMatch(
        /^3 seats for .*: (e-mailed|handed to the CRM for sending) to [A-Z]\w+ \w+ on .* UTC\./,
      );
    }));

  test.concurrent('is put on a task for the owner while nobody can be alerted', () =>
    rig.withSandbox(async (tenant) => {
      tenant.sandbox.faults.add({ ...MISSING_SCOPES, times: 1_000 });
      const deal = await tenant.startHubSpot();
      await tenant.waitForStatus(deal.id, 'NeedsAttention');
      await tenant.waitForEvidence(() => openTasks(tenant, deal).length > 0);
      const [text] = hubspotEvidence(tenant.sandbox, deal).taskTexts;
      expect(text).toContain('Ask your Dealseat administrator to look at it.');
      await tenant.console.cancel(deal.id, BOSS);
      await tenant.resultOf(deal.id);
    }));
});
