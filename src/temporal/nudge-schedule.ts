import { type Client, ScheduleOverlapPolicy } from '@temporalio/client';
import type { SeatsConfig } from '../config/config.ts';
import { NUDGE_DEALS, NUDGES_ID, type NudgeInput } from '../contracts/nudges.ts';
import type { Policy } from '../contracts/policy.ts';
import { ensureSchedule } from './ensure-schedule.ts';

interface NudgeScheduleOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly policy: Policy;
  readonly seats: Pick<SeatsConfig, 'nudgesHour'>;
  /** IANA zone in which buyers read days; null: none is set. */
  readonly timeZone: string | null;
}

/** Makes the daily schedule of nudges, by the clock of the buyers; an existing one takes over the settings, and stays paused if it is. */
export async function ensureNudgeSchedule({
  client,
  taskQueue,
  policy,
  seats,
  timeZone,
}: NudgeScheduleOptions): Promise<void> {
  const input: NudgeInput = { policy };
  await ensureSchedule(client, NUDGES_ID, {
    spec: { calendars: [{ hour: seats.nudgesHour }], timezone: timeZone ?? 'UTC' },
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
