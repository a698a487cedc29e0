import { log } from '@temporalio/activity';
import { laneFor } from '../src/contracts/lane.ts';
import {
  judgeSighting,
  type RunRegister,
  type Sighting,
  type SweepActivities,
  type SweptDeal,
} from '../src/contracts/sweep.ts';
import type { CrmName } from '../src/domain/deal/deal.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';

export interface SweepDeps extends Pick<ActivityDeps, 'crms'> {
  readonly runs: RunRegister;
  /** Called once for each deal that nobody had told us of. */
  readonly onMissed: (crm: CrmName) => void;
}

/** Calls to Temporal at once. */
const CONCURRENCY = 16;

export function createSweepActivities(deps: SweepDeps): SweepActivities {
  return {
    async findWonDeals({ crm, account, ...query }) {
      return crmOf(deps, { crm, account }).findWonDeals({ ...query, signal: cancellationSignal() });
    },

    async startSweptDeals({ crm, account, deals, startsOver, startedBefore }) {
      const refOf = ({ dealId }: SweptDeal) => ({ crm, account, dealId });
      const judged = await eachOf(deals, async (deal) => ({
        deal,
        sighting: judgeSighting(deal.changedAt, await deps.runs.lastRun(refOf(deal)), { startsOver }),
      }));
      const due = judged.filter(({ sighting }) => sighting !== 'known');
      const counts = countOf(due);
      const lane = laneFor(startedBefore + counts.missed + counts.changed);
      await eachOf(due, async ({ deal, sighting }) => {
        const trigger = { by: 'sweep', detail: `changed at ${deal.changedAt}` } as const;
        await deps.runs.start(refOf(deal), trigger, { lane });
        if (sighting !== 'missed') return;
        deps.onMissed(crm);
        log.warn('The sweep found a won deal that no event had told of', { crm, account, ...deal, lane });
      });
      const missed = due.filter(({ sighting }) => sighting === 'missed');
      return { found: deals.length, ...counts, missedDeals: missed.map(({ deal }) => deal.dealId) };
    },
  };
}

function countOf(due: readonly { readonly sighting: Sighting }[]) {
  const count = (wanted: Sighting) => due.filter(({ sighting }) => sighting === wanted).length;
  return { missed: count('missed'), changed: count('changed'), told: count('open') };
}

/** Results in the order of the items; the first failure ends all, after the calls under way. */
async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await work(item);
  };
  const ended = await Promise.allSettled(Array.from({ length: CONCURRENCY }, lane));
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  return results;
}
