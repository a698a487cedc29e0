import { heldGrants } from '../held-grants.ts';
import type { HeldGrant, LearnerGrants, Learners } from '../learners.ts';
import { setAccessEnd } from './access-end.ts';
import { createContentSlugs } from './content-slugs.ts';
import { grantAccess } from './grant-access.ts';
import { findLearner, type LearnersClient, readLearner } from './learner-read.ts';
import { revoke } from './revoke.ts';
import type { Sender } from './send.ts';

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
  return heldGrants(learner, grants);
}
