import { productKey } from '../deal/catalog.ts';
import { activeSeatsByProduct, NO_SEATS } from '../deal/ledger.ts';
import { markOf } from '../deal/mark.ts';
import type { DealAtHand } from './compare.ts';
import { seatsByProduct } from './sale.ts';

export interface SeatsAsked {
  readonly productKey: string;
  readonly seatCount: number;
}

/** Products of which merged deals may have been given groups already: only the platform still knows of them. */
export function perhapsInherited({ deal, catalog, rules }: Omit<DealAtHand, 'inherited'>): SeatsAsked[] {
  if (deal.mergedDealIds.length === 0 || !deal.isWon) return [];
  const ledger = markOf(deal, rules.sealer)?.ledger ?? NO_SEATS;
  if (ledger === 'unreadable') return [];
  const delivered = activeSeatsByProduct(ledger);
  return seatsByProduct(deal, catalog, { problems: [], delivered })
    .filter(({ product, seatCount }) => seatCount > (delivered.get(productKey(product)) ?? 0))
    .map(({ product, seatCount }) => ({ productKey: productKey(product), seatCount }));
}
