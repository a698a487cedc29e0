import { heldGrants } from '../../clients/held-grants.ts';
import type { Learner, Learners } from '../../clients/learners.ts';
import { DealseatError } from '../../domain/failure.ts';
import { accessGoneFinding, accessStaysFinding } from '../../domain/texts/audit.ts';
import { givenElsewhere, without } from '../../store/access-work.ts';
import { type AccessToSee, accessToSee, noteLooked } from '../../store/audit-access.ts';
import type { StoreReader } from '../../store/change-seat.ts';
import type { OrderRow } from '../../store/fill-order.ts';
import type { RebuildDeps } from '../rebuild/rebuild-deps.ts';
import type { Notes, OrderBounds } from './note.ts';

/** Of one order in one night: each is a request to the platform. */
const LEARNERS_A_LOOK = 20;

/**
 * What the platform shows of learners to whom access was given directly, and of those whose access was to end. One request
 * for each of them, for a bounded number; the others are looked at in the nights that follow.
 */
export async function compareAccess(
  { seats: { db }, platforms, now }: Pick<RebuildDeps, 'seats' | 'platforms' | 'now'>,
  { id: orderId, deal_name: dealName }: OrderRow,
  { maxRequests, notes, signal }: OrderBounds & { readonly notes: Notes },
): Promise<void> {
  const at = new Date(now());
  let rest = Math.min(LEARNERS_A_LOOK, maxRequests);
  for (const access of await accessToSee(db, orderId, at)) {
    const { seat, group } = access;
    const about = { seatId: seat.id };
    const learners = platforms[group.platform]?.learners;
    if (learners === undefined || rest <= 0) {
      if (access.isOpen) for (const kind of ['access_gone', 'access_stays']) notes.leave(kind, about);
      continue;
    }
    rest -= 1;
    notes.spend(1);
    const learner = await readLearner(learners, access, signal);
    if (seat.state === 'ended') {
      const stays = learner !== null && (await hasMore(db, access, { learner, at }));
      if (stays) notes.note('access_stays', accessStaysFinding(dealName, group.title), about);
      // Not every platform finds a user by an address.
      const isSeen = learner !== null || access.userId !== null;
      await noteLooked(db, seat, { isGone: isSeen && !stays, at });
    } else {
      const isGone = learner === null || heldGrants(learner, group.grants).some(({ held }) => held === 'no');
      if (isGone) notes.note('access_gone', accessGoneFinding(dealName, group.title), about);
      await noteLooked(db, seat, { isGone: false, at });
    }
  }
}

/** Null: the platform has no such user. */
async function readLearner(
  learners: Learners,
  { userId, email }: AccessToSee,
  signal: AbortSignal,
): Promise<Learner | null> {
  if (userId === null) return email === null ? null : learners.find(email, signal);
  try {
    return await learners.read(userId, signal);
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'lms.learner_not_found') return null;
    throw error;
  }
}

/** Whether a learner has what no other seat of theirs gives, or may give since a moment ago. */
async function hasMore(
  db: StoreReader,
  { seat, group, email }: AccessToSee,
  { learner, at }: { readonly learner: Learner; readonly at: Date },
): Promise<boolean> {
  const emails = [email, learner.email].filter((one) => one !== null);
  const states = ['invited', 'exposed', 'claimed', 'granting', 'redeemed', 'removing'] as const;
  const given = await givenElsewhere(db, { seat, group, userId: learner.id, emails, at, states });
  return heldGrants(learner, without(group.grants, given)).some(({ held }) => held === 'yes');
}
