import { continueAsNew, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Policy } from '../src/contracts/policy.ts';
import type { SweepActivities, SweepInput, SweepProgress, SweepResult } from '../src/contracts/sweep.ts';
import { readBounds } from './calls.ts';

/** About as many deals as one look at the CRM brings. */
const DEALS_PER_PAGE = 200;
/** A page is two activities; a run of this many stays far from any limit of a history. */
const PAGES_PER_RUN = 20;
const MAX_NAMED_DEALS = 50;

/**
 * One look at a CRM account for won deals that have no run for their last change, from where the last look of the
 * same schedule ended. Starts what it finds under the ids that webhooks use, so nothing is done twice.
 */
export async function sweepDeals(input: SweepInput): Promise<SweepResult> {
  const activities = createActivities(input.policy);
  const { crm, account } = input;
  const { floor, ...begun } = input.progress ?? begin(input);
  let { result } = begun;
  const startsOver = floor === input.since;
  if (input.progress === undefined) {
    // Nothing need have changed on their deals.
    const { ended } = await activities.startEndedDeals({ crm, account, since: result.from });
    result = { ...result, changed: result.changed + ended };
  }
  for (let page = 1; Date.parse(result.cursor) < Date.parse(result.until); page += 1) {
    const { cursor: since, until } = result;
    const found = await activities.findWonDeals({ crm, account, since, until, limit: DEALS_PER_PAGE });
    if (found.deals.length > 0) {
      const startedBefore = result.missed + result.changed;
      const { deals } = found;
      const started = await activities.startSweptDeals({ crm, account, deals, startsOver, startedBefore });
      result = add(result, started);
    }
    result = { ...result, cursor: found.next };
    setCurrentDetails(describe(result));
    if (found.isComplete) break;
    if (page >= PAGES_PER_RUN)
      await continueAsNew<typeof sweepDeals>({ ...input, progress: { result, floor } });
  }
  return { ...result, cursor: later(result.cursor, floor) };
}

/** Nothing is counted yet; the cursor stands at the start of the window. */
function begin({ since, lagMs, lookBackMs }: SweepInput): SweepProgress {
  // Temporal hands every run of a schedule the result of the last one that completed.
  const last = workflowInfo().lastResult as SweepResult | undefined;
  const isContinued = last !== undefined && Date.parse(since) >= Date.parse(last.since);
  const floor = isContinued ? last.cursor : since;
  const from = isContinued ? instant(Date.parse(floor) - lookBackMs) : since;
  const until = instant(Date.now() - lagMs);
  const counts = { found: 0, missed: 0, changed: 0, told: 0, missedDeals: [] };
  return { floor, result: { since, from, until, cursor: from, ...counts } };
}

function add(
  result: SweepResult,
  page: Awaited<ReturnType<SweepActivities['startSweptDeals']>>,
): SweepResult {
  return {
    ...result,
    found: result.found + page.found,
    missed: result.missed + page.missed,
    changed: result.changed + page.changed,
    told: result.told + page.told,
    missedDeals: [...result.missedDeals, ...page.missedDeals].slice(0, MAX_NAMED_DEALS),
  };
}

function createActivities(policy: Policy): SweepActivities {
  return proxyActivities<SweepActivities>(readBounds(policy));
}

function describe({ from, until, cursor, found, missed, changed, told }: SweepResult): string {
  return [
    `Won deals that changed from ${from} to ${until}; seen up to ${cursor}`,
    '',
    `- found: ${found}`,
    `- without a run (missed by webhooks): ${missed}`,
    `- changed since their last run: ${changed}`,
    `- changed while their run is open, which reads them again: ${told}`,
  ].join('\n');
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

function later(a: string, b: string): string {
  return Date.parse(a) >= Date.parse(b) ? a : b;
}
