import { setTimeout as delay } from 'node:timers/promises';
import {
  type Client,
  type ScheduleDescription,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { type SweepResult, type SweepScope, sweepId } from '../contracts/sweep.ts';

/** How one account's sweep stands, for people and programs. */
export interface SweepView extends SweepScope {
  /** Id of the schedule. */
  readonly id: string;
  /** `missing`: no worker of this account has run yet. */
  readonly state: 'active' | 'paused' | 'missing';
  /** UTC instants. */
  readonly next: string | null;
  /** The latest sweep that was started. */
  readonly last: {
    readonly id: string;
    /** As Temporal calls it. */
    readonly status: string;
    readonly endedAt: string | null;
    /** Null while it runs, and when it failed. */
    readonly result: SweepResult | null;
  } | null;
}

const POLL_MS = 250;

/** Sweeps one account now, after a sweep that is at work, and waits for its end. Null: there is no schedule. */
export async function sweepNow(client: Client, scope: SweepScope): Promise<SweepResult | null> {
  const schedule = client.schedule.getHandle(sweepId(scope));
  const before = await unlessMissing(schedule.describe());
  if (before === null) return null;
  const seen = new Set(before.info.recentActions.map(runIdOf));
  await schedule.trigger(ScheduleOverlapPolicy.BUFFER_ONE);
  for (;;) {
    const { info } = await schedule.describe();
    const started = info.recentActions.find((action) => !seen.has(runIdOf(action)));
    if (started) {
      const { workflowId, firstExecutionRunId } = started.action.workflow;
      const run = client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId });
      return (await run.result()) as SweepResult;
    }
    await delay(POLL_MS);
  }
}

export async function readSweep(client: Client, scope: SweepScope): Promise<SweepView> {
  const id = sweepId(scope);
  const schedule = await unlessMissing(client.schedule.getHandle(id).describe());
  if (schedule === null) return { ...scope, id, state: 'missing', next: null, last: null };
  return {
    ...scope,
    id,
    state: schedule.state.paused ? 'paused' : 'active',
    next: schedule.info.nextActionTimes[0]?.toISOString() ?? null,
    last: await lastSweep(client, schedule),
  };
}

async function lastSweep(client: Client, { info }: ScheduleDescription): Promise<SweepView['last']> {
  const action = info.recentActions.at(-1);
  if (!action) return null;
  const { workflowId, firstExecutionRunId } = action.action.workflow;
  const handle = client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId });
  const { status, closeTime } = await handle.describe();
  return {
    id: workflowId,
    status: status.name,
    endedAt: closeTime?.toISOString() ?? null,
    result: status.name === 'COMPLETED' ? ((await handle.result()) as SweepResult) : null,
  };
}

function runIdOf(action: ScheduleDescription['info']['recentActions'][number]): string {
  return action.action.workflow.firstExecutionRunId;
}

async function unlessMissing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}
