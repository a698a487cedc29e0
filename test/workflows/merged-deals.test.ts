import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import { provisioningId } from '../../src/domain/deal/ids.ts';
import { again, delivered, refusedDealWrite, setStage } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence, writeCount } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import { HUBSPOT_DEAL, type SandboxTenant, type StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

const SOLD = { lineItems: [{ name: 'Leadership Essentials', sku: 'LEAD-101', quantity: 3 }] };
const BY_SALES = { by: 'sales ops', reason: 'the deal is gone' };
const QUARANTINE_TASK = 'Dealseat: unused code group, please expire';
const LEFT_ALONE_TASK = 'Dealseat: a deal was merged into one that it leaves alone';
const MERGED_TASK = 'Dealseat: a deal was merged while its seats were being made';

/** The one that stays has the lines of both, as HubSpot leaves it. */
function merge({ sandbox }: SandboxTenant, merged: StartedDeal, survivor: StartedDeal): void {
  const { state } = sandbox.hubspot;
  state.merge('deals', survivor.dealId, merged.dealId);
  state.addLineItem(survivor.dealId, { sku: 'LEAD-101', quantity: 3 });
}

/** Six seats in two groups, in one roster on the surviving deal. */
function expectSixSeats({ sandbox }: SandboxTenant, survivor: StartedDeal): void {
  const { fields, rosters } = hubspotEvidence(sandbox, survivor);
  expect(sandbox.ti.state.groups.map(({ totalCodesCount }) => totalCodesCount)).toEqual([3, 3]);
  expect(JSON.parse(fields.ledger ?? 'null').groups).toMatchObject([{ active: 3 }, { active: 3 }]);
  expect(fields).toMatchObject({ status: 'Delivered', seats: '6' });
  expect(rosters).toEqual([codesMade(sandbox)]);
}

describe('A deal that another one was merged into', () => {
  test.concurrent('takes over the seats of that one, and makes none again', () =>
    rig.withSandbox(async (tenant) => {
      const survivor = await delivered(tenant, SOLD);
      const merged = await delivered(tenant, SOLD);
      merge(tenant, merged, survivor);
      expect(await again(tenant, survivor)).toMatchObject({ status: 'Delivered', seatCount: 6 });
      expectSixSeats(tenant, survivor);
      expect(await again(tenant, merged)).toMatchObject({ status: 'Skipped', code: 'deal.merged' });
      const writes = writeCount(tenant.sandbox);
      expect(await again(tenant, survivor)).toMatchObject({ status: 'Delivered', seatCount: 6 });
      expect(writeCount(tenant.sandbox)).toBe(writes);
    }));

  test.concurrent('was not delivered itself: gets only what is missing', () =>
    rig.withSandbox(async (tenant) => {
      const { state } = tenant.sandbox.hubspot;
      const dealId = state.createDeal({ ...HUBSPOT_DEAL, stage: 'qualifiedtobuy' });
      const survivor = { dealId, id: provisioningId(tenant.ref('hubspot', dealId)) };
      merge(tenant, await delivered(tenant, SOLD), survivor);
      setStage(tenant, survivor, 'closedwon');
      expect(await again(tenant, survivor)).toMatchObject({ status: 'Delivered', seatCount: 6 });
      expectSixSeats(tenant, survivor);
    }));
});

describe('A deal that was won before Dealseat began', () => {
  const DAY_MS = 86_400_000;
  const OLD_SEATS = 'deal.merged_into_old';

  /** An old deal with two seats of its own, that nobody asked to be provisioned. */
  function oldDeal(tenant: SandboxTenant): StartedDeal {
    const lineItems = [{ name: 'Negotiation Lab', sku: 'NEGO-201', quantity: 2 }];
    const dealId = tenant.sandbox.hubspot.state.createDeal({ ...HUBSPOT_DEAL, lineItems });
    return { dealId, id: provisioningId(tenant.ref('hubspot', dealId)) };
  }
  const tell = (tenant: SandboxTenant, { dealId }: StartedDeal) =>
    tenant.console.dealChanged(tenant.ref('hubspot', dealId), { by: 'hubspot', detail: 'event 1' });

  test.concurrent('and takes over a delivered one asks before its own seats are made', () =>
    rig.withSandbox(async (tenant) => {
      const old = oldDeal(tenant);
      const sold = await delivered(tenant, SOLD);
      tenant.beginAt(new Date(Date.now() + 2 * DAY_MS).toISOString());
      merge(tenant, sold, old);
      await tell(tenant, old);
      await tenant.waitForProgress(old.id, ({ problems }) => problems[0]?.code === OLD_SEATS);
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, old).tasks.length > 0);
      await tell(tenant, old);
      await tenant.waitForProgress(old.id, ({ problems }) => problems[0]?.code === OLD_SEATS);
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
      await tenant.answer(old.id, 'retry');
      expect(await tenant.resultOf(old.id)).toMatchObject({ status: 'Delivered', seatCount: 5 });
    }));

  test.concurrent('is left alone again when what it took over is sold no more', () =>
    rig.withSandbox(async (tenant) => {
      const old = oldDeal(tenant);
      const sold = await delivered(tenant, SOLD);
      tenant.beginAt(new Date(Date.now() + 2 * DAY_MS).toISOString());
      const { state } = tenant.sandbox.hubspot;
      state.merge('deals', old.dealId, sold.dealId);
      const line = state.addLineItem(old.dealId, { sku: 'LEAD-101', quantity: 3 });
      await tell(tenant, old);
      await tenant.waitForProgress(old.id, ({ problems }) => problems[0]?.code === OLD_SEATS);
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, old).tasks.length > 0);
      state.records.archive(state.records.getLive('line_items', line), 'CRM_UI');
      await tell(tenant, old);
      expect(await tenant.resultOf(old.id)).toMatchObject({ status: 'Skipped', code: 'deal.won_before' });
      expect(hubspotEvidence(tenant.sandbox, old).fields.status).toBe('Skipped');
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
    }));

  test.concurrent('asks also when one of its own lines is not understood', () =>
    rig.withSandbox(async (tenant) => {
      const lineItems = [{ name: 'Something of old', sku: 'OLD-1', quantity: 2 }];
      const dealId = tenant.sandbox.hubspot.state.createDeal({ ...HUBSPOT_DEAL, lineItems });
      const old = { dealId, id: provisioningId(tenant.ref('hubspot', dealId)) };
      const sold = await delivered(tenant, SOLD);
      tenant.beginAt(new Date(Date.now() + 2 * DAY_MS).toISOString());
      merge(tenant, sold, old);
      for (const deal of [old, sold]) await tell(tenant, deal);
      await tenant.waitForProgress(old.id, ({ problems }) => problems[0]?.code === OLD_SEATS);
      await tenant.resultOf(sold.id);
      const tasks = () => hubspotEvidence(tenant.sandbox, old).tasks;
      await tenant.waitForEvidence(() => tasks().includes('Dealseat needs your help with this deal'));
      expect(tasks()).not.toContain(LEFT_ALONE_TASK);
      await tenant.console.cancel(old.id, BY_SALES);
      await tenant.resultOf(old.id);
    }));

  test.concurrent('and takes over one that was not delivered is told to its owner', () =>
    rig.withSandbox(async (tenant) => {
      const old = oldDeal(tenant);
      const dealId = tenant.sandbox.hubspot.state.createDeal({ ...HUBSPOT_DEAL, ...SOLD });
      const sold = { dealId, id: provisioningId(tenant.ref('hubspot', dealId)) };
      tenant.beginAt(new Date(Date.now() + 2 * DAY_MS).toISOString());
      merge(tenant, sold, old);
      for (const deal of [old, sold]) await tell(tenant, deal);
      expect(await tenant.resultOf(old.id)).toMatchObject({ status: 'Skipped', code: 'deal.won_before' });
      expect(await tenant.resultOf(sold.id)).toMatchObject({ status: 'Skipped', code: 'deal.merged' });
      const { tasks, taskTexts, fields } = hubspotEvidence(tenant.sandbox, old);
      expect(tasks).toEqual([LEFT_ALONE_TASK]);
      expect(taskTexts[0]).toContain('ask your Dealseat administrator to start this deal');
      expect(fields).toEqual({});
    }));
});

describe('The roster of a delivered deal that is merged', () => {
  test.concurrent('stays while it holds codes that the surviving deal does not take over', () =>
    rig.withSandbox(async (tenant) => {
      const survivor = await delivered(tenant, SOLD);
      const merged = await delivered(tenant, SOLD);
      const { state } = tenant.sandbox.hubspot;
      // Both were one sale: the survivor keeps its three seats, and later sells another product.
      state.merge('deals', survivor.dealId, merged.dealId);
      state.addLineItem(survivor.dealId, { sku: 'NEGO-201', quantity: 2 });
      expect(await again(tenant, survivor)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      const { rosters } = hubspotEvidence(tenant.sandbox, survivor);
      expect(rosters.map(({ length }) => length).sort()).toEqual([3, 5]);
      expect(rosters.flat().sort()).toEqual(codesMade(tenant.sandbox));
    }));
});

describe('A deal that is merged while its run is at work', () => {
  test.concurrent('leaves its group to the surviving one, whose ledger and roster it does not touch', () =>
    rig.withSandbox(async (tenant) => {
      const { options } = tenant.sandbox.ti.state;
      const survivor = await delivered(tenant, SOLD);
      options.listingDelayMs = Number.POSITIVE_INFINITY;
      const merged = await tenant.startHubSpot(SOLD);
      await tenant.waitForStatus(merged.id, 'AwaitingCodes');
      merge(tenant, merged, survivor);
      options.listingDelayMs = 0;
      expect(await tenant.resultOf(merged.id)).toMatchObject({ status: 'Skipped', code: 'deal.merged' });
      expect(hubspotEvidence(tenant.sandbox, survivor).fields).toMatchObject({
        status: 'Delivered',
        seats: '3',
      });
      expect(await again(tenant, survivor)).toMatchObject({ status: 'Delivered', seatCount: 6 });
      expectSixSeats(tenant, survivor);
      const { tasks } = hubspotEvidence(tenant.sandbox, survivor);
      expect(tasks).toContain(MERGED_TASK);
      expect(tasks).not.toContain(QUARANTINE_TASK);
    }));

  test.concurrent('and had told people of its codes asks nobody to expire them', () =>
    rig.withSandbox(async (tenant) => {
      const survivor = await delivered(tenant, SOLD);
      tenant.sandbox.faults.add(refusedDealWrite({ after: 2 }));
      const merged = await tenant.startHubSpot(SOLD);
      await tenant.waitForProgress(merged.id, ({ problems }) => problems[0]?.code === 'crm.forbidden');
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, merged).tasks.length > 0);
      tenant.sandbox.hubspot.state.merge('deals', survivor.dealId, merged.dealId);
      await tenant.answer(merged.id, 'retry');
      expect(await tenant.resultOf(merged.id)).toMatchObject({ status: 'Skipped', code: 'deal.merged' });
      const { tasks, taskTexts } = hubspotEvidence(tenant.sandbox, survivor);
      const text = taskTexts[tasks.indexOf(MERGED_TASK)] ?? '';
      expect(text).toContain('may be with people already');
      expect(text).not.toContain('given to no one');
    }));

  const NO_MAIL: Fault = {
    system: 'hubspot',
    method: 'POST',
    path: /\/single-email\/send$/,
    kind: 'status',
    status: 400,
  };
  const ENDS: readonly [string, (tenant: SandboxTenant, deal: StartedDeal) => Promise<unknown>, string][] = [
    ['asked to go on', (tenant, { id }) => tenant.answer(id, 'retry'), 'Skipped'],
    [
      'told of the merge',
      (tenant, { dealId }) =>
        tenant.console.dealChanged(tenant.ref('hubspot', dealId), { by: 'hubspot', detail: 'event 1' }),
      'Skipped',
    ],
    ['cancelled', (tenant, { id }) => tenant.console.cancel(id, BY_SALES), 'Cancelled'],
  ];
  test.concurrent.each(ENDS)(
    'and waited for a person is undone nowhere when it is %s after the surviving one was delivered',
    (_, end, status) =>
      rig.withSandbox(async (tenant) => {
        const survivor = await delivered(tenant, SOLD);
        tenant.sandbox.faults.add(NO_MAIL);
        const merged = await tenant.startHubSpot(SOLD);
        await tenant.waitForStatus(merged.id, 'NeedsAttention');
        await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, merged).tasks.length > 0);
        merge(tenant, merged, survivor);
        expect(await again(tenant, survivor)).toMatchObject({ status: 'Delivered', seatCount: 6 });
        const before = hubspotEvidence(tenant.sandbox, survivor);
        await end(tenant, merged);
        expect((await tenant.resultOf(merged.id)).status).toBe(status);
        expectSixSeats(tenant, survivor);
        const after = hubspotEvidence(tenant.sandbox, survivor);
        expect(after.fields).toEqual(before.fields);
        expect(after.tasks.filter((task) => !before.tasks.includes(task))).toEqual([MERGED_TASK]);
      }),
  );
});
