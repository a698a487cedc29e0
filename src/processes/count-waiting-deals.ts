import type { Client } from '@temporalio/client';
import { PROVISION_DEAL } from '../contracts/run.ts';
import { searchAttributeKeys } from '../contracts/search-attributes.ts';
import { fixerOf, isFailureCode } from '../domain/failure.ts';
import type { Metrics } from '../observability/metrics.ts';

const EVERY_MS = 60_000;
/** Beyond it the number says "many", which is what an operator must know. */
const MAX_COUNTED = 5_000;

const QUERY = `WorkflowType = '${PROVISION_DEAL}' AND ExecutionStatus = 'Running' AND ${searchAttributeKeys.status.name} = 'NeedsAttention'`;

/** Once a minute, by what Temporal lists: each worker shows the same number, so take the largest and not their sum. */
export function countWaitingDeals(
  { workflow }: Pick<Client, 'workflow'>,
  gauge: Metrics['dealsWaiting'],
  everyMs = EVERY_MS,
): { readonly stop: () => void } {
  let isCounting = false;
  const count = async () => {
    if (isCounting) return;
    isCounting = true;
    try {
      const counts = new Map<string, number>();
      let total = 0;
      for await (const { typedSearchAttributes } of workflow.list({ query: QUERY })) {
        const code = typedSearchAttributes.get(searchAttributeKeys.failureCode) ?? 'unknown';
        counts.set(code, (counts.get(code) ?? 0) + 1);
        total += 1;
        if (total >= MAX_COUNTED) break;
      }
      gauge.reset();
      for (const [code, number] of counts) {
        gauge.set({ code, fixer: isFailureCode(code) ? fixerOf(code) : 'unknown' }, number);
      }
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
