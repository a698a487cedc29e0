import { describe, expect, test } from '@jest/globals';
import type { ProvisioningActivities } from '../../src/contracts/activities.ts';
import { DealseatError, type FailureCode } from '../../src/domain/failure.ts';
import { type FakeTenant, openRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const rig = openRig();

const TOO_LATE_MS = 3_600_000;
const BY_SALES = { by: 'sales ops', reason: 'the customer withdrew' };

/** A system that is away until the test says otherwise. */
class Away {
  isAway = true;
  probes = 0;
  readonly #code: FailureCode;

  constructor(code: FailureCode) {
    this.#code = code;
  }

  /** The server repeats no step whose next attempt would come after its time. */
  over(): never {
    throw new DealseatError({ code: this.#code, message: 'HTTP 503', retryAfterMs: TOO_LATE_MS });
  }

  readonly probe = async () => {
    this.probes += 1;
    if (this.isAway) throw new DealseatError({ code: this.#code, message: 'HTTP 503' });
  };

  /** The step fails as long as the system is away. */
  readonly during =
    (name: keyof ProvisioningActivities) =>
    (going: ProvisioningActivities): Partial<ProvisioningActivities> => ({
      [name]: async (input: never) => (this.isAway ? this.over() : going[name](input)),
    });
}

function count({ calls }: FakeTenant, activity: keyof ProvisioningActivities): number {
  return calls.filter((call) => call.activity === activity).length;
}

function statuses({ calls }: FakeTenant): string[] {
  return calls.flatMap(({ input }) => {
    const { write } = input as { write?: { status: string } };
    return write === undefined ? [] : [write.status];
  });
}

/** The workflow that asks the system for the run. */
async function probeOf({ historyOf }: FakeTenant, id: string): Promise<string> {
  const { events } = await historyOf(id);
  const ids = (events ?? []).map(
    (event) =>
      event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId ??
      event.signalExternalWorkflowExecutionInitiatedEventAttributes?.workflowExecution?.workflowId,
  );
  const probe = ids.find((other) => other?.startsWith('outage:'));
  if (!probe) throw new Error('The run did not ask to be woken');
  return probe;
}

// One after another: the runs of a task queue share the probe of the platform.
describe('A run whose learning platform stays away longer than a step is repeated', () => {
  test('waits with nothing undone, says so on the deal, and is delivered by itself', () => {
    const away = new Away('lms.unavailable');
    const overrides = away.during('ensureCodeGroup');
    return rig.withFakes({ overrides, probe: away.probe }, async (tenant) => {
      const id = await tenant.start();
      const { problems, step, undone, question } = await tenant.waitForStatus(id, 'NeedsAttention');
      expect(problems).toMatchObject([{ code: 'lms.unavailable' }]);
      expect(step).toBe('Waiting until the learning platform answers again');
      expect(undone).toEqual([]);
      expect(question).toMatchObject({ kind: 'help', answers: ['retry'] });
      await tenant.waitForEvidence(() => statuses(tenant).includes('NeedsAttention') && away.probes > 0);
      away.isAway = false;
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered', seatCount: 3 });
      expect(count(tenant, 'quarantineCodeGroup')).toBe(0);
      // The create before may have happened, so the group is looked for patiently.
      expect(
        tenant.calls.filter(({ activity }) => activity === 'ensureCodeGroup').at(-1)?.input,
      ).toMatchObject({
        mayBeMade: true,
      });
    });
  });

  test('shares one probe with all others, asks for nothing meanwhile, and each is delivered', () => {
    const away = new Away('lms.rate_limited');
    const overrides = away.during('awaitCodes');
    return rig.withFakes({ overrides, probe: away.probe }, async (tenant) => {
      const ids = await Promise.all(
        Array.from({ length: 20 }, (_, index) => tenant.start(String(9100 + index))),
      );
      for (const id of ids) await tenant.waitForStatus(id, 'NeedsAttention');
      const before = away.probes;
      const steps = () => count(tenant, 'awaitCodes') + count(tenant, 'ensureCodeGroup');
      const stepsBefore = steps();
      await tenant.waitForEvidence(() => away.probes >= before + 2);
      expect(away.probes).toBeLessThan(before + 10);
      expect(steps()).toBe(stepsBefore);
      away.isAway = false;
      for (const id of ids) expect((await tenant.resultOf(id)).status).toBe('Delivered');
      expect(count(tenant, 'sendMessages')).toBe(20);
    });
  });

  test('is undone when a person cancels it meanwhile', () => {
    const away = new Away('lms.unavailable');
    const overrides = away.during('awaitCodes');
    return rig.withFakes({ overrides, probe: away.probe }, async (tenant) => {
      const id = await tenant.start();
      await tenant.waitForStatus(id, 'NeedsAttention');
      await tenant.console.cancel(id, BY_SALES);
      expect(await tenant.resultOf(id)).toMatchObject({ status: 'Cancelled' });
      expect(count(tenant, 'quarantineCodeGroup')).toBe(1);
      // It was the only one that waited, so that nobody asks the system any longer.
      const probe = await probeOf(tenant, id);
      await until('the probe is over', async () => (await tenant.temporalStatus(probe)) === 'COMPLETED');
      expect(away.isAway).toBe(true);
    });
  });

  test('is undone at the deadline, and says what it waited for', () => {
    const away = new Away('lms.unavailable');
    const options = { overrides: away.during('awaitCodes'), probe: away.probe };
    return rig.withFakes({ ...options, policy: { attentionDeadlineMs: 2_000 } }, async (tenant) => {
      const id = await tenant.start();
      const { code, message, problems } = await tenant.failureOf(id);
      expect(code).toBe('run.attention_expired');
      expect(message).toContain('Still open: HTTP 503');
      expect(problems).toMatchObject([{ code: 'lms.unavailable' }]);
      expect(count(tenant, 'quarantineCodeGroup')).toBe(1);
    });
  });
});

describe('A run whose CRM stays away', () => {
  test.concurrent('has the operators alerted once for all deals while it still repeats its step, and again when it is over', () => {
    let isAway = true;
    const overrides = (going: ProvisioningActivities): Partial<ProvisioningActivities> => ({
      attachRoster: async (input) => {
        if (isAway) throw new DealseatError({ code: 'crm.unavailable', message: 'HubSpot: HTTP 503' });
        return going.attachRoster(input);
      },
    });
    return rig.withFakes({ overrides }, async (tenant) => {
      const alerts = rig.alertsOf(tenant.deal.account);
      const ids = [await tenant.start(), await tenant.start('9002')];
      await tenant.waitForEvidence(() => alerts.length > 0);
      expect(alerts[0]).toMatchObject({
        state: 'raised',
        text: expect.stringContaining('HTTP 503. It has not answered since'),
      });
      expect(alerts[0]?.subject).toContain('2 deals wait');
      expect(statuses(tenant)).not.toContain('NeedsAttention');
      isAway = false;
      for (const id of ids) expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
      await tenant.waitForEvidence(() => alerts.at(-1)?.state === 'resolved');
      expect(alerts.filter(({ state }) => state === 'raised')).toHaveLength(1);
    });
  });

  const STEPS = ['planDeal', 'attachRoster', 'sendMessages', 'concludeDelivery'] as const;

  for (const step of STEPS) {
    test.concurrent(`in ${step} leaves it alone until its probe is answered, and goes on by itself`, () => {
      const away = new Away('crm.unavailable');
      return rig.withFakes({ overrides: away.during(step), probe: away.probe }, async (tenant) => {
        const id = await tenant.start();
        const { problems, undone } = await tenant.waitForStatus(id, 'NeedsAttention');
        expect(problems).toMatchObject([{ code: 'crm.unavailable' }]);
        expect(undone).toEqual([]);
        const before = tenant.calls.length;
        const { probes } = away;
        await tenant.waitForEvidence(() => away.probes > probes);
        expect(tenant.calls).toHaveLength(before);
        away.isAway = false;
        expect(await tenant.resultOf(id)).toMatchObject({ status: 'Delivered' });
        const last = tenant.calls.filter(({ activity }) => activity === 'sendMessages').at(-1);
        // What the try before may have sent is looked for.
        if (step === 'sendMessages') expect(last?.input).toMatchObject({ isResumed: true, outcomes: {} });
      });
    });
  }
});
