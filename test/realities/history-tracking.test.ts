import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseHold } from '../../src/domain/deal/hold.ts';
import { DEALS, DEPLOYMENT, ensuring, failureOf, HOLD, openWorld, type World } from '../activities/world.ts';

const HOUR_MS = 3_600_000;
/** Longer than a test may take. */
const ENDLESS = { pauseMs: HOUR_MS / 4, leaseMs: HOUR_MS };
const SHORT = { pauseMs: 300, leaseMs: HOUR_MS };

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const org = () => world.sandbox.salesforce.state;
const groups = () => world.sandbox.ti.state.groups;

async function ensuringFirst(bounds: typeof SHORT) {
  const plan = await world.plan('salesforce');
  const [group] = plan.groups;
  if (group === undefined) throw new Error('the seeded deal plans no group');
  return ensuring(plan, group, { ...HOLD, bounds });
}

/** How many of two deployments that begin at once make codes, and why the others do not. */
async function beginTwice() {
  const input = await ensuringFirst(SHORT);
  const attempts = [world.run('ensureCodeGroup', input), world.elsewhere('ensureCodeGroup', input)];
  const outcomes = await Promise.allSettled(attempts);
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  return Promise.all(refused.map(async (reason) => (await failureOf(Promise.reject(reason))).code));
}

describe('History tracking of the hold field in Salesforce', () => {
  test('History tracking is set on for Dealseat Claim -> the history shows who was first with a deal, and nothing pauses', async () => {
    await world.run('ensureCodeGroup', await ensuringFirst(ENDLESS));
    expect(groups()).toHaveLength(1);
  });

  test('History tracking is set on, and two deployments begin a deal at once -> one of them makes the codes, the other one waits', async () => {
    expect(await beginTwice()).toEqual(['run.held_elsewhere']);
    expect(groups()).toHaveLength(1);
  });

  test('History tracking is set on for no field of Opportunity, and two deployments begin a deal at once -> after a short pause one of them makes the codes, the other one waits', async () => {
    org().settings.trackedFields.clear();
    expect(await beginTwice()).toEqual(['run.held_elsewhere']);
    expect(groups()).toHaveLength(1);
  });

  test('History tracking is set on for other fields only -> the codes are made after a short pause', async () => {
    org().settings.trackedFields.clear();
    org().settings.trackedFields.add('Opportunity.StageName');
    await world.run('ensureCodeGroup', await ensuringFirst(SHORT));
    expect(groups()).toHaveLength(1);
  });

  test('The history of opportunities is refused to the integration user -> the codes are made after a short pause', async () => {
    const body = [{ errorCode: 'INSUFFICIENT_ACCESS', message: 'no access', fields: [] }];
    const refusal = { method: 'GET', path: /\/query$/, kind: 'status', status: 403, body } as const;
    const input = await ensuringFirst(SHORT);
    // After the look of the step, and the one that is made together with the write.
    world.fail({ system: 'salesforce', ...refusal, after: 2 });
    await world.run('ensureCodeGroup', input);
    expect(groups()).toHaveLength(1);
    expect(world.sandbox.faults.hits).toHaveLength(1);
  });

  test('A person has typed something into Dealseat Claim -> it is written over, and the codes are made', async () => {
    const { dealId } = DEALS.salesforce;
    org().updateOpportunity(dealId, { Dealseat_Claim__c: 'please leave alone' });
    await world.run('ensureCodeGroup', await ensuringFirst(ENDLESS));
    const { Dealseat_Claim__c: claim } = org().opportunity(dealId);
    expect(parseHold(String(claim))).toMatchObject({ deployment: DEPLOYMENT, isDone: false });
    expect(groups()).toHaveLength(1);
  });
});
