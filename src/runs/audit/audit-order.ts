import { parseHold } from '../../domain/deal/hold.ts';
import { DealseatError } from '../../domain/failure.ts';
import { dealGoneFinding, ledgerEditedFinding, ledgerGoneFinding } from '../../domain/texts/audit.ts';
import { groupsOfOrder, seatsOfOrder } from '../../store/audit-orders.ts';
import type { OrderRow } from '../../store/fill-order.ts';
import { type DealOnRecord, readDealOnRecord } from '../deal-on-record.ts';
import type { RebuildDeps } from '../rebuild/rebuild-deps.ts';
import { compareAccess } from './compare-access.ts';
import { compareCounts } from './compare-counts.ts';
import { compareGroups } from './compare-groups.ts';
import { compareLinks, LINK_KINDS } from './compare-links.ts';
import { followMerge } from './follow-merge.ts';
import { type AuditedOrder, type Notes, type OrderBounds, openNotes } from './note.ts';

export async function auditOrder(
  deps: RebuildDeps,
  order: OrderRow,
  bounds: OrderBounds,
): Promise<AuditedOrder> {
  const notes = openNotes(order);
  await compare(deps, order, { ...bounds, notes });
  return notes.audited();
}

async function compare(
  deps: RebuildDeps,
  order: OrderRow,
  { notes, maxRequests, signal }: OrderBounds & { readonly notes: Notes },
): Promise<void> {
  const crm = deps.crms[order.crm];
  // The CRM is off, or another account by now: nothing can be said of its deals.
  if (crm === undefined || crm.account !== order.account) return notes.leaveAll();
  const record = await orGone(readDealOnRecord(crm, deps.sealer, order.deal_id, signal));
  const seats = await seatsOfOrder(deps.seats.db, order.id);
  if (record === null) {
    if (seats.withPeople > 0) notes.note('deal_gone', dealGoneFinding(order.deal_name));
    for (const kind of BY_PLATFORM) notes.leave(kind);
    return;
  }
  if (record.deal.dealId !== order.deal_id) {
    notes.leaveAll();
    return followMerge(deps, order, record);
  }
  const groups = await groupsOfOrder(deps.seats.db, order.id);
  if (isAtWork(record, deps.now())) {
    for (const kind of BY_THE_DEAL) notes.leave(kind);
  } else if (record.is === 'delivered' && record.ledger.isPending !== true) {
    compareCounts(order, { ledger: record.ledger, live: seats.live, groups, notes });
    await compareLinks(deps, order, { crm, deal: record.deal, notes, signal });
  } else {
    for (const kind of BY_LEDGER) notes.leave(kind);
    // A run that was undone leaves an order without seats.
    if (record.is === 'nothing' && seats.live.size > 0) {
      notes.note('ledger_gone', ledgerGoneFinding(order.deal_name));
    }
    if (record.is === 'unbelievable') notes.note('ledger_edited', ledgerEditedFinding(order.deal_name));
  }
  await compareGroups(deps, order, { groups, notes, signal });
  const left = maxRequests - notes.audited().requests;
  await compareAccess(deps, order, { maxRequests: left, notes, signal });
}

const BY_LEDGER = ['seats_differ', 'group_unknown', ...LINK_KINDS] as const;
const BY_THE_DEAL = [...BY_LEDGER, 'ledger_gone', 'ledger_edited'] as const;
const BY_PLATFORM = ['redemption_missed', 'group_gone', 'access_gone', 'access_stays'] as const;

/** Longer than a run has a deal without saying so anew. */
const AT_WORK_MS = 2 * 60 * 60 * 1_000;

/** Between its writes to store, contacts and ledger these differ. */
function isAtWork({ deal }: DealOnRecord, now: number): boolean {
  const hold = parseHold(deal.written.hold);
  return hold !== null && !hold.isDone && Math.abs(now - Date.parse(hold.at)) < AT_WORK_MS;
}

async function orGone(reading: Promise<DealOnRecord>): Promise<DealOnRecord | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'crm.deal_not_found') return null;
    throw error;
  }
}
