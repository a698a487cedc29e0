import { MAX_NORMAL_STARTS } from '../../src/contracts/lane.ts';
import type { WebhookSource } from '../../src/observability/metrics.ts';
import type { Provisioner } from '../../src/runs/port.ts';
import type { ChooseLane } from './choose-lane.ts';
import type { RefuseForged } from './rate-limits.ts';
import type { TallyOf } from './tally.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set on routes that take events: their requests are counted. */
    source?: WebhookSource;
  }
}

/** What every source of events works with. */
export interface SourceDeps {
  readonly provisioner: Provisioner;
  readonly refuseForged: RefuseForged;
  readonly tallyOf: TallyOf;
  readonly chooseLane: ChooseLane;
  readonly limits: WebhookLimits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface WebhookLimits {
  /** Requests without valid credentials, per address. */
  readonly forgedPerMinute: number;
  /** Provisionings and dry runs, per partner. */
  readonly manualPerMinute: number;
  readonly lookUpsPerMinute: number;
  /** Deals that one account wins by the same means; what exceeds it is an import, and waits in the bulk lane. */
  readonly normalStartsPerMinute: number;
  /** HubSpot hangs up after 5 s. */
  readonly hubspotBudgetMs: number;
  /** Salesforce does not publish its bound; below 10 s is known to work. */
  readonly salesforceBudgetMs: number;
  readonly readyBudgetMs: number;
  /** For headers, and for the whole request: a sender that trickles bytes is cut off. */
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** A connection on which nothing moves. Longer than a dry run may take, which answers in one piece at its end. */
  readonly idleTimeoutMs: number;
  /** How long a stop waits for callers; less than the 20 s after which a container is killed. */
  readonly closingMs: number;
}

export const DEFAULT_LIMITS: WebhookLimits = {
  forgedPerMinute: 60,
  manualPerMinute: 60,
  lookUpsPerMinute: 600,
  normalStartsPerMinute: MAX_NORMAL_STARTS,
  hubspotBudgetMs: 3_500,
  salesforceBudgetMs: 8_000,
  readyBudgetMs: 2_000,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 15_000,
  idleTimeoutMs: 120_000,
  closingMs: 15_000,
};
