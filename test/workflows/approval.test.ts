import { describe, expect, test } from '@jest/globals';
import type { Progress } from '../../src/contracts/run.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import { BOSS } from '../support/delivered-deals.ts';
import { hubspotEvidence, writeCount } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';

const rig = openRig();

/** Long enough for a message to reach the run meanwhile. */
const HELD_MS = 8_000;

const aboveTwoSeats = { catalog: (catalog: Catalog) => ({ ...catalog, approveAboveSeats: 2 }) };

const isAsked = ({ question }: Progress) => question?.kind === 'approval';

describe('A deal above the approval threshold', () => {
  test.concurrent('makes nothing before it is approved, and everything after', () =>
    rig.withSandbox(aboveTwoSeats, async (tenant) => {
      const started = await tenant.startHubSpot();
      const progress = await tenant.waitForProgress(started.id, isAsked);
      expect(progress.problems.map(({ code }) => code)).toEqual(['approval.required']);
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, started).tasks.length > 0);
      expect(hubspotEvidence(tenant.sandbox, started).tasks).toEqual(['Dealseat waits for approval']);
      expect(tenant.sandbox.ti.state.groups).toEqual([]);
      const question = progress.question?.id ?? '';
      await expect(tenant.console.retry(started.id, { ...BOSS, question })).rejects.toMatchObject({
        cause: { message: expect.stringContaining('The answers to that: approve, reject.') },
      });
      await tenant.console.approve(started.id, { ...BOSS, question });
      expect(await tenant.resultOf(started.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
    }));

  test.concurrent('is skipped when it is rejected, and the deal says why', () =>
    rig.withSandbox(aboveTwoSeats, async (tenant) => {
      const started = await tenant.startHubSpot();
      await tenant.waitForProgress(started.id, isAsked);
      await tenant.answer(started.id, 'reject', { by: 'boss', reason: 'not paid yet' });
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
      const { question } = await tenant.waitForProgress(started.id, isAsked);
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, started).tasks.length > 0);
      const path = /\/objects\/(0-3|deals)\//;
      faults.add({ system: 'hubspot', method: 'PATCH', path, kind: 'delay', delayMs: HELD_MS });
      await tenant.console.cancel(started.id, BOSS);
      await tenant.waitForEvidence(() => faults.hits.length === 1);
      const approval = { ...BOSS, question: question?.id ?? '' };
      await expect(tenant.console.approve(started.id, approval)).rejects.toMatchObject({
        cause: { message: expect.stringContaining('asks nothing just now') },
      });
      expect((await tenant.resultOf(started.id)).status).toBe('Cancelled');
    }));

  for (const isReported of [true, false]) {
    const when = isReported ? 'when the change is reported' : 'even when nobody reported the change';
    test.concurrent(`that changed is asked about again, ${when}`, () =>
      rig.withSandbox(aboveTwoSeats, async (tenant) => {
        const { id, dealId } = await tenant.startHubSpot();
        const asksFor = (seats: number) =>
          tenant.waitForProgress(id, (progress) => isAsked(progress) && progress.seatCount === seats);
        await asksFor(3);
        tenant.sandbox.hubspot.state.addLineItem(dealId, { sku: 'LEAD-101', quantity: 2 });
        if (isReported) await tenant.provision(tenant.ref('hubspot', dealId));
        else await tenant.answer(id, 'approve', BOSS);
        await asksFor(5);
        expect(tenant.sandbox.ti.state.groups).toEqual([]);
        await tenant.answer(id, 'approve', BOSS);
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      }));
  }

  test.concurrent('is not approved by the answer to the question before', () =>
    rig.withSandbox(aboveTwoSeats, async (tenant) => {
      const { id, dealId } = await tenant.startHubSpot();
      const { question: before } = await tenant.waitForProgress(id, isAsked);
      tenant.sandbox.hubspot.state.addLineItem(dealId, { sku: 'LEAD-101', quantity: 600 });
      await tenant.provision(tenant.ref('hubspot', dealId));
      const { question } = await tenant.waitForProgress(id, ({ seatCount }) => seatCount === 603);
      const late = tenant.console.approve(id, { ...BOSS, question: before?.id ?? '' });
      await expect(late).rejects.toMatchObject({
        cause: { message: expect.stringContaining(`question ${question?.id}: 603 seats need approval`) },
      });
      await tenant.answer(id, 'reject', BOSS);
      expect(await tenant.resultOf(id)).toMatchObject({ code: 'approval.rejected' });
      expect(tenant.sandbox.ti.state.groups).toEqual([]);
    }));

  test.concurrent('cannot be approved by a message that comes too late', () =>
    rig.withSandbox(async (tenant) => {
      const { id } = await tenant.startHubSpot();
      await tenant.resultOf(id);
      const writes = writeCount(tenant.sandbox);
      const approval = { ...BOSS, question: '000000000000' };
      await expect(tenant.console.approve(id, approval)).rejects.toThrow();
      expect(writeCount(tenant.sandbox)).toBe(writes);
    }));

  test.concurrent('is not asked about again by the run that goes on from an approved one', () =>
    rig.withFakes(aboveTwoSeats, async (tenant) => {
      const asking = await tenant.start();
      const progress = await tenant.waitForProgress(asking, isAsked);
      await tenant.console.cancel(asking, BOSS);
      await tenant.resultOf(asking);

      const answers = { [progress.question?.id ?? '']: { ...BOSS, verb: 'approve' } } as const;
      const id = await tenant.resume(tenant.deal, {
        carried: {
          source: 'person',
          previous: null,
          warnings: [],
          work: {
            made: [],
            handOver: { is: 'none' },
            answers,
            news: null,
            retry: null,
            open: null,
            seen: null,
            progress,
          },
        },
      });
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
    }));
});
