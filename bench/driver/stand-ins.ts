import { type Sandbox, startSandbox } from '../../sandbox/index.ts';

export interface StandInOptions {
  /** State page; the next three are Thought Industries, HubSpot, Salesforce. Absent: any free ports. */
  readonly firstPort?: number;
  /** What the learning platform allows. Absent: whatever comes. */
  readonly requestsPerMinute?: number;
}

const LISTING_DELAY_MS = 400;
const UNBOUND = 1_000_000;

/**
 * As strict as real systems and as slow to list codes as a quick platform, but without the CRMs' request quotas: a row
 * that is about a quota says so.
 */
export function startStandIns({ firstPort, requestsPerMinute = UNBOUND }: StandInOptions): Promise<Sandbox> {
  const endless = Number.POSITIVE_INFINITY;
  return startSandbox({
    ...(firstPort === undefined ? {} : { ports: portsFrom(firstPort) }),
    ti: {
      listingDelayMs: LISTING_DELAY_MS,
      rateLimit: { limit: requestsPerMinute, windowMs: 60_000, sendRetryAfter: true },
    },
    hubspot: { rateLimit: { burst: endless, daily: endless, searchPerSecond: endless } },
    salesforce: { dailyCalls: 1_000_000_000 },
  });
}

function portsFrom(first: number) {
  return { page: first, ti: first + 1, hubspot: first + 2, salesforce: first + 3 };
}
