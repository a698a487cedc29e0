import { emailKey } from '../../domain/seats/seat-state.ts';
import type { GrantRequest } from '../learners.ts';
import type { TiCall } from './call.ts';
import type { ContentSlugs } from './content-slugs.ts';
import { unreadable } from './failures.ts';
import { hasId, layersOf } from './layers.ts';
import type { LearnersClient } from './learner-read.ts';

/** `upsert` finds a user who is there already, so a repeat makes no second one. */
export async function grantAccess(
  { sender, slugs }: LearnersClient,
  request: GrantRequest,
  signal?: AbortSignal,
): Promise<{ readonly userId: string }> {
  const { email, firstName, lastName } = request;
  const call: TiCall = {
    name: 'give access to a user',
    effect: 'create',
    whenRefused: 'lms.learner_rejected',
    secrets: [email, firstName, lastName].filter((text) => text !== null && text.length > 2) as string[],
    method: 'POST',
    target: '/users',
    body: await grantBody(slugs, request, signal),
  };
  const user = layersOf(await sender.send(call, { signal })).find(hasId);
  if (user === undefined) throw unreadable(call, 'the answer has no user with an id');
  if (typeof user.email === 'string' && emailKey(user.email) !== emailKey(email)) {
    throw unreadable(call, 'the answer is about a user of another address');
  }
  return { userId: String(user.id) };
}

/**
 * Paths and bundles go by slug: no page shows that ids of them are taken. What replaces access is said in so many words,
 * because its default is not known.
 */
async function grantBody(slugs: ContentSlugs, request: GrantRequest, signal?: AbortSignal): Promise<object> {
  const { grants } = request;
  const optional = {
    firstName: request.firstName,
    lastName: request.lastName,
    clientId: request.client ?? null,
    externalCustomerId: request.externalCustomerId ?? null,
    courseIds: orNull(grants.courses),
    learningPathSlugs: orNull(await slugs.of('learningPaths', grants.learningPaths, signal)),
    bundleSlugs: orNull(await slugs.of('bundles', grants.bundles, signal)),
    studentLicenseIds: orNull(grants.licenses),
  };
  return {
    email: request.email,
    upsert: true,
    sendInvite: false,
    replaceLicenseAccess: false,
    replaceCourseAccess: false,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null)),
  };
}

function orNull(ids: readonly string[]): readonly string[] | null {
  return ids.length === 0 ? null : ids;
}
