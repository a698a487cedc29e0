import type { ProvisionResult } from '../../contracts/run.ts';
import { followRun } from '../../runs/follow-run.ts';
import type { SandboxStack } from '../sandbox/stack.ts';
import { problemLine } from '../terminal/print.ts';
import { checkDeal, type DemoCheck } from './check.ts';
import { announce, type DemoDeal } from './deals.ts';

/** How one deal of the demo went, as far as it went. */
export interface Delivery {
  readonly deal: DemoDeal;
  readonly result: ProvisionResult;
  readonly check: DemoCheck;
  readonly runUrl: string;
  readonly tookMs: number;
}

const POLL_MS = 200;
const DELIVERY_DEADLINE_MS = 200_000;

/** Sends the event, tells every step of the run, and checks the end against the sandbox. */
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
  const progress = await followRun(runs, id, {
    onStep: report,
    pollMs: POLL_MS,
    signal: AbortSignal.any([interrupted, AbortSignal.timeout(DELIVERY_DEADLINE_MS)]),
  });
  const tookMs = performance.now() - startedAt;
  if (progress.status !== 'Delivered') {
    throw new Error([progress.status, ...progress.problems.map(problemLine)].join('\n'));
  }
  const result = await runs.result(id);
  const view = await runs.describe(id);
  return { deal, result, check: checkDeal(stack.sandbox, deal, result), runUrl: view?.runUrl ?? id, tookMs };
}
