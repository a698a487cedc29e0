import type { Grants } from '../../domain/deal/catalog.ts';
import type { HeldGrant, LearnerGrants, Learners } from '../learners.ts';
import { setAccessEnd } from './access-end.ts';
import { createContentSlugs } from './content-slugs.ts';
import { grantAccess } from './grant-access.ts';
import { findLearner, isHeld, type LearnersClient, readLearner } from './learner-read.ts';
import { revoke } from './revoke.ts';
import type { Sender } from './send.ts';

const KINDS: readonly (keyof Grants)[] = ['courses', 'learningPaths', 'bundles', 'licenses'];

/** `now`: milliseconds since the epoch. */
export function createLearners(sender: Sender, now: () => number): Learners {
  const client: LearnersClient = { sender, slugs: createContentSlugs(sender), now };
  return {
    find: async (email, signal) => (await findLearner(client, email, signal))?.learner ?? null,
    read: async (userId, signal) => (await readLearner(client, userId, signal)).learner,
    grant: (request, signal) => grantAccess(client, request, signal),
    setAccessEnd: (request, signal) => setAccessEnd(client, request, signal),
    revoke: (request, signal) => revoke(client, request, signal),
    holds: (request, signal) => holds(client, request, signal),
  };
}

async function holds(
  client: LearnersClient,
  { userId, grants }: LearnerGrants,
  signal?: AbortSignal,
): Promise<readonly HeldGrant[]> {
  const { learner } = await readLearner(client, userId, signal);
  return KINDS.flatMap((kind) => grants[kind].map((id) => ({ kind, id, held: isHeld(learner, kind, id) })));
}
