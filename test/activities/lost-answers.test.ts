import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../../sandbox/faults.ts';
import { askedIn, type Exchange } from '../../sandbox/http.ts';
import type { Sandbox } from '../../sandbox/index.ts';
import { ACTIVITY_NAMES, type ActivityName, type Conclusion } from '../../src/contracts/activities.ts';
import { type FailureCode, failureClass } from '../../src/domain/failure.ts';
import { openStepWorld, prepareRecordWrite, prepareStep } from './steps.ts';
import { failureOf, type SandboxCrm, type World } from './world.ts';

/**
 * Every request that changes something, of every activity, goes wrong in every way that leaves its outcome open. The
 * attempt may fail, but only so that it is repeated; and after the repeats the world is as if nothing had gone wrong.
 */
const CRMS = ['hubspot', 'salesforce'] as const;
const LOSSES: readonly Pick<Fault, 'kind' | 'commit'>[] = [
  { kind: 'dropBefore' },
  { kind: 'dropAfterCommit' },
  { kind: 'html', commit: true },
];
const MAX_ATTEMPTS = 4;

function isWrite({ method, path }: Exchange): boolean {
  return method !== 'GET' && !/\/(search|read|token)$/.test(path);
}

/** What people and programs would find: the same after one quiet attempt and after any number of disturbed ones. */
function effects({ ti, hubspot, salesforce, outbox }: Sandbox): object {
  const { records } = hubspot.state;
  const hubspotDeal = { object: 'deals', id: '9001' } as const;
  return {
    groups: ti.state.groups.map(({ label, totalCodesCount }) => [label, totalCodesCount]),
    mails: outbox.mails.map(({ to, subject }) => [to, subject]).sort(),
    hubspotFiles: hubspot.state
      .attachmentsOf(hubspotDeal)
      .map(({ name }) => name)
      .sort(),
    hubspotNotes: hubspot.state.engagementsOf('notes', hubspotDeal).length,
    hubspotTasks: hubspot.state.engagementsOf('tasks', hubspotDeal).length,
    hubspotOpenTasks: hubspot.state
      .engagementsOf('tasks', hubspotDeal)
      .filter(({ properties }) => properties.hs_task_status !== 'COMPLETED').length,
    hubspotStatus: records.getLive('deals', '9001').properties.dealseat_status ?? null,
    hubspotLinks: ['6001', '6002'].map((id) =>
      hasLink(records.getLive('contacts', id).properties.dealseat_redeem_link),
    ),
    salesforceFiles: salesforce.state
      .files('0065Y00001Suvw6QAB')
      .map(({ title }) => title)
      .sort(),
    salesforceTasks: salesforce.state.rows('Task').length,
    salesforceOpenTasks: salesforce.state.rows('Task').filter(({ Status }) => Status !== 'Completed').length,
    salesforceStatus: salesforce.state.opportunity('0065Y00001Suvw6QAB').Dealseat_Status__c ?? null,
    salesforceLinks: salesforce.state.rows('Contact').map((row) => hasLink(row.Dealseat_Redeem_Link__c)),
  };
}

function hasLink(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

type Attempt = (number?: number) => Promise<unknown>;
type Prepare = (world: World, crm: SandboxCrm) => Promise<Attempt>;

const RECORD_WRITES = ['note', 'mark', 'end'] as const;

const prepareActivity =
  (name: ActivityName): Prepare =>
  (world, crm) =>
    prepareStep(world, name, crm);
/** The run tells the owner by the step for that where it is not known to be done. */
const prepareConclusion: Prepare = async (world, crm) => {
  const conclude = await prepareStep(world, 'concludeDelivery', crm);
  const tell = await prepareStep(world, 'notifyOwner', crm);
  return async (number) => {
    const { isTold } = (await conclude(number)) as Conclusion;
    if (!isTold) await tell(number);
  };
};
const prepareWrite =
  (what: (typeof RECORD_WRITES)[number]): Prepare =>
  (world, crm) =>
    prepareRecordWrite(world, what, crm);

const PREPARED: Partial<Record<ActivityName, Prepare>> = { concludeDelivery: prepareConclusion };

/** Every activity, and the one that writes the record once for each thing that it writes. */
const STEPS: readonly (readonly [string, Prepare])[] = [
  ...ACTIVITY_NAMES.map((name) => [name, PREPARED[name] ?? prepareActivity(name)] as const),
  ...RECORD_WRITES.map((what) => [`writeRecord, ${what},`, prepareWrite(what)] as const),
];

/** The writes of one quiet attempt, and what it leaves behind. */
async function quietRun(prepare: Prepare, crm: SandboxCrm) {
  const world = await openStepWorld();
  try {
    const attempt = await prepare(world, crm);
    const before = world.sandbox.exchanges.length;
    await attempt();
    const writes = askedIn(world.sandbox.exchanges.slice(before)).filter(isWrite);
    return { writes, effects: effects(world.sandbox) };
  } finally {
    await world.close();
  }
}

async function untilDone(attempt: Attempt): Promise<readonly FailureCode[]> {
  const failures: FailureCode[] = [];
  for (let number = 1; number <= MAX_ATTEMPTS; number += 1) {
    const outcome = attempt(number);
    const isDone = await outcome.then(
      () => true,
      () => false,
    );
    if (isDone) return failures;
    const failure = await failureOf(outcome);
    expect({ code: failure.code, nonRetryable: failure.nonRetryable }).toEqual({
      code: failure.code,
      nonRetryable: false,
    });
    failures.push(failure.code);
  }
  throw new Error(`still failing after ${MAX_ATTEMPTS} attempts: ${failures.join(', ')}`);
}

function arm(world: World, write: Exchange, loss: Pick<Fault, 'kind' | 'commit'>): void {
  const path = new RegExp(
    `^${write.path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/[0-9A-Za-z]{15,}|[0-9a-f-]{36}/g, '[^/]+')}$`,
  );
  world.fail({ system: write.system, method: write.method, path, ...loss });
}

/** What an attempt and its repeats leave behind when the answer to this write is lost. */
async function loseOnce(prepare: Prepare, crm: SandboxCrm, write: Exchange, loss: (typeof LOSSES)[number]) {
  const world = await openStepWorld();
  try {
    const attempt = await prepare(world, crm);
    arm(world, write, loss);
    const failures = await untilDone(attempt);
    const what = `${write.method} ${write.path} ${loss.kind}`;
    return { what, failures, hits: world.sandbox.faults.hits.length, effects: effects(world.sandbox) };
  } finally {
    await world.close();
  }
}

describe.each(CRMS)('on a %s deal', (crm) => {
  test.each(STEPS)('%s ends as if no answer had been lost', async (_, prepare) => {
    const quiet = await quietRun(prepare, crm);
    // Each in a world of its own, and most of the time each waits.
    const lost = quiet.writes.flatMap((write) => LOSSES.map((loss) => loseOnce(prepare, crm, write, loss)));
    for (const { what, hits, effects, failures } of await Promise.all(lost)) {
      expect([what, hits]).toEqual([what, 1]);
      expect([what, effects]).toEqual([what, quiet.effects]);
      for (const code of failures) expect(failureClass(code)).toMatch(/^(retry|later|ambiguous)$/);
    }
  });
  test.each(STEPS)(
    '%s comes to the same when it is done again, because a worker died after it',
    async (_, prepare) => {
      const world = await openStepWorld();
      try {
        const attempt = await prepare(world, crm);
        await attempt(1);
        const once = effects(world.sandbox);
        await attempt(2);
        expect(effects(world.sandbox)).toEqual(once);
      } finally {
        await world.close();
      }
    },
  );

  test.each(RECORD_WRITES)('a %s that was written says so, though it is written again', async (what) => {
    const world = await openStepWorld();
    try {
      const attempt = await prepareRecordWrite(world, what, crm);
      expect([await attempt(1), await attempt(2)]).toEqual([{ isWritten: true }, { isWritten: true }]);
    } finally {
      await world.close();
    }
  });
});
