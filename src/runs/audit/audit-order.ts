import { DealseatError } from '../../domain/failure.ts';
import { dealGoneFinding, ledgerEditedFinding, ledgerGoneFinding } from '../../domain/texts/audit.ts';
import { groupsOfOrder } from '../../store/audit-orders.ts';
import type { OrderRow } from '../../store/fill-order.ts';
import { type DealOnRecord, readDealOnRecord } from '../deal-on-record.ts';
import type { RebuildDeps } from '../rebuild-seats.ts';
import { compareCounts } from './compare-counts.ts';
import { compareGroups } from './compare-groups.ts';
import { followMerge } from './follow-merge.ts';
import { type AuditFinding, type Note, prefixOf } from './note.ts';

export interface AuditedOrder {
  readonly findings: readonly AuditFinding[];
  readonly requests: number;
}

export async function auditOrder(
  deps: RebuildDeps,
  order: OrderRow,
  signal: AbortSignal,
): Promise<AuditedOrder> {
  const findings: AuditFinding[] = [];
  const note: Note = (kind, text, about = '') => {
    findings.push({ key: `${prefixOf(order)}${kind}${about}`, kind: `audit.${kind}`, order, ...text });
  };
  const crm = deps.crms[order.crm];
  // The CRM is off, or another account by now: nothing can be said of its deals.
  if (crm === undefined || crm.account !== order.account) return { findings, requests: 0 };
  const record = await orGone(readDealOnRecord(crm, deps.sealer, order.deal_id, signal));
  if (record === null) {
    note('deal_gone', dealGoneFinding(order.deal_name));
    return { findings, requests: 0 };
  }
  if (record.deal.dealId !== order.deal_id) {
    await followMerge(deps, order, record);
    return { findings, requests: 0 };
  }
  const groups = await groupsOfOrder(deps.seats.db, order.id);
  if (record.is === 'nothing') note('ledger_gone', ledgerGoneFinding(order.deal_name));
  if (record.is === 'unbelievable') note('ledger_edited', ledgerEditedFinding(order.deal_name));
  if (record.is === 'delivered' && record.ledger.isPending !== true) {
    await compareCounts(deps, order, { ledger: record.ledger, groups, note });
  }
  return { findings, requests: await compareGroups(deps, order, { groups, note, signal }) };
}

async function orGone(reading: Promise<DealOnRecord>): Promise<DealOnRecord | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'crm.deal_not_found') return null;
    throw error;
  }
}
