import type { Client } from '@temporalio/client';
import { PROVISION_DEAL } from '../contracts/run.ts';
import { searchAttributeKeys } from '../contracts/search-attributes.ts';
import { OPERATE_ON_SEAT } from '../contracts/seat-operations.ts';
import { fixerOf, isFailureCode } from '../domain/failure.ts';
import type { Metrics } from '../observability/metrics.ts';

const EVERY_MS = 60_000;
/** Beyond it the number says "many", which is what an operator must know. */
const MAX_COUNTED = 5_000;

type Gauges = Pick<Metrics, 'dealsWaiting' | 'seatOperationsWaiting'>;

/**
 * Once a minute, by what Temporal lists: each worker shows the same numbers, so take the largest and not their sum. Deals
 * wait for whom their code names; a change of a seat always waits for those who run Dealseat.
 */
export function countWaiting(
  client: Pick<Client, 'workflow'>,
  { dealsWaiting, seatOperationsWaiting }: Gauges,
  everyMs = EVERY_MS,
): { readonly stop: () => void } {
  let isCounting = false;
  const count = async () => {
    if (isCounting) return;
    isCounting = true;
    try {
      const deals = await codesOf(client, PROVISION_DEAL);
      const operations = await codesOf(client, OPERATE_ON_SEAT);
      dealsWaiting.reset();
      for (const [code, number] of deals) {
        dealsWaiting.set({ code, fixer: isFailureCode(code) ? fixerOf(code) : 'unknown' }, number);
      }
      seatOperationsWaiting.reset();
      for (const [code, number] of operations) seatOperationsWaiting.set({ code }, number);
    } catch {
      // A server that is away shows itself elsewhere; the last number stands until it is back.
    } finally {
      isCounting = false;
    }
  };
  const timer = setInterval(() => void count(), everyMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

/** How many runs of the type wait, by failure code. */
async function codesOf(
  { workflow }: Pick<Client, 'workflow'>,
  type: string,
): Promise<ReadonlyMap<string, number>> {
  const query = `WorkflowType = '${type}' AND ExecutionStatus = 'Running' AND ${searchAttributeKeys.status.name} = 'NeedsAttention'`;
  const counts = new Map<string, number>();
  let total = 0;
  for await (const { typedSearchAttributes } of workflow.list({ query })) {
    const code = typedSearchAttributes.get(searchAttributeKeys.failureCode) ?? 'unknown';
    counts.set(code, (counts.get(code) ?? 0) + 1);
    total += 1;
    if (total >= MAX_COUNTED) break;
  }
  return counts;
}
