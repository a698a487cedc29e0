import type { Deal } from './deal.ts';
import { activeSeats, type Ledger, readLedger, type Sealer } from './ledger.ts';

/** What Dealseat wrote on a deal before, as far as it can be read. It outlives Temporal's retention. */
export interface DealMark {
  /** What the last run showed; empty if it is not there. */
  readonly status: string;
  readonly groupIds: readonly string[];
  readonly groupLabels: readonly string[];
  readonly seatCount: number | null;
  /** What was delivered by product; null where the field is empty. */
  readonly ledger: Ledger | 'unreadable' | null;
  /** False: people may have written the ledger, so nothing that it names is believed before it is bound to the deal. */
  readonly isSealed: boolean;
}

/** The one rule for whether a deal carries a mark. Null: no run ever wrote on it. */
export function markOf(deal: Deal, sealer: Sealer): DealMark | null {
  const { status, seats, groupIds, groupLabels, ledger: text } = deal.written;
  const read = readLedger(text, deal, sealer);
  if (status === null && read === null && groupIds.length === 0 && groupLabels.length === 0) return null;
  const isRead = read !== null && read !== 'unreadable';
  return {
    status: status ?? '',
    groupIds,
    groupLabels,
    seatCount: seats,
    ledger: isRead ? read.ledger : read,
    isSealed: isRead && read.isSealed,
  };
}

/**
 * By what was handed out, not by the status alone: that shows the last run, which may be an amendment at work or one
 * that failed.
 */
export function isDelivered({ status, seatCount, ledger }: DealMark): boolean {
  if (ledger === 'unreadable') return true;
  if (ledger !== null) return ledger.groups.length > 0;
  return status === 'Delivered' || (seatCount ?? 0) > 0;
}

/** Whether any of what was handed out is still with the customer. */
export function hasSeats(mark: DealMark): boolean {
  if (mark.ledger === null || mark.ledger === 'unreadable') return isDelivered(mark);
  return activeSeats(mark.ledger) > 0;
}
