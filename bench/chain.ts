import type { DealRef } from '../src/domain/deal/deal.ts';
import type { RunConsole } from '../src/runs/console.ts';
import { type BenchCrm, CRMS } from './deals.ts';

/** One way from an announced deal to a delivered one. */
export interface Chain {
  /** A deal that nobody has announced yet. */
  newDeal(crm: BenchCrm): DealRef;
  /** Resolves once Temporal has accepted the run of every deal. */
  announce(deals: readonly DealRef[]): Promise<void>;
  /** Resolves when the run of the deal is over; throws unless it was delivered. */
  untilDelivered(deal: DealRef): Promise<void>;
}

/** Only ends what would never end: a burst on a starved machine takes minutes. */
const DELIVERY_DEADLINE_MS = 600_000;

/** The CRMs put up to a hundred into one request, and promise no number. */
const DEALS_PER_BATCH = 10;

/** Batch after batch, both CRMs at once. */
export async function announceInBatches(
  deals: readonly DealRef[],
  announce: (crm: BenchCrm, batch: readonly DealRef[]) => Promise<void>,
): Promise<void> {
  await Promise.all(
    CRMS.map(async (crm) => {
      const waiting = deals.filter((deal) => deal.crm === crm);
      while (waiting.length > 0) await announce(crm, waiting.splice(0, DEALS_PER_BATCH));
    }),
  );
}

/** From the first announcement until the last deal is delivered. */
export async function timeDelivery(chain: Chain, deals: readonly DealRef[]): Promise<number> {
  const startedAt = performance.now();
  await chain.announce(deals);
  await Promise.all(deals.map((deal) => chain.untilDelivered(deal)));
  return performance.now() - startedAt;
}

/** A bench of runs that fail or wait would measure nothing, so anything but a delivery throws. */
export async function requireDelivery(runs: RunConsole, id: string): Promise<void> {
  const result = await withinDeadline(runs.result(id), async () => {
    const { status, step, problems } = await runs.progress(id);
    return [`${status}: ${step}`, ...problems.map(({ code, message }) => `${code}: ${message}`)].join('; ');
  });
  if (result.status !== 'Delivered') throw new Error(`${id} is ${result.status}: ${result.detail}`);
}

async function withinDeadline<T>(work: Promise<T>, explain: () => Promise<string>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(async () => {
      const why = await explain().catch(String);
      reject(new Error(`Not delivered within ${DELIVERY_DEADLINE_MS / 1_000} s: ${why}`));
    }, DELIVERY_DEADLINE_MS);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
