import { type WaitingDeal, waiterId } from '../src/contracts/alert.ts';

/** Deals that an alert keeps in mind. */
const MAX_DEALS = 1_000;

/** A deal that waits once more is put in anew, so that a look which began before does not take it for gone. */
export function withDeal(deals: readonly WaitingDeal[], deal: WaitingDeal): readonly WaitingDeal[] {
  const id = waiterId(deal);
  const at = deals.findIndex((known) => waiterId(known) === id);
  if (at !== -1) return deals.with(at, deal);
  return deals.length < MAX_DEALS ? [...deals, deal] : deals;
}

/** `asked`: the deals as they were when the look began. Those that came meanwhile were not asked about, and stay. */
export function afterLook(
  deals: readonly WaitingDeal[],
  { asked, waiting }: { readonly asked: readonly WaitingDeal[]; readonly waiting: readonly WaitingDeal[] },
): readonly WaitingDeal[] {
  const ids = new Set(waiting.map(waiterId));
  const gone = new Set(asked.filter((deal) => !ids.has(waiterId(deal))));
  return deals.filter((deal) => !gone.has(deal));
}
