import type { ProvisionResult } from '../../contracts/run.ts';
import { followRun } from '../../runs/follow-run.ts';
import type { SandboxStack } from '../sandbox/stack.ts';
import { problemLine } from '../terminal/print.ts';
import { announce, type DemoDeal } from './deals.ts';

/** One deal of the demo that was delivered, as its run says. */
export interface Delivery {
  readonly deal: DemoDeal;
  readonly result: ProvisionResult;
  readonly runUrl: string;
  readonly tookMs: number;
}

const POLL_MS = 200;
const DELIVERY_DEADLINE_MS = 200_000;

/** Sends the event, and shows every step of the run. */
export async function deliver(
  deal: DemoDeal,
  stack: SandboxStack,
  { report, interrupted }: { readonly report: (line: string) => void; readonly interrupted: AbortSignal },
): Promise<Delivery> {
  const startedAt = performance.now();
  await announce(deal, stack);
  report('webhook acknowledged');
  const { runs } = stack.console;
  const { runId: id } = deal;
  let last = 'no step yet';
  const deadline = AbortSignal.timeout(DELIVERY_DEADLINE_MS);
  const progress = await followRun(runs, id, {
    onStep: (step) => {
      last = step;
      report(step);
    },
    pollMs: POLL_MS,
    signal: AbortSignal.any([interrupted, deadline]),
  }).catch((error: unknown) => {
    if (!deadline.aborted || interrupted.aborted) throw error;
    throw new Error(`it was not delivered within ${DELIVERY_DEADLINE_MS / 1_000} s (${last})`, {
      cause: error,
    });
  });
  const tookMs = performance.now() - startedAt;
  if (progress.status !== 'Delivered') {
    throw new Error([progress.status, ...progress.problems.map(problemLine)].join('\n'));
  }
  const result = await runs.result(id);
  const view = await runs.describe(id);
  return { deal, result, runUrl: view?.runUrl ?? id, tookMs };
}
