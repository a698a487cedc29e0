import { DealseatError } from '../../domain/failure.ts';
import { countOf } from '../../domain/words.ts';
import type { AccessEnd } from '../learners.ts';
import { beginningOf, encodeSegment, type TiCall } from './call.ts';
import { unreadable } from './failures.ts';
import { layersOf } from './layers.ts';
import type { LearnersClient } from './learner-read.ts';

/**
 * Never by `deleteExpirations`: it removes the end and so extends access. All three lists are marked required, so each
 * is sent, empty where it is not used.
 */
export async function setAccessEnd(
  { sender }: Pick<LearnersClient, 'sender'>,
  { userId, grants, until }: AccessEnd,
  signal?: AbortSignal,
): Promise<void> {
  const { courses, learningPaths, bundles, licenses } = grants;
  if (bundles.length > 0) {
    throw new DealseatError({
      code: 'lms.cannot_set_access_end',
      message: `Thought Industries: no call sets the end of access to ${bundles.length === 1 ? 'bundle' : 'the bundles'} ${bundles.join(', ')}`,
    });
  }
  const asked = courses.length + learningPaths.length + licenses.length;
  if (asked === 0) return;
  const call: TiCall = {
    name: `set the end of access of user ${userId}`,
    effect: 'overwrite',
    whenMissing: 'lms.learner_not_found',
    whenPartial: 'lms.partly_done',
    method: 'POST',
    target: `/users/${encodeSegment(userId)}/expirations`,
    body: {
      userId,
      courseIds: courses,
      learningPathIds: learningPaths,
      licenseIds: licenses,
      expirationDate: new Date(until).toISOString(),
    },
  };
  const body = await sender.send(call, { signal });
  const updated = layersOf(body)
    .map(({ updatedRecordCount }) => updatedRecordCount)
    .find((count) => typeof count === 'number');
  if (updated === undefined) throw unreadable(call, 'the answer has no number updatedRecordCount');
  if (updated >= asked) return;
  throw new DealseatError({
    code: 'lms.partly_done',
    message: `${beginningOf(call)} changed ${updated} of ${countOf(asked, 'record')}`,
    mayPass: true,
  });
}
