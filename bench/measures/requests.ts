import type { Sandbox } from '../../sandbox/index.ts';
import type { RunConsole } from '../../src/runs/console.ts';
import type { Bench } from '../bench.ts';
import { requireDelivery } from '../chain.ts';
import { type BenchCrm, CRMS, createDeal } from '../deals.ts';
import { LEARNERS_CATALOG } from '../service-context.ts';

/** What one delivery asks of the remote systems. */
export interface RequestCount {
  readonly crm: BenchCrm;
  readonly seats: number;
  /** Who gets the codes: the buyer all of them, or two learners one each and the roster the rest. */
  readonly to: 'buyer' | 'learners';
  readonly toCrm: number;
  /** Of these: searches, which HubSpot allows fewer of. */
  readonly searches: number;
  readonly toLms: number;
}

const SEAT_COUNTS = [25, 1_000, 10_000];

export async function countRequests(bench: Bench): Promise<RequestCount[]> {
  const { sandbox, runs, startRealWorker } = await bench.stack();
  const toLearners = await startRealWorker('bench-learners', { catalogPath: LEARNERS_CATALOG });
  const consoles = { buyer: runs, learners: toLearners.runs };
  const seatCounts = SEAT_COUNTS.filter((seats) => seats <= bench.effort.mostSeats);
  const counts: RequestCount[] = [];
  for (const to of ['buyer', 'learners'] as const) {
    for (const crm of CRMS) {
      for (const seats of seatCounts) {
        counts.push({ crm, seats, to, ...(await countOne(sandbox, consoles[to], { crm, seats, to })) });
      }
    }
  }
  await toLearners.worker.stop();
  return counts;
}

async function countOne(
  sandbox: Sandbox,
  runs: RunConsole,
  { crm, seats, to }: Pick<RequestCount, 'crm' | 'seats' | 'to'>,
): Promise<Pick<RequestCount, 'toCrm' | 'searches' | 'toLms'>> {
  const deal = createDeal(sandbox, crm, { 'LEAD-101': seats }, { withLearners: to === 'learners' });
  const startedAt = new Date().toISOString();
  const { id } = await runs.dealChanged(deal, { by: 'cli', detail: 'bench' });
  await requireDelivery(runs, id);
  const made = sandbox.exchanges.filter(({ at }) => at >= startedAt);
  const toSystem = (system: BenchCrm | 'ti') => made.filter((exchange) => exchange.system === system).length;
  const searches = made.filter(({ system, path }) => system === 'hubspot' && path.endsWith('/search')).length;
  return { toCrm: toSystem(crm), searches, toLms: toSystem('ti') };
}
