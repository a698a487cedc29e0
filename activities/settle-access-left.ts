import { NOTICE } from '../src/contracts/activities.ts';
import type { LateSettled, SeatSyncActivities } from '../src/contracts/seat-sync.ts';
import { calendarDay } from '../src/domain/deal/calendar.ts';
import type { AccessLeftOutcome } from '../src/domain/seats/late-decision.ts';
import { accessLeftTask, isAskedAbout } from '../src/domain/texts/access-left.ts';
import {
  type AccessLeft,
  type AccessLeftReport,
  accessLeftReports,
  countAccessLeft,
  noteAccessLeftOutcome,
  noteReported,
  openAccessLeft,
} from '../src/store/access-left.ts';
import { noteTaskRefused } from '../src/store/findings.ts';
import { isNothing } from './at-platform.ts';
import { platformOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { endLearnerAccess, mayHold, userIdOf } from './end-learner-access.ts';
import { orRefused } from './owner-task.ts';
import type { SeatSyncDeps } from './seat-sync-deps.ts';
import { ruleOf } from './settle-late-redemptions.ts';

/** Read at a time: most of them ask nothing of the platform. */
const MAX_READ = 1_000;

/**
 * Follows the rule of the catalog, or what a person decided, for access of seats that have ended, and notifies the owner
 * of each deal once of all of it. What came of a seat is noted before the next one is looked at, so a repeat goes on.
 * `limit`: of those of which the platform is asked.
 */
export function settleAccessLeft(deps: SeatSyncDeps): SeatSyncActivities['settleLateRedemptions'] {
  return async ({ limit }): Promise<LateSettled> => {
    const result = { revoked: 0, allowed: 0, asked: 0 };
    let looks = 0;
    const open = await openAccessLeft(deps.seats.db, { limit: MAX_READ, at: new Date(deps.now()) });
    for (const left of open) {
      const isAsked = isOnlyAsked(deps, left);
      if (!isAsked && looks >= limit) continue;
      if (!isAsked) looks += 1;
      const outcome = isAsked ? 'asked' : await follow(deps, left);
      await noteAccessLeftOutcome(deps.seats, left, { outcome, at: new Date(deps.now()) });
      if (outcome === 'revoked' || outcome === 'allowed') result[outcome] += 1;
      else if (isAskedAbout(outcome)) result.asked += 1;
    }
    for (const report of await accessLeftReports(deps.seats.db, new Date(deps.now()))) {
      const isTold = await notify(deps, report);
      const ids = report.settled.map(({ findingId }) => findingId);
      const note = isTold ? noteReported : noteTaskRefused;
      await note(deps.seats.db, ids, new Date(deps.now()));
    }
    return result;
  };
}

/** Whoever used a code has access: to ask a person, the platform need not be asked. A deal may have thousands of these. */
function isOnlyAsked(deps: SeatSyncDeps, { seat, grants, ...left }: AccessLeft): boolean {
  const isByCode = seat.code_id !== null && seat.operation_id === null;
  return ruleOf(deps, left) === 'ask' && isByCode && !isNothing(grants);
}

async function follow(deps: SeatSyncDeps, left: AccessLeft): Promise<AccessLeftOutcome> {
  const { platform, grants, seat, email } = left;
  if (seat.next_seat_id !== null) return 'allowed';
  if (isNothing(grants)) return 'gone';
  const { learners } = platformOf(deps, platform);
  const userId = await userIdOf(learners, left);
  // Whom the platform does not know by the address has no access, unless the address was never known.
  if (userId === null) return email === null ? 'unknown_learner' : 'gone';
  if (!(await mayHold(learners, { userId, grants }))) return 'gone';
  switch (ruleOf(deps, left)) {
    case 'ask':
      return 'asked';
    case 'allow':
      return (await countAccessLeft(deps.seats, left, new Date(deps.now()))) ? 'allowed' : 'no_free_seat';
    case 'revoke':
      return (await endLearnerAccess(learners, { userId, grants })) ? 'revoked' : 'not_ended';
  }
}

/** False: the CRM refuses the task. */
async function notify(deps: SeatSyncDeps, { order, settled, asked }: AccessLeftReport): Promise<boolean> {
  const { crm: name, account, deal_id: dealId, owner_id: ownerId, deal_name: dealName } = order;
  const isAsked = settled.some(({ outcome }) => isAskedAbout(outcome));
  const key = `${NOTICE.left}${isAsked ? 'asked' : 'settled'}-${settled.at(-1)?.findingId}`;
  const signal = cancellationSignal();
  return await orRefused(deps, { crm: name, account, dealId }, async (crm) => {
    await crm.notify(
      {
        dealId,
        ownerId,
        key,
        ...accessLeftTask({ dealName, settled }),
        priority: isAsked ? 'high' : 'low',
        dueOn: calendarDay(deps.now(), deps.catalog.timeZone ?? 'UTC'),
      },
      signal,
    );
    // What was asked before has its answer.
    if (asked === 0) await crm.closeNotices({ dealId, keys: [`${NOTICE.left}asked-`] }, signal);
  });
}
