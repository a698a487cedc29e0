import { type Client, ScheduleAlreadyRunning, type ScheduleOptions } from '@temporalio/client';

type Settings = Omit<ScheduleOptions, 'scheduleId' | 'state'>;

/** Makes the schedule; an existing one takes over the settings, and stays paused if it is. */
export async function ensureSchedule(client: Client, scheduleId: string, settings: Settings): Promise<void> {
  try {
    await client.schedule.create({ scheduleId, ...settings } as ScheduleOptions);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await client.schedule.getHandle(scheduleId).update(({ state }) => ({ ...settings, state }) as never);
  }
}
