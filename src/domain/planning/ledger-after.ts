import type { Ledger, LedgerRoster } from '../deal/ledger.ts';
import type { EnsuredGroup } from '../seats/code-group.ts';
import type { RosterReceipt } from '../seats/roster.ts';
import type { Plan } from './plan.ts';

/** The deal's ledger once this plan is handed over. `groups` stand for the plan's, in its order. */
export function deliveredLedger(plan: Plan, groups: readonly EnsuredGroup[], roster: RosterReceipt): Ledger {
  return { ...ledgerWith(plan, groups), roster: ledgerRoster(roster) };
}

/** What an amendment notes before it hands over, so that nothing it hands out is ever forgotten. */
export function pendingLedger(plan: Plan, groups: readonly EnsuredGroup[]): Ledger {
  return { ...ledgerWith(plan, groups), isPending: true };
}

function ledgerWith(plan: Plan, groups: readonly EnsuredGroup[]): Ledger {
  const made = plan.groups.flatMap((planned, index) => {
    const ensured = groups[index];
    if (planned.delivered || ensured === undefined) return [];
    const { token, productKey: product, part, seatCount } = planned;
    return [{ token, product, part, group: ensured.groupId, issued: seatCount, active: seatCount }];
  });
  const { rejected } = plan.base;
  // Who buys more of a product has what was sold; the next reduction needs a decision of its own.
  const raised = new Set(made.map(({ product }) => product));
  return {
    wonAt: plan.wonAt,
    roster: plan.base.roster,
    groups: [...plan.base.groups, ...made],
    kept: Object.fromEntries(Object.entries(plan.base.kept).filter(([product]) => !raised.has(product))),
    ...(made.length === 0 && rejected ? { rejected } : {}),
  };
}

/** What it becomes when a person will not have the plan's new groups made. */
export function rejectedLedger({ groups, base, wonAt }: Plan): Ledger {
  const raised = new Set(groups.filter(({ delivered }) => !delivered).map(({ productKey }) => productKey));
  const sold = new Map<string, number>();
  for (const { productKey, seatCount } of groups) {
    if (raised.has(productKey)) sold.set(productKey, (sold.get(productKey) ?? 0) + seatCount);
  }
  return { ...base, rejected: { wonAt, sold: Object.fromEntries(sold) } };
}

export function ledgerRoster({ fileName, codeCount, sha256 }: RosterReceipt): LedgerRoster {
  return { file: fileName, codes: codeCount, sha256 };
}

/** How a delivery is told on the deal; `dealseat verify` compares the file with it. */
export function describeDelivery(seatCount: number, roster: LedgerRoster | null): string {
  const told = `${seatCount} seats delivered`;
  return roster === null ? told : `${told}: ${roster.codes} codes in the roster, SHA-256 ${roster.sha256}`;
}
