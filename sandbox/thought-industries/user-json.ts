import { findById } from './catalog.ts';
import type { TiState } from './state.ts';
import { type Access, accessOf, type TiUser } from './users.ts';

/**
 * A user as detail, create and update tell it. The vendor's page shows a part of the fields; clients in production read
 * the lists of allocated paths and licenses, too.
 */
export function userJson({ options }: TiState, user: TiUser): Record<string, unknown> {
  const nowMs = options.now();
  const { id, email, firstName, lastName, externalCustomerId, clientId } = user;
  const shown = (kind: Access['kind']) =>
    options.endedAccess === 'marked'
      ? user.access.filter((access) => access.kind === kind)
      : accessOf(user, kind, nowMs);
  const stateOf = (access: Access) => ({
    status: accessOf(user, access.kind, nowMs).includes(access) ? 'started' : 'expired',
    expirationDate: access.untilMs === null ? null : new Date(access.untilMs).toISOString(),
  });
  const [active] = accessOf(user, 'licenses', nowMs);
  return {
    id,
    email,
    firstName,
    lastName,
    name: [firstName, lastName].filter((part) => part !== null).join(' '),
    externalCustomerId,
    clientId,
    disabled: false,
    purchasedCourses: shown('courses').map((access) => ({ courseId: access.id, ...stateOf(access) })),
    purchasedBundles: shown('bundles').map((access) => ({ bundleId: access.id, ...stateOf(access) })),
    activeLicense: active
      ? { id: active.id, name: findById(options.catalog.licenses, active.id)?.name }
      : null,
    ...(options.userShows === 'allocations'
      ? {
          allocatedLearningPaths: shown('learningPaths').map((access) => ({
            learningPathId: access.id,
            ...stateOf(access),
          })),
          allocatedLicenses: shown('licenses').map((access) => ({
            licenseId: access.id,
            licenseRole: access.role,
            ...stateOf(access),
          })),
        }
      : {}),
  };
}
