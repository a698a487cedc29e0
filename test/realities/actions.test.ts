import { describe, expect, test } from '@jest/globals';
import { MISSING_SCOPE_TO_WRITE_DEALS } from '../../sandbox/hubspot/refusals.ts';
import { VALIDATION_RULE } from '../../sandbox/salesforce/refusals.ts';
import type { Action, Approvers } from '../../src/domain/deal/action.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { codesMade, hubspotEvidence, salesforceEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

const ANA = 4801;
const MAX = 4802;

function limited(approvers?: Approvers) {
  const catalog = (example: Catalog): Catalog => ({
    ...example,
    approveAboveSeats: 2,
    ...(approvers && { approvers }),
  });
  return { catalog };
}

/** Sets the field as a user of HubSpot does, and tells of it as its webhook would. */
async function actInHubSpot(
  tenant: SandboxTenant,
  { dealId }: StartedDeal,
  action: Action,
  { by = ANA, isReported = true }: { readonly by?: number | 'workflow'; readonly isReported?: boolean } = {},
): Promise<void> {
  const { state } = tenant.sandbox.hubspot;
  if (state.owners.findByUserId(String(ANA)) === undefined) {
    const common = { archived: false, createdAt: state.now() };
    const finance = [{ id: '1', name: 'Finance', primary: true }];
    const ana = { firstName: 'Ana', lastName: 'Ruiz', email: 'ana@vendor.example', teams: finance };
    state.owners.add({ ...common, ...ana, id: '8801', userId: ANA });
    const max = { firstName: 'Max', lastName: 'Rep', email: 'max@vendor.example' };
    state.owners.add({ ...common, ...max, id: '8802', userId: MAX });
  }
  state.edit('deals', dealId, { dealseat_action: action }, { by });
  if (isReported) await tenant.report(tenant.ref('hubspot', dealId));
}

async function actInSalesforce(
  tenant: SandboxTenant,
  { dealId }: StartedDeal,
  action: Action,
  by = { email: 'ana@vendor.example', firstName: 'Ana', lastName: 'Ruiz', role: 'Finance' },
): Promise<void> {
  tenant.sandbox.salesforce.state.act(dealId, action, by);
  await tenant.report(tenant.ref('salesforce', dealId));
}

const inHubSpot = ({ sandbox }: SandboxTenant, deal: StartedDeal) => hubspotEvidence(sandbox, deal).fields;
const inSalesforce = ({ sandbox }: SandboxTenant, deal: StartedDeal) =>
  salesforceEvidence(sandbox, deal).fields;

type Fields = typeof inHubSpot;

/** Waits until the deal shows the text, and the action is off it. */
async function answered(
  tenant: SandboxTenant,
  deal: StartedDeal,
  text: string,
  fieldsOf: Fields = inHubSpot,
): Promise<string> {
  await tenant.waitForEvidence(() => {
    const { action, detail = '' } = fieldsOf(tenant, deal);
    return !action && detail.includes(text);
  });
  return fieldsOf(tenant, deal).detail ?? '';
}

async function shown(
  tenant: SandboxTenant,
  deal: StartedDeal,
  fieldsOf: Fields = inHubSpot,
): Promise<string> {
  await tenant.waitForEvidence(() => fieldsOf(tenant, deal).status === 'NeedsAttention');
  return fieldsOf(tenant, deal).detail ?? '';
}

async function stop(tenant: SandboxTenant, { id }: StartedDeal): Promise<void> {
  await tenant.console.cancel(id, { by: 'test', reason: 'seen' });
  await tenant.resultOf(id);
}

describe('People act on a deal with the field Dealseat action', () => {
  test.concurrent('seats wait for approval and a user of HubSpot sets Approve -> the seats are made, and the task says who approved when', () =>
    rig.withSandbox(limited(), async (tenant) => {
      const deal = await tenant.startHubSpot();
      expect(await shown(tenant, deal)).toMatch(
        /Set "Dealseat action" to "Approve" or "Reject" by \d+ \w{3} \d{4}\./,
      );
      await actInHubSpot(tenant, deal, 'Approve');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(inHubSpot(tenant, deal).action).toBeUndefined();
      const { actions } = await tenant.console.progress(deal.id);
      expect(actions).toEqual([
        expect.stringMatching(/^Approved by Ana Ruiz on \d+ \w{3} \d{4} at \d\d:\d\d UTC$/),
      ]);
      expect(hubspotEvidence(tenant.sandbox, deal).taskTexts.join('\n')).toContain('Approved by Ana Ruiz on');
    }));

  test.concurrent('seats wait for approval and a user of Salesforce sets Reject -> no seats are made, and the opportunity says who rejected them', () =>
    rig.withSandbox(limited(), async (tenant) => {
      const deal = await tenant.startSalesforce();
      expect(await shown(tenant, deal, inSalesforce)).toContain('to "Approve" or "Reject"');
      await actInSalesforce(tenant, deal, 'Reject');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ code: 'approval.rejected' });
      expect(inSalesforce(tenant, deal)).toMatchObject({ status: 'Skipped' });
      expect(inSalesforce(tenant, deal).detail).toMatch(
        /^Rejected by Ana Ruiz on \d+ \w{3} \d{4}: set on the deal on \d+ \w{3} \d{4} at \d\d:\d\d UTC\.$/,
      );
      expect(codesMade(tenant.sandbox)).toEqual([]);
    }));

  test.concurrent('the event of the action is lost -> the sweep finds the deal and the action is carried out', () =>
    rig.withSandbox(limited(), async (tenant) => {
      const deal = await tenant.startHubSpot();
      await shown(tenant, deal);
      await actInHubSpot(tenant, deal, 'Approve', { isReported: false });
      await tenant.report(tenant.ref('hubspot', deal.dealId), 'sweep');
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    }));

  test.concurrent('the quantity was raised between the question and Approve -> nothing is approved, and the deal asks anew and says so', () =>
    rig.withSandbox(limited(), async (tenant) => {
      const deal = await tenant.startHubSpot();
      await shown(tenant, deal);
      tenant.sandbox.hubspot.state.addLineItem(deal.dealId, { sku: 'LEAD-101', quantity: 600 });
      await actInHubSpot(tenant, deal, 'Approve');
      const text = await answered(tenant, deal, '603 seats need approval');
      expect(text).toMatch(
        /^Dealseat action "Approve", set by Ana Ruiz on .*: It was set before Dealseat asked this\./,
      );
      expect(codesMade(tenant.sandbox)).toEqual([]);
      await actInHubSpot(tenant, deal, 'Reject');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ code: 'approval.rejected' });
    }));

  test.concurrent('Approve was set before the deal was won -> nothing is approved before the question could be read', () =>
    rig.withSandbox(limited(), async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const open = await tenant.startHubSpot({ stage: 'appointmentscheduled' });
      await tenant.resultOf(open.id);
      state.edit('deals', open.dealId, { dealseat_action: 'Approve', dealstage: 'closedwon' });
      await tenant.report(tenant.ref('hubspot', open.dealId));
      const text = await answered(tenant, open, 'need approval');
      expect(text).toContain('It was set before Dealseat asked this.');
      expect(codesMade(tenant.sandbox)).toEqual([]);
      await stop(tenant, open);
    }));

  test.concurrent('approval is limited to a HubSpot team and somebody else sets Approve -> it is refused on the deal, and counts when one of the team sets it', () =>
    rig.withSandbox(limited({ hubspotTeams: ['finance'] }), async (tenant) => {
      const deal = await tenant.startHubSpot();
      await shown(tenant, deal);
      await actInHubSpot(tenant, deal, 'Approve', { by: MAX });
      const text = await answered(tenant, deal, 'does not accept an approval by this user');
      expect(text).toMatch(/^Dealseat action "Approve", set by Max Rep on /);
      expect(text).toContain('3 seats need approval');
      await actInHubSpot(tenant, deal, 'Approve', { by: 'workflow' });
      await answered(tenant, deal, 'set by a HubSpot workflow');
      expect(codesMade(tenant.sandbox)).toEqual([]);
      await actInHubSpot(tenant, deal, 'Approve');
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    }));

  test.concurrent('approval is limited to a Salesforce role -> only a user with that role can approve', () =>
    rig.withSandbox(limited({ salesforceRoles: ['Finance'] }), async (tenant) => {
      const deal = await tenant.startSalesforce();
      await shown(tenant, deal, inSalesforce);
      await actInSalesforce(tenant, deal, 'Approve', {
        email: 'max@vendor.example',
        firstName: 'Max',
        lastName: 'Rep',
        role: 'Sales',
      });
      await answered(tenant, deal, 'set by Max Rep', inSalesforce);
      await actInSalesforce(tenant, deal, 'Approve');
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
    }));

  test.concurrent('approval is limited and Salesforce does not track the field -> no approval on the opportunity counts, for nothing proves who set it', () =>
    rig.withSandbox(
      { ...limited({ salesforceUsers: ['ana@vendor.example'] }), salesforce: { trackedFields: [] } },
      async (tenant) => {
        const deal = await tenant.startSalesforce();
        await shown(tenant, deal, inSalesforce);
        await actInSalesforce(tenant, deal, 'Approve');
        const text = await answered(tenant, deal, 'does not accept an approval', inSalesforce);
        expect(text).toContain('set by Ana Ruiz');
        await stop(tenant, deal);
      },
    ));

  test.concurrent('the action does not fit what the deal asks -> the deal names those that fit, and the field is emptied', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await tenant.startHubSpot({ lineItems: [] });
      expect(await shown(tenant, deal)).toContain('Set "Dealseat action" to "Retry" by');
      await actInHubSpot(tenant, deal, 'Withdraw');
      const text = await answered(tenant, deal, 'It does not answer what Dealseat asks.');
      expect(text).toContain('Set "Dealseat action" to "Retry".');
      expect(text).toContain('no line items');
      await stop(tenant, deal);
    }));

  test.concurrent('the missing products are added and Retry is set -> the deal goes on at once, and the field is emptied', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await tenant.startHubSpot({ lineItems: [] });
      expect(await shown(tenant, deal)).toContain('Set "Dealseat action" to "Retry" by');
      tenant.sandbox.hubspot.state.addLineItem(deal.dealId, { sku: 'LEAD-101', quantity: 2 });
      await actInHubSpot(tenant, deal, 'Retry');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 2 });
      expect(inHubSpot(tenant, deal).action).toBeUndefined();
    }));

  test.concurrent('Retry is set on a deal that somebody cancelled -> it is provisioned, as with the command', () =>
    rig.withSandbox(limited(), async (tenant) => {
      const deal = await tenant.startHubSpot();
      await shown(tenant, deal);
      await stop(tenant, deal);
      await tenant.report(tenant.ref('hubspot', deal.dealId));
      expect((await tenant.resultOf(deal.id)).code).toBe('deal.stopped');
      await actInHubSpot(tenant, deal, 'Retry');
      await tenant.waitForEvidence(() => inHubSpot(tenant, deal).status === 'NeedsAttention');
      await actInHubSpot(tenant, deal, 'Approve');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      const { actions } = await tenant.console.progress(deal.id);
      expect(actions).toEqual([
        expect.stringContaining('Retry asked for by Ana Ruiz'),
        expect.stringContaining('Approved by Ana Ruiz'),
      ]);
    }));

  test.concurrent('Retry or Approve is set on a delivered deal -> nothing is made or sent again, and the deal says that there is nothing to do', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      await actInHubSpot(tenant, deal, 'Retry');
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      const text = await answered(tenant, deal, 'There is nothing to do.');
      expect(text).toMatch(/3 seats: /);
      await actInHubSpot(tenant, deal, 'Approve', { by: MAX });
      await tenant.resultOf(deal.id);
      const then = await answered(tenant, deal, 'set by Max Rep');
      expect(then).toContain('Dealseat asks nothing on this deal now.');
      // The answer to the earlier one makes room.
      expect(then).not.toContain('Ana Ruiz');
      expect(then).toMatch(/3 seats/);
      expect(inHubSpot(tenant, deal).status).toBe('Delivered');
      expect(codesMade(tenant.sandbox)).toHaveLength(3);
      expect(hubspotEvidence(tenant.sandbox, deal).mailedTo).toHaveLength(1);
    }));

  test.concurrent('seats are no longer sold and Keep is set -> the customer keeps them, and the deal says who decided', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await tenant.startHubSpot();
      await tenant.resultOf(deal.id);
      tenant.sandbox.hubspot.state.edit('deals', deal.dealId, { dealstage: 'closedlost' });
      await tenant.report(tenant.ref('hubspot', deal.dealId));
      expect(await shown(tenant, deal)).toContain('to "Withdraw" or "Keep"');
      await actInHubSpot(tenant, deal, 'Keep');
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(inHubSpot(tenant, deal).detail).toContain('left with the customer by Ana Ruiz');
    }));

  test.concurrent('nothing tells whether the buyer has the mail, and Send again is set and reported twice -> one more mail is sent', () =>
    rig.withSandbox(async (tenant) => {
      const { hubspot, outbox } = tenant.sandbox;
      hubspot.state.singleSends.rejectAddress('dana.reyes@acme.example', 'PREVIOUSLY_BOUNCED');
      const deal = await tenant.startHubSpot();
      await shown(tenant, deal);
      hubspot.state.edit('contacts', '6001', { email: 'dana@acme.example' });
      await actInHubSpot(tenant, deal, 'Retry');
      // HubSpot says of the refused one only that it has met its key.
      await tenant.waitForEvidence(() =>
        /"Mail was sent" or "Send again"/.test(inHubSpot(tenant, deal).detail ?? ''),
      );
      expect(outbox.mails).toEqual([]);
      await actInHubSpot(tenant, deal, 'Send again');
      await tenant.report(tenant.ref('hubspot', deal.dealId));
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(outbox.mails.map(({ to }) => to)).toEqual(['dana@acme.example']);
      expect(hubspotEvidence(tenant.sandbox, deal).taskTexts.join('\n')).toContain(
        'Another mail asked for by Ana Ruiz',
      );
    }));

  test.concurrent('HubSpot does not let Dealseat empty the field -> the action is not carried out, and the run neither repeats it nor wakes itself', () =>
    rig.withSandbox(limited(), async (tenant) => {
      const deal = await tenant.startHubSpot();
      await shown(tenant, deal);
      const { faults } = tenant.sandbox;
      faults.add({
        ...MISSING_SCOPE_TO_WRITE_DEALS,
        system: 'hubspot',
        method: 'PATCH',
        path: /\/objects\/(0-3|deals)\//,
        times: Number.POSITIVE_INFINITY,
      });
      await actInHubSpot(tenant, deal, 'Approve');
      await tenant.waitForProgress(deal.id, ({ warnings }) =>
        warnings.join().includes('could not empty the action field'),
      );
      const { question } = await tenant.console.progress(deal.id);
      expect(question?.kind).toBe('approval');
      const hits = faults.hits.length;
      await tenant.report(tenant.ref('hubspot', deal.dealId));
      await tenant.console.progress(deal.id);
      expect(faults.hits).toHaveLength(hits);
      expect(codesMade(tenant.sandbox)).toEqual([]);
      faults.clear();
      await stop(tenant, deal);
    }));

  test.concurrent('Salesforce empties the field and its answer is lost -> the action counts, once', () =>
    rig.withSandbox(limited(), async (tenant) => {
      const deal = await tenant.startSalesforce();
      await shown(tenant, deal, inSalesforce);
      tenant.sandbox.faults.add({
        system: 'salesforce',
        method: 'PATCH',
        path: /\/sobjects\/Opportunity\//,
        when: (body) => body.includes('"Dealseat_Action__c":null'),
        kind: 'dropAfterCommit',
      });
      await actInSalesforce(tenant, deal, 'Approve');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(tenant.sandbox.faults.hits).toHaveLength(1);
    }));

  test.concurrent('the run is ended from outside right after it emptied the field -> the action is not carried out by another run, and the deal asks again', () =>
    rig.withSandbox(limited(), async (tenant) => {
      const { faults } = tenant.sandbox;
      const deal = await tenant.startHubSpot();
      await shown(tenant, deal);
      faults.add({
        system: 'hubspot',
        method: 'PATCH',
        path: /\/objects\/(0-3|deals)\//,
        when: (body) => body.includes('Approved by'),
        kind: 'stall',
      });
      await actInHubSpot(tenant, deal, 'Approve');
      await answered(tenant, deal, 'Approved by Ana Ruiz');
      await tenant.terminate(deal.id);
      await tenant.report(tenant.ref('hubspot', deal.dealId), 'sweep');
      await shown(tenant, deal);
      // The task comes after the text on the deal.
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, deal).tasks.length === 2);
      expect(codesMade(tenant.sandbox)).toEqual([]);
      await actInHubSpot(tenant, deal, 'Approve');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
    }));

  test.concurrent('a validation rule kept Dealseat from writing on the opportunity, an admin exempts it and sets Retry -> the deal goes on', () =>
    rig.withSandbox(async (tenant) => {
      tenant.sandbox.faults.add({
        ...VALIDATION_RULE,
        system: 'salesforce',
        method: 'PATCH',
        path: /\/sobjects\/Opportunity\//,
        times: Number.POSITIVE_INFINITY,
      });
      const deal = await tenant.startSalesforce();
      await tenant.waitForEvidence(() => salesforceEvidence(tenant.sandbox, deal).openTasks.length > 0);
      tenant.sandbox.faults.clear();
      await actInSalesforce(tenant, deal, 'Retry');
      expect((await tenant.resultOf(deal.id)).status).toBe('Delivered');
      expect(inSalesforce(tenant, deal).action).toBeUndefined();
    }));
});
