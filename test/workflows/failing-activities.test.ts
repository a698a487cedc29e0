import { describe, expect, test } from '@jest/globals';
import { Context } from '@temporalio/activity';
import type { ProvisioningActivities, WriteRecordInput } from '../../src/contracts/activities.ts';
import type { Policy } from '../../src/contracts/policy.ts';
import { DealseatError } from '../../src/domain/failure.ts';
import { handingOver } from '../support/delivered-deals.ts';
import type { FakeTenant } from '../support/rig.ts';
import { openRig } from '../support/rig.ts';

const rig = openRig();

type Name = keyof ProvisioningActivities;

/** Of what fails, and on a busy machine enough for an attempt to fail in; everything else keeps its long bounds. */
const BOUND_MS = 10_000;

const toLearnersByList = handingOver({ to: 'learners', hubspot: { via: 'list', listId: '2001' } });

interface Step {
  readonly activity: Name;
  readonly undone: readonly Name[];
  readonly isPastPivot?: true;
}

/** What must be undone, in any order, when a step fails for good. */
const STEPS: readonly Step[] = [
  { activity: 'planDeal', undone: [] },
  { activity: 'ensureCodeGroup', undone: ['quarantineCodeGroup'] },
  { activity: 'awaitCodes', undone: ['quarantineCodeGroup'] },
  { activity: 'attachRoster', undone: ['removeRoster', 'clearRedeemLinks', 'quarantineCodeGroup'] },
  { activity: 'sendMessages', undone: [], isPastPivot: true },
  { activity: 'concludeDelivery', undone: [], isPastPivot: true },
];

async function gone(): Promise<never> {
  throw new DealseatError({ code: 'lms.not_found', message: 'The group is gone' });
}

function boundOf({ activity }: Step): Partial<Policy> {
  return activity === 'planDeal' ? { readTotalMs: BOUND_MS } : { writeTotalMs: BOUND_MS };
}

function callsOf({ calls }: FakeTenant, activity: Name): readonly unknown[] {
  return calls.flatMap((call) => (call.activity === activity ? [call.input] : []));
}

const WRITING: readonly Name[] = ['concludeDelivery', 'writeRecord'];

/** What the deal was told last. */
function lastWrite(tenant: FakeTenant) {
  return tenant.calls
    .flatMap(({ activity, input }) => (WRITING.includes(activity) ? [(input as WriteRecordInput).write] : []))
    .at(-1);
}

const UNDOES: readonly Name[] = ['removeRoster', 'clearRedeemLinks', 'quarantineCodeGroup'];

describe('A run in which', () => {
  for (const step of STEPS) {
    const { activity, undone, isPastPivot = false } = step;
    test.concurrent(`${activity} ends in a failure that no repeat helps is undone, told on the deal and failed`, () =>
      rig.withFakes(
        { catalog: toLearnersByList, overrides: () => ({ [activity]: gone }) },
        async (tenant) => {
          const id = await tenant.start();
          const { code } = await tenant.failureOf(id);
          expect(code).toBe('lms.not_found');
          const calls = tenant.calls.flatMap((call) =>
            UNDOES.includes(call.activity) ? [call.activity] : [],
          );
          expect(calls.sort()).toEqual([...undone].sort());
          const last = lastWrite(tenant);
          expect(last?.status).toBe('Failed');
          expect(last?.detail.includes('may be with people already')).toBe(isPastPivot);
          expect(callsOf(tenant, 'notifyOwner')).toContainEqual(
            expect.objectContaining({ subject: 'Dealseat could not provision this deal' }),
          );
        },
      ));
  }
});

describe('A step that comes to no end', () => {
  for (const step of STEPS.filter(({ activity }) => activity !== 'awaitCodes')) {
    test.concurrent(`${step.activity} is waited for with nothing undone, and tried again`, () => {
      let isStuck = true;
      return rig.withFakes(
        {
          policy: { ...boundOf(step), lookAgainMs: 1_000 },
          overrides: (going) => ({
            [step.activity]: async (input: never) =>
              isStuck ? Context.current().cancelled : going[step.activity](input),
          }),
        },
        async (tenant) => {
          const id = await tenant.start();
          const { problems, undone } = await tenant.waitForStatus(id, 'NeedsAttention');
          expect(problems).toMatchObject([{ code: 'run.step_failed' }]);
          expect(undone).toEqual([]);
          isStuck = false;
          // What may have been sent is for a person to look at.
          if (step.activity === 'sendMessages') await tenant.answer(id, 'retry');
          expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
        },
      );
    });
  }
});

describe('An undo that fails', () => {
  test.concurrent('is reported with the failure, and the other undos still run', () =>
    rig.withFakes({ overrides: () => ({ attachRoster: gone, removeRoster: gone }) }, async (tenant) => {
      const id = await tenant.start();
      const { code, undone } = await tenant.failureOf(id);
      expect(code).toBe('lms.not_found');
      expect(undone.map(({ step, outcome }) => [step.split(' ')[0], outcome])).toEqual([
        ['Attach', 'failed'],
        ['Create', 'quarantined'],
      ]);
      expect(undone[0]?.detail).toContain('The group is gone');
      expect(await tenant.undoFailedAttribute(id)).toBe(true);
      expect(lastWrite(tenant)?.detail).toContain('could not be taken off the deal');
    }));

  test.concurrent('makes a cancelled run fail, so that nobody takes it for undone', () =>
    rig.withFakes(
      {
        overrides: () => ({
          awaitCodes: async () => {
            throw new DealseatError({ code: 'lms.codes_not_listed', message: '0 of 3 codes are listed' });
          },
          quarantineCodeGroup: gone,
        }),
      },
      async (tenant) => {
        const id = await tenant.start();
        await tenant.waitForStatus(id, 'AwaitingCodes');
        await tenant.console.cancel(id, { by: 'sales ops', reason: 'a mistake' });
        const { code, undone } = await tenant.failureOf(id);
        expect(code).toBe('run.cancelled');
        expect(undone.map(({ outcome }) => outcome)).toEqual(['failed']);
        expect(await tenant.undoFailedAttribute(id)).toBe(true);
      },
    ));
});

describe('Codes that are never listed', () => {
  const SHAPES: Readonly<Record<string, () => Promise<never>>> = {
    'between two polls': async () => {
      throw new DealseatError({ code: 'lms.codes_not_listed', message: '2 of 3 codes are listed' });
    },
    'during a poll': () => Context.current().cancelled,
  };

  for (const [when, poll] of Object.entries(SHAPES)) {
    test.concurrent(`are a person's business when the deadline comes ${when}, and can be waited for again`, () => {
      let isListed = false;
      return rig.withFakes(
        {
          policy: { pollDeadlineMs: BOUND_MS },
          overrides: ({ awaitCodes }) => ({
            awaitCodes: (input) => (isListed ? awaitCodes(input) : poll()),
          }),
        },
        async (tenant) => {
          const id = await tenant.start();
          const { problems } = await tenant.waitForStatus(id, 'NeedsAttention');
          expect(problems).toMatchObject([
            {
              code: 'lms.codes_never_listed',
              message:
                when === 'during a poll' ? expect.stringContaining('in time') : '2 of 3 codes are listed',
            },
          ]);
          isListed = true;
          await tenant.answer(id, 'retry');
          expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
        },
      );
    });
  }
});

describe('A delivered deal', () => {
  test.concurrent('stays delivered when its owner cannot be told', () =>
    rig.withFakes(
      {
        overrides: ({ concludeDelivery }) => ({
          concludeDelivery: async (input) => ({ ...(await concludeDelivery(input)), isTold: false }),
          notifyOwner: async () => {
            throw new DealseatError({ code: 'crm.forbidden', message: 'No permission to add tasks' });
          },
        }),
      },
      async (tenant) => {
        const id = await tenant.start();
        const { status, warnings } = await tenant.resultOf(id);
        expect(status).toBe('Delivered');
        expect(warnings.join()).toContain('No permission to add tasks');
        expect(lastWrite(tenant)?.status).toBe('Delivered');
        // The first try may have made the task.
        expect(callsOf(tenant, 'notifyOwner')).toEqual([
          expect.not.objectContaining({ untouchedIn: expect.anything() }),
        ]);
      },
    ));

  test.concurrent('that does not keep what was delivered is put to a person, not delivered without end', () =>
    rig.withFakes(
      {
        overrides: () => ({
          concludeDelivery: async () => ({ isTold: true, unchanged: null }),
          writeRecord: async () => ({ isWritten: true }),
        }),
      },
      async (tenant) => {
        const id = await tenant.start();
        const { problems } = await tenant.waitForStatus(id, 'NeedsAttention');
        expect(problems).toMatchObject([
          { code: 'deal.mark_unreadable', message: expect.stringContaining('does not keep') },
        ]);
        expect(callsOf(tenant, 'sendMessages')).toHaveLength(1);
        await tenant.console.cancel(id, { by: 'sales ops', reason: 'a test' });
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Cancelled' });
      },
    ));
});
