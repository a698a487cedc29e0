import { heardOf } from '../../activities/read-redemptions.ts';
import type { OnRedemptions } from '../../webhooks/thought-industries/route.ts';
import { PLATFORM } from '../config/load-catalog.ts';
import { recordRedemptions } from '../store/record-redemptions.ts';
import { triggerSeatSync } from '../temporal/seat-sync-schedule.ts';
import type { ServiceContext } from './context.ts';
import type { OpenConsole } from './open-console.ts';
import { seatsOf } from './store.ts';

/**
 * Keeps what the platform's webhook reports: in the store, if this process has it. Else the events are read at once by a
 * worker that has: neither codes nor people may travel through a history. Throws if there is no such sync, so that the
 * platform sends the message again.
 */
export function keepRedemptions(
  context: Pick<ServiceContext, 'config' | 'store'>,
  { client }: Pick<OpenConsole, 'client'>,
): OnRedemptions {
  const { seats } = seatsOf(context);
  return async (redemptions) => {
    if (seats !== undefined) {
      const heard = redemptions.map((event) => heardOf(event, { platform: PLATFORM, from: 'webhook' }));
      await recordRedemptions(seats, heard, new Date());
      return;
    }
    const isTriggered = await triggerSeatSync(client, PLATFORM);
    if (!isTriggered) throw new Error('No worker keeps seats, so the redemptions cannot be kept');
  };
}
