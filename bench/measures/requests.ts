import { requireDelivery } from '../chain.ts';
import { type BenchCrm, CRMS, createDeal } from '../deals.ts';
import type { Stack } from '../stack.ts';

/** What one delivery asks of the remote systems. */
export interface RequestCount {
  readonly crm: BenchCrm;
  readonly seats: number;
  readonly toCrm: number;
  readonly toLms: number;
}

const SEAT_COUNTS = [25, 1_000, 10_000];

export async function countRequests({ sandbox, runs }: Stack): Promise<RequestCount[]> {
  const counts: RequestCount[] = [];
  for (const crm of CRMS) {
    for (const seats of SEAT_COUNTS) {
      const deal = createDeal(sandbox, crm, { 'LEAD-101': seats });
      const startedAt = new Date().toISOString();
      const { id } = await runs.dealChanged(deal, { by: 'cli', detail: 'bench' });
      await requireDelivery(runs, id);
      const made = sandbox.exchanges.filter(({ at }) => at >= startedAt);
      const toSystem = (system: BenchCrm | 'ti') =>
        made.filter((exchange) => exchange.system === system).length;
      counts.push({ crm, seats, toCrm: toSystem(crm), toLms: toSystem('ti') });
    }
  }
  return counts;
}
