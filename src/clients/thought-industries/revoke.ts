import { DealseatError } from '../../domain/failure.ts';
import { isHeld } from '../held-grants.ts';
import type { LearnerGrants } from '../learners.ts';
import { setAccessEnd } from './access-end.ts';
import { beginningOf, encodeSegment, type TiCall } from './call.ts';
import { isSameId } from './content.ts';
import { unreadable } from './failures.ts';
import { layersOf } from './layers.ts';
import { type LearnersClient, readLearner } from './learner-read.ts';
import type { LearnerRecord, LicenseOf } from './learner-record.ts';

const RESETS = {
  courses: { noun: 'course', action: 'resetProgress' },
  learningPaths: { noun: 'learning path', action: 'resetLearningPathProgress' },
} as const;

type Reset = keyof typeof RESETS;

/** What can be ended is ended before what cannot be is named. */
export async function revoke(
  client: LearnersClient,
  { userId, grants }: LearnerGrants,
  signal?: AbortSignal,
): Promise<void> {
  for (const kind of ['courses', 'learningPaths'] as const) {
    const slugs = await client.slugs.of(kind, grants[kind], signal);
    for (const [at, id] of grants[kind].entries()) {
      await endAccess(client, { userId, kind, id, slug: slugs[at] ?? '' }, signal);
    }
  }
  if (grants.licenses.length === 0 && grants.bundles.length === 0) return;
  const record = await readLearner(client, userId, signal);
  await takeOffLicenses(client, record, grants.licenses, signal);
  const left = grants.bundles.filter((id) => isHeld(record.learner, 'bundles', id) !== 'no');
  if (left.length === 0) return;
  throw new DealseatError({
    code: 'lms.cannot_revoke',
    message: `Thought Industries: no call ends the access of user ${userId} to ${left.length === 1 ? 'bundle' : 'the bundles'} ${left.join(', ')}; all other access was ended`,
  });
}

interface Ending {
  readonly userId: string;
  readonly kind: Reset;
  readonly id: string;
  readonly slug: string;
}

/** The defaults of what the call destroys are not known, so nothing is left to them. */
async function endAccess(
  client: LearnersClient,
  { userId, kind, id, slug }: Ending,
  signal?: AbortSignal,
): Promise<void> {
  const { noun, action } = RESETS[kind];
  const call: TiCall = {
    name: `end the access of user ${userId} to ${noun} ${id}`,
    effect: 'overwrite',
    method: 'POST',
    target: `/users/${encodeSegment(userId)}/${action}`,
    body: { userId, slug, revokeAccess: true, resetProgress: false, eraseTranscript: false },
  };
  let body: unknown;
  try {
    body = await client.sender.send(call, { signal });
  } catch (error) {
    if (!(error instanceof DealseatError) || error.code !== 'lms.not_found') throw error;
    // The user may be missing, or the access: then it is over. Or the slug has changed.
    const { learner } = await readLearner(client, userId, signal);
    if (isHeld(learner, kind, id) === 'no') return;
    client.slugs.doubt(kind, id);
    throw error;
  }
  const said = [body, ...layersOf(body).flatMap(Object.values)];
  if (said.includes(true)) return;
  if (!said.includes(false)) throw unreadable(call, 'the answer is not true');
  throw new DealseatError({
    code: 'lms.partly_done',
    message: `${beginningOf(call)} answered that it was not done`,
    mayPass: true,
  });
}

/**
 * Licenses are replaced as a whole, so those that stay are sent along, the ones that the user manages included. Where the
 * record does not list them, replacing could take away others: the access is let expire instead.
 */
async function takeOffLicenses(
  client: LearnersClient,
  { learner: { id: userId }, licenses: all }: LearnerRecord,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  if (ids.length === 0) return;
  if (all === null) {
    const grants = { courses: [], learningPaths: [], bundles: [], licenses: ids };
    // Past by the platform's clock, too.
    const until = new Date(client.now() - 60_000).toISOString();
    await setAccessEnd(client, { userId, grants, until }, signal);
    return;
  }
  const isTaken = ({ id, role }: LicenseOf) => role === 'student' && ids.some((taken) => isSameId(id, taken));
  if (!all.some(isTaken)) return;
  const staying = (role: LicenseOf['role']) =>
    all.filter((each) => each.role === role && !isTaken(each)).map(({ id }) => id);
  const call: TiCall = {
    name: `take licenses off user ${userId}`,
    effect: 'overwrite',
    whenMissing: 'lms.learner_not_found',
    whenRefused: 'lms.learner_rejected',
    method: 'PUT',
    target: `/users/${encodeSegment(userId)}`,
    body: {
      replaceLicenseAccess: true,
      studentLicenseIds: staying('student'),
      managerLicenseIds: staying('manager'),
    },
  };
  await client.sender.send(call, { signal });
}
