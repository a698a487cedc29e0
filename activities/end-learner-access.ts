import { log } from '@temporalio/activity';
import type { LearnerGrants, Learners } from '../src/clients/learners.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { isRepeated } from './patience.ts';

/** Whether the platform may still show something of it. Who is not there has no access. */
export async function mayHold(learners: Learners, request: LearnerGrants): Promise<boolean> {
  try {
    const held = await learners.holds(request, cancellationSignal());
    return held.some((one) => one.held !== 'no');
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'lms.learner_not_found') return false;
    throw error;
  }
}

/**
 * Ends access and looks whether it is gone; a repeat ends it again. False: the platform still shows it, has no call for
 * it, or refused.
 */
export async function endLearnerAccess(learners: Learners, request: LearnerGrants): Promise<boolean> {
  try {
    await learners.revoke(request, cancellationSignal());
    const held = await learners.holds(request, cancellationSignal());
    return held.every((one) => one.held !== 'yes');
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    const { code } = error;
    if (isRepeated(error, {}) || code === 'lms.outcome_unknown') throw error;
    if (code === 'lms.learner_not_found') return true;
    log.warn('The access of a learner could not be ended', { code });
    return false;
  }
}

/** By id, or by address. Null: the platform has no such user, or neither is known. */
export async function userIdOf(
  learners: Learners,
  { userId, email }: { readonly userId: string | null; readonly email: string | null },
): Promise<string | null> {
  if (userId !== null || email === null) return userId;
  return (await learners.find(email, cancellationSignal()))?.id ?? null;
}
