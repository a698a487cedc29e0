import { describe, expect, test } from '@jest/globals';
import type { Progress } from '../../src/contracts/run.ts';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import type { QuestionKind } from '../../src/domain/planning/question.ts';
import { again, BOSS, delivered, ledgerOf, setQuantity, untilAsked } from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence, writeCount } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

const upTo = (approveAboveSeats: number) => ({
  catalog: (catalog: Catalog) => ({ ...catalog, approveAboveSeats }),
});

const SEND = { system: 'hubspot', method: 'POST', path: /single-email\/send/, kind: 'status' } as const;

const CREATE = { system: 'ti', method: 'POST', path: /\/redemptionCodes$/ } as const;

const LIST = { system: 'ti', method: 'GET', path: /\/redemptionCodes\/[^/]+\/codes$/ } as const;

const TWO_PRODUCTS = {
  lineItems: [
    { sku: 'LEAD-101', quantity: 3 },
    { sku: 'NEGO-201', quantity: 2 },
  ],
};

/** Runs the deal again without a person who asks for it. */
async function startByEvent(tenant: SandboxTenant, { dealId }: StartedDeal): Promise<void> {
  const trigger = { by: 'hubspot', detail: 'event 1' } as const;
  await tenant.console.dealChanged(tenant.ref('hubspot', dealId), trigger);
}

async function byEvent(tenant: SandboxTenant, deal: StartedDeal) {
  await startByEvent(tenant, deal);
  return tenant.resultOf(deal.id);
}

/** Sells so many of each line, and has a person reject what is more than before. */
async function rejectRaise(
  tenant: SandboxTenant,
  deal: StartedDeal,
  ...quantities: readonly number[]
): Promise<void> {
  setQuantity(tenant, deal, ...quantities);
  await untilAsked(tenant, deal);
  await tenant.answer(deal.id, 'reject', BOSS);
}

/** The next event of the deal writes nothing and asks nobody. */
async function expectSettled(tenant: SandboxTenant, deal: StartedDeal): Promise<void> {
  const writes = writeCount(tenant.sandbox);
  expect(await byEvent(tenant, deal)).toMatchObject({ status: 'Delivered' });
  expect(writeCount(tenant.sandbox)).toBe(writes);
}

const isAsked = (tenant: SandboxTenant, { id }: StartedDeal, kind: QuestionKind) =>
  tenant.waitForProgress(id, ({ question }) => question?.kind === kind);

describe('More seats of a delivered deal that a person rejects', () => {
  test.concurrent('are not made; the deal stays delivered and says why, and no event asks again', () =>
    rig.withSandbox(upTo(3), async (tenant) => {
      const deal = await delivered(tenant);
      await rejectRaise(tenant, deal, 9);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Skipped', code: 'approval.rejected' });
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
      const { fields } = hubspotEvidence(tenant.sandbox, deal);
      expect(fields).toMatchObject({ status: 'Delivered', seats: '3' });
      expect(fields.detail).toContain('Rejected by boss');
      await expectSettled(tenant, deal);
    }));

  test.concurrent('are asked about again when a person asks for the deal, and made when they are approved', () =>
    rig.withSandbox(upTo(3), async (tenant) => {
      const deal = await delivered(tenant);
      await rejectRaise(tenant, deal, 9);
      await tenant.resultOf(deal.id);
      const { problems } = await untilAsked(tenant, deal);
      expect(problems).toMatchObject([{ code: 'approval.required' }]);
      // The worker is lost as soon as they are being made, and so is the server with all it knew.
      const held = Promise.withResolvers<void>();
      tenant.sandbox.faults.add({ ...CREATE, kind: 'delay', until: held.promise });
      await tenant.answer(deal.id, 'approve', BOSS);
      await tenant.waitForEvidence(() => tenant.sandbox.faults.hits.length === 1);
      await tenant.terminate(deal.id);
      held.resolve();
      await startByEvent(tenant, deal);
      await isAsked(tenant, deal, 'approval');
      await tenant.answer(deal.id, 'approve', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 9 });
      expect(ledgerOf(tenant, deal)).not.toHaveProperty('settled');
    }));

  test.concurrent('are asked about by an event after the deal had gone back to what was delivered', () =>
    rig.withSandbox(upTo(3), async (tenant) => {
      const deal = await delivered(tenant);
      await rejectRaise(tenant, deal, 9);
      await tenant.resultOf(deal.id);
      setQuantity(tenant, deal, 3);
      expect(await byEvent(tenant, deal)).toMatchObject({ status: 'Delivered' });
      expect(hubspotEvidence(tenant.sandbox, deal).fields.detail).not.toContain('Rejected');
      setQuantity(tenant, deal, 9);
      await startByEvent(tenant, deal);
      await isAsked(tenant, deal, 'approval');
      await tenant.answer(deal.id, 'reject', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ code: 'approval.rejected' });
    }));

  test.concurrent('are not what was rejected when the deal changed before the answer', () =>
    rig.withSandbox(upTo(3), async (tenant) => {
      const deal = await delivered(tenant);
      setQuantity(tenant, deal, 9);
      await untilAsked(tenant, deal);
      setQuantity(tenant, deal, 5);
      await tenant.answer(deal.id, 'reject', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      expect(ledgerOf(tenant, deal)).not.toHaveProperty('settled');
    }));

  test.concurrent('are asked about again in the middle of another question, when a person asks for the deal', () =>
    rig.withSandbox(upTo(5), async (tenant) => {
      const deal = await delivered(tenant, TWO_PRODUCTS);
      await rejectRaise(tenant, deal, 9, 1);
      await isAsked(tenant, deal, 'withdrawal');
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      await isAsked(tenant, deal, 'approval');
      await tenant.answer(deal.id, 'approve', BOSS);
      await isAsked(tenant, deal, 'withdrawal');
      await tenant.answer(deal.id, 'withdraw', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 10 });
    }));

  for (const answer of ['withdraw', 'keep'] as const) {
    test.concurrent(`leave the seats that are sold no more to be decided about: ${answer}`, () =>
      rig.withSandbox(upTo(5), async (tenant) => {
        const deal = await delivered(tenant, TWO_PRODUCTS);
        await rejectRaise(tenant, deal, 9, 1);
        const { problems } = await isAsked(tenant, deal, 'withdrawal');
        expect(problems.map(({ message }) => message)).toEqual([
          '"Negotiation Basics": 2 seats delivered, 1 sold now; 2 of the delivered codes are not redeemed',
        ]);
        expect(ledgerOf(tenant, deal).settled).toMatchObject({ 'sku:lead-101': { sold: 9 } });
        await tenant.answer(deal.id, answer, BOSS);
        const seatCount = answer === 'withdraw' ? 4 : 5;
        expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount });
        const seen = hubspotEvidence(tenant.sandbox, deal);
        expect(seen.rosters[0]).toHaveLength(seatCount);
        expect(seen.fields).toMatchObject({ status: 'Delivered', seats: String(seatCount) });
        expect(tenant.sandbox.ti.state.groups).toHaveLength(2);
        await expectSettled(tenant, deal);
      }));
  }
});

describe('A group that was made before the deal asked for less', () => {
  test.concurrent('is on a task for the admin once a person has decided about the rest', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant, TWO_PRODUCTS);
      setQuantity(tenant, deal, 4, 4);
      tenant.sandbox.faults.add({ ...CREATE, kind: 'status', status: 422, after: 1 });
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      await tenant.waitForProgress(deal.id, ({ problems }) => problems[0]?.code === 'lms.rejected');
      expect(tenant.sandbox.ti.state.groups).toHaveLength(3);
      setQuantity(tenant, deal, 2, 2);
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      await isAsked(tenant, deal, 'withdrawal');
      await tenant.answer(deal.id, 'withdraw', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 4 });
      expect(hubspotEvidence(tenant.sandbox, deal).tasks).toContain(
        'Dealseat: unused code group, please expire',
      );
    }));
});

describe('A top-up that was not handed over to the end', () => {
  /** Two seats more, whose mail HubSpot refuses. */
  async function unfinished(tenant: SandboxTenant): Promise<StartedDeal> {
    const deal = await delivered(tenant);
    setQuantity(tenant, deal, 5);
    tenant.sandbox.faults.add({ ...SEND, status: 400 });
    await tenant.provision(tenant.ref('hubspot', deal.dealId));
    await tenant.waitForProgress(deal.id, ({ problems }) => problems[0]?.code === 'crm.mail_rejected');
    return deal;
  }

  function expectFinished(tenant: SandboxTenant, deal: StartedDeal): void {
    const seen = hubspotEvidence(tenant.sandbox, deal);
    expect(seen.rosters).toEqual([codesMade(tenant.sandbox)]);
    expect(seen.mailedTo).toHaveLength(2);
    expect(seen.fields).toMatchObject({ status: 'Delivered', seats: '5' });
    expect(tenant.sandbox.ti.state.groups).toHaveLength(2);
    expect(ledgerOf(tenant, deal)).not.toHaveProperty('pending');
  }

  test.concurrent('is finished by the next run when a person rejects what is sold beyond it', () =>
    rig.withSandbox(upTo(3), async (tenant) => {
      const deal = await unfinished(tenant);
      // The server is lost with all it knew.
      await tenant.terminate(deal.id);
      await rejectRaise(tenant, deal, 12);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      expectFinished(tenant, deal);
      await expectSettled(tenant, deal);
    }));

  test.concurrent('is finished by its own run when a person rejects what is sold beyond it', () =>
    rig.withSandbox(upTo(3), async (tenant) => {
      const deal = await unfinished(tenant);
      await rejectRaise(tenant, deal, 12);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      expectFinished(tenant, deal);
    }));

  test.concurrent('is not shown as delivered by a run that was cancelled before it', () =>
    rig.withSandbox(upTo(3), async (tenant) => {
      const deal = await unfinished(tenant);
      await tenant.terminate(deal.id);
      setQuantity(tenant, deal, 12);
      await untilAsked(tenant, deal);
      await tenant.console.cancel(deal.id, BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Cancelled' });
      const { fields } = hubspotEvidence(tenant.sandbox, deal);
      expect(fields.status).toBe('Cancelled');
      expect(fields.detail).toContain('still to be handed over');
      setQuantity(tenant, deal, 5);
      expect(await byEvent(tenant, deal)).toMatchObject({ status: 'Skipped', code: 'deal.stopped' });
      expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('Cancelled');
      expect(await again(tenant, deal)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      expectFinished(tenant, deal);
    }));

  test.concurrent('is not shown as delivered by a run that was cancelled while it made more', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await unfinished(tenant);
      await tenant.terminate(deal.id);
      setQuantity(tenant, deal, 7);
      const held = Promise.withResolvers<void>();
      tenant.sandbox.faults.add({
        ...LIST,
        kind: 'delay',
        until: held.promise,
        times: Number.POSITIVE_INFINITY,
      });
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      await tenant.waitForEvidence(() => ledgerOf(tenant, deal).groups.length === 3);
      await tenant.console.cancel(deal.id, BOSS);
      held.resolve();
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Cancelled' });
      expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('Cancelled');
      expect(ledgerOf(tenant, deal)).toMatchObject({ pending: true, groups: [{ part: 1 }, { part: 2 }] });
    }));

  test.concurrent('is none any more when the run that began it is cancelled', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      setQuantity(tenant, deal, 5);
      tenant.sandbox.faults.add({ ...LIST, kind: 'status', status: 403, times: Number.POSITIVE_INFINITY });
      const askedSince = async (before: string | null) => {
        const isNew = ({ question }: Progress) => question !== null && question.since !== before;
        return (await tenant.waitForProgress(deal.id, isNew)).question?.since ?? null;
      };
      await tenant.provision(tenant.ref('hubspot', deal.dealId));
      const since = await askedSince(null);
      expect(ledgerOf(tenant, deal)).toHaveProperty('pending');
      setQuantity(tenant, deal, 7);
      await tenant.answer(deal.id, 'retry', BOSS);
      await askedSince(since);
      await tenant.console.cancel(deal.id, BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Cancelled' });
      expect(hubspotEvidence(tenant.sandbox, deal).fields.status).toBe('Delivered');
      expect(ledgerOf(tenant, deal)).not.toHaveProperty('pending');
    }));

  test.concurrent('is not shown as delivered by a run that was asked for another plan', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await unfinished(tenant);
      await tenant.terminate(deal.id);
      await tenant.provision(tenant.ref('hubspot', deal.dealId), { planHash: 'of another day' });
      expect(await tenant.failureOf(deal.id)).toMatchObject({ code: 'plan.changed', undone: [] });
      const seen = hubspotEvidence(tenant.sandbox, deal);
      expect(seen.fields.status).toBe('Failed');
      expect(seen.tasks).toContain('Dealseat could not provision this deal');
      expect(await again(tenant, deal)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      expectFinished(tenant, deal);
    }));
});
