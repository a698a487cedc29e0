import { DealseatError } from '../../domain/failure.ts';
import { countOf } from '../../domain/words.ts';
import type { RedemptionEvent } from '../learners.ts';
import { attempt, type Finding, fine, notTried, type SetupCheck } from '../setup-check.ts';
import type { TiCall } from './call.ts';
import { createLearners } from './learners.ts';
import { createRedemptions } from './redemptions.ts';
import type { Sender } from './send.ts';
import { CURES, type TenantSetup } from './setup-tenant.ts';

/** Of no user: whether users may be read shows in the answer, and nobody is looked at. */
const NOBODY = '00000000-0000-4000-8000-000000000000';
const DAYS = 7;
const DAY_MS = 24 * 60 * 60_000;
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
  let events: readonly RedemptionEvent[] = [];
  yield await attempt('Thought Industries redemption events', CURES, async () => {
    const now = Date.now();
    const window = {
      since: new Date(now - DAYS * DAY_MS).toISOString(),
      until: new Date(now).toISOString(),
      maxPages: MAX_PAGES,
    };
    const read = await createRedemptions(sender, eventDates ?? 'ms').events(window, signal);
    events = read.events;
    const count = countOf(events.length, 'redemption');
    return fine(`${read.isComplete ? '' : 'more than '}${count} in the last ${DAYS} days`);
  });
  const known = events.find(({ userId, email }) => userId !== null && email !== null);
  if (known !== undefined) {
    yield await attempt('Thought Industries users by e-mail address', CURES, () =>
      checkFinding(sender, known, signal),
    );
  }
}

/** Of somebody who redeemed, because such a user exists. Nothing of the user is shown. */
async function checkFinding(
  sender: Sender,
  { userId, email }: RedemptionEvent,
  signal: AbortSignal,
): Promise<Finding> {
  const learners = createLearners(sender, Date.now);
  if ((await learners.find(email ?? '', signal)) !== null) return fine();
  try {
    await learners.read(userId ?? '', signal);
  } catch (error) {
    if (!(error instanceof DealseatError && error.code === 'lms.learner_not_found')) throw error;
    return notTried('not checked: the user who redeemed last was deleted');
  }
  return {
    state: 'warning',
    found: 'the tenant does not find users by e-mail address',
    advice:
      'Ask Thought Industries to answer GET /users/<e-mail address>. Until then Dealseat knows a learner only by a redemption or a grant.',
  };
}
