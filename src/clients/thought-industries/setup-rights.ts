import { DealseatError } from '../../domain/failure.ts';
import { countOf } from '../../domain/words.ts';
import { attempt, fine, type SetupCheck } from '../setup-check.ts';
import type { TiCall } from './call.ts';
import { createRedemptions } from './redemptions.ts';
import { CURES, type TenantSetup } from './setup-tenant.ts';

/** Of no user: whether users may be read shows in the answer, and nobody is looked at. */
const NOBODY = '00000000-0000-4000-8000-000000000000';
const DAYS = 7;
const MAX_PAGES = 3;

/** What seats need of the key, as far as reading shows it: nothing is written to find out more. */
export async function* checkRights(
  { sender, eventDates }: TenantSetup,
  signal: AbortSignal,
): AsyncGenerator<SetupCheck> {
  yield await attempt('Thought Industries users', CURES, async () => {
    const call: TiCall = {
      name: 'read a user',
      effect: 'read',
      whenMissing: 'lms.learner_not_found',
      method: 'GET',
      target: `/users/${NOBODY}`,
    };
    try {
      await sender.send(call, { signal });
    } catch (error) {
      if (!(error instanceof DealseatError && error.code === 'lms.learner_not_found')) throw error;
    }
    return fine('the API key may read users; whether it may change them shows only when it does');
  });
  yield await attempt('Thought Industries redemption events', CURES, async () => {
    const now = Date.now();
    const { events, isComplete } = await createRedemptions(sender, eventDates ?? 'ms').events(
      {
        since: new Date(now - DAYS * 24 * 60 * 60_000).toISOString(),
        until: new Date(now).toISOString(),
        maxPages: MAX_PAGES,
      },
      signal,
    );
    return fine(
      `${isComplete ? '' : 'more than '}${countOf(events.length, 'redemption')} in the last ${DAYS} days`,
    );
  });
}
