import type { WaitingDeal } from '../src/contracts/alert.ts';

/** Deals that an alert keeps in mind. */
const MAX_DEALS = 1_000;

/** A deal that waits once more is put in anew, so that a look which began before does not take it for gone. */
export function withDeal(deals: readonly WaitingDeal[], deal: WaitingDeal): readonly WaitingDeal[] {
  const at = deals.findIndex(({ crm, account, dealId }) => {
    return crm === deal.crm && account === deal.account && dealId === deal.dealId;
  });
  if (at !== -1) return deals.with(at, deal);
  return deals.length < MAX_DEALS ? [...deals, deal] : deals;
}

/** `asked`: the deals as they were when the look began. Those that came meanwhile were not asked about, and stay. */
export function afterLook(
  deals: readonly WaitingDeal[],
  { asked, waiting }: { readonly asked: readonly WaitingDeal[]; readonly waiting: readonly WaitingDeal[] },
): readonly WaitingDeal[] {
  const ids = new Set(waiting.map(({ dealId }) => dealId));
  const gone = new Set(asked.filter(({ dealId }) => !ids.has(dealId)));
  return deals.filter((deal) => !gone.has(deal));
}
