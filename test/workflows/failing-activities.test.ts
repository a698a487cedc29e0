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

interface Ending {
  readonly name: string;
  readonly fail: () => Promise<never>;
  /** Whether it comes with the bound of all attempts, which is then short. */
  readonly isByTime: boolean;
  /** Code that the run fails with. */
  readonly code: string;
}

const ENDINGS: readonly Ending[] = [
  {
    name: 'a failure that no repeat helps',
    fail: async () => {
      throw new DealseatError({ code: 'lms.not_found', message: 'The group is gone' });
    },
    isByTime: false,
    code: 'lms.not_found',
  },
  {
    name: 'failures until the time for all attempts is over',
    fail: async () => {
      throw new DealseatError({ code: 'crm.unavailable', message: 'HTTP 503' });
    },
    isByTime: true,
    code: 'crm.unavailable',
  },
  {
    name: 'attempts that never end',
    fail: () => Context.current().cancelled,
    isByTime: true,
    code: 'run.step_failed',
  },
];

function boundOf({ activity }: Step): Partial<Policy> {
  return activity === 'planDeal' ? { readTotalMs: BOUND_MS } : { writeTotalMs: BOUND_MS };
}

/** A poll without success by its deadline is left to a person, as the tests below promise. */
const hasOwnTest = (step: Step, ending: Ending): boolean =>
  step.activity === 'awaitCodes' && ending.code !== 'lms.not_found';

function failing({ activity }: Step, fail: () => Promise<never>) {
  return (): Partial<ProvisioningActivities> => ({ [activity]: fail });
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
    for (const ending of ENDINGS) {
      if (hasOwnTest(step, ending)) continue;
      test.concurrent(`${step.activity} ends in ${ending.name} is undone, told on the deal and failed`, () =>
        rig.withFakes(
          {
            catalog: toLearnersByList,
            policy: ending.isByTime ? boundOf(step) : {},
            overrides: failing(step, ending.fail),
          },
          async (tenant) => {
            const id = await tenant.start();
            const { code } = await tenant.failureOf(id);
            expect(code).toBe(ending.code);
            const undone = tenant.calls.flatMap(({ activity }) =>
              UNDOES.includes(activity) ? [activity] : [],
            );
            expect(undone.sort()).toEqual([...step.undone].sort());
            const last = lastWrite(tenant);
            expect(last?.status).toBe('Failed');
            expect(last?.detail.includes('may be with people already')).toBe(step.isPastPivot ?? false);
            expect(callsOf(tenant, 'notifyOwner')).toContainEqual(
              expect.objectContaining({ subject: 'Dealseat could not provision this deal' }),
            );
          },
        ));
    }
  }
});

describe('An undo that fails', () => {
  const gone = async (): Promise<never> => {
    throw new DealseatError({ code: 'lms.not_found', message: 'The group is gone' });
  };

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
    'after failed polls only': async () => {
      throw new DealseatError({ code: 'lms.unavailable', message: '2 of 3 codes are listed' });
    },
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
