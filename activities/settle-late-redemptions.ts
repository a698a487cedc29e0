import { NOTICE } from '../src/contracts/activities.ts';
import type { LateSettled, SeatSyncActivities } from '../src/contracts/seat-sync.ts';
import { calendarDay } from '../src/domain/deal/calendar.ts';
import type { LateRedemptionRule } from '../src/domain/deal/catalog.ts';
import type { LateObstacle } from '../src/domain/seats/late-decision.ts';
import { type LateOutcome, lateRedemptionTask } from '../src/domain/texts/late-redemption.ts';
import { type FindingRow, noteTaskRefused } from '../src/store/findings.ts';
import {
  countLateRedemption,
  hasOtherAccess,
  type LateRedemption,
  noteAccessEnded,
  noteNotified,
  openLateRedemptions,
} from '../src/store/late-redemptions.ts';
import { platformOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { endLearnerAccess, userIdOf } from './end-learner-access.ts';
import { orRefused } from './owner-task.ts';
import type { SeatSyncDeps } from './seat-sync-deps.ts';

/**
 * Follows the rule of the catalog for each code that was taken back and redeemed all the same, and notifies the owner
 * once. A repeat ends access that was ended, and finds the task by its key.
 */
export function settleLateRedemptions(deps: SeatSyncDeps): SeatSyncActivities['settleLateRedemptions'] {
  return async ({ limit }): Promise<LateSettled> => {
    const result = { revoked: 0, allowed: 0, asked: 0 };
    for (const late of await openLateRedemptions(deps.seats.db, { limit, at: new Date(deps.now()) })) {
      const outcome = await follow(deps, late);
      if (outcome.is === 'revoked') await noteAccessEnded(deps.seats, late, new Date(deps.now()));
      const isTold = await notify(deps, late, outcome);
      const at = new Date(deps.now());
      if (!isTold) {
        await noteTaskRefused(deps.seats.db, [late.finding.id], at);
        continue;
      }
      await noteNotified(deps.seats.db, late.finding, { isSettled: outcome.is !== 'asked', at });
      result[outcome.is] += 1;
    }
    return result;
  };
}

async function follow(deps: SeatSyncDeps, late: LateRedemption): Promise<LateOutcome> {
  switch (ruleOf(deps, late)) {
    case 'ask':
      return { is: 'asked', because: null };
    case 'allow': {
      const isCounted = await countLateRedemption(deps.seats, late, new Date(deps.now()));
      return isCounted ? { is: 'allowed' } : { is: 'asked', because: 'no_free_seat' };
    }
    case 'revoke': {
      const because = await revoke(deps, late);
      return because === null ? { is: 'revoked' } : { is: 'asked', because };
    }
  }
}

/** What a person decided goes before the rule of the catalog. */
export function ruleOf(
  { catalog }: Pick<SeatSyncDeps, 'catalog'>,
  {
    finding,
    seat,
  }: {
    readonly finding: Pick<FindingRow, 'decision'>;
    readonly seat?: Pick<NonNullable<LateRedemption['seat']>, 'ended_why'> | null;
  },
): LateRedemptionRule {
  if (finding.decision === 'end') return 'revoke';
  if (finding.decision === 'count') return 'allow';
  // The learner may have a right to it.
  return seat?.ended_why === 'unsure' ? 'ask' : catalog.lateRedemption;
}

/** Null: the platform shows that the learner has nothing of it any more. */
async function revoke(deps: SeatSyncDeps, late: LateRedemption): Promise<LateObstacle | null> {
  const { finding, group, redeemer } = late;
  // Only the task was missing. What the learner was given since then stays.
  if (finding.outcome === 'revoked') return null;
  const { learners } = platformOf(deps, group.platform);
  const userId = await userIdOf(learners, redeemer);
  if (userId === null) return 'unknown_learner';
  if (await hasOtherAccess(deps.seats.db, late)) return 'other_seat';
  const { courses, learningPaths, bundles, licenses } = group.grants;
  const grants = { courses, learningPaths, bundles, licenses };
  return (await endLearnerAccess(learners, { userId, grants })) ? null : 'not_ended';
}

/** False: the CRM refuses the task. */
async function notify(
  deps: SeatSyncDeps,
  { codeId, order, finding, redeemer }: LateRedemption,
  outcome: LateOutcome,
): Promise<boolean> {
  const { crm: name, account, deal_id: dealId, owner_id: ownerId, deal_name: dealName } = order;
  const task = lateRedemptionTask({ dealName, found: finding.text, learner: redeemer.email, outcome });
  const key = `${NOTICE.late}${codeId}`;
  return await orRefused(deps, { crm: name, account, dealId }, async (crm) => {
    await crm.notify(
      {
        dealId,
        ownerId,
        key: `${key}-${outcome.is}`,
        ...task,
        priority: outcome.is === 'asked' ? 'high' : 'low',
        dueOn: calendarDay(deps.now(), deps.catalog.timeZone ?? 'UTC'),
      },
      cancellationSignal(),
    );
    // What was asked before has its answer.
    if (finding.decision !== null && outcome.is !== 'asked') {
      await crm.closeNotices({ dealId, keys: [`${key}-asked`] }, cancellationSignal());
    }
  });
}
