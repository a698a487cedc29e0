import { describe, expect, test } from '@jest/globals';
import type { Catalog } from '../../src/domain/deal/catalog.ts';
import {
  again,
  BOSS,
  delivered,
  ledgerOf,
  refusedDealWrite,
  setQuantity,
  setStage,
  toLearners,
  untilAsked,
} from '../support/delivered-deals.ts';
import { codesMade, hubspotEvidence } from '../support/evidence.ts';
import { openRig } from '../support/rig.ts';
import type { SandboxTenant, StartedDeal } from '../support/sandbox-tenant.ts';

const rig = openRig();

/** What the customer holds: codes of the roster, and links of the learner. */
function held({ sandbox }: SandboxTenant, deal: StartedDeal) {
  const { fields, rosters } = hubspotEvidence(sandbox, deal);
  const link = sandbox.hubspot.state.valuesOf('contacts', '6002').dealseat_redeem_link ?? '';
  return { status: fields.status, seats: fields.seats, rosters, link };
}

/** Delivers three seats and has two of them asked back. */
async function asked(tenant: SandboxTenant): Promise<StartedDeal> {
  const deal = await delivered(tenant);
  setQuantity(tenant, deal, 1);
  await askAgain(tenant, deal, 1);
  return deal;
}

async function askAgain(tenant: SandboxTenant, deal: StartedDeal, tasks: number): Promise<void> {
  await untilAsked(tenant, deal);
  await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, deal).tasks.length >= tasks);
}

const TASK = { system: 'hubspot', method: 'POST', path: /\/objects\/(0-27|tasks)$/ } as const;

/** Has them withdrawn, and the run stops when roster and links are taken but the admin cannot be told. */
async function interrupted(tenant: SandboxTenant): Promise<StartedDeal> {
  const deal = await asked(tenant);
  tenant.sandbox.faults.add({ ...TASK, kind: 'status', status: 403 });
  await tenant.answer(deal.id, 'withdraw', BOSS);
  await tenant.waitForProgress(deal.id, ({ problems }) => problems[0]?.code === 'crm.forbidden');
  await tenant.waitForEvidence(() => held(tenant, deal).status === 'NeedsAttention');
  return deal;
}

describe('Seats of which some were withdrawn when the run stopped', () => {
  for (const [to, catalog] of [
    ['the buyer', (example: Catalog) => example],
    ['learners', toLearners],
  ] as const) {
    test.concurrent(`are handed over to ${to} again when they are sold again`, () =>
      rig.withSandbox({ catalog }, async (tenant) => {
        const deal = await interrupted(tenant);
        setQuantity(tenant, deal, 3);
        await tenant.answer(deal.id, 'retry');
        expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
        const { link, rosters, ...fields } = held(tenant, deal);
        expect(fields).toEqual({ status: 'Delivered', seats: '3' });
        const inLink = codesMade(tenant.sandbox).filter((code) => link.includes(code));
        expect(inLink).toHaveLength(to === 'learners' ? 1 : 0);
        expect([...rosters.flat(), ...inLink].sort()).toEqual(codesMade(tenant.sandbox));
        expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
      }));
  }

  test.concurrent('are handed over again when the next run is told to leave them', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await interrupted(tenant);
      await tenant.terminate(deal.id);
      expect(held(tenant, deal).rosters.flat()).toHaveLength(1);
      await askAgain(tenant, deal, 2);
      await tenant.answer(deal.id, 'keep', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(held(tenant, deal)).toMatchObject({ status: 'Delivered', seats: '3' });
      expect(held(tenant, deal).rosters).toEqual([codesMade(tenant.sandbox)]);
    }));

  test.concurrent('are withdrawn to the end when the next run is told to', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await interrupted(tenant);
      await tenant.terminate(deal.id);
      await askAgain(tenant, deal, 2);
      await tenant.answer(deal.id, 'withdraw', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 1 });
      expect(held(tenant, deal).rosters.map((codes) => codes.length)).toEqual([1]);
      const { tasks } = hubspotEvidence(tenant.sandbox, deal);
      expect(tasks).toContain('Dealseat: 2 withdrawn codes must be expired');
    }));
});

/** The mail is out, and the deal does not say so. */
async function unmarked(tenant: SandboxTenant): Promise<StartedDeal> {
  // The first write shows that provisioning started, the second notes what the mail hands over.
  tenant.sandbox.faults.add(refusedDealWrite({ after: 2 }));
  const deal = await tenant.startHubSpot();
  await tenant.waitForProgress(deal.id, ({ problems }) => problems[0]?.code === 'crm.forbidden');
  await tenant.waitForEvidence(() => held(tenant, deal).status === 'NeedsAttention');
  expect(hubspotEvidence(tenant.sandbox, deal).mailedTo).toHaveLength(1);
  expect(ledgerOf(tenant, deal)).toMatchObject({ pending: true, roster: null });
  return deal;
}

describe('What a person decided about a withdrawal', () => {
  test.concurrent('stays the end of a lost deal, though it changes while the seats are withdrawn', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await delivered(tenant);
      setStage(tenant, deal, 'closedlost');
      await untilAsked(tenant, deal);
      await tenant.waitForEvidence(() => hubspotEvidence(tenant.sandbox, deal).tasks.length === 1);
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      tenant.sandbox.faults.add({ ...TASK, kind: 'delay', until: released });
      try {
        await tenant.answer(deal.id, 'withdraw', BOSS);
        await tenant.waitForEvidence(() => tenant.sandbox.faults.hits.length === 1);
        await tenant.provision(tenant.ref('hubspot', deal.dealId));
      } finally {
        release();
      }
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Cancelled', seatCount: 0 });
      const { fields } = hubspotEvidence(tenant.sandbox, deal);
      expect(fields).toMatchObject({ status: 'Cancelled', seats: '0' });
      expect(fields.detail).toContain(BOSS.reason);
    }));

  test.concurrent('is followed by what is sold meanwhile, though no event tells of it', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await asked(tenant);
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      tenant.sandbox.faults.add({ ...TASK, kind: 'delay', until: released });
      try {
        await tenant.answer(deal.id, 'withdraw', BOSS);
        await tenant.waitForEvidence(() => tenant.sandbox.faults.hits.length === 1);
        setQuantity(tenant, deal, 3);
      } finally {
        release();
      }
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(held(tenant, deal)).toMatchObject({ status: 'Delivered', seats: '3' });
      expect(held(tenant, deal).rosters.flat()).toHaveLength(3);
    }));
});

describe('A deal that is lost after its roster was handed over, before its mark was written', () => {
  async function lost(tenant: SandboxTenant): Promise<StartedDeal> {
    const deal = await unmarked(tenant);
    setStage(tenant, deal, 'closedlost');
    await tenant.answer(deal.id, 'retry');
    await tenant.waitForProgress(deal.id, ({ question }) => question?.kind === 'withdrawal');
    return deal;
  }

  test.concurrent('is put before a person, who has the seats withdrawn', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await lost(tenant);
      const { problems } = await tenant.console.progress(deal.id);
      expect(problems).toMatchObject([{ code: 'withdrawal.required' }]);
      await tenant.answer(deal.id, 'withdraw', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Cancelled', seatCount: 0 });
      expect(held(tenant, deal)).toMatchObject({ status: 'Cancelled', seats: '0', rosters: [] });
    }));

  test.concurrent('keeps its seats when the person leaves them, and is not written about again', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await lost(tenant);
      await tenant.answer(deal.id, 'keep', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(held(tenant, deal)).toMatchObject({ status: 'Delivered', rosters: [codesMade(tenant.sandbox)] });
      expect(hubspotEvidence(tenant.sandbox, deal).mailedTo).toHaveLength(1);
    }));

  test.concurrent('is asked about by a later run, too, when this one was cancelled', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await unmarked(tenant);
      await tenant.cancelNatively(deal.id);
      expect((await tenant.failureOf(deal.id)).code).toBe('cancelled');
      setStage(tenant, deal, 'closedlost');
      const { problems } = await untilAsked(tenant, deal);
      expect(problems).toMatchObject([{ code: 'withdrawal.required' }]);
      await tenant.answer(deal.id, 'withdraw', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Cancelled', seatCount: 0 });
    }));

  test.concurrent('is delivered after all when it is won again', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await lost(tenant);
      setStage(tenant, deal, 'closedwon');
      expect(await again(tenant, deal)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(held(tenant, deal)).toMatchObject({
        status: 'Delivered',
        seats: '3',
        rosters: [codesMade(tenant.sandbox)],
      });
      expect(tenant.sandbox.ti.state.groups).toHaveLength(1);
    }));
});

describe('A deal that sells other seats after its roster was handed over, before its mark was written', () => {
  test.concurrent('gets more as an amendment, and the buyer hears of it', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await unmarked(tenant);
      setQuantity(tenant, deal, 5);
      await tenant.answer(deal.id, 'retry');
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 5 });
      expect(held(tenant, deal)).toMatchObject({ status: 'Delivered', seats: '5' });
      expect(held(tenant, deal).rosters).toEqual([codesMade(tenant.sandbox)]);
      expect(hubspotEvidence(tenant.sandbox, deal).mailedTo).toHaveLength(2);
    }));

  test.concurrent('has a person decide about those that are sold no more', () =>
    rig.withSandbox(async (tenant) => {
      const deal = await unmarked(tenant);
      setQuantity(tenant, deal, 2);
      await tenant.answer(deal.id, 'retry');
      const { problems } = await tenant.waitForProgress(
        deal.id,
        ({ question }) => question?.kind === 'withdrawal',
      );
      expect(problems).toMatchObject([{ code: 'withdrawal.required' }]);
      await tenant.answer(deal.id, 'withdraw', BOSS);
      expect(await tenant.resultOf(deal.id)).toMatchObject({ status: 'Delivered', seatCount: 2 });
      expect(held(tenant, deal).rosters.map(({ length }) => length)).toEqual([2]);
      const { tasks } = hubspotEvidence(tenant.sandbox, deal);
      expect(tasks).not.toContain('Dealseat: unused code group, please expire');
    }));
});
