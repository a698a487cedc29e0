import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { EnsureCodeGroupInput } from '../../src/contracts/activities.ts';
import type { CrmName } from '../../src/domain/deal/deal.ts';
import { formatClaim, parseClaim } from '../../src/domain/deal/hold.ts';
import type { Plan } from '../../src/domain/planning/plan.ts';
import { writeCount } from '../support/evidence.ts';
import { randomFrom } from '../support/random.ts';
import {
  CLAIM,
  DEALS,
  DEPLOYMENT,
  ensuring,
  failureOf,
  forLearners,
  OTHER_DEPLOYMENT,
  openWorld,
  type World,
} from './world.ts';

const CRMS = ['hubspot', 'salesforce'] as const;
const HOUR_MS = 3_600_000;

let world: World;
beforeEach(async () => {
  world = await openWorld({ catalog: forLearners });
});
afterEach(() => world.close());

function claimOf(crm: CrmName): string | null {
  const { hubspot, salesforce } = world.sandbox;
  const { dealId } = DEALS[crm];
  return crm === 'hubspot'
    ? (hubspot.state.valuesOf('deals', dealId).dealseat_claim ?? null)
    : ((salesforce.state.opportunity(dealId).Dealseat_Claim__c as string | null) ?? null);
}

function setClaim(crm: CrmName, text: string): void {
  const { hubspot, salesforce } = world.sandbox;
  const { dealId } = DEALS[crm];
  if (crm === 'hubspot') hubspot.state.edit('deals', dealId, { dealseat_claim: text });
  else salesforce.state.updateOpportunity(dealId, { Dealseat_Claim__c: text });
}

function foreign({ ageMs = 0, isDone = false } = {}): string {
  const at = new Date(Date.now() - ageMs).toISOString();
  return formatClaim({ deployment: OTHER_DEPLOYMENT, at, isDone });
}

function ensuringFirst(plan: Plan, claim = CLAIM): EnsureCodeGroupInput {
  const [group] = plan.groups;
  if (group === undefined) throw new Error('the seeded deal plans no group');
  return { ...ensuring(plan, group), claim };
}

function groups() {
  return world.sandbox.ti.state.groups;
}

describe.each(CRMS)('two deployments on one %s deal', (crm) => {
  const claim = { settleMs: 300, leaseMs: HOUR_MS };

  test.each([1, 2, 3, 4, 5])(
    'that start within one moment make one group; the other one names the first (seed %i)',
    async (seed) => {
      const random = randomFrom(seed);
      const [ours, theirs] = [await world.plan(crm), await world.elsewhere('planDeal', { deal: DEALS[crm] })];
      if (theirs.kind !== 'ready') throw new Error(`expected a plan, found ${theirs.kind}`);
      const later = random() * claim.settleMs;
      const [first, second] = await Promise.allSettled([
        world.run('ensureCodeGroup', ensuringFirst(ours, claim)),
        wait(later).then(() => world.elsewhere('ensureCodeGroup', ensuringFirst(theirs.plan, claim))),
      ]);
      expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected']);
      expect(groups()).toHaveLength(1);
      const winner = first.status === 'fulfilled' ? DEPLOYMENT : OTHER_DEPLOYMENT;
      const loser = first.status === 'fulfilled' ? second : first;
      if (loser.status === 'fulfilled') throw new Error('both made a group');
      expect((await failureOf(Promise.reject(loser.reason))).code).toBe('run.claimed_elsewhere');
      expect(loser.reason.message).toContain(winner);
      expect(parseClaim(claimOf(crm))).toMatchObject({ deployment: winner, isDone: false });
    },
  );
});

describe.each(CRMS)('on a slow %s account', (crm) => {
  const slowMs = 600;
  const claim = { settleMs: 100, leaseMs: HOUR_MS };
  const slow = {
    system: crm,
    method: 'PATCH',
    path: /deals\/9001$|Opportunity\//,
    kind: 'delay',
    delayMs: slowMs,
  } as const;

  test('one claim is enough, and counts once it was left alone for longer than it took to write', async () => {
    const plan = await world.plan(crm);
    world.fail({ ...slow, times: Number.POSITIVE_INFINITY });
    const startedAt = Date.now();
    await world.run('ensureCodeGroup', ensuringFirst(plan, claim));
    expect(Date.now() - startedAt).toBeGreaterThan(2 * slowMs);
    const writes = world.sandbox.exchanges.filter(
      ({ system, method }) => system === crm && method === 'PATCH',
    );
    expect(writes).toHaveLength(1);
    expect(groups()).toHaveLength(1);
  });

  test('two deployments whose writes take far longer than the pause still make one group', async () => {
    const plan = await world.plan(crm);
    world.fail({ ...slow, times: Number.POSITIVE_INFINITY });
    const outcomes = await Promise.allSettled([
      world.run('ensureCodeGroup', ensuringFirst(plan, claim)),
      wait(slowMs / 3).then(() => world.elsewhere('ensureCodeGroup', ensuringFirst(plan, claim))),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(groups()).toHaveLength(1);
  });
});

describe.each(CRMS)('a claim on a %s deal', (crm) => {
  test('is written by the first step, proved once, and given up with the mark', async () => {
    const { plan } = await world.prepare(crm);
    const text = claimOf(crm);
    expect(parseClaim(text)).toMatchObject({ deployment: DEPLOYMENT, isDone: false });
    await world.run('ensureCodeGroup', ensuringFirst(plan));
    expect(claimOf(crm)).toBe(text);
    const { deal } = plan;
    await world.run('writeDealStatus', { deal, status: 'Delivered', detail: 'x', releasesClaim: true });
    expect(parseClaim(claimOf(crm))).toMatchObject({ deployment: DEPLOYMENT, isDone: true });
  });

  test('of another deployment that is at work keeps every step from writing anything', async () => {
    const { resend, settleMs, settleIntervalMs, roster, ...handOver } = await world.prepareMessages(crm);
    setClaim(crm, foreign());
    const before = writeCount(world.sandbox);
    const messages = { ...handOver, roster, resend, settleMs, settleIntervalMs };
    for (const attempt of [
      world.run('ensureCodeGroup', ensuringFirst(handOver.plan)),
      world.run('writeRedeemLinks', handOver),
      world.run('attachRoster', handOver),
      world.run('sendMessages', messages),
    ]) {
      const failure = await failureOf(attempt);
      expect(failure).toMatchObject({ code: 'run.claimed_elsewhere', nonRetryable: true });
    }
    expect(writeCount(world.sandbox)).toBe(before);
  });

  test('does not keep us from finding out about a message that may be on its way', async () => {
    const messages = await world.prepareMessages(crm);
    await world.run('sendMessages', messages);
    const { length } = world.sandbox.outbox.mails;
    setClaim(crm, foreign());
    const again = await world.run('sendMessages', messages, { attempt: 2 });
    expect(again).toHaveLength(messages.plan.messages.length);
    expect(world.sandbox.outbox.mails).toHaveLength(length);
  });

  test('of a deployment that is gone is taken over by a plan that saw it, and its group adopted', async () => {
    const gone = await world.elsewhere('planDeal', { deal: DEALS[crm] });
    if (gone.kind !== 'ready') throw new Error(`expected a plan, found ${gone.kind}`);
    const made = await world.elsewhere('ensureCodeGroup', ensuringFirst(gone.plan));
    setClaim(crm, foreign({ ageMs: 2 * HOUR_MS }));
    const ours = await world.run('ensureCodeGroup', ensuringFirst(await world.plan(crm)));
    expect(ours).toMatchObject({ groupId: made.groupId, wasAdopted: true });
    expect(parseClaim(claimOf(crm))).toMatchObject({ deployment: DEPLOYMENT });
  });

  test('that was held and given up since the deal was read makes the plan an old one', async () => {
    const plan = await world.plan(crm);
    setClaim(crm, foreign({ isDone: true }));
    expect((await failureOf(world.run('ensureCodeGroup', ensuringFirst(plan)))).code).toBe(
      'run.claimed_elsewhere',
    );
    await world.run('ensureCodeGroup', ensuringFirst(await world.plan(crm)));
    expect(groups()).toHaveLength(1);
  });

  test('is given up by nobody when the run is cancelled while it settles, and no group is made', async () => {
    const plan = await world.plan(crm);
    const { done, cancel } = world.start(
      'ensureCodeGroup',
      ensuringFirst(plan, { settleMs: 60_000, leaseMs: HOUR_MS }),
    );
    const ended = done.then(
      () => 'made',
      () => 'ended',
    );
    const deadline = Date.now() + 20_000;
    while (claimOf(crm) === null && Date.now() < deadline) await wait(10);
    cancel();
    expect(await ended).toBe('ended');
    expect(groups()).toEqual([]);
  });
});
