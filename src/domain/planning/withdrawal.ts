import { mailToolFor } from '../deal/catalog.ts';
import { activeSeats, type Ledger, type LedgerGroup } from '../deal/ledger.ts';
import { type Problem, problem } from '../failure.ts';
import { type Planning, rosterFileName } from './complete-plan.ts';
import { deliveredGroup, type PlanContext } from './groups.ts';
import { findBuyer } from './people.ts';
import type { ClawBack, PlannedGroup } from './plan.ts';
import { compareText } from './sale.ts';

/** One product whose seats sold are not the seats delivered. */
export interface SeatChange {
  readonly productKey: string;
  readonly delivered: number;
  readonly sold: number;
}

/** What would be withdrawn, and what the ledger becomes either way. Nothing happens before a person decides. */
export function planClawBack(
  { deal, catalog, context }: Omit<Planning, 'problems'>,
  { ledger, lowered }: { readonly ledger: Ledger; readonly lowered: readonly SeatChange[] },
): ClawBack {
  const remaining = withdraw(ledger, lowered, context);
  const loweredKeys = new Set(lowered.map(({ productKey }) => productKey));
  const groups = ledger.groups
    .filter(({ active }) => active > 0)
    .map((entry) => ({
      ...deliveredGroup(entry, deal, catalog, context),
      seatCount: remaining.get(entry.token) ?? entry.active,
    }))
    .sort((a, b) => compareText(a.productKey, b.productKey) || a.part - b.part);
  // The roster is written anew, so nothing is pending after that.
  const { isPending: _, ...settled } = ledger;
  const ifWithdrawn: Ledger = {
    ...settled,
    groups: ledger.groups.map((entry) => ({ ...entry, active: remaining.get(entry.token) ?? entry.active })),
    kept: Object.fromEntries(Object.entries(ledger.kept).filter(([key]) => !loweredKeys.has(key))),
  };
  const ifKept: Ledger = {
    ...ledger,
    kept: {
      ...ledger.kept,
      ...Object.fromEntries(lowered.map(({ productKey, sold }) => [productKey, sold])),
    },
  };
  const lost = deal.isWon ? '' : `The deal is in stage "${deal.stage}", which is not a won stage. `;
  return {
    deal: { crm: deal.crm, account: deal.account, dealId: deal.dealId },
    dealName: deal.name,
    ownerId: deal.owner?.id ?? null,
    audience: catalog.handOver.to,
    mailTool: mailToolFor(catalog, deal.crm),
    // Whom the list was given; a deal without a clear buyer any more has nobody to take off it.
    buyerContactId: findBuyer(deal, catalog, [])?.id ?? null,
    contactIds: deal.contacts.map(({ id }) => id).sort(compareText),
    rosterFileName: rosterFileName(deal, ledger, context.sha256),
    problems: lowered.map((change) => tell(change, { lost, groups, ledger, context })),
    groups,
    withdrawnSeats: activeSeats(ledger) - activeSeats(ifWithdrawn),
    ifInterrupted: { ...ledger, isPending: true },
    ifWithdrawn,
    ifKept,
    hash: context.sha256(JSON.stringify([settled, lowered])),
  };
}

/**
 * Seats that remain in each group of the lowered products: codes nobody used go first, those of the newest group
 * before older ones; used ones only when there are not enough.
 */
function withdraw(
  ledger: Ledger,
  lowered: readonly SeatChange[],
  context: PlanContext,
): ReadonlyMap<string, number> {
  const remaining = new Map<string, number>();
  for (const { productKey, delivered, sold } of lowered) {
    const newestFirst = ledger.groups
      .filter(({ product }) => product === productKey)
      .sort((a, b) => b.part - a.part);
    let surplus = delivered - sold;
    for (const canGo of [
      (entry: LedgerGroup) => unredeemed(entry, context),
      ({ active }: LedgerGroup) => active,
    ]) {
      for (const entry of newestFirst) {
        const left = remaining.get(entry.token) ?? entry.active;
        const gone = entry.active - left;
        const going = Math.min(surplus, Math.max(0, canGo(entry) - gone));
        remaining.set(entry.token, left - going);
        surplus -= going;
      }
    }
  }
  return remaining;
}

/** Active codes that nobody has redeemed; all of them while the platform was not asked. */
function unredeemed({ group, active }: LedgerGroup, { delivered }: PlanContext): number {
  return Math.max(0, active - (delivered?.get(group)?.redeemedCount ?? 0));
}

function tell(
  { productKey, delivered, sold }: SeatChange,
  {
    lost,
    groups,
    ledger,
    context,
  }: {
    readonly lost: string;
    readonly groups: readonly PlannedGroup[];
    readonly ledger: Ledger;
    readonly context: PlanContext;
  },
): Problem {
  const title = groups.find((group) => group.productKey === productKey)?.title ?? productKey;
  const unused = ledger.groups
    .filter(({ product }) => product === productKey)
    .reduce((sum, entry) => sum + unredeemed(entry, context), 0);
  return problem(
    'deal.claw_back',
    `${lost}"${title}": ${delivered} seats delivered, ${sold} sold now; ${unused} of the delivered codes are not redeemed`,
  );
}
