import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { SeatAuditActivities, SeatAuditInput, SeatAuditResult } from '../src/contracts/seat-audit.ts';
import { countOf } from '../src/domain/words.ts';
import { syncBounds } from './calls.ts';

const ORDERS_A_LOOK = 100;
/** A look is one activity: so many stay far from any limit of a history. */
const MAX_LOOKS = 200;

/** One audit of the seats: compares deals, learning platform and store, as far as its requests reach. */
export async function auditSeats({ maxRequests, policy }: SeatAuditInput): Promise<SeatAuditResult> {
  const { auditSomeSeats } = proxyActivities<SeatAuditActivities>(syncBounds(policy));
  let sum: SeatAuditResult = { orders: 0, requests: 0, findings: 0, isComplete: false };
  for (let look = 1; look <= MAX_LOOKS && sum.requests < maxRequests; look += 1) {
    const some = await auditSomeSeats({ limit: ORDERS_A_LOOK, maxRequests: maxRequests - sum.requests });
    sum = {
      orders: sum.orders + some.orders,
      requests: sum.requests + some.requests,
      findings: sum.findings + some.findings,
      isComplete: some.isComplete,
    };
    setCurrentDetails(
      `- ${countOf(sum.orders, 'order')} looked at, ${countOf(sum.findings, 'difference')} found`,
    );
    if (some.isComplete) break;
  }
  return sum;
}
