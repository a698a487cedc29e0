import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { SweepConfig } from '../config/config.ts';
import type { CrmInUse } from '../config/crm-settings.ts';
import type { Policy } from '../contracts/policy.ts';
import { searchAttributeKeys } from '../contracts/search-attributes.ts';
import { SWEEP_DEALS, type SweepInput, sweepId } from '../contracts/sweep.ts';
import type { CrmName } from '../domain/deal/deal.ts';

export interface SweepScheduleOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly policy: Policy;
  readonly sweep: SweepConfig;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Runs that were due while the Temporal server was away are made up for if they are no older than this. */
const CATCH_UP_WINDOW = '1 hour';

/** What a schedule must know of the account that it sweeps. */
type SweptCrm = Pick<CrmInUse, 'module' | 'account'>;

/** Makes or updates one schedule for each account; tells where each begins, a UTC instant. */
export async function ensureSweepSchedules(
  options: SweepScheduleOptions,
  crms: readonly SweptCrm[],
): Promise<Record<CrmName, string>> {
  const since: Record<CrmName, string> = {};
  for (const crm of crms) since[crm.module.name] = await ensureSweepSchedule(options, crm);
  return since;
}

/**
 * Makes the schedule that sweeps one CRM account, and looks at once; an existing one takes over the settings and
 * keeps what an operator did to it. The cursor lives in the schedule: each run is handed the last one's result.
 */
async function ensureSweepSchedule(options: SweepScheduleOptions, swept: SweptCrm): Promise<string> {
  const scope = { crm: swept.module.name, account: swept.account };
  const { client, now, sweep } = options;
  const scheduleId = sweepId(scope);
  const today = `${new Date(now()).toISOString().slice(0, 10)}T00:00:00.000Z`;
  let since = sweep.since ?? today;
  try {
    const schedule = await client.schedule.create({
      scheduleId,
      ...settings(options, swept, since),
      typedSearchAttributes: [{ key: searchAttributeKeys.crm, value: scope.crm }],
    });
    // The option `triggerImmediately` would start a run that the schedule does not follow, and whose cursor is lost.
    await schedule.trigger(ScheduleOverlapPolicy.SKIP);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update(({ action, state, typedSearchAttributes }) => {
      const [input] = (action.args ?? []) as Partial<SweepInput>[];
      since = sweep.since ?? input?.since ?? today;
      return { ...settings(options, swept, since), typedSearchAttributes, state };
    });
  }
  return since;
}

function settings(options: SweepScheduleOptions, { module, account }: SweptCrm, since: string) {
  const scope = { crm: module.name, account };
  const { displayName } = module.facts;
  const { intervalMs, lagMs, lookBackMs } = options.sweep;
  const input: SweepInput = {
    ...scope,
    since,
    lagMs,
    lookBackMs,
    policy: options.policy,
  };
  return {
    spec: { intervals: [{ every: intervalMs }] },
    policies: {
      // A sweep that is still at work does what the next one would.
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: CATCH_UP_WINDOW,
      pauseOnFailure: false,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: SWEEP_DEALS,
      workflowId: sweepId(scope),
      taskQueue: options.taskQueue,
      args: [input],
      staticSummary: `Sweep of ${displayName} ${account}`,
      staticDetails: `Finds won deals of ${displayName} account ${account} that have no run for their last change, and starts it.`,
      typedSearchAttributes: [{ key: searchAttributeKeys.crm, value: scope.crm }],
    },
  };
}
