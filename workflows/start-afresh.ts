import { allHandlersFinished, condition, continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { ProvisionDeal, ProvisionResult } from '../src/contracts/run.ts';
import type { Run } from './run.ts';

/** The server ends a run above 51,200 events; a reader of one in the UI gives up long before. */
const LONG_HISTORY = 1_000;

/** A run that waits for people may be woken thousands of times: it drops its history and goes on as it stands. */
export async function startAfreshIfLong(run: Run): Promise<void> {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  if (historyLength < LONG_HISTORY && !continueAsNewSuggested) return;
  const { input, inbox, view, made, handOver, open, seen } = run;
  await condition(allHandlersFinished);
  await continueAsNew<ProvisionDeal>({
    ...input,
    carried: {
      source: inbox.source,
      previous: input.carried?.previous ?? null,
      warnings: view.progress.warnings,
      work: {
        made,
        handOver,
        answers: Object.fromEntries(inbox.answers),
        news: inbox.news,
        retry: inbox.retry,
        open,
        seen,
        progress: view.progress,
      },
    },
  });
}

/** The deal asks for more: the ledger on it is all that the next pass must know. */
export async function startNextPass(run: Run, result: ProvisionResult | null): Promise<never> {
  const { input, inbox, view } = run;
  await condition(allHandlersFinished);
  const { carried: _, ...first } = input;
  return continueAsNew<ProvisionDeal>({
    ...first,
    // Whoever named a plan has had an answer.
    planHash: null,
    carried: {
      source: inbox.news ?? 'event',
      previous: result,
      warnings: result === null ? [] : view.progress.warnings,
    },
  });
}
