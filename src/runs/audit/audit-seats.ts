import { nextOrders, noteAudited, resolveOthers } from '../../store/audit-orders.ts';
import { reportFinding } from '../../store/findings.ts';
import type { RebuildDeps } from '../rebuild/rebuild-deps.ts';
import { auditOrder } from './audit-order.ts';
import type { AuditFinding } from './note.ts';

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
    const found = await auditOrder(deps, order, { maxRequests: maxRequests - requests, signal });
    requests += found.requests;
    looked += 1;
    const at = new Date(deps.now());
    for (const finding of found.findings) {
      const { key, kind, text, cure, seatId: seat_id } = finding;
      await reportFinding(db, { key, kind, text, cure, order_id: order.id, seat_id }, at);
    }
    const keys = found.findings.map(({ key }) => key);
    const { left } = found;
    await resolveOthers(db, { orderId: order.id, keys, left, at });
    await noteAudited(db, order.id, at);
    findings.push(...found.findings);
  }
  const isComplete = looked === orders.length && orders.length < limit;
  if (isComplete) await noteAudited(db, 0, new Date(deps.now()));
  return { orders: looked, requests, findings, isComplete };
}
