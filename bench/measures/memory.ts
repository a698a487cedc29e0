import type { Bench } from '../bench.ts';
import { requireDelivery } from '../chain.ts';
import { type BenchCrm, CRMS, createDeal } from '../deals.ts';
import type { Stack } from '../stack.ts';
import { type Spread, spreadOf } from '../statistics.ts';

/** What one deal adds to the memory of a worker that has delivered another deal before. */
export interface MemoryUse {
  readonly crm: BenchCrm;
  readonly seats: number;
  /** Resident memory before the deal, after a garbage collection. */
  readonly beforeBytes: Spread;
  /** How far it rose above that while the deal was delivered. */
  readonly growthBytes: Spread;
}

interface Sample {
  readonly crm: BenchCrm;
  readonly seats: number;
  readonly beforeBytes: number;
  readonly growthBytes: number;
}

/** Of the last, the platform makes ten groups. */
const SEAT_COUNTS = [100, 10_000, 100_000] as const;
const WARM_UP_SEATS = 5;

/** Every sample is made in a fresh worker process: memory that was once taken is seldom given back. */
export async function measureMemory(bench: Bench): Promise<MemoryUse[]> {
  const stack = await bench.stack();
  const { memoryRounds, mostSeats } = bench.effort;
  const seatCounts = SEAT_COUNTS.filter((seats) => seats <= mostSeats);
  const samples: Sample[] = [];
  for (let round = 0; round < memoryRounds; round += 1) {
    for (const crm of CRMS) {
      for (const seats of seatCounts) {
        samples.push(await measureDeal(stack, { crm, seats, queue: `bench-memory-${samples.length}` }));
      }
    }
  }
  return CRMS.flatMap((crm) =>
    seatCounts.map((seats) => {
      const own = samples.filter((sample) => sample.crm === crm && sample.seats === seats);
      return {
        crm,
        seats,
        beforeBytes: spreadOf(own.map(({ beforeBytes }) => beforeBytes)),
        growthBytes: spreadOf(own.map(({ growthBytes }) => growthBytes)),
      };
    }),
  );
}

async function measureDeal(
  { sandbox, startRealWorker }: Stack,
  { crm, seats, queue }: { readonly crm: BenchCrm; readonly seats: number; readonly queue: string },
): Promise<Sample> {
  const { worker, runs } = await startRealWorker(queue);
  const deliver = async (seatCount: number) => {
    const deal = createDeal(sandbox, crm, { 'LEAD-101': seatCount });
    const { id } = await runs.dealChanged(deal, { by: 'cli', detail: 'bench' });
    await requireDelivery(runs, id);
  };
  try {
    await deliver(WARM_UP_SEATS);
    const { settledBytes } = await worker.startPeak();
    await deliver(seats);
    const { peakBytes } = await worker.readPeak();
    return { crm, seats, beforeBytes: settledBytes, growthBytes: peakBytes - settledBytes };
  } finally {
    await worker.stop();
  }
}
