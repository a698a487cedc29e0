import { type Catalog, productKey } from '../deal/catalog.ts';
import type { CrmName, Deal, DealMark } from '../deal/deal.ts';
import { groupToken, type Sha256Hex } from '../deal/ids.ts';
import {
  activeSeats,
  activeSeatsByProduct,
  type Ledger,
  type LedgerGroup,
  NO_SEATS,
} from '../deal/ledger.ts';
import { type Problem, problem } from '../failure.ts';
import { completePlan, type Planning } from './complete-plan.ts';
import type { PlanOutcome } from './plan.ts';
import { type SoldSeats, seatsByProduct } from './sale.ts';
import { planClawBack, type SeatChange } from './withdrawal.ts';

/**
 * What becomes of a deal that was delivered before: by product and seats, so that nothing else that people edit on
 * it does anything. More seats are made and handed over at once; fewer wait for a person, after that.
 */
export function planAmendment({
  mark,
  ...planning
}: Omit<Planning, 'problems'> & { readonly mark: DealMark }): PlanOutcome {
  const { deal, catalog, context, summary } = planning;
  const noted = withInherited(mark.ledger, context.inherited ?? []);
  const problems: Problem[] = [];
  if (noted === 'unreadable') {
    problems.push(
      problem('deal.mark_unreadable', `Field ${FIELD[deal.crm]} does not hold a ledger of Dealseat`),
    );
    return { kind: 'blocked', deal: summary, problems };
  }
  const foreign = noted === null ? [] : foreignGroups(noted, deal, context.sha256);
  if (foreign.length > 0) {
    const message = `Field ${FIELD[deal.crm]} names groups of another deal: ${foreign.join(', ')}`;
    return { kind: 'blocked', deal: summary, problems: [problem('deal.mark_foreign', message)] };
  }
  // Nothing is sold on a deal that is lost or open again, whatever its lines say.
  const asked = deal.isWon ? seatsByProduct(deal, catalog, problems) : [];
  if (problems.length > 0) return { kind: 'blocked', deal: summary, problems };
  if (noted === null) return compareTotals(mark, asked, planning);
  const isRejected = context.reconsiders !== true && wasRejected(asked, noted, deal);
  const { rejected: _, ...rest } = noted;
  return amend(
    { ...planning, problems },
    {
      mark,
      sold: isRejected ? withoutMore(asked, noted) : asked,
      ledger: isRejected ? noted : rest,
    },
  );
}

interface Amended {
  readonly mark: DealMark;
  /** Without what a person rejected. */
  readonly sold: readonly SoldSeats[];
  /** A rejection that is over is not in it any more. */
  readonly ledger: Ledger;
}

function amend(planning: Planning, { mark, sold, ledger }: Amended): PlanOutcome {
  const { deal, catalog, summary } = planning;
  const changes = compareWithLedger(sold, ledger);
  const lowered = changes.filter((change) => change.sold < change.delivered && !isKept(change, ledger));
  const raised = changes.filter(isRaised);
  if (raised.length > 0) {
    const renamed = perhapsRenamed({ lowered, raised, sold }, catalog);
    if (renamed.length > 0) return { kind: 'blocked', deal: summary, problems: renamed };
    const added = raised.flatMap((change) => missingSeats(change, sold));
    return completePlan(planning, { sold, added, base: ledger, isClawBackDue: lowered.length > 0 });
  }
  if (lowered.length > 0) {
    return { kind: 'clawBack', deal: summary, clawBack: planClawBack(planning, { ledger, lowered }) };
  }
  if (activeSeats(ledger) === 0) {
    const reason = problem(
      'deal.not_won',
      `Deal ${deal.dealId} sells no seats, and none are with the customer.`,
    );
    return { kind: 'skipped', deal: summary, reason };
  }
  if (ledger.isPending) {
    // Every group is there, but the customer may not have been told of all of them.
    return completePlan(planning, { sold, added: [], base: ledger, isClawBackDue: false });
  }
  const isForgotten = summary.hasRejection && ledger.rejected === undefined;
  const forgetting = { ledger, seenClaim: deal.claim };
  return { kind: 'delivered', deal: summary, mark, ...(isForgotten ? { forgetting } : {}) };
}

/**
 * More is sold than delivered, and it is all that and no more than what a person would not have made for the same
 * closing. Where the customer has nothing there is no delivery to leave as it is, so that is asked again.
 */
function wasRejected(sold: readonly SoldSeats[], ledger: Ledger, { wonAt }: Deal): boolean {
  const { rejected } = ledger;
  if (rejected === undefined || rejected.wonAt !== wonAt || activeSeats(ledger) === 0) return false;
  const counts = new Map(Object.entries(rejected.sold));
  const raised = compareWithLedger(sold, ledger).filter(isRaised);
  return (
    raised.length === counts.size && raised.every((change) => counts.get(change.productKey) === change.sold)
  );
}

/** At most what was delivered of each product. */
function withoutMore(sold: readonly SoldSeats[], ledger: Ledger): SoldSeats[] {
  const delivered = activeSeatsByProduct(ledger);
  return sold
    .map(({ product, seatCount }) => ({
      product,
      seatCount: Math.min(seatCount, delivered.get(productKey(product)) ?? 0),
    }))
    .filter(({ seatCount }) => seatCount > 0);
}

/** Every product with another number of seats than the customer has, in a stable order. */
function compareWithLedger(sold: readonly SoldSeats[], ledger: Ledger): SeatChange[] {
  const delivered = activeSeatsByProduct(ledger);
  const soldSeats = new Map(sold.map(({ product, seatCount }) => [productKey(product), seatCount]));
  return [...new Set([...delivered.keys(), ...soldSeats.keys()])]
    .sort()
    .map((key) => ({ productKey: key, delivered: delivered.get(key) ?? 0, sold: soldSeats.get(key) ?? 0 }))
    .filter((change) => change.sold !== change.delivered);
}

function isRaised(change: SeatChange): boolean {
  return change.sold > change.delivered;
}

/** A person left the surplus with the customer, and no less is sold since. */
function isKept(change: SeatChange, { kept }: Ledger): boolean {
  const accepted = kept[change.productKey];
  return accepted !== undefined && change.sold >= accepted;
}

interface Comparison {
  readonly lowered: readonly SeatChange[];
  readonly raised: readonly SeatChange[];
  readonly sold: readonly SoldSeats[];
}

/**
 * A product whose `match` was changed looks like one that is not sold any more and another that is new: all its seats
 * would be made and mailed once more before anybody is asked.
 */
function perhapsRenamed({ lowered, raised, sold }: Comparison, catalog: Catalog): Problem[] {
  const known = new Set(catalog.products.map(productKey));
  const titles = new Map(sold.map(({ product }) => [productKey(product), product.title]));
  const more = raised.map((change) => {
    const key = JSON.stringify(change.productKey);
    const title = titles.get(change.productKey);
    return `"${title}" (${key}): ${change.delivered} seats delivered, ${change.sold} sold now`;
  });
  return lowered
    .filter((change) => !known.has(change.productKey))
    .map((change) => {
      const key = JSON.stringify(change.productKey);
      const message =
        `No product of the catalog has the key ${key}, under which ${change.delivered} seats are delivered, while ` +
        `more is sold of ${more.join('; ')}. If that is the same product, add \`key: ${key}\` to its entry; if ` +
        'not, keep an entry with that key';
      return problem('catalog.product_unmapped', message);
    });
}

function missingSeats(change: SeatChange, sold: readonly SoldSeats[]): SoldSeats[] {
  return sold
    .filter(({ product }) => productKey(product) === change.productKey)
    .map(({ product }) => ({ product, seatCount: change.sold - change.delivered }));
}

function withInherited(ledger: DealMark['ledger'], inherited: readonly LedgerGroup[]): DealMark['ledger'] {
  if (ledger === 'unreadable' || inherited.length === 0) return ledger;
  const own = ledger ?? NO_SEATS;
  // The customer was never told of both in one roster.
  return { ...own, groups: [...own.groups, ...inherited], isPending: true };
}

/**
 * Copies of a deal carry its fields along: those seats belong to somebody else. Those of a deal that was merged into
 * this one are its own now.
 */
function foreignGroups({ groups }: Ledger, deal: Deal, sha256: Sha256Hex): string[] {
  const owners = [deal, ...deal.mergedDealIds.map((dealId) => ({ ...deal, dealId }))];
  return groups
    .filter(
      ({ token, product, part }) =>
        !owners.some((owner) => token === groupToken(owner, { productKey: product, part }, sha256)),
    )
    .map(({ token }) => token);
}

/** Without a ledger only the total can be compared, and nothing can be amended. */
function compareTotals(
  mark: DealMark,
  sold: readonly SoldSeats[],
  { deal, summary }: Pick<Planning, 'deal' | 'summary'>,
): PlanOutcome {
  const soldTotal = sold.reduce((sum, { seatCount }) => sum + seatCount, 0);
  if (mark.seatCount === null || mark.seatCount === soldTotal) {
    return { kind: 'delivered', deal: summary, mark };
  }
  const message = `${mark.seatCount} seats were delivered, ${soldTotal} are sold now, and field ${FIELD[deal.crm]}, which says what was delivered, is empty`;
  return { kind: 'blocked', deal: summary, problems: [problem('deal.mark_unreadable', message)] };
}

/** As people find it in the CRM. */
const FIELD: Readonly<Record<CrmName, string>> = {
  hubspot: 'dealseat_ledger',
  salesforce: 'Dealseat_Ledger__c',
};
