import { type Client, ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Policy } from '../contracts/policy.ts';
import { AUDIT_SEATS, SEAT_AUDIT_ID, type SeatAuditInput } from '../contracts/seat-audit.ts';

interface SeatAuditScheduleOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly policy: Policy;
  /** Of the learning platform, in all. */
  readonly requestsPerMinute: number;
}

/** A night's audit may ask as much as a quarter of an hour's requests. */
const MINUTES = 15;

/** Makes the schedule of the nightly audit; an existing one takes over the settings, and stays paused if it is. */
export async function ensureSeatAuditSchedule(options: SeatAuditScheduleOptions): Promise<void> {
  const { client } = options;
  try {
    await client.schedule.create({ scheduleId: SEAT_AUDIT_ID, ...settings(options) });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(SEAT_AUDIT_ID).update(({ state }) => ({ ...settings(options), state }));
  }
}

function settings({ taskQueue, policy, requestsPerMinute }: SeatAuditScheduleOptions) {
  const input: SeatAuditInput = { maxRequests: MINUTES * requestsPerMinute, policy };
  return {
    spec: { calendars: [{ hour: 2, minute: 30 }] },
    policies: {
      overlap: ScheduleOverlapPolicy.SKIP,
      catchupWindow: '6 hours' as const,
      pauseOnFailure: false,
    },
    action: {
      type: 'startWorkflow' as const,
      workflowType: AUDIT_SEATS,
      workflowId: SEAT_AUDIT_ID,
      taskQueue,
      args: [input],
      staticSummary: 'Audit of seats',
      staticDetails:
        'Compares deals, the learning platform and the database of seats, and notes differences as findings.',
    },
  };
}
