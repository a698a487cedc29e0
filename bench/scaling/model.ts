import type { DriveResult } from '../driver/drive.ts';
import type { Figures } from '../measures/all.ts';
import type { DealCosts } from './costs.ts';
import { LIMITS, type Limit } from './limits.ts';

const DAY_S = 24 * 60 * 60;

/** Where one thing is all that holds deals back. */
export interface Capacity {
  readonly limit: Limit;
  /** Of one deal, in units of the limit. */
  readonly cost: number;
  /** Of one tenant, portal, host and so on; null: it bounds a run and not a rate. */
  readonly dealsPerDay: number | null;
  /** How many of them so many deals a day need, spread evenly over the day; null as above. */
  readonly needed: number | null;
}

/** The tightest first; those that bound a single run last. */
export function capacities(costs: DealCosts, dealsPerDay: number): Capacity[] {
  return LIMITS.map((limit) => capacityOf(limit, costs, dealsPerDay)).sort(
    (a, b) => (a.dealsPerDay ?? Number.POSITIVE_INFINITY) - (b.dealsPerDay ?? Number.POSITIVE_INFINITY),
  );
}

function capacityOf(limit: Limit, costs: DealCosts, wanted: number): Capacity {
  const cost = limit.cost(costs);
  if (limit.perSeconds === 0) return { limit, cost, dealsPerDay: null, needed: null };
  const dealsPerDay =
    cost === 0 ? Number.POSITIVE_INFINITY : ((limit.allowed / cost) * DAY_S) / limit.perSeconds;
  return { limit, cost, dealsPerDay, needed: Math.ceil(wanted / dealsPerDay) };
}

/** What the sums say of a row of the bench, beside what the bench saw. */
export interface Check {
  readonly point: string;
  readonly modelS: number;
  readonly measuredS: number;
}

/** Only of rows that were measured. */
export function checks(figures: Partial<Figures>, costs: DealCosts, allowedPerMinute: number): Check[] {
  const underQuota = (point: string, result: DriveResult | null | undefined): Check[] =>
    result === null || result === undefined
      ? []
      : [
          {
            point: `${result.deals} deals, ${point}, ${allowedPerMinute} platform requests a minute`,
            modelS: (result.deals * costs.platformRequests * 60) / allowedPerMinute,
            measuredS: result.tookMs / 1_000,
          },
        ];
  const [one, ...more] = figures.workers ?? [];
  const most = (figures.workers ?? []).find(({ allowed }) => allowed !== null);
  return [
    ...underQuota('one process', figures.batch),
    ...underQuota(`${most?.workers} workers`, most?.allowed),
    ...(one === undefined ? [] : more).map(({ workers, free }) => ({
      point: `${free.deals} deals, ${workers} workers on the cores of one`,
      // On one machine more processes add no cores.
      modelS: (one?.free.tookMs ?? Number.NaN) / 1_000,
      measuredS: free.tookMs / 1_000,
    })),
  ];
}
