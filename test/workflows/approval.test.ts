import { describe, expect, test } from '@jest/globals';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { hubspotEvidence, writeCount } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';

const rig = openRig();

/** Long enough for a message to reach the run meanwhile. */
const HELD_MS = 8_000;

const aboveTwoSeats = { catalog: (catalog: Catalog) => ({ ...catalog, approveAboveSeats: 2 }) };
const BOSS = { by: 'boss', reason: 'known customer' };

describe('A deal above the approval threshold', () => {
  test.concurrent('makes nothing before it is approved, and everything after', () =>
    rig.withSandbox(aboveTwoSeats, async (tenant) => {
      const started = await tenant.startHubSpot();
      const progress = await tenant.waitForProgress(started.id, ({ awaitsApproval }) => awaitsApproval);
      expect(progress.problems.map(({ code }) => code)).toEqual(['approval.required']);
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, started).tasks.length > 0);
      expect(hubspotEvidence(tenant.sandbox, started).tasks).toEqual(['Dealseat waits for approval']);
      expect(tenant.sandbox.ti.state.groups).toEqual([]);
      await expect(tenant.console.retry(started.id, { by: 'sales ops' })).rejects.toMatchObject({
        cause: { message: expect.stringContaining('approve or reject') },
      });
      await tenant.console.approve(started.id, BOSS);
      expect(await tenant.resultOf(started.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
    }));

  test.concurrent('is skipped when it is rejected, and the deal says why', () =>
    rig.withSandbox(aboveTwoSeats, async (tenant) => {
      const started = await tenant.startHubSpot();
      await tenant.waitForProgress(started.id, ({ awaitsApproval }) => awaitsApproval);
      await tenant.console.reject(started.id, { by: 'boss', reason: 'not paid yet' });
      expect(await tenant.resultOf(started.id)).toMatchObject({
        status: 'Skipped',
        code: 'approval.rejected',
      });
      const { fields } = hubspotEvidence(tenant.sandbox, started);
      expect(fields.status).toBe('Skipped');
      expect(fields.detail).toContain('not paid yet');
      expect(tenant.sandbox.ti.state.groups).toEqual([]);
    }));

  test.concurrent('that is being undone takes no decision any more', () =>
    rig.withSandbox(aboveTwoSeats, async (tenant) => {
      const { faults } = tenant.sandbox;
      const started = await tenant.startHubSpot();
      await tenant.waitForProgress(started.id, ({ awaitsApproval }) => awaitsApproval);
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, started).tasks.length > 0);
      const path = /\/objects\/(0-3|deals)\//;
      faults.add({ system: 'hubspot', method: 'PATCH', path, kind: 'delay', delayMs: HELD_MS });
      await tenant.console.cancel(started.id, BOSS);
      await tenant.waitForEvidence(() => faults.hits.length === 1);
      await expect(tenant.console.approve(started.id, BOSS)).rejects.toMatchObject({
        cause: { message: 'The run does not wait for approval' },
      });
      expect((await tenant.resultOf(started.id)).status).toBe('Cancelled');
    }));

  for (const isReported of [true, false]) {
    const when = isReported ? 'when the change is reported' : 'even when nobody reported the change';
    test.concurrent(`that changed is asked about again, ${when}`, () =>
      rig.withSandbox(aboveTwoSeats, async (tenant) => {
        const { id, dealId } = await tenant.startHubSpot();
        const asksFor = (seats: number) =>
          tenant.waitForProgress(
            id,
            ({ awaitsApproval, seatCount }) => awaitsApproval && seatCount === seats,
          );
        await asksFor(3);
        tenant.sandbox.hubspot.state.addLineItem(dealId, { sku: 'LEAD-101', quantity: 2 });
        if (isReported) await tenant.provision(tenant.ref('hubspot', dealId));
        else await tenant.console.approve(id, BOSS);
        await asksFor(5);
        expect(tenant.sandbox.ti.state.groups).toEqual([]);
        await tenant.console.approve(id, BOSS);
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      }));
  }

  test.concurrent('cannot be approved by a message that comes too late', () =>
    rig.withSandbox(async (tenant) => {
      const { id } = await tenant.startHubSpot();
      await tenant.resultOf(id);
      const writes = writeCount(tenant.sandbox);
      await expect(tenant.console.approve(id, BOSS)).rejects.toThrow();
      expect(writeCount(tenant.sandbox)).toBe(writes);
    }));

  test.concurrent('is not asked about again by the run that goes on from an approved one', () =>
    rig.withFakes(aboveTwoSeats, async (tenant) => {
      const { hash } = await tenant.console.preview(tenant.deal);
      const id = await tenant.resume(tenant.deal, { approvedHash: hash ?? '' });
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
    }));
});
