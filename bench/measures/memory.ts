import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StoreDatabase } from '../../src/store/database.ts';
import type { Bench } from '../bench.ts';
import { requireDelivery } from '../chain.ts';
import { type BenchCrm, CRMS, createDeal } from '../deals.ts';
import { openPostgres, type PostgresDatabase } from '../server/postgres-database.ts';
import type { Stack } from '../stack.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import type { BenchStore } from '../worker-protocol.ts';

/** What one deal adds to the memory of a worker that has delivered another deal before. */
export interface MemoryUse {
  readonly crm: BenchCrm;
  readonly seats: number;
  /** Where the worker keeps the seats. The embedded database has its memory in the worker's process. Absent: nowhere. */
  readonly store?: StoreDatabase['kind'];
  /** Resident memory before the deal, after a garbage collection. */
  readonly beforeBytes: Spread;
  /** How far it rose above that while the deal was delivered. */
  readonly growthBytes: Spread;
}

interface Deal {
  readonly crm: BenchCrm;
  readonly seats: number;
  readonly store: StoreDatabase['kind'];
}

interface Sample extends Deal {
  readonly beforeBytes: number;
  readonly growthBytes: number;
}

/** Of the last, the platform makes ten groups. */
const SEAT_COUNTS = [100, 10_000, 100_000] as const;
const WARM_UP_SEATS = 5;

/** Every sample is made in a fresh worker process: memory that was once taken is seldom given back. */
export async function measureMemory(bench: Bench): Promise<MemoryUse[]> {
  const stack = await bench.stack();
  const postgres = await openPostgres();
  try {
    const { memoryRounds, mostSeats } = bench.effort;
    const deals = dealsUpTo(mostSeats);
    const samples: Sample[] = [];
    for (let round = 0; round < memoryRounds; round += 1) {
      for (const deal of deals) {
        const queue = `bench-memory-${samples.length}`;
        samples.push(await inStore(deal, postgres, (place) => measureDeal(stack, { deal, place, queue })));
      }
    }
    return deals.map((deal, index) => {
      const own = samples.filter((_, sample) => sample % deals.length === index);
      return {
        ...deal,
        beforeBytes: spreadOf(own.map(({ beforeBytes }) => beforeBytes)),
        growthBytes: spreadOf(own.map(({ growthBytes }) => growthBytes)),
      };
    });
  } finally {
    await postgres.close();
  }
}

/** With the embedded database only the largest: what that adds is its own. */
function dealsUpTo(mostSeats: number): Deal[] {
  const seatCounts = SEAT_COUNTS.filter((seats) => seats <= mostSeats);
  return CRMS.flatMap((crm): Deal[] => [
    ...seatCounts.map((seats) => ({ crm, seats, store: 'postgresql' as const })),
    { crm, seats: Math.max(...seatCounts), store: 'embedded' },
  ]);
}

async function inStore<T>(
  { store }: Deal,
  { url: databaseUrl }: PostgresDatabase,
  work: (place: BenchStore) => Promise<T>,
): Promise<T> {
  if (store === 'postgresql') return await work({ databaseUrl });
  const folder = await mkdtemp(join(tmpdir(), 'dealseat-bench-seats-'));
  try {
    return await work({ folder });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureDeal(
  { sandbox, startRealWorker }: Stack,
  { deal, place, queue }: { readonly deal: Deal; readonly place: BenchStore; readonly queue: string },
): Promise<Sample> {
  const { worker, runs } = await startRealWorker(queue, { seatStore: place });
  const deliver = async (seatCount: number) => {
    const won = createDeal(sandbox, deal.crm, { 'LEAD-101': seatCount });
    const { id } = await runs.dealChanged(won, { by: 'cli', detail: 'bench' });
    await requireDelivery(runs, id);
  };
  try {
    await deliver(WARM_UP_SEATS);
    const { settledBytes } = await worker.startPeak();
    await deliver(deal.seats);
    const { peakBytes } = await worker.readPeak();
    return { ...deal, beforeBytes: settledBytes, growthBytes: peakBytes - settledBytes };
  } finally {
    await worker.stop();
  }
}
