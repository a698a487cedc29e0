import { activeSeatsByProduct, type Ledger } from '../domain/deal/ledger.ts';
import { DealseatError } from '../domain/failure.ts';
import {
  countDiffersFinding,
  dealGoneFinding,
  groupGoneFinding,
  groupUnknownFinding,
  ledgerEditedFinding,
  ledgerGoneFinding,
  redemptionMissedFinding,
} from '../domain/texts/audit.ts';
import type { FindingText } from '../domain/texts/seat-findings.ts';
import {
  type AuditedGroup,
  groupsOfOrder,
  liveSeats,
  nextOrders,
  noteAudited,
  resolveOthers,
} from '../store/audit-orders.ts';
import type { OrderRow } from '../store/fill-order.ts';
import { reportFinding } from '../store/findings.ts';
import { mergeOrders } from '../store/merge-orders.ts';
import { inTransaction } from '../store/transaction.ts';
import { type DealOnRecord, readDealOnRecord } from './deal-on-record.ts';
import type { RebuildDeps } from './rebuild-seats.ts';

export type AuditDeps = RebuildDeps;

export interface AuditBounds {
  /** Orders in this look. */
  readonly limit: number;
  /** Requests to the learning platform, about. */
  readonly maxRequests: number;
  readonly signal: AbortSignal;
}

export interface Audited {
  readonly orders: number;
  readonly requests: number;
  /** Differences that stand now, of the orders that were looked at. */
  readonly findings: readonly AuditFinding[];
  /** False: the next look goes on. */
  readonly isComplete: boolean;
}

export interface AuditFinding extends FindingText {
  readonly key: string;
  readonly kind: string;
  readonly order: Pick<OrderRow, 'id' | 'crm' | 'account' | 'deal_id' | 'deal_name' | 'deal_url'>;
}

/**
 * Compares deal, learning platform and store, from where the last look ended, and notes every difference as a finding with
 * its cure; a difference that is gone is resolved. Changes no seat. Lists of codes are not read: a counter shows whether the
 * store has missed something. Throws what is away as a whole, so that nothing is resolved or found for that.
 */
export async function auditSeats(
  deps: AuditDeps,
  { limit, maxRequests, signal }: AuditBounds,
): Promise<Audited> {
  const { db } = deps.seats;
  const orders = await nextOrders(db, limit);
  const findings: AuditFinding[] = [];
  let requests = 0;
  let looked = 0;
  for (const order of orders) {
    if (requests >= maxRequests) break;
    const found = await auditOrder(deps, order, signal);
    requests += found.requests;
    looked += 1;
    const at = new Date(deps.now());
    for (const finding of found.findings) {
      const { key, kind, text, cure } = finding;
      await reportFinding(db, { key, kind, text, cure, order_id: order.id }, at);
    }
    const keys = found.findings.map(({ key }) => key);
    await resolveOthers(db, { orderId: order.id, prefix: prefixOf(order), keys, at });
    await noteAudited(db, order.id, at);
    findings.push(...found.findings);
  }
  const isComplete = looked === orders.length && orders.length < limit;
  if (isComplete) await noteAudited(db, 0, new Date(deps.now()));
  return { orders: looked, requests, findings, isComplete };
}

function prefixOf({ id }: Pick<OrderRow, 'id'>): string {
  return `audit:${id}:`;
}

interface Found {
  readonly findings: readonly AuditFinding[];
  readonly requests: number;
}

async function auditOrder(deps: AuditDeps, order: OrderRow, signal: AbortSignal): Promise<Found> {
  const findings: AuditFinding[] = [];
  const note = (kind: string, text: FindingText, about = '') => {
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
  return { findings, requests: await comparePlatform(deps, order, { groups, note, signal }) };
}

type Note = (kind: string, text: FindingText, about?: string) => void;

async function orGone(reading: Promise<DealOnRecord>): Promise<DealOnRecord | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof DealseatError && error.code === 'crm.deal_not_found') return null;
    throw error;
  }
}

/** The deal lives on in another one, whose order may be there by now. */
async function followMerge(
  { seats, now }: AuditDeps,
  order: OrderRow,
  { deal }: DealOnRecord,
): Promise<void> {
  const at = new Date(now());
  await inTransaction(seats.db, async (trx) => {
    const survivor = await trx
      .selectFrom('orders')
      .selectAll()
      .where('crm', '=', order.crm)
      .where('account', '=', order.account)
      .where('deal_id', '=', deal.dealId)
      .forUpdate()
      .executeTakeFirst();
    if (survivor !== undefined) {
      await mergeOrders(trx, survivor, { mergedDealIds: [order.deal_id], at });
      return;
    }
    // The seats are the surviving deal's now.
    const renamed = { deal_id: deal.dealId, deal_name: deal.name, deal_url: deal.url };
    await trx.updateTable('orders').set(renamed).where('id', '=', order.id).execute();
  });
}

async function compareCounts(
  { seats }: AuditDeps,
  order: OrderRow,
  {
    ledger,
    groups,
    note,
  }: { readonly ledger: Ledger; readonly groups: readonly AuditedGroup[]; readonly note: Note },
): Promise<void> {
  const known = new Set(groups.map(({ token }) => token));
  for (const { token, active } of ledger.groups) {
    if (active > 0 && !known.has(token))
      note('group_unknown', groupUnknownFinding(order.deal_name, token), `:${token}`);
  }
  const live = await liveSeats(seats.db, order.id);
  const delivered = activeSeatsByProduct(ledger);
  for (const productKey of new Set([...live.keys(), ...delivered.keys()])) {
    const found = { ledger: delivered.get(productKey) ?? 0, store: live.get(productKey) ?? 0 };
    if (found.ledger === found.store) continue;
    const title = groups.find((group) => group.product_key === productKey)?.title ?? productKey;
    note('seats_differ', countDiffersFinding(order.deal_name, { title, ...found }), `:${productKey}`);
  }
}

/** Returns how many requests that took. */
async function comparePlatform(
  { platforms }: AuditDeps,
  order: OrderRow,
  {
    groups,
    note,
    signal,
  }: { readonly groups: readonly AuditedGroup[]; readonly note: Note; readonly signal: AbortSignal },
): Promise<number> {
  let requests = 0;
  for (const { platform, platform_group_id: groupId, label, redeemed } of groups) {
    const lms = platforms[platform];
    if (lms === undefined) continue;
    requests += 1;
    try {
      const { redeemedCount } = await lms.getGroup(groupId, signal);
      if (redeemedCount <= redeemed) continue;
      const missed = redeemedCount - redeemed;
      note('redemption_missed', redemptionMissedFinding(order.deal_name, label, missed), `:${groupId}`);
    } catch (error) {
      if (!(error instanceof DealseatError) || error.code !== 'lms.not_found') throw error;
      note('group_gone', groupGoneFinding(order.deal_name, label), `:${groupId}`);
    }
  }
  return requests;
}
