import type { DealRef } from '../domain/deal/deal.ts';
import type { StoreReader } from './change-seat.ts';

export type ReadFinding = Awaited<ReturnType<typeof readOpenFindings>>[number];

interface FindingSearch {
  readonly limit: number;
  readonly deal?: DealRef;
  /** The id of the last finding of the page before. */
  readonly before?: number;
}

/** Differences that are not resolved, newest first. */
export function readOpenFindings(db: StoreReader, { limit, deal, before }: FindingSearch) {
  let query = db
    .selectFrom('findings')
    .leftJoin('orders', 'orders.id', 'findings.order_id')
    .select([
      'findings.id',
      'findings.kind',
      'findings.text',
      'findings.cure',
      'findings.seat_id',
      'findings.found_at',
      'findings.seen_at',
      'orders.crm',
      'orders.deal_id',
    ])
    .where('findings.resolved_at', 'is', null);
  if (deal !== undefined) {
    query = query
      .where('orders.crm', '=', deal.crm)
      .where('orders.account', '=', deal.account)
      .where('orders.deal_id', '=', deal.dealId);
  }
  if (before !== undefined) query = query.where('findings.id', '<', before);
  return query.orderBy('findings.id', 'desc').limit(limit).execute();
}
