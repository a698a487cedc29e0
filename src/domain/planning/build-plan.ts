import type { Catalog } from '../deal/catalog.ts';
import type { Deal, DealMark } from '../deal/deal.ts';
import { activeSeats, NO_SEATS } from '../deal/ledger.ts';
import { type Problem, problem } from '../failure.ts';
import { planAmendment } from './compare.ts';
import { completePlan, MAX_SEATS_PER_DEAL } from './complete-plan.ts';
import { closeDateMissing, MAX_SEATS_PER_GROUP, type PlanContext } from './groups.ts';
import type { DealSummary, PlanOutcome } from './plan.ts';
import { seatsByProduct } from './sale.ts';

export { MAX_SEATS_PER_DEAL, MAX_SEATS_PER_GROUP };

export const NO_MARK: DealMark = { status: '', groupIds: [], groupLabels: [], seatCount: null, ledger: null };

/** Deal + catalog -> plan, or everything that stands in its way at once. Pure: the same input gives the same plan. */
export function buildPlan(deal: Deal, catalog: Catalog, context: PlanContext): PlanOutcome {
  const summary = summarize(deal, context.inherited);
  const isMarked = deal.mark !== null && isDelivered(deal.mark);
  const isOld = context.wonSince !== undefined && isWonBefore(deal, context.wonSince);
  if (isOld && !isMarked && context.inherited?.length) {
    const message = `Deal ${deal.dealId} was won before the day on which the sweep begins, and a delivered deal was merged into it.`;
    return { kind: 'blocked', deal: summary, problems: [problem('deal.merged_into_old', message)] };
  }
  if (isMarked || context.inherited?.length) {
    return planAmendment({ deal, catalog, context, summary, mark: deal.mark ?? NO_MARK });
  }
  if (!deal.isWon) {
    const reason = problem(
      'deal.not_won',
      `Deal ${deal.dealId} is in stage "${deal.stage}", which is not a won stage.`,
    );
    return { kind: 'skipped', deal: summary, reason };
  }
  // A question about a merge does not make an old deal ours.
  if (isOld && (deal.mark === null || deal.mergedDealIds.length > 0)) {
    const message = `Deal ${deal.dealId} was won before the day on which the sweep begins, and no person asked for it.`;
    return { kind: 'skipped', deal: summary, reason: problem('deal.won_before', message) };
  }
  const problems: Problem[] = [];
  if (deal.lineItems.length === 0) {
    problems.push(problem('deal.no_line_items', `Deal ${deal.dealId} has no line items.`));
  }
  const seats = seatsByProduct(deal, catalog, problems);
  if (problems.length === 0 && seats.length === 0) {
    const reason = problem('deal.no_seats', `Deal ${deal.dealId} has only products that give no seats.`);
    return { kind: 'skipped', deal: summary, reason };
  }
  // Without a line that is understood there is no group to need the date, but people hear of all problems at once.
  if (seats.length === 0 && deal.closeDate === null) problems.push(closeDateMissing(deal));
  const changes = { sold: seats, added: seats, base: NO_SEATS, isClawBackDue: false };
  return completePlan({ deal, catalog, context, summary, problems }, changes);
}

/** HubSpot answers for a merged deal with the surviving one, which has a run of its own; `own` is what that would plan. */
export function planMergedDeal(askedDealId: string, survivor: Deal, own: PlanOutcome): PlanOutcome {
  const isLeftAlone = own.kind === 'skipped' && own.reason.code === 'deal.won_before';
  return {
    kind: 'skipped',
    deal: summarize(survivor),
    reason: mergedInto(askedDealId, survivor.dealId),
    ...(isLeftAlone ? { leftAlone: own.reason } : {}),
  };
}

export function mergedInto(askedDealId: string, survivingDealId: string): Problem {
  return problem('deal.merged', `Deal ${askedDealId} was merged into deal ${survivingDealId}.`);
}

/**
 * By what was handed out, not by the status alone: that shows the last run, which may be an amendment at work or one
 * that failed.
 */
function isDelivered({ status, seatCount, ledger }: DealMark): boolean {
  if (ledger === 'unreadable') return true;
  if (ledger !== null) return ledger.groups.length > 0;
  return status === 'Delivered' || (seatCount ?? 0) > 0;
}

/** Whether any of what was handed out is still with the customer. */
function hasSeats(mark: DealMark): boolean {
  if (mark.ledger === null || mark.ledger === 'unreadable') return isDelivered(mark);
  return activeSeats(mark.ledger) > 0;
}

/** By the stage history; by the close date, which is a day, where the CRM keeps none. */
function isWonBefore({ wonAt, closeDate }: Deal, instant: string): boolean {
  if (wonAt !== null) return Date.parse(wonAt) < Date.parse(instant);
  return closeDate !== null && closeDate < instant.slice(0, 10);
}

function summarize(deal: Deal, inherited: PlanContext['inherited'] = []): DealSummary {
  const { mark } = deal;
  const ledger = mark === null || mark.ledger === 'unreadable' ? null : mark.ledger;
  return {
    dealId: deal.dealId,
    name: deal.name,
    url: deal.url,
    ownerId: deal.owner?.id ?? null,
    markedStatus: mark?.status ?? null,
    hasSeats: (mark !== null && hasSeats(mark)) || inherited.length > 0,
    isUnfinished: ledger?.isPending === true && activeSeats(ledger) > 0,
    hasRejection: ledger?.rejected !== undefined,
  };
}
