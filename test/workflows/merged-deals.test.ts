import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import { provisioningId } from '../../src/domain/ids.ts';
import { again, delivered, setStage } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence, writeCount } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import { HUBSPOT_DEAL, type SandboxTenant, type StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

const SOLD = { lineItems: [{ name: 'Leadership Essentials', sku: 'LEAD-101', quantity: 3 }] };
const BY_SALES = { by: 'sales ops', reason: 'the deal is gone' };
const QUARANTINE_TASK = 'Dealseat: a code group was made and not handed out';
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

  const NO_MAIL: Fault = {
    system: 'hubspot',
    method: 'POST',
    path: /\/single-email\/send$/,
    kind: 'status',
    status: 400,
  };
  const ENDS: readonly [string, (tenant: SandboxTenant, deal: StartedDeal) => Promise<unknown>, string][] = [
    ['asked to go on', (tenant, { id }) => tenant.console.retry(id, { by: 'sales ops' }), 'Skipped'],
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
