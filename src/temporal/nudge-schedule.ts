import { type Client, ScheduleOverlapPolicy } from '@temporalio/client';
import { NUDGE_DEALS, NUDGES_ID, type NudgeInput } from '../contracts/nudges.ts';
import type { Policy } from '../contracts/policy.ts';
import { ensureSchedule } from './ensure-schedule.ts';

interface NudgeScheduleOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly policy: Policy;
  /** IANA zone in which buyers read days; null: none is set. */
  readonly timeZone: string | null;
}

/** Makes the daily schedule of nudges, in the morning of the buyers. */
export async function ensureNudgeSchedule({
  client,
  taskQueue,
  policy,
  timeZone,
}: NudgeScheduleOptions): Promise<void> {
  const input: NudgeInput = { policy };
  await ensureSchedule(client, NUDGES_ID, {
    spec: { calendars: [{ hour: 9 }], timezone: timeZone ?? 'UTC' },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '6 hours', pauseOnFailure: false },
    action: {
      type: 'startWorkflow',
      workflowType: NUDGE_DEALS,
      workflowId: NUDGES_ID,
      taskQueue,
      args: [input],
      staticSummary: 'Nudges',
      staticDetails:
        'Reminds buyers and owners of seats that are not in use, as the catalog says. Each rule does so once for each deal.',
    },
  });
}
