import { type Catalog, mailToolFor } from '../deal/catalog.ts';
import type { Deal } from '../deal/deal.ts';
import { rosterToken, type Sha256Hex } from '../deal/ids.ts';
import { slug } from '../deal/label.ts';
import type { Ledger } from '../deal/ledger.ts';
import { type Problem, problem } from '../failure.ts';
import { deliveredGroup, newGroups, type PlanContext } from './groups.ts';
import { findBuyer, findLearners, planMessages } from './people.ts';
import type { DealSummary, Plan, PlannedGroup, PlanOutcome } from './plan.ts';
import { compareText, type SoldSeats } from './sale.ts';

/** Ten groups. A larger number is a typing error more often than a sale, and a roster of it would not open. */
export const MAX_SEATS_PER_DEAL = 100_000;

export interface Planning {
  readonly deal: Deal;
  readonly catalog: Catalog;
  readonly context: PlanContext;
  readonly summary: DealSummary;
  /** Found so far; more are added. */
  readonly problems: Problem[];
}

interface Changes {
  readonly sold: readonly SoldSeats[];
  /** Seats that need new groups. */
  readonly added: readonly SoldSeats[];
  /** Delivered before. */
  readonly base: Ledger;
  readonly isClawBackDue: boolean;
}

/** The plan that makes what is missing and hands over everything, unless people must fix something first. */
export function completePlan(
  { deal, catalog, context, summary, problems }: Planning,
  { sold, added, base, isClawBackDue }: Changes,
): PlanOutcome {
  const seatTotal = sold.reduce((sum, { seatCount }) => sum + seatCount, 0);
  if (seatTotal > MAX_SEATS_PER_DEAL) {
    const message = `Deal ${deal.dealId} has ${seatTotal} seats; expected at most ${MAX_SEATS_PER_DEAL}.`;
    return {
      kind: 'blocked',
      deal: summary,
      problems: [...problems, problem('deal.quantity_invalid', message)],
    };
  }
  const fresh = newGroups(deal, catalog, { seats: added, base }, context, problems);
  const kept = base.groups
    .filter(({ active }) => active > 0)
    .map((entry) => deliveredGroup(entry, deal, catalog, context));
  const groups = [...kept, ...fresh].sort(
    (a, b) => compareText(a.productKey, b.productKey) || a.part - b.part,
  );
  const buyer = findBuyer(deal, catalog, problems);
  const learners = findLearners(deal, catalog, sold, problems);
  if (problems.length > 0 || buyer === null) return { kind: 'blocked', deal: summary, problems };

  const addedSeats = seatsOf(fresh);
  const revision = base.groups.length === 0 ? null : revisionOf(groups, context.sha256);
  const withoutHash = {
    deal: { crm: deal.crm, account: deal.account, dealId: deal.dealId },
    dealName: deal.name,
    dealUrl: deal.url,
    companyName: deal.company?.name ?? null,
    ownerId: deal.owner?.id ?? null,
    groups,
    seatCount: seatsOf(groups),
    addedSeats,
    revision,
    base,
    wonAt: deal.wonAt,
    isClawBackDue,
    audience: catalog.handOver.to,
    buyerContactId: buyer.id,
    learnerContactIds: learners.map((learner) => learner.id),
    mailTool: mailToolFor(catalog, deal.crm),
    messages: planMessages(deal, catalog, { buyer, learners, groups, revision }, context.sha256),
    rosterFileName: rosterFileName(deal, base, context.sha256),
    needsApproval: catalog.approveAboveSeats !== null && addedSeats > catalog.approveAboveSeats,
  };
  const plan: Plan = {
    ...withoutHash,
    hash: context.sha256(JSON.stringify(withoutHash)),
    contactIds: deal.contacts.map(({ id }) => id).sort(compareText),
    supersededRosters: deal.mergedDealIds.map((dealId) => rosterToken({ ...deal, dealId }, context.sha256)),
    seenClaim: deal.claim,
  };
  return { kind: 'ready', deal: summary, plan };
}

export function rosterFileName(deal: Deal, { roster }: Ledger, sha256: Sha256Hex): string {
  return roster?.file ?? `roster-${slug(deal.name, 40) || deal.dealId}-${rosterToken(deal, sha256)}.csv`;
}

function revisionOf(groups: readonly PlannedGroup[], sha256: Sha256Hex): string {
  return sha256(JSON.stringify(groups.map(({ token, seatCount }) => [token, seatCount]))).slice(0, 12);
}

function seatsOf(groups: readonly PlannedGroup[]): number {
  return groups.reduce((sum, { seatCount }) => sum + seatCount, 0);
}
