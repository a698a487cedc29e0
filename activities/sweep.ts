import { log } from '@temporalio/activity';
import { NOTICE } from '../src/contracts/activities.ts';
import { laneFor } from '../src/contracts/lane.ts';
import {
  DAY_MS,
  endsTooOften,
  judgeSighting,
  type LastRun,
  type RunRegister,
  type Sighting,
  type SweepActivities,
  type SweepScope,
  type SweptDeal,
} from '../src/contracts/sweep.ts';
import type { CrmName, DealRef } from '../src/domain/deal/deal.ts';
import { DealseatError } from '../src/domain/failure.ts';
import { endedFromOutsideTask } from '../src/domain/texts/tasks.ts';
import { changesOfPeople } from '../src/store/order-numbers.ts';
import { type ActivityDeps, crmOf } from './deps.ts';
import { cancellationSignal } from './earlier-attempts.ts';
import { isRepeated, withPatience } from './patience.ts';

export interface SweepDeps extends Pick<ActivityDeps, 'crms' | 'seats'> {
  readonly runs: RunRegister;
  /** Called once for each deal that nobody had told us of. */
  readonly onMissed: (crm: CrmName) => void;
}

/** Calls to Temporal at once. */
const CONCURRENCY = 16;

export function createSweepActivities(deps: SweepDeps): SweepActivities {
  // The next sweep comes soon: what may pass is not waited for.
  return withPatience<SweepActivities>({
    async findWonDeals({ crm, account, ...query }) {
      return crmOf(deps, { crm, account }).findWonDeals({ ...query, signal: cancellationSignal() });
    },

    async startEndedDeals({ crm, account, since }) {
      const now = Date.now();
      // A deal that was passed over is looked at for a day.
      const from = Math.min(Date.parse(since), now - DAY_MS);
      const all = await deps.runs.endedSince({ crm, account }, new Date(from).toISOString());
      const deals = all.filter((deal) => !endsTooOften(deal, now));
      const ended = await eachOf(deals, async ({ deal: ref }) => {
        const last = await deps.runs.lastRun(ref);
        // A run that came after it knows how the deal stands.
        if (last === null || judgeSighting(since, last) !== 'ended') return 0;
        await tellEndedIfPossible(deps, ref, last);
        const detail = 'its last run was ended by the server or by hand';
        await deps.runs.start(ref, { by: 'sweep', detail }, { lane: laneFor(deals.length) });
        return 1;
      });
      return { ended: ended.reduce((sum: number, one) => sum + one, 0) };
    },

    async startSweptDeals({ crm, account, deals, startsOver, startedBefore }) {
      const byPeople = await changesByPeople(deps, { crm, account, deals });
      const judged = await eachOf(deals, async (deal) => {
        const ref = { crm, account, dealId: deal.dealId };
        const last = await deps.runs.lastRun(ref);
        const changedAt = byPeople.get(deal.dealId) ?? deal.changedAt;
        const { isOnlyAsked = false } = deal;
        const sighting = judgeSighting(changedAt, last, { startsOver, isOnlyAsked });
        return { deal, ref, last, sighting };
      });
      const passedOver = judged.some(({ sighting }) => sighting === 'ended')
        ? await endedTooOften(deps.runs, { crm, account })
        : new Set<string>();
      const due = judged.filter(
        ({ deal, sighting }) =>
          sighting !== 'known' && !(sighting === 'ended' && passedOver.has(deal.dealId)),
      );
      const counts = countOf(due);
      const lane = laneFor(startedBefore + counts.missed + counts.changed);
      await eachOf(due, async ({ deal, ref, last, sighting }) => {
        if (sighting === 'ended' && last !== null) await tellEndedIfPossible(deps, ref, last);
        await deps.runs.start(ref, { by: 'sweep', detail: detailOf(deal, sighting) }, { lane });
        if (sighting !== 'missed') return;
        deps.onMissed(crm);
        log.warn('The sweep found a won deal that no event reported', { crm, account, ...deal, lane });
      });
      const missed = due.filter(({ sighting }) => sighting === 'missed');
      return { found: deals.length, ...counts, missedDeals: missed.map(({ deal }) => deal.dealId) };
    },
  });
}

/** Deals that Dealseat itself was the last to change, by the numbers of their seats. */
async function changesByPeople(
  { seats }: Pick<SweepDeps, 'seats'>,
  swept: SweepScope & { readonly deals: readonly SweptDeal[] },
): Promise<ReadonlyMap<string, string>> {
  return seats === undefined ? new Map() : changesOfPeople(seats.db, swept);
}

async function endedTooOften(runs: RunRegister, scope: SweepScope): Promise<ReadonlySet<string>> {
  const now = Date.now();
  const ended = await runs.endedSince(scope, new Date(now - DAY_MS).toISOString());
  return new Set(ended.filter((each) => endsTooOften(each, now)).map(({ deal }) => deal.dealId));
}

function detailOf({ changedAt }: SweptDeal, sighting: Sighting): string {
  const changed = `changed at ${changedAt}`;
  return sighting === 'ended' ? `${changed}; its last run was ended by the server or by hand` : changed;
}

/** One deal that was deleted, or that takes no task, must not end the sweep of all others. */
async function tellEndedIfPossible(deps: SweepDeps, ref: DealRef, last: LastRun): Promise<void> {
  try {
    await tellEnded(deps, ref, last);
  } catch (error) {
    if (!(error instanceof DealseatError)) throw error;
    const { code } = error;
    if (isRepeated(error, {})) throw error;
    log.warn('No task could say that the last run of a deal was ended', { ...ref, code });
  }
}

/** A run that could not say itself how it ended. Whoever owns the deal may be waiting for it. */
async function tellEnded(deps: SweepDeps, ref: DealRef, last: LastRun): Promise<void> {
  const crm = crmOf(deps, ref);
  const deal = await crm.readDeal(ref.dealId, cancellationSignal());
  log.warn('The last run of a deal was ended by the server or by hand', { ...ref, ...last });
  // A merged deal has a run of its own to tell of.
  if (deal.dealId !== ref.dealId) return;
  await crm.notify(
    {
      dealId: ref.dealId,
      ownerId: deal.owner?.id ?? null,
      key: `${NOTICE.ended}run-${last.runId}`,
      ...endedFromOutsideTask({ how: last.temporalStatus, status: last.status }),
      priority: 'high',
    },
    cancellationSignal(),
  );
}

function countOf(due: readonly { readonly sighting: Sighting }[]) {
  const count = (wanted: Sighting) => due.filter(({ sighting }) => sighting === wanted).length;
  return { missed: count('missed'), changed: count('changed') + count('ended'), told: count('open') };
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
